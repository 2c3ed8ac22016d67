"""Films whose clock begins below zero: all of them arrives, from 0 on, sound and picture in step."""

from fractions import Fraction

import av
import pytest

from colorizer.network import Colorizer
from colorizer.video.film import colorize_film, gray_film, regrade_film, track_path
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.source.probe import probe
from tests.models import tiny_model
from tests.video import films
from tests.video.test_film_run import Cancelled, many_segments

__all__ = ["many_segments"]
WRAPS = 95440  # seconds: 3.7 before a clock of 33 bits at 90 kHz begins again


@pytest.fixture(scope="module", params=["wraps.ts", "wraps.mpg", "below.asf"])
def source(request, tmp_path_factory):
    """A film of 4 seconds that flashes and beeps once a second, its clock at -3.7 s or -2 s as it begins."""
    folder = tmp_path_factory.mktemp("below")
    path = folder / request.param
    pictures = "mpeg2video" if path.suffix == ".mpg" else "libx264"
    plain = films.flash_and_beep(folder / "plain.mkv", 4, "-c:v", pictures, "-c:a", "mp2")
    if path.suffix in {".ts", ".mpg"}:
        films.ffmpeg("-i", plain, "-c", "copy", "-output_ts_offset", WRAPS, path)
    else:
        films.ffmpeg("-copyts", "-itsoffset", -2, "-i", plain, "-c", "copy", "-avoid_negative_ts", "disabled", path)
    assert probe(path).video.start_pts < 0
    return path


def _in_step(source, result, parts=1):
    """Whether flashes and beeps lie as far apart as in the source, to a millisecond."""
    offset = [beep - flash for flash, beep in zip(films.flashes(probe(source)), films.beeps(source), strict=True)]
    found = [beep - flash for flash, beep in zip(films.flashes(probe(result)), films.beeps(result), strict=True)]
    assert len(found) == len(offset[-len(found) :])
    assert all(abs(one - other) < 0.001 for one, other in zip(found, offset[-len(found) :], strict=True))
    return len(found)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_all_of_it_arrives_from_zero_on_and_in_step(tmp_path, source, suffix):
    target = tmp_path / f"a{suffix}"
    report = gray_film(source, target)
    frames, _ = films.read(probe(target))
    before, _ = films.read(probe(source))
    assert report.frames == len(frames) == len(before) == 100
    with av.open(str(target)) as container:
        assert abs(container.start_time or 0) < 50_000
    assert all(packet.pts is not None and packet.pts >= 0 for packet in _packets(target))
    assert _in_step(source, target) >= 4


def _packets(path):
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(video=0) if packet.size]


def test_a_part_of_it_begins_where_it_was_asked_for(tmp_path, source):
    gray_film(source, tmp_path / "a.mp4", FilmSettings(range=Range(Fraction(3, 2), Fraction(7, 2))))
    film = probe(tmp_path / "a.mp4")
    frames, _ = films.read(film)
    assert len(frames) == 50
    first, second = films.flashes(film)
    assert 0.43 < first < 0.53
    assert second == pytest.approx(first + 1)
    assert _in_step(source, tmp_path / "a.mp4") == 2


def test_it_is_gone_on_with_and_graded_anew(tmp_path, source, many_segments):
    def stop(progress):
        if progress.frames == 70:
            raise Cancelled

    with Colorizer(tiny_model(tmp_path / "network")) as colorizer:
        exact = FilmSettings(encoding=Encoding("ffv1"))
        with pytest.raises(Cancelled):
            colorize_film(source, tmp_path / "a.mkv", colorizer, exact, watch=stop)
        assert 0 < colorize_film(source, tmp_path / "a.mkv", colorizer, exact).frames_this_run < 100
    assert regrade_film(track_path(tmp_path / "a.mkv"), tmp_path / "b.mkv", exact).frames == 100
    first, again = films.colour_frames(tmp_path / "a.mkv"), films.colour_frames(tmp_path / "b.mkv")
    assert [time for time, _, _ in first] == [time for time, _, _ in again]
    assert all((one[2] == other[2]).all() for one, other in zip(first, again, strict=True))
    _in_step(source, tmp_path / "b.mkv")
