"""Joined segments keep every time; everything else the source carried comes back, or is said not to."""

import itertools
import os
import subprocess
import sys
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.errors import OutputError, SettingError, SourceMissing, TargetExists
from colorizer.video.result import mux
from colorizer.video.result.codecs import CODECS
from colorizer.video.result.concat import EncodedSegment, concat_listing
from colorizer.video.result.containers import CONTAINERS, plan_tracks
from colorizer.video.result.mux import join
from colorizer.video.source.facts import Film, OtherTrack, VideoTrack
from colorizer.video.source.probe import probe
from tests.video import films
from tests.video.films import PROGRAMS

VIDEO = VideoTrack(0, "h264", "yuv420p", 64, 48, films.TICKS)


COMBINATIONS = [(codec, suffix) for codec, row in CODECS.items() for suffix in row.suffixes]


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rich")
    film = probe(films.rich_film(folder / "rich.mkv"))
    return film, *films.segments(film, folder)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(("codec", "suffix"), COMBINATIONS)
@pytest.mark.parametrize("times", [films.STEADY, films.UNSTEADY], ids=["steady", "unsteady"])
def test_joined_pieces_keep_every_time_and_every_luma_value(tmp_path, capfd, codec, suffix, times, program):
    bits = 10 if codec == "prores" else 8
    lumas = films.planes(len(times), 64, 48, bits)
    film = probe(films.write(tmp_path / "source.mp4", lumas, times, bits=bits))
    frames, pieces = films.segments(film, tmp_path, codec, suffix=CODECS[codec].segment_suffix)
    join(pieces, film, tmp_path / f"out{suffix}", ffmpeg=PROGRAMS[program]())
    result = probe(tmp_path / f"out{suffix}")
    joined, reader = films.read(result)
    wanted = [pts * films.TICKS for pts in times]
    if suffix in {".mkv", ".webm"}:
        # Two frames in one millisecond are told apart by one more.
        tolerance = Fraction(1, 2000) if times is films.STEADY else Fraction(2, 1000)
        assert all(abs(a - b) <= tolerance for a, b in zip(films.seconds(joined, result), wanted, strict=True))
    else:
        assert films.seconds(joined, result) == wanted
    assert codec == "prores" or all(np.array_equal(a.luma, b.luma) for a, b in zip(joined, frames, strict=True))
    assert result.video.matrix == film.video.matrix
    assert not reader.ended_early


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".mov"])
def test_sound_subtitles_chapters_and_tags_come_back(rich, tmp_path, suffix, program):
    film, _, pieces = rich
    report = join(pieces, film, tmp_path / f"out{suffix}", ffmpeg=PROGRAMS[program]())
    result = probe(tmp_path / f"out{suffix}")
    text = "subrip" if suffix == ".mkv" else "mov_text"
    second = "aac" if suffix == ".mov" else "opus"
    found = [(t.kind, t.codec, t.language) for t in result.others if t.kind in {"audio", "subtitle"}]
    french = "fra" if suffix == ".mov" else "fre"
    assert found == [("audio", "aac", "eng"), ("audio", second, "ger"), ("subtitle", text, french)]
    names = [track.tags.get("title", track.tags.get("handler_name")) for track in result.of_kind("audio")]
    assert names[1] == "Kommentar"
    assert result.tags["title"] == "Ein Film"
    assert [(float(c.start), c.title) for c in result.chapters] == [(0, "One"), (1.5, "Two")]
    assert {track.index for track in report.tracks} == {track.index for track in film.others}
    assert [(t.kind, t.action) for t in report.tracks if t.action == "dropped"] == (
        [] if suffix == ".mkv" else [("attachment", "dropped")]
    )
    assert _words(tmp_path / f"out{suffix}") == _words(film.path)


