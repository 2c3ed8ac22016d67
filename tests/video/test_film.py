"""Whole films: made, stopped and gone on with, graded anew, and told about."""

import json
from fractions import Fraction

import cv2
import numpy as np
import pytest

from colorizer.cli import main
from colorizer.cli.video import seconds
from colorizer.color.grade import Grade
from colorizer.errors import OutputError, SettingError, TargetExists
from colorizer.network import Colorizer
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film import colorize_film, gray_film, regrade_film, track_path
from colorizer.video.film_settings import Encoding, FilmSettings, Range, expected_frames
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter
from colorizer.video.source.probe import probe
from tests.models import tiny_model
from tests.video.films import SMOOTH, colour_frames, smooth_film

SETTINGS = FilmSettings(steadiness=Steadiness(key_every=4), encoding=Encoding("ffv1"))


@pytest.fixture(scope="module")
def colorizer(tmp_path_factory):
    with Colorizer(tiny_model(tmp_path_factory.mktemp("network"))) as opened:
        yield opened


@pytest.mark.parametrize("steps", [None, [40, 100, 33, 250, 1]])
def test_luma_and_times_of_a_lossless_result_are_the_sources(tmp_path, colorizer, steps):
    source = smooth_film(tmp_path / "grey.mkv", steps=steps)
    report = colorize_film(source, tmp_path / "colour.mkv", colorizer, SETTINGS)
    before, after = colour_frames(source), colour_frames(tmp_path / "colour.mkv")
    assert [time for time, _, _ in before] == [time for time, _, _ in after]
    assert all((one[1] == other[1]).all() for one, other in zip(before, after, strict=True))
    assert max(np.abs(cb.astype(int) - 128).max() for _, _, cb in after) > 5
    assert report.frames == len(before) == 40


