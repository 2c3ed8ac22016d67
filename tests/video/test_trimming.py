"""A part of a film: sound, subtitles and the file itself end with the picture."""

from fractions import Fraction

import av
import pytest

from colorizer.video import mux
from colorizer.video.film import gray_film
from colorizer.video.mux import find_ffmpeg
from colorizer.video.wanted import FilmSettings, Range
from tests.video.films import rich_film

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


def test_an_ffmpeg_that_cannot_cut_subtitles_makes_the_part_and_it_is_said(rich, tmp_path, monkeypatch):
    old = tmp_path / "old"
    old.write_text(
        f'#!/bin/sh\ncase "$*" in *setts*) echo no such filter >&2; exit 1;; esac\nexec {find_ffmpeg()} "$@"'
    )
    old.chmod(0o755)
    monkeypatch.setattr("colorizer.video.making.find_ffmpeg", lambda: old)
    report = gray_film(rich, tmp_path / "a.mp4", PART)
    assert [note for note in report.notes if "ffmpeg is too old" in note]
    assert _subtitles(tmp_path / "a.mp4")[0][-1][2] == "zwei"
    assert mux.find_ffmpeg() != old
