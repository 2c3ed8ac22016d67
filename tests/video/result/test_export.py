"""A finished film as a GIF or a folder of pictures."""

from fractions import Fraction

import cv2
import numpy as np
import pytest

from colorizer.errors import OutputError, TargetExists
from colorizer.video.result.export import export_gif, export_pictures
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter
from colorizer.video.source.probe import probe
from tests.video import films

COLOURS = {"red": (200, 30, 40), "green": (20, 180, 60), "grey": (128, 128, 128)}


def _film_of(path, colours, bits=8, *, full_range=False, matrix="bt709"):
    """A film whose frames are one colour each, made with OpenCV-independent arithmetic."""
    kr, kb = {"bt709": (0.2126, 0.0722), "bt601": (0.299, 0.114)}[matrix]
    spec = VideoSpec(33, 21, films.TICKS, codec="ffv1", bits=bits, full_range=full_range, matrix=matrix)
    unit, white = 1 << (bits - 8), (1 << bits) - 1
    kind = np.uint8 if bits == 8 else np.uint16
    with SegmentWriter(path, spec) as writer:
        for pts, (red, green, blue) in zip(films.UNSTEADY, colours, strict=False):
            y = (kr * red + (1 - kr - kb) * green + kb * blue) / 255
            cb, cr = (blue / 255 - y) / (2 - 2 * kb), (red / 255 - y) / (2 - 2 * kr)
            luma, chroma = (y * white, white) if full_range else (16 * unit + 219 * unit * y, 224 * unit)
            shape = spec.chroma_shape
            writer.write(
                pts, np.full((21, 33), round(luma), kind), np.full(shape, round(128 * unit + chroma * cb), kind),
                np.full(shape, round(128 * unit + chroma * cr), kind),
            )  # fmt: skip
    return probe(path)


@pytest.mark.parametrize("full_range", [True, False])
@pytest.mark.parametrize("matrix", ["bt601", "bt709"])
@pytest.mark.parametrize("bits", [8, 10])
def test_pictures_have_the_films_colours(tmp_path, bits, matrix, full_range):
    film = _film_of(tmp_path / "a.mp4", COLOURS.values(), bits, full_range=full_range, matrix=matrix)
    assert export_pictures(film, tmp_path / "out") == 3
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000001.png", "000002.png", "000003.png"]
    for number, colour in enumerate(COLOURS.values(), 1):
        picture = cv2.imread(str(tmp_path / "out" / f"{number:06d}.png"), cv2.IMREAD_UNCHANGED)[..., ::-1]
        assert picture.shape == (21, 33, 3)
        assert picture.dtype == (np.uint8 if bits == 8 else np.uint16)
        assert np.abs(picture / (1 if bits == 8 else 257) - np.array(colour)).max() <= (3 if bits == 8 else 1)


def test_pictures_are_a_film_again(tmp_path):
    film = _film_of(tmp_path / "a.mp4", COLOURS.values())
    export_pictures(film, tmp_path / "out")
    frames, _ = films.read(probe(tmp_path / "out"))
    assert [frame.pts for frame in frames] == [0, 1, 2]


def test_a_gif_keeps_count_colours_and_times_without_drift(tmp_path):
    colours = list(COLOURS.values()) * 4
    film = _film_of(tmp_path / "a.mp4", colours)
    assert export_gif(film, tmp_path / "out.gif") == 12
    gif = probe(tmp_path / "out.gif")
    frames, _ = films.read(gif, keep_colour=True)
    wanted = [pts * films.TICKS for pts in films.UNSTEADY]
    assert len(frames) == 12
    assert all(
        abs(a - b) <= Fraction(2, 100) for a, b in zip(films.seconds(frames, gif), wanted, strict=True)
    )  # fmt: skip
    for frame, colour in zip(frames, colours, strict=True):
        red, green, blue = colour
        assert abs(int(frame.luma[5, 5]) - (0.299 * red + 0.587 * green + 0.114 * blue)) <= 4


def test_a_gif_of_a_slope_stays_close_to_it(tmp_path):
    ramp = np.tile(np.linspace(16, 235, 96).round().astype(np.uint8), (32, 1))
    film = probe(films.write(tmp_path / "a.mp4", [ramp, ramp[:, ::-1]], (0, 1001)))
    export_gif(film, tmp_path / "out.gif")
    frames, _ = films.read(probe(tmp_path / "out.gif"))
    for frame, luma in zip(frames, (ramp, ramp[:, ::-1]), strict=True):
        assert np.abs(frame.luma - (luma - 16.0) * 255 / 219).max() <= 2


def test_what_is_there_is_kept_and_nothing_half_written_is_left(tmp_path):
    film = _film_of(tmp_path / "a.mp4", COLOURS.values())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("precious")
    (tmp_path / "out.gif").write_text("precious")
    with pytest.raises(TargetExists):
        export_pictures(film, tmp_path / "out")
    with pytest.raises(TargetExists):
        export_gif(film, tmp_path / "out.gif")
    assert (tmp_path / "out.gif").read_text() == "precious"
    for attempt in (export_gif, export_pictures):
        with pytest.raises(OutputError, match="no such"):
            attempt(film, tmp_path / "no such" / "out.gif")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "out", "out.gif"]
    export_gif(film, tmp_path / "out.gif", overwrite=True)
    assert probe(tmp_path / "out.gif").video.width == 33
