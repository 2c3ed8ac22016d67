"""What was chosen for each film, as two tabs see it."""

from collections.abc import Callable
from typing import Any

import pytest
import streamlit as st

from colorizer.color.grade import Grade
from colorizer.web.memory import Memory


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Callable[[Memory], str]]:
    """A function that opens a tab: it draws the part again, in a session of its own, and gives its key."""
    sessions: list[dict[str, Any]] = []

    def opened() -> Callable[[Memory], str]:
        session: dict[str, Any] = {}
        sessions.append(session)

        def draw(memory: Memory) -> str:
            monkeypatch.setattr(st, "session_state", session)
            return memory.recall("film", "codec", "h264")

        return draw

    return opened


def shown(memory: Memory, draw: Callable[[Memory], str]) -> Any:
    key = draw(memory)
    return st.session_state[key]


def choose(memory: Memory, draw: Callable[[Memory], str], value: str) -> None:
    key = draw(memory)
    st.session_state[key] = value
    draw(memory)


def test_a_choice_is_shown_in_every_tab_and_none_takes_it_back(tab: Any) -> None:
    memory, first, second = Memory(), tab(), tab()
    assert (shown(memory, first), shown(memory, second)) == ("h264", "h264")
    choose(memory, first, "av1")
    assert shown(memory, second) == "av1"  # an older value there is no choice
    assert shown(memory, first) == "av1"
    choose(memory, second, "vp9")
    assert shown(memory, first) == "vp9"
    assert memory.value("film", "codec") == "vp9"


def test_a_value_from_another_tab_comes_in_a_new_part(tab: Any) -> None:
    memory, first, second = Memory(), tab(), tab()
    before = second(memory)
    choose(memory, first, "av1")
    after = second(memory)
    assert after != before
    assert second(memory) == after


def test_a_part_that_the_browser_reports_empty_comes_anew_with_what_was_chosen(tab: Any) -> None:
    memory, draw = Memory(), tab()
    choose(memory, draw, "av1")
    before = draw(memory)
    st.session_state[before] = None
    assert shown(memory, draw) == "av1"
    assert draw(memory) != before
    assert memory.value("film", "codec") == "av1"


def test_a_tab_that_is_opened_later_shows_what_was_chosen(tab: Any) -> None:
    memory = Memory()
    choose(memory, tab(), "av1")
    assert shown(memory, tab()) == "av1"


def test_a_grade_to_begin_with_never_takes_back_a_chosen_one() -> None:
    memory = Memory()
    memory.begin("film", Grade(hue=5))
    assert memory.grade("film") == Grade(hue=5)
    memory.set_grade("film", Grade(hue=9))
    memory.begin("film", Grade(hue=5))
    assert memory.grade("film") == Grade(hue=9)
