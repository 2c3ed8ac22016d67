"""Films whose clock jumps or begins again: one clock that goes on, for the picture and all that belongs to it."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from colorizer.network import Colorizer
from colorizer.video.film import colorize_film, gray_film, regrade_film, track_path
from colorizer.video.film_run import probe_film
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.result.containers import TrackPlan
from colorizer.video.result.join_command import JoinCommand
from colorizer.video.source.clock import Clock
from colorizer.video.source.facts import ClockChange, MendedClock, OtherTrack
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader
from tests.models import tiny_model
from tests.video import films
from tests.video.test_film_run import Cancelled, many_segments

__all__ = ["many_segments"]
EXACT = FilmSettings(encoding=Encoding("ffv1"))
KINDS = {"ts": ("libx264", "mp2"), "vob": ("mpeg2video", "ac3"), "mpg": ("mpeg1video", "mp2")}
STARTS = {  # seconds at which the parts' clocks begin: what was joined, and how
    "again": (0, 0), "ahead": (0, 5000), "back, then ahead": (7000, 20, 9000), "a little back": (0, 1.5),
    "below zero": (95440, 95440),
}  # fmt: skip


def _part(path, start, size="64x48"):
    """Two seconds that flash and beep at each, on a clock that begins here."""
    pictures, sound = KINDS[path.suffix[1:]]
    films.flash_and_beep(path.with_suffix(".mkv"), 2, "-vf", f"scale={size.replace('x', ':')}", "-c:v", pictures,
                         "-g", "10", "-b:v", "1M", "-c:a", sound)  # fmt: skip
    films.ffmpeg("-i", path.with_suffix(".mkv"), "-c", "copy", "-output_ts_offset", start, path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def joined(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("joined"), {}

    def make(kind, starts, sizes=("64x48", "64x48", "64x48")):
        path = folder / f"{starts}-{len(set(sizes))}.{kind}"
        if path not in made:
            parts = [_part(folder / f"part.{kind}", *each) for each in zip(STARTS[starts], sizes, strict=False)]
            path.write_bytes(b"".join(parts))
            made[path] = 50 * len(parts)
        return path, made[path]

    return make


def _apart(times):
    return [after - before for before, after in pairwise(times)]


@pytest.mark.parametrize("starts", STARTS)
@pytest.mark.parametrize(("kind", "suffix"), [("ts", ".mp4"), ("vob", ".mkv"), ("mpg", ".mov")])
def test_the_clock_goes_on_by_a_frames_step_and_sound_stays_in_step(tmp_path, joined, kind, suffix, starts):
    source, count = joined(kind, starts)
    report = gray_film(source, tmp_path / f"a{suffix}")
    film = probe(tmp_path / f"a{suffix}")
    frames, _ = films.read(film)
    assert report.frames == len(frames) == count
    assert all(abs(step - Fraction(1, 25)) < Fraction(1, 900) for step in _apart(films.seconds(frames, film)))
    flashes, beeps = films.flashes(film), films.beeps(film.path)
    assert len(flashes) == count / 25
    late = [abs(beep - flash) for flash, beep in zip(flashes, beeps, strict=True)]
    assert max([late[0], *late[1::2]]) < 0.001
    assert max(late) < 0.03  # at a join the sound before it may end a little late
    assert any("clock jumps" in note for note in report.notes)


def test_a_part_with_another_picture_size_follows_as_well(tmp_path, joined):
    source, count = joined("ts", "again", ("64x48", "96x64"))
    report = gray_film(source, tmp_path / "a.mp4")
    assert report.frames == count
    assert any("another size" in note for note in report.notes)
    assert max(_apart(films.flashes(probe(tmp_path / "a.mp4")))) < 1.01


@pytest.mark.parametrize("kind", KINDS)
def test_any_place_is_found_and_nothing_is_read_twice(joined, kind):
    source, _ = joined(kind, "back, then ahead")
    film = probe_film(source, FilmSettings())
    whole, _ = films.read(film)
    assert film.duration == Fraction(6)
    for start in (0, 30, 50, 51, 75, 100, 120, 149):
        begin = whole[start].pts * film.video.time_base
        late, _ = films.read(film, start=begin)
        assert [frame.pts for frame in late] == [frame.pts for frame in whole[start:]]
        assert (late[0].luma == whole[start].luma).all()


def test_reading_begins_near_a_late_place_and_not_at_the_files_beginning(joined):
    film = probe_film(joined("ts", "back, then ahead")[0], FilmSettings())
    last = film.clock.entries[-1][0]
    blind = replace(film.clock, entries=((last, film.clock.entries[-1][1]),))
    with FilmReader(film.path, replace(film, clock=blind), (last + 20_000) * film.video.time_base) as reader:
        decoded = len(list(reader))
    assert 0 < decoded < 50


def test_a_part_across_the_join_has_its_sound(tmp_path, joined):
    source, _ = joined("ts", "back, then ahead")
    gray_film(source, tmp_path / "a.mp4", FilmSettings(range=Range(Fraction(3, 2), Fraction(9, 2))))
    film = probe(tmp_path / "a.mp4")
    flashes, beeps = films.flashes(film), films.beeps(film.path)
    assert len(films.read(film)[0]) == 75
    assert len(flashes) == len(beeps) == 3
    assert all(abs(flash - beep) < 0.001 for flash, beep in zip(flashes, beeps, strict=True))


def test_it_is_gone_on_with_and_graded_anew(tmp_path, joined, many_segments):
    source, _ = joined("vob", "back, then ahead")

    def stop(progress):
        if progress.frames == 120:
            raise Cancelled

    with Colorizer(tiny_model(tmp_path / "network")) as colorizer:
        whole = colorize_film(source, tmp_path / "whole.mkv", colorizer, EXACT)
        with pytest.raises(Cancelled):
            colorize_film(source, tmp_path / "a.mkv", colorizer, EXACT, watch=stop)
        assert 0 < colorize_film(source, tmp_path / "a.mkv", colorizer, EXACT).frames_this_run < 150
    assert len(whole.segments) > 3
    assert regrade_film(track_path(tmp_path / "a.mkv"), tmp_path / "b.mkv", EXACT).frames == 150
    first, resumed, again = (films.colour_frames(tmp_path / f"{name}.mkv") for name in ("whole", "a", "b"))
    for one, two, three in zip(first, resumed, again, strict=True):
        assert one[0] == two[0] == three[0]
        assert (one[2] == two[2]).all()
        assert (one[2] == three[2]).all()


def test_a_clock_that_goes_on_and_a_pause_of_the_pictures_are_left_alone(tmp_path):
    _part(tmp_path / "a.ts", 5)
    assert probe_film(tmp_path / "a.ts", FilmSettings()) == probe(tmp_path / "a.ts")
    picture = "testsrc2=s=64x48:r=25:d=16,select='not(between(t,2,14))'"
    films.ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", "sine=d=16", "-fps_mode", "vfr", "-c:v", "libx264",
                 "-c:a", "mp2", tmp_path / "pause.ts")  # fmt: skip
    assert probe_film(tmp_path / "pause.ts", FilmSettings()).clock is None


def test_subtitles_move_as_the_picture_does(tmp_path, joined):
    film = probe_film(joined("ts", "again")[0], FilmSettings())
    track = OtherTrack(2, "subtitle", "dvb_subtitle", subtitle_is_text=False)
    clock = MendedClock({2: (ClockChange(1000, 90), ClockChange(2000, -60))}, ())
    plans = (TrackPlan(track, "copied", "copy", "dvb_subtitle"),)
    command = JoinCommand(replace(film, clock=clock), plans, True, 0, None, None)
    line = command.arguments(tmp_path / "ffmpeg", tmp_path / "list", Fraction(0), tmp_path / "a.mkv")
    assert any("(90)*gte(POS,1000)+(-150)*gte(POS,2000)" in each for each in line)


def test_another_clock_in_any_other_file_costs_no_segment_its_end():
    clock = Clock(step=40)
    assert [clock.shown(pts)[1] for pts in (0, 40, 80, 5000)] == [0, 40, 80, 5000]
    assert [clock.shown(pts)[1] for pts in (0, 40, 80)] == [5040, 5080, 5120]
    assert clock.shown(5121)[1] == 5121
    assert clock.shown(5100)[1] == 5122  # a flaw of a single time
