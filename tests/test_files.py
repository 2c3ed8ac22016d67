"""Files appear whole or not at all, whoever writes them; and sizes are told in words."""

import errno
import hashlib
import os
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer import files
from colorizer.errors import ColorizerError, OutputError
from colorizer.files import appearing, cure_of, demand_space, disk_errors, put_in_place, size_text, write_whole
from colorizer.image.reading import read_picture
from colorizer.image.writing import save_picture
from colorizer.video.colour.track import ChromaPiece, write_piece, write_track
from colorizer.video.report import FilmReport, write_report
from colorizer.video.result.export import export_gif
from colorizer.video.result.mux import MuxReport
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter
from colorizer.video.source.facts import Film, VideoTrack
from colorizer.video.source.probe import probe
from colorizer.weights.catalog import ModelFile
from colorizer.weights.integrity import copy_checked

OLD = b"what was there before"
PLANE = np.full((16, 16), 90, np.uint8)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """What the writers write of: a film, a picture, a network's file."""
    folder = tmp_path_factory.mktemp("sources")
    Image.new("L", (8, 8), 90).save(folder / "old.png")
    (folder / "weights").write_bytes(b"a network")
    _segment(folder / "film.mp4", folder)
    return folder


def _piece(target, _sources):
    marks = np.zeros(2, bool)
    write_piece(target, ChromaPiece(np.arange(2), np.zeros((2, 3, 3, 2), np.int8), marks, marks))


def _report(target, sources):
    film = Film(sources / "film.mp4", "mov", VideoTrack(0, "h264", "yuv420p", 16, 16, Fraction(1, 25)))
    write_report(FilmReport(target.with_suffix(""), film, (), MuxReport((), Fraction(0)), {}, (), 1.0, 0))


def _segment(target, _sources):
    with SegmentWriter(target, VideoSpec(16, 16, Fraction(1, 25)), overwrite=True) as writer:
        for pts in range(3):
            writer.write(pts, PLANE, PLANE[:8, :8], PLANE[:8, :8])


def _picture(target, sources):
    save_picture(target, np.zeros((8, 8, 3), np.uint8), read_picture(sources / "old.png"), overwrite=True)


def _weights(target, sources):
    digest = hashlib.sha256(b"a network").hexdigest()
    copy_checked(sources / "weights", target, ModelFile("weights", target.name, 9, digest, ()))


WRITERS = {
    "bytes": ("a.bin", lambda target, _: write_whole(target, b"new")),
    "piece": ("a.npz", _piece),
    "track": ("a.chroma", lambda target, sources: write_track(target, [sources / "weights"], {"source": "a"})),
    "report": ("a.mp4.json", _report),
    "segment": ("a.mp4", _segment),
    "gif": ("a.gif", lambda target, sources: export_gif(probe(sources / "film.mp4"), target, overwrite=True)),
    "picture": ("a.png", _picture),
    "weights": ("a.caffemodel", _weights),
}


@pytest.fixture(params=WRITERS)
def writer(request):
    """The name of the file, and what writes it."""
    return WRITERS[request.param]


@pytest.mark.parametrize("before", ["it's ", "für ", "two\nlines ", "100% "])
def test_every_writer_leaves_its_file_and_nothing_else_whatever_it_is_called(writer, sources, tmp_path, before):
    name, write = writer
    (tmp_path / f"{before}{name}").write_bytes(OLD)
    write(tmp_path / f"{before}{name}", sources)
    assert [path.name for path in tmp_path.iterdir()] == [f"{before}{name}"]
    assert (tmp_path / f"{before}{name}").read_bytes() != OLD


def test_every_writer_waits_for_the_disk_before_the_file_gets_its_name(writer, sources, tmp_path, monkeypatch):
    name, write = writer
    told = []
    wait, replace = os.fsync, type(tmp_path).replace
    monkeypatch.setattr(files.os, "fsync", lambda handle: (told.append("waited"), wait(handle)))
    monkeypatch.setattr(type(tmp_path), "replace", lambda *paths: (told.append("named"), replace(*paths))[1])
    write(tmp_path / name, sources)
    assert told == ["waited", "named", "waited"]  # the file, and then its folder


