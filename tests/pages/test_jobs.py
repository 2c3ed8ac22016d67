"""The Jobs page, driven without a browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.errors import JobError
from colorizer.jobs.folders import Usage
from colorizer.jobs.model import Job, Order, State
from colorizer.jobs.store import Store
from colorizer.video.report import Progress
from colorizer.web import resources
from colorizer.web.job_panel import usage_text

STUDIO = Path(__file__).parents[2] / "pages" / "studio.py"


@pytest.fixture
def page() -> Iterator[AppTest]:
    made = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    made.switch_page("jobs.py").run()
    assert not made.exception
    yield made
    resources.close()
    st.cache_resource.clear()


def order(tmp_path: Path, title: str) -> Job:
    return resources.store().add(Order(tmp_path / "a.mkv", title))


def press(page: AppTest, label: str, job: Job) -> None:
    next(button for button in page.button if button.key == f"{label}-{job.id}").click().run()
    assert not page.exception


def labels(page: AppTest, job: Job) -> set[str]:
    return {button.label for button in page.button if str(button.key).endswith(job.id)}


def said(page: AppTest) -> str:
    return "\n".join(str(part.value) for part in page.markdown)


def state(job: Job) -> State:
    return resources.store().find(job.id).state


def bars(page: AppTest) -> list[Any]:
    return list(page.get("progress"))


def test_an_empty_page_shows_the_way(page: AppTest) -> None:
    assert "Nothing is being coloured" in said(page)


def test_a_running_film_says_how_far_it_is(page: AppTest, tmp_path: Path) -> None:
    job = order(tmp_path, "Oma.mkv")
    resources.store().claim(0)
    resources.store().beat(job.id, Progress(250, 1000, 3, 25.0))
    page.run()
    assert "being coloured" in said(page)
    assert bars(page)[0].proto.value == 25
    assert bars(page)[0].proto.text == "250 of about 1,000 frames · 25.0 a second · about 30 seconds left"


def test_a_waiting_film_can_be_moved_paused_and_cancelled(page: AppTest, tmp_path: Path) -> None:
    first, second = order(tmp_path, "Oma.mkv"), order(tmp_path, "Opa.mkv")
    page.run()
    assert "number 2 in line" in said(page)
    assert labels(page, first) == {"Pause", "Cancel"}
    press(page, "Next", second)
    assert resources.store().find(second.id).position == 1
    press(page, "Pause", first)
    assert state(first) is State.PAUSED
    press(page, "Go on", first)
    assert state(first) is State.QUEUED
    press(page, "Cancel", first)
    assert state(first) is State.CANCELLED
    press(page, "Delete", first)
    assert [job.id for job in resources.store().jobs()] == [second.id]


def test_a_failed_film_says_why_and_can_be_tried_again(page: AppTest, tmp_path: Path) -> None:
    job = order(tmp_path, "Oma.mkv")
    resources.store().claim(0)
    resources.store().release(job.id, State.FAILED, "the disk is full")
    page.run()
    assert any("The disk is full\\." in caption.value for caption in page.caption)
    press(page, "Try again", job)
    assert state(job) is State.QUEUED


def test_what_cannot_be_done_is_said(page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = order(tmp_path, "Oma.mkv")

    def too_late(self: Store, job_id: str) -> Job:  # another tab was faster
        self.cancel(job_id)
        raise JobError("job Oma.mkv is cancelled, so it cannot be paused")

    monkeypatch.setattr(Store, "pause", too_late)
    page.run()
    press(page, "Pause", job)
    assert "cannot be paused" in page.error[0].value


def test_an_address_opens_one_job(page: AppTest, tmp_path: Path) -> None:
    order(tmp_path, "Oma.mkv")
    second = order(tmp_path, "Opa.mkv")
    page.query_params["job"] = second.id
    page.run()
    assert said(page).index("Opa") < said(page).index("Oma")


def test_the_page_says_how_much_of_the_disk_is_taken() -> None:
    assert "take 3 GB of 5 GB; 10 GB are free" in usage_text(Usage(2 * 10**9, 10**9, 10**10, 5 * 10**9))
    assert "take 3 GB; 10 GB" in usage_text(Usage(2 * 10**9, 10**9, 10**10, None))
