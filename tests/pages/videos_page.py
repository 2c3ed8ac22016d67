"""The Videos page as a visitor handles it: films are brought, controls are found, and what it shows is read."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.jobs.model import Job
from colorizer.web import shutdown, state
from colorizer.web.colouring import NetworkChoice
from colorizer.web.films import state as film_state
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.findings import findings
from colorizer.web.jobs import state as job_state

STUDIO = Path(__file__).parents[2] / "pages" / "studio.py"


def opened() -> Iterator[AppTest]:
    """The page; the studio behind it is closed afterwards."""
    made = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    made.switch_page("videos.py").run()
    assert not made.exception
    yield made
    shutdown.close()
    st.cache_resource.clear()


def bring(page: AppTest, path: Path) -> list[StudioFilm]:
    """The films at this path, on the page and looked at."""
    films = film_state.film_folder().put_path(str(path))
    page.run()
    wait_until(lambda: all(findings(film).is_settled for film in films))
    for film in films:
        for frame in findings(film).frames:
            coloured = state.colouring_queue().find(frame, NetworkChoice().key)
            if coloured is not None:
                coloured.result(30)
    page.run()
    wait_until(lambda: all(frame["after"] for frame in parts(page.run(), "frames")[0]["frames"]))
    assert not page.exception
    return films


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def parts(page: AppTest, field: str) -> list[dict[str, Any]]:
    given = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return [data for data in given if field in data]


def looks(page: AppTest) -> list[str]:
    return [frame["after"] for frame in parts(page, "frames")[0]["frames"]]


def button(page: AppTest, label: str) -> Any:
    return next(button for button in page.button if button.label == label)


def slider(page: AppTest, label: str) -> Any:
    return next(slider for slider in page.slider if slider.label == label)


def text(page: AppTest, label: str) -> Any:
    return next(field for field in page.text_input if field.label == label)


def jobs() -> list[Job]:
    return job_state.store().jobs()
