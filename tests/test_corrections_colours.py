"""Steps of corrections that can be taken back, and colours as people see and call them."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.lightness import lightness, luma
from colorizer.corrections.colours import LIBRARY, colour_disc, colour_name, hex_of, shown_rgb
from colorizer.corrections.history import History
from colorizer.corrections.pins import Corrections, Pin

LEVELS = st.floats(0, 100)


def pins(count: int) -> Corrections:
    return Corrections(tuple(Pin(0.5, 0.5, number, 0) for number in range(count)))


@given(st.lists(st.sampled_from(["then", "undo", "redo"]), max_size=30))
def test_every_step_can_be_taken_back_and_made_again(steps) -> None:
    history, made, place = History(), [Corrections()], 0
    for number, step in enumerate(steps, 1):
        if step == "then":
            history, made, place = history.then(pins(number)), [*made[: place + 1], pins(number)], place + 1
        elif step == "undo":
            history, place = history.undo(), max(0, place - 1)
        else:
            history, place = history.redo(), min(len(made) - 1, place + 1)
        assert history.now == made[place]
        assert history.can_undo == (place > 0)
        assert history.can_redo == (place < len(made) - 1)


def test_the_same_again_is_no_step_and_old_steps_are_let_go() -> None:
    history = History().then(pins(1))
    assert history.then(pins(1)) is history
    for number in range(2, 400):
        history = history.then(pins(number % 50))
    assert len(history.states) == 200
    assert history.now == pins(399 % 50)


def test_a_pin_comes_changes_and_goes() -> None:
    first, second = Pin(0.1, 0.1, 1, 1), Pin(0.2, 0.2, 2, 2)
    history = History().with_pin(0, first).with_pin(1, second)
    assert history.now.pins == (first, second)
    assert history.with_pin(0, second).now.pins == (second, second)
    assert history.with_pin(0, None).now.pins == (second,)


@given(LEVELS, st.floats(-100, 100), st.floats(-100, 100))
def test_a_swatch_has_the_luma_of_its_place(level, a, b) -> None:
    shown = np.array(shown_rgb(level, a, b), np.uint8)[None, None]
    assert lightness(luma(shown)[0, 0] / np.float32(255)) == pytest.approx(level, abs=1)
    assert hex_of(level, a, b) == "#" + bytes(shown.ravel()).hex()


@pytest.mark.parametrize("level", [0, 5, 30, 50, 80, 100])
def test_the_disc_shows_only_what_can_be_shown(level) -> None:
    disc = cv2.imdecode(np.frombuffer(colour_disc(level), np.uint8), cv2.IMREAD_UNCHANGED)
    side = disc.shape[0]
    assert disc.shape == (side, side, 4)
    assert disc[side // 2, side // 2, 3] == 255
    assert disc[0, 0, 3] == 0
    if level == 50:
        assert disc[side // 2, int(side * 0.75), 2] > disc[side // 2, side // 4, 2] + 60  # red on the right
        share = (disc[..., 3] > 0).mean()
        assert 0.2 < share < 0.75


@pytest.mark.parametrize(
    ("level", "a", "b", "name"),
    [(50, 0, 0, "grey"), (5, 1, 1, "black"), (97, 0, 2, "white"), (53, 80, 67, "red"), (88, -79, 81, "green"),
     (46, -52, 50, "green"), (32, 79, -108, "dark blue"), (55, 10, -45, "blue"), (40, 18, 26, "brown"),
     (97, -15, 94, "yellow"), (25, -15, 12, "dark green"), (80, 20, 2, "pink")],
)  # fmt: skip
def test_colours_are_called_what_people_call_them(level, a, b, name) -> None:
    assert colour_name(level, a, b) == name


@given(LEVELS, st.floats(-128, 128), st.floats(-128, 128))
def test_every_colour_has_a_name(level, a, b) -> None:
    assert colour_name(level, a, b)


def test_the_library_holds_each_name_of_a_group_once() -> None:
    assert len({(row.group, row.name) for row in LIBRARY}) == len(LIBRARY)
    assert all(max(abs(row.a), abs(row.b)) <= 100 for row in LIBRARY)
