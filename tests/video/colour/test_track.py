"""The chroma track."""

import os
import zipfile
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.errors import OutputError, SourceUnreadable
from colorizer.video.colour.track import ChromaPiece, ChromaTrack, read_piece, write_piece, write_track


def _piece(count, seed=0, start=0, shape=(4, 6)):
    rng = np.random.default_rng(seed)
    return ChromaPiece(
        np.arange(start, start + count, dtype=np.int64),
        rng.integers(-128, 128, (count, *shape, 2)).astype(np.int8),
        rng.integers(0, 2, count).astype(bool),
        rng.integers(0, 2, count).astype(bool),
    )


@given(st.integers(0, 9), st.integers(0, 2**31), st.integers(1, 5), st.integers(1, 5))
def test_a_piece_comes_back_as_it_was(tmp_path_factory, count, seed, height, width):
    path = tmp_path_factory.mktemp("piece") / "a.npz"
    piece = _piece(count, seed, shape=(height, width))
    write_piece(path, piece)
    again = read_piece(path.read_bytes(), "a")
    assert (again.pts == piece.pts).all()
    assert (again.chroma == piece.chroma).all()
    assert (again.own_colour == piece.own_colour).all()
    assert (again.starts_shot == piece.starts_shot).all()
    assert [p.name for p in path.parent.iterdir()] == ["a.npz"]


def test_a_track_gives_its_pieces_back_in_order_and_says_how_it_was_made(tmp_path):
    paths = [tmp_path / f"{number}.npz" for number in range(3)]
    for number, path in enumerate(paths):
        write_piece(path, _piece(5, number, start=5 * number))
    write_track(tmp_path / "film.chroma", paths, {"model": "starter"})
    with ChromaTrack(tmp_path / "film.chroma") as track:
        assert track.about["model"] == "starter"
        frames = [frame for piece in track.pieces() for frame in piece.frames()]
    assert [frame.pts for frame in frames] == list(range(15))
    assert frames[0].chroma.dtype == np.float32


def test_still_colour_packs_far_below_its_size(tmp_path):
    rng = np.random.default_rng(0)
    still = np.repeat(rng.integers(-60, 60, (1, 60, 100, 2)).astype(np.int8), 240, axis=0)
    write_piece(tmp_path / "a.npz", ChromaPiece(np.arange(240), still, np.zeros(240, bool), np.zeros(240, bool)))
    assert (tmp_path / "a.npz").stat().st_size < still.nbytes / 50


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04" + bytes(40)])
def test_a_file_that_is_no_track_is_one_clear_line(tmp_path, content):
    path = tmp_path / "film.chroma"
    path.write_bytes(content)
    with pytest.raises(SourceUnreadable, match="no chroma track"):
        ChromaTrack(path)


def _rewritten(path, change):
    """The track with every entry as `change` makes it of its name and bytes."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, change(name, data))
    return path


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "an earlier version.*Colour the film again"), (None, "an earlier version.*Colour the film again"),
     (99, "a newer version.*Update it, or colour the film again")],
)  # fmt: skip
def test_a_track_of_another_format_says_whether_it_is_too_old_or_too_new_and_what_to_do(tmp_path, number, words):
    write_piece(tmp_path / "0.npz", _piece(5))
    write_track(tmp_path / "film.chroma", [tmp_path / "0.npz"], {"format": number})
    with pytest.raises(SourceUnreadable, match=f"film.chroma was written by {words}"):
        ChromaTrack(tmp_path / "film.chroma")


def test_a_track_of_an_earlier_program_that_tells_less_is_called_old_and_not_damaged(tmp_path):
    write_piece(tmp_path / "0.npz", _piece(5))
    write_track(tmp_path / "film.chroma", [tmp_path / "0.npz"], {"source": "a.mkv"})

    def without_shots(name, data):
        if not name.endswith(".npz"):
            return data
        with np.load(BytesIO(data)) as archive:
            values = {key: archive[key] for key in archive.files if key != "starts_shot"}
        file = BytesIO()
        np.savez(file, **values)
        return file.getvalue()

    with ChromaTrack(_rewritten(tmp_path / "film.chroma", without_shots)) as track:
        assert track.about["source"] == "a.mkv"
        with pytest.raises(SourceUnreadable, match=r"an earlier version.*Colour the film again"):
            _ = track.about["folder_rate"]
        with pytest.raises(SourceUnreadable, match=r"an earlier version.*Colour the film again"):
            list(track.pieces())


def test_a_damaged_track_is_found_when_it_is_read(tmp_path):
    write_piece(tmp_path / "0.npz", _piece(5))
    track = tmp_path / "film.chroma"
    write_track(track, [tmp_path / "0.npz"], {})
    data = bytearray(track.read_bytes())
    middle = data.index(b"steps.npy") + 200
    data[middle : middle + 20] = bytes(20)
    track.write_bytes(data)
    with ChromaTrack(track) as opened, pytest.raises(SourceUnreadable, match="damaged"):
        list(opened.pieces())


def test_the_same_pieces_give_the_same_bytes_whenever_they_are_written(tmp_path):
    piece, tracks = tmp_path / "0.npz", []
    for number, when in enumerate((10**9, 10**9 + 10_000)):
        write_piece(piece, _piece(5))
        os.utime(piece, (when, when))
        write_track(tmp_path / f"{number}.chroma", [piece], {"model": "starter"})
        tracks.append((tmp_path / f"{number}.chroma").read_bytes())
    assert tracks[0] == tracks[1]


def test_a_track_that_cannot_be_written_is_said_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_track(tmp_path / "film.chroma", [tmp_path / "gone.npz"], {})
    assert list(tmp_path.iterdir()) == []
