"""What ffmpeg is told: the list that ffmpeg-python compiles says all that a join needs, in an order that holds."""

import itertools
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

from colorizer.video.result.containers import plan_tracks
from colorizer.video.result.ffmpeg import find_ffmpeg
from colorizer.video.result.join_command import JoinCommand
from colorizer.video.source.facts import Film, OtherTrack, VideoTrack
from colorizer.video.source.opening import FILM_FORMATS
from tests.video import films

TAGS = {"rotate": "90", "BPS-eng": "1", "title": "kept"}
VIDEO = VideoTrack(0, "h264", "yuv420p", 64, 48, films.TICKS, tags=TAGS)
SOUND = OtherTrack(1, "audio", "aac", "fre", "Ton", 2, dispositions=("default", "forced"))
OTHER_SOUND = OtherTrack(2, "audio", "vorbis", "deu", None, 6)
WORDS = OtherTrack(3, "subtitle", "subrip", "deu", "Worte", subtitle_is_text=True)
FONT = OtherTrack(4, "attachment", "ttf")
LISTING = Path("/tmp/list.ffconcat")


def _told(others=(), suffix=".mkv", *, with_source=True, start=None, length=None, path=Path("/tmp/source.mkv")):
    film = Film(path, "matroska,webm", VIDEO, tuple(others))
    plans = plan_tracks(film, suffix) if with_source else ()
    command = JoinCommand(film, plans, with_source, 0, start, length)
    return command.arguments(Path("/bin/ffmpeg"), LISTING, Fraction(1, 3), Path(f"/tmp/part{suffix}"))


def _inputs(told):
    """The options of each input, its address last."""
    ends = [place + 2 for place, word in enumerate(told) if word == "-i"]
    return [told[begin:end] for begin, end in itertools.pairwise([1, *ends])]


def _values(told, option):
    return [after for word, after in itertools.pairwise(told) if word == option]


@pytest.mark.parametrize("others", [(), (SOUND, FONT)])
@pytest.mark.parametrize("start", [None, Fraction(2)])
def test_every_input_reads_only_files_of_the_formats_that_are_named(others, start):
    pieces, source = _inputs(_told(others, start=start))
    assert _values(pieces, "-protocol_whitelist") == _values(source, "-protocol_whitelist") == ["file"]
    assert _values(pieces, "-format_whitelist") == [f"concat,{FILM_FORMATS}"]
    assert _values(source, "-format_whitelist") == [FILM_FORMATS]
    assert (_values(pieces, "-f"), _values(pieces, "-safe")) == (["concat"], ["0"])
    assert pieces[-1] == f"file:{LISTING}"
    assert _values(pieces, "-itsoffset") == ["0.333333"]
    assert ("-noaccurate_seek" in source) == (start is not None)


def test_the_picture_comes_first_and_then_the_streams_that_are_kept_in_their_order():
    assert _values(_told((SOUND, OTHER_SOUND, WORDS, FONT)), "-map") == ["0:v:0", "1:1", "1:2", "1:3", "1:4"]
    assert _values(_told((SOUND, FONT), ".mp4"), "-map") == ["0:v:0", "1:1"]


def test_a_source_of_which_no_stream_is_kept_is_read_for_its_tags():
    told = _told()
    assert len(_inputs(told)) == 2
    assert _values(told, "-map") == ["0:v:0", "1:65535?"]
    assert _values(told, "-map_metadata") == _values(told, "-map_chapters") == ["1"]


def test_pictures_alone_are_joined_without_the_source():
    told = _told(with_source=False)
    assert len(_inputs(told)) == 1
    assert _values(told, "-map") == ["0:v:0"]
    assert "-map_metadata" not in told


def test_copying_is_said_before_the_encoders_of_single_streams_which_overrule_it():
    told = _told((SOUND, OTHER_SOUND), ".mov")
    assert _values(told, "-c") == _values(told, "-c:1") == ["copy"]
    assert _values(told, "-c:2") == ["aac"]
    assert told.index("-c") < told.index("-c:1")
    assert told.index("-map_metadata") < told.index("-map_metadata:s:0") < told.index("-metadata:s:0")


def test_an_option_may_be_given_more_than_once():
    told = _told((SOUND, WORDS), ".mov")
    assert _values(told, "-metadata:s:0") == ["ROTATE=", "BPS-ENG="]
    assert _values(told, "-metadata:s:1") == ["handler_name=Ton", "language=fra"]
    assert _values(told, "-metadata:s:2") == ["handler_name=Worte", "language=ger"]


def test_every_stream_has_its_dispositions_and_takes_its_tags_from_the_source():
    told = _told((SOUND, WORDS))
    assert [_values(told, f"-disposition:{number}") for number in range(3)] == [["default"], ["default+forced"], ["0"]]
    assert [_values(told, f"-map_metadata:s:{number}") for number in range(3)] == [["1:s:0"], ["1:s:1"], ["1:s:3"]]


def test_subtitles_of_a_part_are_cut_by_a_filter_and_sound_is_not_lost_before_it():
    told = _told((SOUND, WORDS), start=Fraction(40), length=Fraction(5))
    assert "lt(pts,0)" in _values(told, "-bsf:1")[0]
    assert "setts" in _values(told, "-bsf:2")[0]
    assert _values(told, "-ss") == ["10.000000"]  # of the source alone
    assert _values(told, "-t") == ["5.000000"]


def test_what_holds_for_the_whole_run_and_the_name_of_the_result_are_there():
    told = _told((SOUND,), ".mp4")
    assert told[0] == "/bin/ffmpeg"
    assert {"-hide_banner", "-nostdin", "-y", "-copyts"} <= set(told)
    assert _values(told, "-progress") == ["pipe:1"]
    assert _values(told, "-max_error_rate") == ["1"]
    assert (_values(told, "-f")[-1], _values(told, "-movflags")) == ("mp4", ["+faststart"])
    assert "file:/tmp/part.mp4" in told


@pytest.mark.parametrize(
    "name", [b'it\'s a "film".mkv', "ümläut.mkv".encode(), b"no utf-8 \xff.mkv", b"-y.mkv", b"a:b%d"]
)
def test_names_arrive_as_they_are(name):
    told = _told((SOUND,), path=Path("/tmp") / os.fsdecode(name))
    assert os.fsencode(_values(told, "-i")[1]) == b"file:/tmp/" + name


def test_two_sources_whose_names_differ_in_what_is_no_text_are_two():
    first, second = (_told((SOUND,), path=Path("/tmp") / os.fsdecode(name)) for name in (b"\xfe", b"\xff"))
    assert first != second


def test_ffmpeg_takes_options_behind_the_name_of_the_result():
    told = [
        "-f",
        "lavfi",
        "-i",
        "color=size=16x16:duration=0.1",
        "-f",
        "null",
        "-",
        "-hide_banner",
        "-progress",
        "pipe:1",
    ]
    said = subprocess.run([str(find_ffmpeg()), *told], capture_output=True, check=True)
    assert b"progress=end" in said.stdout
    assert b"ffmpeg version" not in said.stderr


def test_the_command_line_starts_without_ffmpeg_python():
    code = "import colorizer, colorizer.cli, colorizer.video.result.mux, sys; print('ffmpeg' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
