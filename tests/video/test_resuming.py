"""A stopped film whose settings, or whose engine, are others when it is gone on with."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

import pytest

from colorizer.errors import EngineError
from colorizer.network import Colorizer
from colorizer.video import film as films_made
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film import colorize_film, gray_film
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.stopped_runs import stopped_runs_in
from colorizer.video.workspace import folder_of, key_of
from tests.models import tiny_model
from tests.video.films import colour_frames, smooth_film
from tests.video.test_film_run import Cancelled, many_segments

__all__ = ["many_segments"]
SETTINGS = FilmSettings(steadiness=Steadiness(key_every=4), encoding=Encoding("ffv1"))


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("network"))


def _auto(local, engine):
    """What auto opens where this engine is the fastest."""
    colorizer = Colorizer(local, engine)
    colorizer.is_choice = True
    return colorizer


def _stop_late(progress):
    if progress.frames == 55:
        raise Cancelled


def _begin(local, source, target, engine="openvino:cpu:f32", settings=SETTINGS):
    with _auto(local, engine) as colorizer, pytest.raises(Cancelled):
        colorize_film(source, target, colorizer, settings, watch=_stop_late)


def test_where_auto_chooses_another_engine_the_one_that_began_goes_on(tmp_path, local, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    _begin(local, source, target)
    said = []
    with _auto(local, "opencv:cpu") as colorizer:
        report = colorize_film(source, target, colorizer, SETTINGS, tell=said.append)
    assert report.frames_this_run < 40
    assert report.as_dict()["made_with"]["engine"] == "openvino on cpu (f32)"
    assert [line for line in said if "going on on openvino" in line]
    with Colorizer(local, "openvino:cpu:f32") as colorizer:
        colorize_film(source, tmp_path / "whole.mkv", colorizer, SETTINGS)
    for one, other in zip(colour_frames(target), colour_frames(tmp_path / "whole.mkv"), strict=True):
        assert (one[2] == other[2]).all()


def test_an_engine_that_has_gone_costs_no_finished_frame_and_the_report_names_both(
    tmp_path, local, many_segments, monkeypatch
):  # fmt: skip
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    _begin(local, source, target)

    def gone(*_args, **_more):
        raise EngineError("no driver")

    with _auto(local, "opencv:cpu") as colorizer, monkeypatch.context() as patch:
        patch.setattr(films_made, "Colorizer", gone)
        report = colorize_film(source, target, colorizer, SETTINGS)
    assert report.frames_this_run < 40
    assert report.as_dict()["made_with"]["engine"] == "openvino on cpu (f32), then opencv on cpu (f32)"
    assert [note for note in report.notes if "no driver" in note]


def test_settings_that_changed_are_named_before_the_work_begins_anew(tmp_path, local, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    _begin(local, source, target)
    said = []

    def watch(progress):
        assert said

    changed = FilmSettings(steadiness=Steadiness(key_every=5), encoding=Encoding("ffv1"))
    with Colorizer(local, "opencv:cpu") as colorizer:  # named, so the engine is another setting
        report = colorize_film(source, target, colorizer, changed, tell=said.append, watch=watch)
    assert report.frames_this_run == 60
    (line,) = said
    assert "key_every 4, now 5" in line
    assert "engine openvino on cpu (f32), now opencv on cpu (f32)" in line
    assert "beginning anew" in line
    assert line in report.notes


def test_what_is_the_same_is_gone_on_with_without_a_word(tmp_path, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=400), tmp_path / "a.mkv"

    def stop(progress):
        if progress.frames == 300:
            raise Cancelled

    with pytest.raises(Cancelled):
        gray_film(source, target, SETTINGS, watch=stop)
    said = []
    assert gray_film(source, target, SETTINGS, tell=said.append).frames_this_run < 400
    assert not said


def _steady(value, **more):
    return FilmSettings(steadiness=Steadiness(key_every=4, steady=value), encoding=Encoding("ffv1"), **more)


def _stop_at(frames):
    def watch(progress):
        if progress.frames == frames:
            raise Cancelled

    return watch


def _left(target):
    """How many frames each way of making has left, those that are gone on with first."""
    return [one.frames for one in stopped_runs_in(folder_of(target))]


@pytest.mark.parametrize("in_between", [1, 30])
def test_going_back_to_earlier_settings_goes_on_with_what_they_had_finished(tmp_path, many_segments, in_between):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    changed = FilmSettings(encoding=Encoding("ffv1"), deinterlace=True)
    for settings, frames in ((SETTINGS, 55), (changed, in_between)):
        with pytest.raises(Cancelled):
            gray_film(source, target, settings, watch=_stop_at(frames))
    said = []
    assert gray_film(source, target, SETTINGS, tell=said.append).frames_this_run < 30
    assert not said
    assert len(colour_frames(target)) == 60
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "a.mkv.json", "grey.mkv"]


def test_the_engine_that_began_with_earlier_settings_goes_on_with_them(tmp_path, local, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    _begin(local, source, target, settings=_steady(0.5))
    _begin(local, source, target, engine="opencv:cpu", settings=_steady(0.9))
    with _auto(local, "opencv:cpu") as colorizer:
        report = colorize_film(source, target, colorizer, _steady(0.5))
    assert report.frames_this_run < 40
    assert report.as_dict()["made_with"]["engine"] == "openvino on cpu (f32)"


def test_only_the_longest_of_many_other_ways_are_kept(tmp_path, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    for quality, frames in enumerate((55, 30, 45, 25)):
        settings = FilmSettings(encoding=Encoding("h264", quality))
        with pytest.raises(Cancelled):
            gray_film(source, target.with_suffix(".mp4"), settings, watch=_stop_at(frames))
    left = _left(target.with_suffix(".mp4"))
    assert len(left) == 3
    assert left[0] < min(left[1:])  # the one in hand; of the others the two longest
    assert max(left) >= 40
    with pytest.raises(Cancelled):
        gray_film(source, target.with_suffix(".mp4"), settings, restart=True, watch=_stop_at(25))
    assert len(_left(target.with_suffix(".mp4"))) == 1


def test_a_short_trial_that_is_finished_costs_no_longer_film_and_a_whole_one_clears_all_away(tmp_path, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    with pytest.raises(Cancelled):
        gray_film(source, target, SETTINGS, watch=_stop_at(55))
    (before,) = _left(target)
    gray_film(source, target, FilmSettings(encoding=Encoding("ffv1"), range=Range(max_frames=10)))
    assert _left(target) == [before]
    with pytest.raises(Cancelled):
        gray_film(source, target, SETTINGS, overwrite=True, watch=_stop_at(58))
    assert len(_left(target)) == 1
    assert _left(target)[0] >= before
    gray_film(source, target, FilmSettings(encoding=Encoding("ffv1"), deinterlace=True), overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "a.mkv.json", "grey.mkv"]


@pytest.mark.parametrize("killed_after", range(12))
def test_a_run_that_is_killed_while_it_puts_aside_or_brings_back_loses_nothing(
    tmp_path, many_segments, monkeypatch, killed_after
):  # fmt: skip
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    changed = FilmSettings(encoding=Encoding("ffv1"), deinterlace=True)
    with pytest.raises(Cancelled):
        gray_film(source, target, SETTINGS, watch=_stop_at(55))
    (before,) = _left(target)
    moved, real = [], Path.replace

    def replace(path, to):
        if len(moved) == killed_after:
            raise Killed
        moved.append(path)
        return real(path, to)

    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(Path, "replace", replace)
        for settings in (changed, SETTINGS):  # puts aside, and brings back
            with suppress(Cancelled):
                gray_film(source, target, settings, watch=_stop_at(1))
    with pytest.raises(Cancelled):
        gray_film(source, target, changed, watch=_stop_at(1))
    assert gray_film(source, target, SETTINGS).frames_this_run == 60 - before


class Killed(BaseException):
    """What a kill is for a test."""


def _page(target):
    return folder_of(target) / "manifest.json"


def test_the_page_of_a_stopped_run_keeps_the_identity_of_its_engine(tmp_path, local, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    _begin(local, source, target)
    assert json.loads(_page(target).read_text("utf-8"))["made_with"]["engine"] == "openvino:cpu:f32"


@pytest.mark.parametrize("is_choice", [True, False])
def test_a_page_that_holds_its_engine_in_words_as_older_ones_do_is_gone_on_with(
    tmp_path, local, many_segments, is_choice
):  # fmt: skip
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    _begin(local, source, target)
    page = json.loads(_page(target).read_text("utf-8"))
    page["made_with"]["engine"] = "openvino on cpu (f32)"
    plain = json.dumps(page["made_with"], sort_keys=True, default=str)  # an older program made the key of this
    page["key"] = hashlib.sha256(plain.encode()).hexdigest()
    _page(target).write_text(json.dumps(page), "utf-8")
    with Colorizer(local, "opencv:cpu" if is_choice else "openvino:cpu:f32") as colorizer:
        colorizer.is_choice = is_choice
        report = colorize_film(source, target, colorizer, SETTINGS)
    assert report.frames_this_run < 40
    assert report.as_dict()["made_with"]["engine"] == "openvino on cpu (f32)"


def test_an_engine_that_no_row_knows_costs_no_finished_frame(tmp_path, local, many_segments):
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    _begin(local, source, target)
    page = json.loads(_page(target).read_text("utf-8"))
    page["made_with"]["engine"] = "tpu:moon:f8"
    page["key"] = key_of(page["made_with"])
    _page(target).write_text(json.dumps(page), "utf-8")
    with _auto(local, "opencv:cpu") as colorizer:
        report = colorize_film(source, target, colorizer, SETTINGS)
    assert report.frames_this_run < 40
    assert report.as_dict()["made_with"]["engine"] == "tpu on moon (f8), then opencv on cpu (f32)"
