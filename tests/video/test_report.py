import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.video.report import Pace


class Clock:
    """A clock that is set."""

    now = 100.0

    def __call__(self):
        return self.now


def counted(clock, pace, frames, step):
    for _ in range(frames):
        clock.now += step
        pace.count()


@given(st.floats(0.01, 5), st.floats(0, 60))
def test_a_steady_pace_is_told_exactly_however_late_the_first_frame_comes(step, late):
    clock = Clock()
    pace = Pace(clock)
    clock.now += late
    counted(clock, pace, 300, step)
    assert pace.per_second == pytest.approx(1 / step)


def test_there_is_no_pace_before_the_first_frame_and_some_pace_with_it():
    clock = Clock()
    pace = Pace(clock)
    clock.now += 5
    assert pace.per_second == 0
    counted(clock, pace, 1, 5)
    assert pace.per_second == pytest.approx(0.1)


def test_a_load_that_is_over_is_forgotten_and_a_stop_makes_it_slower():
    clock = Clock()
    pace = Pace(clock)
    counted(clock, pace, 100, 1.0)
    counted(clock, pace, 400, 0.1)
    assert pace.per_second == pytest.approx(10)
    clock.now += 30
    assert pace.per_second == pytest.approx(5, rel=0.02)
