"""The Jobs page, driven without a browser."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.color.grade import Grade
from colorizer.errors import JobError
from colorizer.jobs.folders import Usage
from colorizer.jobs.model import FilmOrder, Job, State
from colorizer.jobs.one_job import make
from colorizer.jobs.store import Store
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.video.film_settings import Encoding, FilmSettings
from colorizer.video.report import FilmProgress
from colorizer.web import shutdown
from colorizer.web.jobs import state as job_state
from colorizer.web.jobs.job_words import usage_text
from tests.video.films import encode

STUDIO = Path(__file__).parents[2] / "pages" / "studio.py"


@pytest.fixture
def page() -> Iterator[AppTest]:
    made = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    made.switch_page("jobs.py").run()
    assert not made.exception
    yield made
    shutdown.close()
    st.cache_resource.clear()


def order(tmp_path: Path, title: str) -> Job:
    return job_state.store().add(FilmOrder(tmp_path / "a.mkv", title))


def test_a_job_that_ends_while_the_page_is_drawn_is_there_at_once(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(tmp_path, "Fest.mkv")
    before = job_state.shown_jobs()
    job_state.store().cancel(job.id)
    after = job_state.shown_jobs()
    looks = iter([before, after])  # the page looks twice: for all of it, and for what is under way
    monkeypatch.setattr(job_state, "shown_jobs", lambda: next(looks, after))
    monkeypatch.setattr(job_state, "jobs_title", lambda: "Jobs")
    monkeypatch.setattr(st, "rerun", lambda **_: None)
    page.run()
    assert not page.exception
    assert "Go on" in labels(page, job)


def result_queue(page: AppTest, label: str, job: Job) -> None:
    next(button for button in page.button if button.key == f"{label}-{job.id}").click().run()
    assert not page.exception


def labels(page: AppTest, job: Job) -> set[str]:
    return {button.label for button in page.button if str(button.key).endswith(job.id)}


def said(page: AppTest) -> str:
    return "\n".join(str(part.value) for part in page.markdown)


def state(job: Job) -> State:
    return job_state.store().find(job.id).state


def bars(page: AppTest) -> list[Any]:
    return list(page.get("progress"))


def test_an_empty_page_shows_the_way(page: AppTest) -> None:
    assert "Nothing is being coloured" in said(page)


def test_a_running_film_says_how_far_it_is(page: AppTest, tmp_path: Path) -> None:
    job = order(tmp_path, "Oma.mkv")
    job_state.store().claim(0)
    job_state.store().beat(job.id, FilmProgress(250, 1000, 3, 25.0))
    page.run()
    assert "being coloured" in said(page)
    assert bars(page)[0].proto.value == 25
    assert bars(page)[0].proto.text == "250 of about 1,000 frames · 25.0 a second · about 30 seconds left"


def test_every_stage_has_its_words_in_the_list_and_on_the_films_own_page(page: AppTest, tmp_path: Path) -> None:
    job = order(tmp_path, "Oma.mkv")
    job_state.store().claim(0)
    page.run()
    assert "getting ready" in said(page)
    job_state.store().beat(job.id, FilmProgress(1000, 1010, 3, 25.0, stage="joining"))
    for address in ("", job.id):
        page.query_params["job"] = address
        page.run()
        assert "being put together" in said(page)
        assert bars(page)[0].proto.text == "all 1,000 frames are made"


def test_a_worker_that_died_is_told_while_the_film_is_tried_again_and_afterwards(page: AppTest, tmp_path: Path) -> None:
    job, store = order(tmp_path, "Oma.mkv"), job_state.store()
    store.claim(0)
    store.recover(0, "was killed, probably for lack of memory")
    sentence = "The worker was killed, probably for lack of memory; the film goes on from its last finished segment\\."
    for address in ("", job.id):
        page.query_params["job"] = address
        page.run()
        assert [warning.value for warning in page.warning] == [sentence]
    store.claim(0)
    page.run()
    assert [warning.value for warning in page.warning] == [sentence]
    store.release(job.id, State.DONE)
    page.run()
    assert not page.warning
    said_quietly = [caption.value for caption in page.caption]
    assert "The work broke off once and went on; nothing is missing\\." in said_quietly
    assert not any("memory" in caption for caption in said_quietly)


def test_a_film_that_was_paused_halfway_says_where_it_will_go_on(page: AppTest, tmp_path: Path) -> None:
    job, store = order(tmp_path, "Oma.mkv"), job_state.store()
    store.claim(0)
    store.beat(job.id, FilmProgress(613, 1000, 3, 25.0))
    page.run()
    sentence = "Goes on after the last finished part; a part is about ten seconds long."
    assert sentence not in [caption.value for caption in page.caption]
    store.release(job.id, State.PAUSED)
    for address in ("", job.id):
        page.query_params["job"] = address
        page.run()
        assert sentence in [caption.value for caption in page.caption]


def test_deleting_asks_first_where_frames_were_made(page: AppTest, tmp_path: Path) -> None:
    job, store = order(tmp_path, "Oma.mkv"), job_state.store()
    store.claim(0)
    store.beat(job.id, FilmProgress(613, 1000, 3, 25.0))
    store.release(job.id, State.CANCELLED)
    page.run()
    assert "Delete the 613 frames that were made" in said(page)
    assert "Yes, delete it" in labels(page, job)


def test_a_waiting_film_can_be_moved_paused_and_cancelled(page: AppTest, tmp_path: Path) -> None:
    first, second = order(tmp_path, "Oma.mkv"), order(tmp_path, "Opa.mkv")
    page.run()
    assert "number 2 in line" in said(page)
    assert labels(page, first) == {"Pause", "Cancel", "Later"}
    assert labels(page, second) == {"Pause", "Cancel", "Earlier"}
    result_queue(page, "Earlier", second)
    assert job_state.store().find(second.id).position == 1
    result_queue(page, "Later", second)
    assert job_state.store().find(first.id).position == 1
    result_queue(page, "Pause", first)
    assert state(first) is State.PAUSED
    result_queue(page, "Go on", first)
    assert state(first) is State.QUEUED
    result_queue(page, "Cancel", first)
    assert state(first) is State.CANCELLED
    assert labels(page, first) == {"Go on", "Delete"}
    result_queue(page, "Go on", first)
    assert state(first) is State.QUEUED
    result_queue(page, "Cancel", first)
    result_queue(page, "Delete", first)
    assert [job.id for job in job_state.store().jobs()] == [second.id]


def test_a_failed_film_says_why_and_can_be_tried_again(page: AppTest, tmp_path: Path) -> None:
    job = order(tmp_path, "Oma.mkv")
    job_state.store().claim(0)
    job_state.store().release(job.id, State.FAILED, "the disk is full")
    page.run()
    assert [error.value for error in page.error] == ["The disk is full\\."]
    result_queue(page, "Try again", job)
    assert state(job) is State.QUEUED


def test_what_cannot_be_done_is_said(page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = order(tmp_path, "Oma.mkv")

    def too_late(self: Store, job_id: str) -> Job:  # another tab was faster
        self.cancel(job_id)
        raise JobError("job Oma.mkv is cancelled, so it cannot be paused")

    monkeypatch.setattr(Store, "pause", too_late)
    page.run()
    result_queue(page, "Pause", job)
    assert "cannot be paused" in page.error[0].value


def cards(page: AppTest) -> list[str]:
    """The titles of the jobs that are shown, from above."""
    return [str(link.proto.label) for link in page.get("page_link") if link.proto.label.startswith("**")]


def test_the_list_is_shown_in_pages_and_the_queue_comes_first(page: AppTest, tmp_path: Path) -> None:
    store = job_state.store()
    for number in range(44):
        job = order(tmp_path, f"old {number}")
        store.cancel(job.id)
    order(tmp_path, "waiting")
    page.run()
    assert cards(page) == ["**waiting**", *(f"**old {number}**" for number in range(43, 24, -1))]
    assert "Yes, delete all 44" in [button.label for button in page.button]
    page.session_state["jobs-page"] = 3
    page.run()
    assert cards(page) == [f"**old {number}**" for number in range(4, -1, -1)]
    for job in store.jobs()[5:]:
        store.delete(job.id)
    page.run()
    assert cards(page) == ["**waiting**", *(f"**old {number}**" for number in range(43, 39, -1))]
    assert not page.get("pagination")


def test_a_list_that_cannot_be_read_is_said_on_its_page_and_spoils_no_other(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = order(tmp_path, "Oma.mkv")

    def held(*_: object) -> None:
        raise JobError("the list of jobs is held by another program")

    for name in ("jobs", "find", "counts"):
        monkeypatch.setattr(Store, name, held)
    for address in ("", job.id):
        page.query_params["job"] = address
        page.run()
        assert not page.exception
        assert [error.value for error in page.error] == ["The list of jobs is held by another program\\."]
    page.switch_page("models.py").run()
    page.switch_page("images.py").run()
    assert not page.exception
    assert not page.error


def test_an_address_opens_one_job_and_an_unknown_one_is_said(page: AppTest, tmp_path: Path) -> None:
    order(tmp_path, "Oma.mkv")
    second = order(tmp_path, "Opa.mkv")
    page.query_params["job"] = second.id
    page.run()
    assert page.title[0].value == "Opa\\.mkv"
    assert "Oma" not in said(page)
    result_queue(page, "Cancel", second)
    result_queue(page, "Delete", second)
    assert page.title[0].value == "Jobs"
    page.query_params["job"] = second.id
    page.run()
    assert "no such job any more" in page.error[0].value
    assert not page.exception


def finish(job: Job) -> Job:
    """The job, as a worker leaves it."""
    store = job_state.store()
    store.claim(0)
    make(store.find(job.id), store, lambda _: None)
    return store.release(job.id, State.DONE)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    lumas = [np.full((48, 64), level, np.uint8) for level in range(60, 108)]
    return Path(encode(tmp_path / "Oma.mkv", lumas))


def finished(page: AppTest, film: Path) -> Job:
    """A finished job, opened."""
    job = finish(job_state.store().add(FilmOrder(film, film.name, engine="opencv:cpu")))
    page.query_params["job"] = job.id
    page.run()
    assert not page.exception
    return job


def parts(page: AppTest, field: str) -> list[dict[str, Any]]:
    given = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return [data for data in given if field in data]


def test_a_finished_film_plays_and_its_report_is_told_in_words(page: AppTest, film: Path) -> None:
    job = finished(page, film)
    (player,) = parts(page, "moving")
    assert (player["url"], player["moving"]) == (f"api/jobs/{job.id}/result", True)
    assert [link["label"] for link in parts(page, "streamed")] == [
        "Download", "Its colours (chroma track)", "Report (JSON)"
    ]  # fmt: skip
    report = next(part.proto.body for part in page.get("html") if "job-report" in part.proto.body)
    for words in (
        "48 in 1 shot",
        "starter, opencv on cpu",
        "frames a second",
        "of 255 levels",
        "as the network said",
        "H.264, MP4",
    ):
        assert words in report


def test_other_colours_are_shown_and_rendered_without_the_network(
    page: AppTest, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = finished(page, film)
    monkeypatch.setattr(Colorizer, "__init__", lambda *_: pytest.fail("the network was opened"))
    deadline = time.monotonic() + 40
    while not parts(page, "frames"):
        assert time.monotonic() < deadline
        page.run()
    sheet = parts(page, "frames")[0]["frames"]
    assert len(sheet) == 3
    assert len({frame["time"] for frame in sheet}) == 3
    next(slider for slider in page.slider if slider.label == "Saturation").set_value(1.5).run()
    assert all("saturation=1.5" in frame["after"] for frame in parts(page, "frames")[0]["frames"])
    next(box for box in page.checkbox if "another kind" in box.label).check().run()
    next(button for button in page.button if button.key == "regrade").click().run()
    assert not page.exception
    (second,) = (found for found in job_state.store().jobs() if found.id != job.id)
    assert page.query_params["job"] == second.id
    assert (second.order.action, second.order.settings.grade) == ("regrade", Grade(saturation=1.5))
    assert second.order.settings.encoding == Encoding("h264", 18)
    done = finish(second)
    page.run()
    assert done.result is not None
    report = next(part.proto.body for part in page.get("html") if "job-report" in part.proto.body)
    assert "did not run again" in report
    assert "saturation 1.50" in report


def test_a_film_whose_source_is_gone_says_that_it_cannot_be_graded_anew(page: AppTest, film: Path) -> None:
    finished(page, film)
    film.unlink()
    page.run()
    assert any("black\\-and\\-white film is needed" in caption.value for caption in page.caption)
    assert not page.exception


def test_a_result_is_deleted_only_after_a_question_and_all_at_once(page: AppTest, film: Path) -> None:
    first, second = (finish(job_state.store().add(FilmOrder(film, film.name, action="gray"))) for _ in range(2))
    page.run()
    assert any("The original stays" in part.value for part in page.markdown)
    result_queue(page, "Delete", first)
    assert [job.id for job in job_state.store().jobs()] == [second.id]
    assert not any(button.key == "clear" for button in page.button)
    finish(job_state.store().add(FilmOrder(film, film.name, action="gray")))
    page.run()
    next(button for button in page.button if button.key == "clear").click().run()
    assert job_state.store().jobs() == []
    assert film.exists()


def test_strangers_see_only_what_they_ordered_or_have_the_address_of(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, mine = order(tmp_path, "Oma.mkv"), order(tmp_path, "Opa.mkv")
    monkeypatch.setenv("COLORIZER_SHARED", "1")
    settings.cache_clear()
    page.run()
    assert "Nothing is being coloured" in said(page)
    page.session_state["visitor_jobs"] = {mine.id}
    page.run()
    assert labels(page, mine) == {"Cancel"}  # who paused it and left would hold its place in the queue for good
    assert labels(page, theirs) == set()
    page.query_params["job"] = theirs.id
    page.run()
    assert page.title[0].value == "Oma\\.mkv"


def test_the_page_says_how_much_of_the_disk_is_taken_and_how_long_it_stays() -> None:
    limited = usage_text(Usage(2 * 10**9, 10**9, 10**10, 5 * 10**9))
    assert "take 3 GB of 5 GB; 10 GB are free. Where they need more, the oldest" in limited
    assert "take 3 GB; 10 GB are free. They are kept until" in usage_text(Usage(2 * 10**9, 10**9, 10**10, None))


def test_a_row_says_what_the_film_becomes(page: AppTest, tmp_path: Path) -> None:
    order(tmp_path, "Oma.mkv")
    job_state.store().add(FilmOrder(tmp_path / "a.mkv", "Oma.mkv", FilmSettings(grade=Grade(hue=9)), suffix=".mkv"))
    page.run()
    said = [caption.value for caption in page.caption]
    assert "MP4 · Natural" in said
    assert "MKV · hue +9°" in said