def _words(path):
    """Time and text of every subtitle."""
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(container.streams.subtitles[0]) if p.size > 2]
        texts = ["Grüße" if "Grüße".encode() in bytes(p) else "zwei" for p in packets]
        return [(round(p.pts * p.time_base, 3), text) for p, text in zip(packets, texts, strict=True)]


def test_matroska_keeps_the_attached_font_and_the_dispositions(rich, tmp_path):
    film, _, pieces = rich
    join(pieces, film, tmp_path / "out.mkv")
    result = probe(tmp_path / "out.mkv")
    with av.open(str(film.path)) as source, av.open(str(tmp_path / "out.mkv")) as target:
        assert target.streams.attachments[0].data == source.streams.attachments[0].data
    assert [t.dispositions for t in result.others] == [t.dispositions for t in film.others]


def test_webm_gets_opus_and_webvtt_and_says_so(rich, tmp_path):
    film, _, _ = rich
    _, pieces = films.segments(film, tmp_path, "vp9")
    report = join(pieces, film, tmp_path / "out.webm")
    result = probe(tmp_path / "out.webm")
    assert [(t.codec, t.language) for t in result.others] == [("opus", "eng"), ("opus", "ger"), ("webvtt", "fre")]
    said = [(t.action, t.codec, t.result_codec) for t in report.tracks[:3]]
    assert said == [("converted", "aac", "opus"), ("copied", "opus", "opus"), ("converted", "subrip", "webvtt")]
    assert all(t.reason for t in report.tracks if t.action != "copied")


def test_copied_sound_is_the_same_to_the_byte(rich, tmp_path):
    film, _, pieces = rich
    join(pieces, film, tmp_path / "out.mp4")

    def packets(path):
        with av.open(str(path)) as container:
            return [bytes(p) for p in container.demux(container.streams.audio[0]) if p.size]

    assert packets(tmp_path / "out.mp4") == packets(film.path)


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_the_index_stands_in_front_so_that_a_browser_can_begin(rich, tmp_path, suffix):
    film, _, pieces = rich
    join(pieces, film, tmp_path / f"out{suffix}")
    data = (tmp_path / f"out{suffix}").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_hevc_carries_the_name_that_apples_players_want(tmp_path, suffix):
    film = probe(films.write(tmp_path / "a.mp4", films.planes(6, 64, 48), films.STEADY[:6]))
    _, pieces = films.segments(film, tmp_path, "hevc")
    join(pieces, film, tmp_path / f"out{suffix}")
    data = (tmp_path / f"out{suffix}").read_bytes()
    assert b"hvc1" in data
    assert b"hev1" not in data


def test_pictures_alone_are_joined_without_the_source(rich, tmp_path):
    film, _, pieces = rich
    report = join(pieces, film, tmp_path / "out.mp4", with_source=False)
    assert report.tracks == ()
    assert probe(tmp_path / "out.mp4").others == ()


