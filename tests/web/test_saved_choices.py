"""What was chosen for each film, as two tabs see it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from colorizer.color.grade import Grade
from colorizer.web.saved_choices import SavedChoices


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Callable[[SavedChoices], str]]:
    """A function that opens a tab: it draws the part again, in a session of its own, and gives its key."""
    sessions: list[dict[str, Any]] = []

    def opened() -> Callable[[SavedChoices], str]:
        session: dict[str, Any] = {}
        sessions.append(session)

        def draw(saved_choices: SavedChoices) -> str:
            monkeypatch.setattr(st, "session_state", session)
            return saved_choices.recall("film", "codec", "h264")

        return draw

    return opened


def shown(saved_choices: SavedChoices, draw: Callable[[SavedChoices], str]) -> Any:
    key = draw(saved_choices)
    return st.session_state[key]


def choose(saved_choices: SavedChoices, draw: Callable[[SavedChoices], str], value: str) -> None:
    key = draw(saved_choices)
    st.session_state[key] = value
    draw(saved_choices)


def test_a_choice_is_shown_in_every_tab_and_none_takes_it_back(tab: Any) -> None:
    saved_choices, first, second = SavedChoices(), tab(), tab()
    assert (shown(saved_choices, first), shown(saved_choices, second)) == ("h264", "h264")
    choose(saved_choices, first, "av1")
    assert shown(saved_choices, second) == "av1"  # an older value there is no choice
    assert shown(saved_choices, first) == "av1"
    choose(saved_choices, second, "vp9")
    assert shown(saved_choices, first) == "vp9"
    assert saved_choices.value("film", "codec") == "vp9"


def test_a_value_from_another_tab_comes_in_a_new_part(tab: Any) -> None:
    saved_choices, first, second = SavedChoices(), tab(), tab()
    before = second(saved_choices)
    choose(saved_choices, first, "av1")
    after = second(saved_choices)
    assert after != before
    assert second(saved_choices) == after


def test_a_part_that_the_browser_reports_empty_comes_anew_with_what_was_chosen(tab: Any) -> None:
    saved_choices, draw = SavedChoices(), tab()
    choose(saved_choices, draw, "av1")
    before = draw(saved_choices)
    st.session_state[before] = None
    assert shown(saved_choices, draw) == "av1"
    assert draw(saved_choices) != before
    assert saved_choices.value("film", "codec") == "av1"


def test_a_tab_that_is_opened_later_shows_what_was_chosen(tab: Any) -> None:
    saved_choices = SavedChoices()
    choose(saved_choices, tab(), "av1")
    assert shown(saved_choices, tab()) == "av1"


def test_a_grade_to_begin_with_never_takes_back_a_chosen_one() -> None:
    saved_choices = SavedChoices()
    saved_choices.begin("film", Grade(hue=5))
    assert saved_choices.grade("film") == Grade(hue=5)
    saved_choices.set_grade("film", Grade(hue=9))
    saved_choices.begin("film", Grade(hue=5))
    assert saved_choices.grade("film") == Grade(hue=9)


def test_what_was_chosen_outlives_the_studio(tab: Any, tmp_path: Path) -> None:
    path = tmp_path / "data" / "choices.json"
    saved_choices = SavedChoices(path)
    saved_choices.grade_all(Grade(warmth=0.5))
    saved_choices.set_grade("other", Grade(hue=9))
    choose(saved_choices, tab(), "av1")
    again = SavedChoices(path)
    assert (again.grade("film"), again.grade("other")) == (Grade(warmth=0.5), Grade(hue=9))
    assert shown(again, tab()) == "av1"
    assert [each.name for each in path.parent.iterdir()] == ["choices.json"]


def test_what_was_chosen_goes_with_a_film_that_is_forgotten(tab: Any, tmp_path: Path) -> None:
    path = tmp_path / "choices.json"
    saved_choices = SavedChoices(path)
    saved_choices.set_grade("film", Grade(hue=9))
    choose(saved_choices, tab(), "av1")
    assert "film" in path.read_text()
    saved_choices.forget("film")
    assert "film" not in path.read_text()


def test_what_begins_with_a_grade_is_not_written_down(tab: Any, tmp_path: Path) -> None:
    saved_choices = SavedChoices(tmp_path / "choices.json")
    saved_choices.begin("film", Grade(hue=5))
    saved_choices.set_grade("film", Grade(hue=9))
    choose(saved_choices, tab(), "av1")
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
    assert (SavedChoices(path).grade("film"), SavedChoices(path).value("film", "codec")) == (Grade(hue=5), "av1")
    path.write_bytes(content)
    saved_choices = SavedChoices(path)
    assert (saved_choices.grade("film"), saved_choices.grade("other"), saved_choices.value("film", "codec")) == (
        Grade(),
        Grade(),
        None,
    )
    saved_choices.set_grade("film", Grade(hue=3))
    assert SavedChoices(path).grade("film") == Grade(hue=3)


def test_a_choice_that_cannot_be_written_stays_as_long_as_the_studio_runs(tab: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    saved_choices = SavedChoices(tmp_path / "data" / "choices.json")
    saved_choices.set_grade("film", Grade(hue=9))
    choose(saved_choices, tab(), "av1")
    assert (saved_choices.grade("film"), saved_choices.value("film", "codec")) == (Grade(hue=9), "av1")
