"""The Live page, driven without a browser."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.errors import EngineError
from colorizer.settings import settings
from colorizer.web import shutdown
from colorizer.web.colouring import NetworkChoice
from colorizer.web.models import state as model_state

STUDIO = Path(__file__).parents[2] / "pages" / "studio.py"


@pytest.fixture
def page() -> Iterator[AppTest]:
    made = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    made.switch_page(str(STUDIO.parent / "live.py")).run()
    assert not made.exception
    yield made
    shutdown.close()
    st.cache_resource.clear()


def told(page: AppTest) -> dict[str, Any]:
    """What the page tells the live picture."""
    (found,) = page.get("bidi_component")
    data: dict[str, Any] = json.loads(found.proto.json)
    return data


def test_the_live_picture_learns_where_to_go_and_which_network_it_wants(page: AppTest) -> None:
    assert told(page) == {"url": "api/live", "model": "starter", "grade": {"network": ""}}


def test_a_slider_and_a_preset_change_what_is_asked_for(page: AppTest) -> None:
    next(slider for slider in page.slider if slider.label == "Hue").set_value(40.0).run()
    assert told(page)["grade"]["hue"] == "40"
    page.get("pills")[0].set_value("Soft").run()
    assert told(page)["grade"]["saturation"] == "0.65"
    assert not page.exception


def test_it_runs_on_the_engine_that_the_studio_starts_with(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[NetworkChoice] = []
    monkeypatch.setattr(model_state, "colorizer_for", asked.append)
    monkeypatch.setattr(model_state, "engines", lambda: ("auto", "opencv:cpu"))
    monkeypatch.delenv("COLORIZER_ENGINE")
    settings.cache_clear()
    for chosen, taken in (("opencv:cpu", "opencv:cpu"), ("openvino:npu", "auto")):
        model_state.preferences().choose("starter", chosen)
        page.run()
        assert asked.pop() == NetworkChoice("starter", taken)
    monkeypatch.setenv("COLORIZER_ENGINE", "opencv")
    settings.cache_clear()
    model_state.preferences().choose("starter", "opencv:cpu")
    assert model_state.default_engine() == "auto", "the variable wins"


def test_there_is_nothing_to_apply_a_grade_to_besides(page: AppTest) -> None:
    assert [button.label for button in page.button] == ["Reset"]


def test_a_network_that_does_not_open_is_said_in_place_of_the_picture(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise EngineError("This engine does not run here.")

    monkeypatch.setattr(model_state, "colorizer_for", fails)
    page.run()
    assert [error.value for error in page.error] == ["This engine does not run here."]
    assert not page.get("bidi_component")
