"""Films that are seen through in places: kept where the codec can, said where it cannot."""

import cv2
import numpy as np
import pytest

from colorizer.network import Colorizer
from colorizer.video.film import colorize_film, gray_film, regrade_film, track_path
from colorizer.video.film_settings import Encoding, FilmSettings
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader
from tests.models import tiny_model
from tests.video import films
from tests.video.test_film_run import Cancelled, many_segments

__all__ = ["many_segments"]
SOURCES = {
    "prores.mov": ("yuva444p10le", "prores_ks", "-profile:v", "4444"), "ffv1.mkv": ("yuva420p", "ffv1"),
    "png.mov": ("rgba", "png"), "deep.mov": ("rgba64be", "png"),
    "vp9.webm": ("yuva420p", "libvpx-vp9", "-auto-alt-ref", "0"),
}  # fmt: skip
TARGETS = {"a.mov": "prores", "a.mkv": "ffv1", "a.webm": "vp9", "b.mkv": "vp9"}


def _source(path, count=12):
    """A film whose left part is half seen through, its border moving by two columns a frame."""
    pixel_format, encoder, *more = SOURCES[path.name]
    films.ffmpeg("-f", "lavfi", "-i", f"testsrc2=s=64x48:r=25:d={count / 25}", "-vf",
                 "format=gray,format=yuva444p,geq=lum='lum(X,Y)':cb=128:cr=128:a='if(lt(X,10+2*N),127,255)',"
                 f"format={pixel_format}", "-c:v", encoder, *more, path)  # fmt: skip
    return path


def _alphas(path):
    film = probe(path)
    with FilmReader(path, film) as reader:
        return [frame.alpha / ((1 << film.video.bits) - 1) for frame in reader]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", SOURCES)
def test_it_is_kept_where_the_codec_can(tmp_path, name, target):
    source = _source(tmp_path / name)
    report = gray_film(source, tmp_path / target, FilmSettings(encoding=Encoding(TARGETS[target])))
    before, after = _alphas(source), _alphas(tmp_path / target)
    assert len(before) == len(after) == 12
    assert 0.4 < before[0][0, 0] < 0.6
    assert before[0][0, 40] > 0.99
    for one, other in zip(before, after, strict=True):
        assert np.abs(one - other).mean() < 0.02
        assert other[:, 50:].min() > 0.99
    assert not any("transparent" in note for note in report.notes)


@pytest.mark.parametrize("encoding", [Encoding("h264"), Encoding("hevc"), Encoding("prores", preset="hq")])
def test_where_the_codec_or_what_was_asked_of_it_cannot_it_is_said(tmp_path, encoding):
    report = gray_film(_source(tmp_path / "ffv1.mkv"), tmp_path / "a.mov", FilmSettings(encoding=encoding))
    assert any("transparent" in note for note in report.notes)
    assert not probe(tmp_path / "a.mov").video.has_alpha


def test_mp4_holds_no_transparent_vp9(tmp_path):
    report = gray_film(
        _source(tmp_path / "vp9.webm"), tmp_path / "a.mp4", FilmSettings(encoding=Encoding("vp9", crf=20))
    )
    assert any("transparent" in note for note in report.notes)


def test_pictures_of_a_folder_keep_it_as_well(tmp_path):
    (tmp_path / "in").mkdir()
    for number in range(3):
        picture = np.full((48, 64, 4), 90, np.uint8)
        picture[..., 3] = 60 * number + 50
        cv2.imwrite(str(tmp_path / "in" / f"{number}.png"), picture)
    report = gray_film(tmp_path / "in", tmp_path / "out", FilmSettings(encoding=Encoding("png")))
    for number in range(3):
        picture = cv2.imread(str(tmp_path / "out" / f"{number}.png"), cv2.IMREAD_UNCHANGED)
        assert picture.shape == (48, 64, 4)
        assert (picture[..., 3] == 60 * number + 50).all()
    assert not any("transparent" in note for note in report.notes)


def test_it_is_kept_across_a_stop_and_in_another_grade(tmp_path, many_segments):
    source = _source(tmp_path / "ffv1.mkv", 75)
    exact = FilmSettings(encoding=Encoding("ffv1"))

    def stop(progress):
        if progress.frames == 60:
            raise Cancelled

    with Colorizer(tiny_model(tmp_path / "network")) as colorizer:
        with pytest.raises(Cancelled):
            colorize_film(source, tmp_path / "a.mkv", colorizer, exact, watch=stop)
        assert colorize_film(source, tmp_path / "a.mkv", colorizer, exact).frames_this_run < 75
    regrade_film(track_path(tmp_path / "a.mkv"), tmp_path / "b.mkv", exact)
    for one, two, three in zip(
        *(_alphas(path) for path in (source, tmp_path / "a.mkv", tmp_path / "b.mkv")), strict=True
    ):
        assert (one == two).all()
        assert (one == three).all()


def test_a_film_without_it_is_written_as_before(tmp_path):
    source = films.smooth_film(tmp_path / "a.mkv", count=3)
    gray_film(source, tmp_path / "b.mkv", FilmSettings(encoding=Encoding("ffv1")))
    assert probe(tmp_path / "b.mkv").video.pixel_format == "yuv420p"
    assert not probe(source).video.has_alpha