def test_the_result_is_one_file_with_its_track_and_report_and_nothing_else(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv")
    out = tmp_path / "out"
    out.mkdir()
    colorize_film(source, out / "Größe 'x' \"y\".mkv", colorizer, SETTINGS)
    name = "Größe 'x' \"y\".mkv"
    assert sorted(path.name for path in out.iterdir()) == [name, name + ".chroma", name + ".json"]
    told = json.loads((out / (name + ".json")).read_text("utf-8"))
    assert told["frames"] == 40
    assert 1 <= told["network_runs"] <= 15
    assert told["made_with"]["model_hashes"]
    assert told["luma_error"] == 0
    assert {"cdc_excess", "colourfulness_abs", "tracks", "fps", "shots"} <= set(told)
    assert told["made_with"]["settings"]["steadiness"]["key_every"] == 4


def _many_segments(monkeypatch):
    monkeypatch.setattr("colorizer.video.colour.paint.SHORTEST", Fraction(8, 10))
    monkeypatch.setattr("colorizer.video.colour.paint.LONGEST", Fraction(12, 10))


def test_a_stopped_run_goes_on_where_it_stopped_and_gives_the_same_frames(tmp_path, colorizer, monkeypatch):
    _many_segments(monkeypatch)
    source = smooth_film(tmp_path / "grey.mkv", count=60, cut=23)
    whole = tmp_path / "whole.mkv"
    undisturbed = colorize_film(source, whole, colorizer, SETTINGS)
    assert len(undisturbed.segments) >= 4

    def stop(progress):
        if progress.frames == 35:
            raise KeyboardInterrupt

    target = tmp_path / "resumed.mkv"
    with pytest.raises(KeyboardInterrupt):
        colorize_film(source, target, colorizer, SETTINGS, watch=stop)
    assert not target.exists()
    left = sorted(path.name for path in (tmp_path / ".resumed.mkv.parts").iterdir())
    assert "manifest.json" in left
    assert not [name for name in left if "part" in name]
    report = colorize_film(source, target, colorizer, SETTINGS)
    assert report.frames == 60
    assert 0 < report.frames_this_run < 60
    assert not (tmp_path / ".resumed.mkv.parts").exists()
    assert track_path(target).read_bytes() == track_path(whole).read_bytes()
    for one, other in zip(colour_frames(whole), colour_frames(target), strict=True):
        assert one[0] == other[0]
        assert (one[1] == other[1]).all()
        assert (one[2] == other[2]).all()


def test_a_changed_setting_or_a_wish_to_restart_begins_anew(tmp_path, colorizer, monkeypatch):
    _many_segments(monkeypatch)
    source = smooth_film(tmp_path / "grey.mkv", count=60)

    def stop(progress):
        if progress.frames == 45:
            raise KeyboardInterrupt

    changed = FilmSettings(grade=Grade(saturation=2), encoding=Encoding("ffv1"))
    for settings, restart in ((changed, False), (SETTINGS, True)):
        with pytest.raises(KeyboardInterrupt):
            colorize_film(source, tmp_path / "a.mkv", colorizer, SETTINGS, watch=stop, overwrite=True)
        report = colorize_film(source, tmp_path / "a.mkv", colorizer, settings, restart=restart, overwrite=True)
        assert report.frames_this_run == 60


def test_a_new_grade_needs_no_network_and_the_old_grade_gives_the_old_film(tmp_path, colorizer, monkeypatch):
    _many_segments(monkeypatch)
    source = smooth_film(tmp_path / "grey.mkv", count=50)
    coloured = tmp_path / "colour.mkv"
    colorize_film(source, coloured, colorizer, SETTINGS)
    monkeypatch.setattr(Colorizer, "chroma", None)
    again = regrade_film(track_path(coloured), tmp_path / "again.mkv", FilmSettings(encoding=Encoding("ffv1")))
    assert again.frames == 50
    assert again.as_dict()["network_runs"] == 0
    pale = FilmSettings(grade=Grade(saturation=0.3), encoding=Encoding("ffv1"))
    regrade_film(track_path(coloured), tmp_path / "pale.mkv", pale)
    first, same, weaker = (colour_frames(tmp_path / name) for name in ("colour.mkv", "again.mkv", "pale.mkv"))
    assert all((one[2] == other[2]).all() for one, other in zip(first, same, strict=True))
    assert _strength(weaker) < 0.5 * _strength(first)


def _strength(frames):
    return np.mean([np.abs(cb.astype(float) - 128).mean() for _, _, cb in frames])


def test_a_track_is_used_with_its_own_film_only(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv")
    colorize_film(source, tmp_path / "colour.mkv", colorizer, SETTINGS)
    other = smooth_film(tmp_path / "other.mkv", count=12)
    with pytest.raises(SettingError, match="is not the film"):
        regrade_film(track_path(tmp_path / "colour.mkv"), tmp_path / "b.mkv", SETTINGS, source=other)
    source.unlink()
    with pytest.raises(SettingError, match="--source"):
        regrade_film(track_path(tmp_path / "colour.mkv"), tmp_path / "b.mkv", SETTINGS)


def test_gray_takes_the_colour_out_and_keeps_the_luma(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv")
    colorize_film(source, tmp_path / "colour.mkv", colorizer, SETTINGS)
    gray_film(tmp_path / "colour.mkv", tmp_path / "back.mkv", SETTINGS)
    for one, other in zip(colour_frames(source), colour_frames(tmp_path / "back.mkv"), strict=True):
        assert (one[1] == other[1]).all()
        assert (other[2] == 128).all()


def test_only_the_part_asked_for_is_made(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv")
    part = FilmSettings(encoding=Encoding("ffv1"), range=Range(Fraction(1), Fraction(3)))
    assert colorize_film(source, tmp_path / "part.mkv", colorizer, part).frames == 20
    few = FilmSettings(encoding=Encoding("ffv1"), range=Range(max_frames=7))
    assert colorize_film(source, tmp_path / "few.mkv", colorizer, few).frames == 7
    late = FilmSettings(encoding=Encoding("ffv1"), range=Range(Fraction(100), None))
    with pytest.raises(SettingError, match="no frame between"):
        colorize_film(source, tmp_path / "late.mkv", colorizer, late)
    assert not (tmp_path / "late.mkv").exists()


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("name", ["part.mp4", "part.mkv"])
@pytest.mark.parametrize(
    ("part", "count"),
    [
        (Range(max_frames=24), 24),
        (Range(Fraction(1), Fraction(3)), 20),
        (Range(Fraction(0)), 40),
        (Range(end=Fraction(100)), 40),
    ],
)
def test_a_part_of_a_film_has_all_its_pictures_in_every_codec(tmp_path, colorizer, codec, name, part, count):
    source = smooth_film(tmp_path / "grey.mkv")
    colorize_film(source, tmp_path / name, colorizer, FilmSettings(encoding=Encoding(codec), range=part))
    times = [time for time, _, _ in colour_frames(tmp_path / name)]
    assert len(times) == count
    assert times[0] == 0
    assert times[-1] == Fraction(count - 1, 10)


def test_zero_intensity_is_the_grey_film(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv")
    grey = FilmSettings(grade=Grade(intensity=0), encoding=Encoding("ffv1"))
    colorize_film(source, tmp_path / "colour.mkv", colorizer, grey)
    assert all((cb == 128).all() for _, _, cb in colour_frames(tmp_path / "colour.mkv"))


def test_zero_intensity_is_the_toned_film_as_it_was_and_turning_it_grey_still_takes_all_colour(tmp_path, colorizer):
    source = tmp_path / "toned.mkv"
    spec = VideoSpec(96, 64, Fraction(1, 1000), codec="ffv1", lossless=True)
    toned = np.full(spec.chroma_shape, 110, np.uint8)
    with SegmentWriter(source, spec) as writer:
        for number in range(6):
            writer.write(100 * number, np.roll(SMOOTH, number, axis=1)[:64, :96].copy(), toned, toned)
    as_it_was = FilmSettings(grade=Grade(intensity=0), encoding=Encoding("ffv1"))
    colorize_film(source, tmp_path / "colour.mkv", colorizer, as_it_was)
    assert all((cb == 110).all() for _, _, cb in colour_frames(tmp_path / "colour.mkv"))
    gray_film(source, tmp_path / "grey.mkv", as_it_was)
    assert all((cb == 128).all() for _, _, cb in colour_frames(tmp_path / "grey.mkv"))


def test_targets_that_would_lose_something_are_refused(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv")
    with pytest.raises(OutputError, match="source itself"):
        colorize_film(source, source, colorizer, SETTINGS, overwrite=True)
    (tmp_path / "there.mkv").write_bytes(b"precious")
    with pytest.raises(TargetExists, match="--overwrite"):
        colorize_film(source, tmp_path / "there.mkv", colorizer, SETTINGS)
    assert (tmp_path / "there.mkv").read_bytes() == b"precious"
    with pytest.raises(SettingError):
        colorize_film(source, tmp_path / "a.mp4", colorizer, SETTINGS)  # MP4 holds no FFV1


def test_a_disk_that_runs_full_is_one_clear_line_and_the_work_goes_on_later(tmp_path, colorizer, monkeypatch):
    _many_segments(monkeypatch)
    source = smooth_film(tmp_path / "grey.mkv", count=60)
    write, written = SegmentWriter.write, []

    def until_full(self, *frame):
        if len(written) == 40:
            raise OutputError("the disk is full")
        written.append(1)
        write(self, *frame)

    monkeypatch.setattr(SegmentWriter, "write", until_full)
    with pytest.raises(OutputError, match="disk is full"):
        colorize_film(source, tmp_path / "a.mkv", colorizer, SETTINGS)
    assert not (tmp_path / "a.mkv").exists()
    assert not list((tmp_path / ".a.mkv.parts").glob("*part*"))
    monkeypatch.setattr(SegmentWriter, "write", write)
    report = colorize_film(source, tmp_path / "a.mkv", colorizer, SETTINGS)
    assert report.frames == 60
    assert report.frames_this_run < 40


def test_a_folder_of_numbered_pictures_is_a_film(tmp_path, capsys):
    network, frames = tmp_path / "network", tmp_path / "frames"
    network.mkdir()
    frames.mkdir()
    tiny_model(network)
    for number in range(1, 6):
        cv2.imwrite(str(frames / f"{number:04d}.png"), np.roll(SMOOTH, number, axis=1)[:64, :96])
    command = ["video", str(frames), "-o", f"{tmp_path}/out/", "--model", str(network), "--container", "mp4"]
    assert main(command) == 0
    assert len(colour_frames(tmp_path / "out" / "frames.mp4")) == 5


def test_two_runs_for_one_target_do_not_mix(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv")

    def second(progress):
        if progress.frames == 5:
            with pytest.raises(OutputError, match="another run"):
                colorize_film(source, tmp_path / "a.mkv", colorizer, SETTINGS)

    assert colorize_film(source, tmp_path / "a.mkv", colorizer, SETTINGS, watch=second).frames == 40


def test_a_film_cut_off_in_the_middle_gives_what_there_was_and_says_so(tmp_path, colorizer):
    source = smooth_film(tmp_path / "grey.mkv", count=60)
    data = source.read_bytes()
    source.write_bytes(data[: len(data) * 6 // 10])
    report = colorize_film(source, tmp_path / "a.mkv", colorizer, SETTINGS)
    assert 20 <= report.frames < 60
    assert any("ends early" in note for note in report.notes)


@pytest.mark.parametrize(
    ("text", "value"), [("90", 90), ("1:30", 90), ("0:01:30.5", Fraction(181, 2)), ("1:00:00", 3600)]
)
def test_times_are_read_exactly(text, value):
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-5", "1:-1", "nan"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(Exception, match="is no time"):
        seconds(text)


@pytest.mark.parametrize(
    "wrong", [{"start": Fraction(-1)}, {"start": Fraction(5), "end": Fraction(5)}, {"max_frames": 0}]
)
def test_a_range_without_sense_is_refused(wrong):
    with pytest.raises(SettingError):
        Range(**wrong)


def test_the_expected_number_of_frames_follows_the_range(tmp_path):
    film = probe(smooth_film(tmp_path / "grey.mkv"))
    whole = expected_frames(film, Range())
    assert expected_frames(film, Range(max_frames=3)) == 3
    assert 0.4 < expected_frames(film, Range(end=Fraction(2))) / whole < 0.6


def test_the_command_colours_grades_anew_and_says_what_it_did(tmp_path, capsys):
    network = tmp_path / "network"
    network.mkdir()
    tiny_model(network)
    folder = tmp_path / "in"
    folder.mkdir()
    source = smooth_film(folder / "a film.mp4", count=12)
    (folder / "broken.mp4").write_bytes(b"no film")
    assert main(["video", str(folder), "-o", str(tmp_path / "out"), "--model", str(network), "--crf", "30"]) == 1
    said = capsys.readouterr()
    assert "1 made, 1 failed" in said.out
    assert said.err.count("broken.mp4") == 1
    result = tmp_path / "out" / "a film.mp4"
    assert len(colour_frames(result)) == 12
    assert main(["regrade", str(result), "-o", str(tmp_path / "b.mp4"), "--saturation", "0.5"]) == 0
    assert main(["video", str(source), "-o", str(tmp_path / "a.gif"), "--model", str(network)]) == 0
    assert probe(tmp_path / "a.gif").video.codec == "gif"
    assert main(["gray", str(result), "-o", str(tmp_path / "c.mp4")]) == 0
    assert len(colour_frames(tmp_path / "c.mp4")) == 12
    assert source.exists()