def test_a_full_disk_is_one_clear_error_of_every_writer_and_the_old_file_stays(writer, sources, tmp_path, monkeypatch):
    name, write = writer
    (tmp_path / name).write_bytes(OLD)

    def full(_handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises((ColorizerError, OSError)) as caught:
        write(tmp_path / name, sources)
    said = str(caught.value)
    assert isinstance(caught.value, OutputError) or write is WRITERS["bytes"][1]  # whose callers say it in their words
    assert "\n" not in said
    assert "space" in said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {name: OLD}


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=60)


@given(content=st.binary(max_size=100), written=st.integers(0, 100), name=NAMES)
def test_an_exception_at_any_byte_leaves_the_old_file_and_nothing_else(tmp_path_factory, content, written, name):
    if name in {".", ".."}:
        return
    folder = tmp_path_factory.mktemp("any")
    target = folder / name
    write_whole(target, OLD)
    with pytest.raises(KeyboardInterrupt), appearing(target) as part:
        part.write_bytes(content[:written])
        raise KeyboardInterrupt
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {name: OLD}
    write_whole(target, content)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {name: content}


def test_a_folder_appears_whole_in_the_place_of_an_empty_one_and_not_of_a_filled_one(tmp_path):
    target = tmp_path / "pictures"
    target.mkdir()
    with appearing(target) as part:
        part.mkdir()
        (part / "1.png").write_bytes(b"1")
    assert [path.name for path in target.iterdir()] == ["1.png"]
    with pytest.raises(OSError), appearing(target) as part:  # noqa: PT011  the number differs between systems
        part.mkdir()
    assert [path.name for path in target.iterdir()] == ["1.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_what_is_made_again_does_not_wait_for_the_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(files.os, "fsync", lambda _: pytest.fail("it waited"))
    write_whole(tmp_path / "preview.jpg", b"1", durable=False)
    (tmp_path / "part").write_bytes(b"2")
    put_in_place(tmp_path / "part", tmp_path / "b", durable=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "preview.jpg"]


def test_the_temporary_name_may_lie_in_another_folder_and_fits_where_the_name_does(tmp_path):
    (tmp_path / "aside").mkdir()
    target = tmp_path / f"a.{'x' * 250}"
    with appearing(target, beside=tmp_path / "aside" / "1.mp4") as part:
        part.write_bytes(b"1")
        assert part.parent == tmp_path / "aside"
        assert part.name.startswith(".")
        assert ".part" in part.name
    assert target.read_bytes() == b"1"


def test_an_error_of_the_disk_names_the_target_and_others_pass(tmp_path):
    said = r"a\.mp4 cannot be written: No space left on device; look at the free space"
    with pytest.raises(OutputError, match=said), disk_errors(tmp_path / "a.mp4"):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(KeyError), disk_errors(tmp_path / "a.mp4"):
        raise KeyError


def test_too_little_free_space_is_said_before_anything_is_written(tmp_path):
    demand_space(tmp_path, 1)
    with pytest.raises(OutputError, match=r"of free space, and .* needed"):
        demand_space(tmp_path, 10**18)


def test_sizes_are_written_for_people():
    sizes = (0, 999, 9945, 128946764, 2 * 10**9, 45_000_000, 2_340_000, 1_260_000_000)
    assert [size_text(size) for size in sizes] == [
        "0 bytes",
        "999 bytes",
        "9.95 kB",
        "129 MB",
        "2 GB",
        "45 MB",
        "2.34 MB",
        "1.26 GB",
    ]


@pytest.mark.parametrize(
    ("number", "cure"),
    [(errno.ENOSPC, "look at the free space"), (errno.EIO, "look at the free space"), (errno.EACCES, "choose a folder"),
     (errno.EROFS, "choose a folder"), (errno.ENAMETOOLONG, "shorter name"), (errno.ENOENT, "its folder is gone"),
     (errno.EFBIG, "no file so large")],
)  # fmt: skip
def test_the_cure_fits_the_cause(tmp_path, number, cure):
    with pytest.raises(OutputError, match=cure) as caught, disk_errors(tmp_path / "a"):
        raise OSError(number, os.strerror(number))
    assert ("free space" in str(caught.value)) == (number in {errno.ENOSPC, errno.EIO})


def test_what_is_no_error_of_the_disk_does_not_speak_of_it():
    assert "space" not in cure_of(ValueError("a plane must be larger"), "use another codec")
    assert cure_of(OSError("3 frames went in and 2 came out"), "use another codec") == "use another codec"