@pytest.mark.parametrize(
    "name", ['it\'s a "film" ü.mp4', "-y.mp4", "two\nlines.mp4", "100%d.mp4", "a:b.mp4", "x'\\.mp4"]
)
def test_any_name_of_source_segment_folder_and_target_works(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    film = probe(films.write(tmp_path / "plain.mp4", films.planes(12, 64, 48), films.STEADY, codec="h264"))
    moved = folder / name
    film.path.rename(moved)
    film = probe(moved)
    _, pieces = films.segments(film, folder)
    join(pieces, film, folder / f"out {name}")
    assert len(films.read(probe(folder / f"out {name}"))[0]) == 12
    assert sorted(path.name for path in folder.iterdir()) == sorted([name, f"out {name}", "0.mp4", "1.mp4", "2.mp4"])


def test_progress_grows_to_one_and_what_it_raises_stops_everything(rich, tmp_path):
    film, _, pieces = rich
    heard = []
    join(pieces, film, tmp_path / "out.mp4", progress=heard.append)
    assert heard[-1] == 1
    assert heard == sorted(heard)

    def stop(_fraction):
        if (tmp_path / "pid").exists():
            raise KeyboardInterrupt

    slow = tmp_path / "slow ffmpeg"
    slow.write_text(f"#!/bin/sh\necho $$ > '{tmp_path}/pid'\nwhile true; do sleep 0.05; done\n")
    slow.chmod(0o755)
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        join(pieces, film, tmp_path / "stopped.mp4", progress=stop, ffmpeg=slow)
    assert threading.active_count() == before
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4", "pid", "slow ffmpeg"]


def test_a_failing_ffmpeg_is_quoted_in_one_line_and_leaves_nothing(rich, tmp_path):
    film, _, pieces = rich
    failing = tmp_path / "failing"
    failing.write_text("#!/bin/sh\nfor i in $(seq 20000); do echo noise $i >&2; done\necho No space left >&2\nexit 1\n")
    failing.chmod(0o755)
    with pytest.raises(OutputError, match="No space left") as caught:
        join(pieces, film, tmp_path / "out.mp4", ffmpeg=failing)
    assert "\n" not in str(caught.value)
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexit 0\n")
    silent.chmod(0o755)
    with pytest.raises(OutputError, match=r"out\.mp4"):
        join(pieces, film, tmp_path / "out.mp4", ffmpeg=silent)
    with pytest.raises(OutputError, match=r"out\.mp4"):
        join(pieces, film, tmp_path / "out.mp4", ffmpeg=tmp_path / "nowhere")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["failing", "silent"]


def test_of_all_that_ffmpeg_says_its_last_errors_are_told(rich, tmp_path):
    film, _, pieces = rich
    failing = tmp_path / "failing"
    lines = [
        "[warning] never mind",
        "[aac @ 0x1] [error] once",
        "[aac @ 0x1] [error] twice",
        "[mp4 @ 0x1] [error] cause [of it all]",
        "[error] Conversion failed!",
        "[error] ",
    ]
    failing.write_text("#!/bin/sh\n" + "".join(f"echo '{line}' >&2\n" for line in lines) + "exit 1\n")
    failing.chmod(0o755)
    with pytest.raises(OutputError, match=r"ffmpeg says: once; twice; cause \[of it all\]$"):
        join(pieces, film, tmp_path / "out.mp4", ffmpeg=failing)


@pytest.mark.parametrize(
    ("rate", "time_base", "rounded"),
    [("24000/1001", 24000, True), ("25", 90000, False), ("24", 24, True), ("25", 25, False), ("30", 1000, False)],
)
def test_rounding_to_milliseconds_is_said_where_it_happens(tmp_path, rate, time_base, rounded):
    video = replace(VIDEO, average_rate=Fraction(rate), time_base=Fraction(1, time_base))
    film = Film(tmp_path / "a.mp4", "mov", video)
    for name, said in (("a.mkv", rounded), ("a.webm", rounded), ("a.mp4", False)):
        assert any("milliseconds" in note for note in mux._notes(film, tmp_path / name, 0, None)) == said


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_a_result_with_other_pictures_than_its_pieces_is_refused(rich, tmp_path, suffix):
    film, _, pieces = rich
    first, *rest = pieces
    with pytest.raises(OutputError, match=r"\d+ of \d+ frames arrived"):
        join([replace(first, frames=first.frames + 1), *rest], film, tmp_path / f"out{suffix}")
    assert list(tmp_path.iterdir()) == []


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from colorizer.errors import OutputError
from colorizer.video.result.mux import join
from colorizer.video.source.probe import probe
from tests.video import films
from tests.video.films import PROGRAMS

folder = Path(sys.argv[1])
film = probe(films.write(folder / "source.mp4", films.planes(12, 64, 48), films.STEADY, codec="h264"))
_, pieces = films.segments(film, folder)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
for attempt in (lambda: join(pieces, film, folder / "out.mp4"),
                lambda: films.write(folder / "out.mp4", films.planes(12, 64, 48), films.STEADY, codec="h264")):
    try:
        attempt()
    except OutputError as error:
        assert chr(10) not in str(error), error
    else:
        raise SystemExit("no error was raised")
print(sorted(path.name for path in folder.iterdir()))
"""


def test_a_full_disk_is_said_in_one_line_and_leaves_nothing_half_written(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)], capture_output=True, text=True, check=False,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert done.stdout.strip() == "['0.mp4', '1.mp4', '2.mp4', 'source.mp4']", done.stderr


def test_the_source_and_other_files_are_never_overwritten_unasked(rich, tmp_path):
    film, _, pieces = rich
    before = film.path.read_bytes()
    link = tmp_path / "link.mkv"
    link.symlink_to(film.path)
    for target in (film.path, link):
        with pytest.raises(OutputError, match="the source itself"):
            join(pieces, film, target, overwrite=True)
    (tmp_path / "there.mp4").write_text("precious")
    with pytest.raises(TargetExists, match=r"there\.mp4"):
        join(pieces, film, tmp_path / "there.mp4")
    assert (tmp_path / "there.mp4").read_text() == "precious"
    join(pieces, film, tmp_path / "there.mp4", overwrite=True)
    assert probe(tmp_path / "there.mp4").video.width == 64
    assert film.path.read_bytes() == before


def test_nothing_to_join_a_source_that_is_gone_and_a_strange_suffix_are_said(rich, tmp_path):
    film, _, pieces = rich
    with pytest.raises(OutputError, match="no segment"):
        join([], film, tmp_path / "out.mp4")
    with pytest.raises(SettingError, match="are written to"):
        join(pieces, film, tmp_path / "out.avi")
    gone = Film(tmp_path / "gone.mkv", "matroska,webm", VIDEO)
    with pytest.raises(SourceMissing, match=r"gone\.mkv"):
        join(pieces, gone, tmp_path / "out.mp4")


@given(
    gaps=st.lists(st.integers(1, 10**8), min_size=1, max_size=30), start=st.integers(0, 10**9),
    denominator=st.sampled_from([25, 1000, 24_000, 90_000, 10**6]),
)  # fmt: skip
def test_durations_in_the_listing_never_drift(gaps, start, denominator):
    time_base = Fraction(1, denominator)
    edges = list(itertools.accumulate(gaps, initial=start))
    pieces = [EncodedSegment(Path(f"/x/{n}.mp4"), a, b, 1) for n, (a, b) in enumerate(itertools.pairwise(edges))]
    listed = [line.split()[1] for line in concat_listing(pieces, time_base).splitlines() if line.startswith("duration")]
    for edge, sum_of_durations in zip(edges[1:], itertools.accumulate(map(Fraction, listed)), strict=True):
        assert abs(sum_of_durations - (edge - start) * time_base) <= Fraction(1, 2_000_000)


KINDS = ["audio", "subtitle", "cover", "attachment", "data", "video"]
SOME_CODECS = ["aac", "opus", "pcm_s16be", "cook", "unknown", "subrip", "hdmv_pgs_subtitle", "eia_608", "png", "ttf"]


@given(
    tracks=st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(SOME_CODECS), st.integers(0, 8)), max_size=8),
    suffix=st.sampled_from(sorted(CONTAINERS)),
)
def test_every_stream_has_a_plan_and_whatever_is_not_copied_a_reason(tracks, suffix):
    others = tuple(
        OtherTrack(number, kind, codec, channels=channels) for number, (kind, codec, channels) in enumerate(tracks, 1)
    )
    plans = plan_tracks(Film(Path("a.mkv"), "matroska,webm", VIDEO, others), suffix)
    assert [plan.track for plan in plans] == list(others)
    for plan in plans:
        assert bool(plan.reason) == (plan.action != "copied")
        assert (plan.encoder is None) == (plan.result_codec is None) == (plan.action == "dropped")
        if plan.track.kind == "subtitle" and plan.track.codec == "hdmv_pgs_subtitle":
            assert plan.action == ("copied" if suffix == ".mkv" else "dropped")


def test_a_segment_without_length_cannot_be_made():
    with pytest.raises(ValueError, match="must lie after"):
        EncodedSegment(Path("a.mp4"), 5, 5, 1)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4", ".mov"])
def test_a_turn_that_the_source_tells_in_a_tag_is_not_told_again(tmp_path, suffix):
    source = films.write(tmp_path / "a.mkv", films.planes(6, 64, 48), films.STEADY[:6], codec="h264")
    with av.open(str(source)) as read, av.open(str(tmp_path / "turned.mkv"), "w") as written:
        stream = written.add_stream_from_template(read.streams.video[0])
        stream.metadata["rotate"] = "90"
        for packet in read.demux(read.streams.video[0]):
            if packet.size:
                packet.stream = stream
                written.mux(packet)
    film = probe(tmp_path / "turned.mkv")
    assert "90" in film.video.tags.values()
    _, pieces = films.segments(film, tmp_path)
    join(pieces, film, tmp_path / f"out{suffix}")
    result = probe(tmp_path / f"out{suffix}").video
    assert not [name for name in result.tags if name.lower() == "rotate"]
    assert result.upright_size == (64, 48)


@pytest.mark.parametrize(
    ("codec", "is_text", "why"),
    [("eia_608", True, "it cannot be converted here"), ("dvd_subtitle", False, "pictures cannot be turned into text")],
)
def test_why_a_subtitle_is_left_out_is_true_of_its_kind(codec, is_text, why):
    track = OtherTrack(1, "subtitle", codec, subtitle_is_text=is_text)
    (plan,) = plan_tracks(Film(Path("a.mov"), "mov", VIDEO, (track,)), ".mp4")
    assert (plan.action, plan.reason) == ("dropped", f".mp4 does not hold {codec}, and {why}")


def test_closed_captions_are_text_and_pictures_are_not(tmp_path):
    (tmp_path / "a.scc").write_text("Scenarist_SCC V1.0\n\n00:00:00:00\t9420 9420 94ad 94ad 9470 9470 c8e9 942f 942f\n")
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:d=1", "-i", tmp_path / "a.scc", "-c:v", "mpeg4", "-c:s", "copy",
                 tmp_path / "a.mov")  # fmt: skip
    (captions,) = probe(tmp_path / "a.mov").of_kind("subtitle")
    assert (captions.codec, captions.subtitle_is_text) == ("eia_608", True)


def _joined_of(tmp_path, damage):
    source = films.write(tmp_path / "a.mp4", films.planes(12, 64, 48), films.STEADY, codec="h264")
    film = probe(source)
    _, pieces = films.segments(film, tmp_path)
    with pytest.raises(OutputError) as caught:
        damage(film, pieces)
    assert "space" not in str(caught.value)
    return str(caught.value)


def test_where_frames_are_missing_it_is_said_where_they_were_lost(tmp_path):
    def in_a_segment(film, pieces):
        join([pieces[0], replace(pieces[1], frames=pieces[1].frames + 2), pieces[2]], film, tmp_path / "out.mp4")

    said = _joined_of(tmp_path, in_a_segment)
    assert "12 of 14 frames arrived" in said
    assert "1.mp4 holds 4 of 6, from 0.17 s to 0.33 s" in said
    assert "--restart" in said


def test_where_ffmpeg_lost_frames_the_segments_are_not_blamed(tmp_path, monkeypatch):
    def as_it_joins(film, pieces):
        monkeypatch.setattr(
            "colorizer.video.result.mux.concat_listing", lambda segments, base: concat_listing(segments[:2], base)
        )
        join(pieces, film, tmp_path / "out.mp4")

    said = _joined_of(tmp_path, as_it_joins)
    assert "8 of 12 frames arrived" in said
    assert "every segment is whole" in said
