"""Subtitles are shown unasked where they were in the source, and nowhere else."""

import av
import pytest

from colorizer.video.film import gray_film
from colorizer.video.result.mp4_subtitles import switch_off_subtitles
from tests.video.films import ffmpeg, rich_film


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("shown", [False, True])
def test_a_subtitle_is_shown_unasked_only_where_it_was(tmp_path, suffix, shown):
    source = rich_film(tmp_path / "rich.mkv", 1)
    if shown:
        ffmpeg("-i", source, "-map", "0", "-c", "copy", "-disposition:s:0", "default", tmp_path / "shown.mkv")
        source = tmp_path / "shown.mkv"
    gray_film(source, tmp_path / f"a{suffix}")
    with av.open(str(tmp_path / f"a{suffix}")) as container:
        flags = [bool(stream.disposition & av.stream.Disposition.default) for stream in container.streams.subtitles]
        sound = [bool(stream.disposition & av.stream.Disposition.default) for stream in container.streams.audio]
    assert flags == [shown]
    assert sound == [True, False]


@pytest.mark.parametrize("content", [b"", b"\0\0\0", b"\0\0\0\4moov", b"\0\0\0\0moov", b"\0\0\0\1moov" + bytes(8)])
def test_what_is_no_film_stays_as_it_is(tmp_path, content):
    (tmp_path / "a.mp4").write_bytes(content)
    switch_off_subtitles(tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == content
