"""A part of a film: sound, subtitles and the file itself end with the picture."""

from fractions import Fraction

import av
import numpy as np
import pytest

from colorizer.video.film import gray_film
from colorizer.video.film_settings import Encoding, FilmSettings, Range, expected_frames
from colorizer.video.source.probe import probe
from tests.video.films import ffmpeg, read, rich_film

PART = FilmSettings(range=Range(Fraction(1), Fraction(12, 5)))  # one subtitle is shown from 0.5 to 1.5, one from 2 on


@pytest.fixture(scope="module", params=[".mkv", ".mp4"])
def rich(tmp_path_factory, request):
    return rich_film(tmp_path_factory.mktemp("rich") / f"rich{request.param}", 4)


def _subtitles(path):
    """When each begins and ends, in seconds, with its text, and how long the file says that it is."""
    with av.open(str(path)) as container:
        stream = container.streams.subtitles[0]
        packets = [packet for packet in container.demux(stream) if packet.size > 2]
        times = [(packet.pts * stream.time_base, packet.duration * stream.time_base) for packet in packets]
        texts = ["Grüße" if "Grüße".encode() in bytes(packet) else "zwei" for packet in packets]
        shown = [(float(pts), float(pts + length), text) for (pts, length), text in zip(times, texts, strict=True)]
        return shown, container.duration / 1e6


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".mov", ".webm"])
def test_subtitles_shown_at_the_edges_of_a_part_are_cut_there(rich, tmp_path, suffix):
    gray_film(rich, tmp_path / f"a{suffix}", PART)
    shown, length = _subtitles(tmp_path / f"a{suffix}")
    assert [text for *_, text in shown] == ["Grüße", "zwei"]
    assert [time for *times, _ in shown for time in times] == pytest.approx([0, 0.5, 1.0, 1.418], abs=0.003)
    assert length < 1.418 + 0.05  # of sound, a packet may reach over the end


def test_a_film_of_few_frames_is_as_long_as_they_are(rich, tmp_path):
    gray_film(rich, tmp_path / "a.mp4", FilmSettings(range=Range(max_frames=30)))
    shown, length = _subtitles(tmp_path / "a.mp4")
    assert shown[0][1] == pytest.approx(30 * 1001 / 24000, abs=0.003)
    assert length < 30 * 1001 / 24000 + 0.05


@pytest.mark.parametrize("shift", ["36000", "0"])
def test_a_part_is_counted_from_the_first_picture_whatever_the_clock_says(tmp_path, shift):
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=4", "-c:v", "mpeg2video", "-q:v", "2",
           "-output_ts_offset", shift, tmp_path / "broadcast.ts")  # fmt: skip
    film = probe(tmp_path / "broadcast.ts")
    assert (film.video.start_pts * film.video.time_base > 30_000) == (shift == "36000")
    wanted = Range(Fraction(1), Fraction(2))
    heard = []
    settings = FilmSettings(range=wanted, encoding=Encoding("ffv1"))
    report = gray_film(film.path, tmp_path / "a.mkv", settings, watch=heard.append)
    assert report.frames == 25
    assert {progress.expected for progress in heard} <= {24, 25, 26}
    whole, part = read(film)[0], read(probe(tmp_path / "a.mkv"))[0]
    assert all(np.array_equal(one.luma, other.luma) for one, other in zip(whole[25:50], part, strict=True))
    assert expected_frames(film, Range(Fraction(3))) in {24, 25, 26}
