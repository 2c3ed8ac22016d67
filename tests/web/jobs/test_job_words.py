"""What is said of jobs and of what became of them."""

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from colorizer.color.grade import Grade
from colorizer.jobs.model import FilmOrder, Job, State
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film_settings import FilmSettings, Range
from colorizer.web.grading import PRESETS
from colorizer.web.jobs.job_words import (
    brightness_text,
    encoding_text,
    grade_text,
    order_text,
    progress_text,
    read_report,
    report_rows,
    state_text,
    tracks_text,
)

REPORT: dict[str, Any] = {
    "frames": 4800, "shots": 12, "network_runs": 97, "frames_with_their_own_colour": 0, "repaired_frames": 2,
    "seconds": 400.0, "frames_this_run": 4800, "fps": 12.0, "cdc_excess": 0.001, "colourfulness_abs": 21.4,
    "luma_error": 0.0, "tracks": [], "notes": [],
    "made_with": {
        "model": "starter", "engine": "opencv on cpu (f32)",
        "settings": {"encoding": {"codec": "h264", "crf": 18, "lossless": False}},
    },
}  # fmt: skip


def job(**order: Any) -> Job:
    settings = FilmSettings(steadiness=Steadiness(5, 0.6))
    wanted = FilmOrder(Path("/films/a.mkv"), "Oma.mkv", **{"settings": settings, **order})
    return Job("1", wanted, State.DONE, Path("/jobs/1"), datetime(2026, 1, 1, tzinfo=UTC))


def test_the_time_that_is_left_is_said_in_round_numbers_and_not_before_it_is_known() -> None:
    running = replace(job(), state=State.RUNNING, frames=100, expected=1000, fps=10.0, stage="colouring")
    assert progress_text(running) == "100 of about 1,000 frames · 10.0 a second · about 90 seconds left"
    assert "left" not in progress_text(replace(running, frames=13))
    assert "left" not in progress_text(replace(running, fps=0.0))


def test_a_report_is_told_line_by_line() -> None:
    assert dict(report_rows(job(), REPORT)) == {
        "Frames": "4,800 in 12 shots",
        "Network": "starter, opencv on cpu (f32); looked at 97 frames, the others follow the motion",
        "Speed": "12.0 frames a second, 7 minutes",
        "Steadiness": "as steady as the black-and-white film (+0.0010)",
        "Colourfulness": "natural (21)",
        "Brightness": "untouched: 0.00 of 255 levels from the original",
        "Repaired": "2 damaged frames",
        "Sound and subtitles": "none in the film",
        "Colours": "as the network said",
        "Written as": "H.264, MP4, CRF 18",
        "Held steady": "0.60 of 1, a key frame every 5",
    }


def test_a_film_that_was_graded_anew_or_turned_grey_says_that_no_network_ran() -> None:
    anew = dict(report_rows(job(action="regrade", regrades="0"), REPORT))
    assert anew["Network"] == "did not run again: these are the colours of starter, opencv on cpu (f32)"
    grey = dict(report_rows(job(action="gray"), REPORT))
    assert grey["Network"] == "none: the colours were taken out"
    assert "Steadiness" not in grey


def test_a_run_that_went_on_with_an_earlier_one_says_that_its_speed_is_its_own() -> None:
    assert dict(report_rows(job(), REPORT | {"frames_this_run": 100}))["Speed"].endswith(", in the last run")


@pytest.mark.parametrize(
    ("excess", "word"), [(-0.01, "as steady as"), (0.01, "steady"), (0.03, "slightly restless"), (0.2, "restless")]
)
def test_steadiness_has_a_word_for_every_number(excess: float, word: str) -> None:
    assert dict(report_rows(job(), REPORT | {"cdc_excess": excess}))["Steadiness"].startswith(word)


def test_brightness_is_untouched_only_where_two_decimals_say_so() -> None:
    assert "untouched" in brightness_text(0.0049)
    assert brightness_text(0.117).endswith("changed it by 0.12 of 255 levels")


def test_tracks_say_what_became_of_them_and_why() -> None:
    tracks = [
        {"kind": "audio", "codec": "aac", "action": "copied", "result_codec": "aac", "reason": ""},
        {"kind": "audio", "codec": "wmav2", "action": "converted", "result_codec": "aac", "reason": "MP4 has no wmav2"},
        {"kind": "subtitle", "codec": "pgs", "action": "dropped", "result_codec": None, "reason": "pictures"},
    ]
    assert tracks_text(tracks) == (
        "audio (aac) copied; audio (wmav2) converted to aac: MP4 has no wmav2; subtitle (pgs) dropped: pictures"
    )


def test_a_grade_names_only_what_was_changed() -> None:
    assert grade_text(Grade(saturation=1.2, hue=-10)) == "saturation 1.20, hue -10°"


def test_an_encoding_is_named_as_people_know_it() -> None:
    assert encoding_text(".mkv", {"codec": "ffv1", "crf": None, "lossless": True}) == "FFV1 (lossless), MKV"
    assert encoding_text(".mp4", {"codec": "hevc", "crf": None, "lossless": True}) == "H.265 (HEVC), MP4, lossless"
    assert encoding_text(".gif", {"codec": "ffv1", "crf": None, "lossless": True}) == "GIF"


def test_a_job_without_a_report_has_none() -> None:
    assert read_report(job()) is None


def test_what_runs_without_the_network_is_not_called_colouring() -> None:
    running = job(action="regrade", regrades="0")
    going = Job("1", running.order, State.RUNNING, running.folder, running.created, stage="colouring")
    assert state_text(going) == "getting its new colours"


def test_a_finished_film_is_as_large_as_its_download(tmp_path: Path) -> None:
    ended = replace(job(), folder=tmp_path, bytes=432_000)
    assert state_text(ended) == "finished"
    ended.target.write_bytes(bytes(257_000))
    assert state_text(ended) == "finished, 257 kB"


def test_orders_for_the_same_film_are_told_apart() -> None:
    own = FilmSettings(grade=Grade(hue=20))
    assert order_text(job().order) == "MP4 · Natural"
    assert order_text(job(suffix=".mkv", settings=FilmSettings(grade=PRESETS["Vivid"])).order) == "MKV · Vivid"
    again = job(action="regrade", regrades="0", settings=own)
    assert order_text(again.order) == "MP4 · hue +20° · colours changed later"
    for part, said in (
        (Range(Fraction(2), Fraction(18)), "0:02 to 0:18"),
        (Range(Fraction(2)), "0:02 to its end"),
        (Range(end=Fraction(18)), "0:00 to 0:18"),
    ):
        assert order_text(job(settings=FilmSettings(range=part)).order) == f"MP4 · {said} · Natural"
    assert order_text(job(action="gray").order) == "MP4 · black and white"
