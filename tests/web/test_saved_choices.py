"""What was chosen for each film, as two tabs see it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from colorizer.color.grade import Grade
from colorizer.web.saved_choices import Memory


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


def test_what_was_chosen_outlives_the_studio(tab: Any, tmp_path: Path) -> None:
    path = tmp_path / "data" / "choices.json"
    memory = Memory(path)
    memory.grade_all(Grade(warmth=0.5))
    memory.set_grade("other", Grade(hue=9))
    choose(memory, tab(), "av1")
    again = Memory(path)
    assert (again.grade("film"), again.grade("other")) == (Grade(warmth=0.5), Grade(hue=9))
    assert shown(again, tab()) == "av1"
    assert [each.name for each in path.parent.iterdir()] == ["choices.json"]


def test_what_was_chosen_goes_with_a_film_that_is_forgotten(tab: Any, tmp_path: Path) -> None:
    path = tmp_path / "choices.json"
    memory = Memory(path)
    memory.set_grade("film", Grade(hue=9))
    choose(memory, tab(), "av1")
    assert "film" in path.read_text()
    memory.forget("film")
    assert "film" not in path.read_text()


def test_what_begins_with_a_grade_is_not_written_down(tab: Any, tmp_path: Path) -> None:
    memory = Memory(tmp_path / "choices.json")
    memory.begin("film", Grade(hue=5))
    memory.set_grade("film", Grade(hue=9))
    choose(memory, tab(), "av1")
    assert "film" not in (tmp_path / "choices.json").read_text()


GOOD = {"form": 1, "for_all": {"hue": 7.0}, "grades": {"film": {"hue": 5.0}}, "values": {"film": {"codec": "av1"}}}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff", b"[]", b"5", b"{}", b"[" * 100_000, json.dumps(GOOD).encode()[:-3],
        *(
            json.dumps({**GOOD, **change}).encode()
            for change in (
                {"form": 0}, {"for_all": None}, {"grades": []}, {"grades": {"film": {"hue": 999}}},
                {"grades": {"film": {"tint": 1}}}, {"grades": {"film": {"hue": "blue"}}}, {"values": {"film": 5}},
                {"values": {"film": {"codec": None}}},
            )
        ),
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_is_an_empty_memory(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "choices.json"
    path.write_text(json.dumps(GOOD))
    assert (Memory(path).grade("film"), Memory(path).value("film", "codec")) == (Grade(hue=5), "av1")
    path.write_bytes(content)
    memory = Memory(path)
    assert (memory.grade("film"), memory.grade("other"), memory.value("film", "codec")) == (Grade(), Grade(), None)
    memory.set_grade("film", Grade(hue=3))
    assert Memory(path).grade("film") == Grade(hue=3)


def test_a_choice_that_cannot_be_written_stays_as_long_as_the_studio_runs(tab: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    memory = Memory(tmp_path / "data" / "choices.json")
    memory.set_grade("film", Grade(hue=9))
    choose(memory, tab(), "av1")
    assert (memory.grade("film"), memory.value("film", "codec")) == (Grade(hue=9), "av1")
