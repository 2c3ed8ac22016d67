"""What is closed at the end of a with statement."""

import pytest

from colorizer.closing import Closing


class Tap(Closing):
    closed = 0

    def close(self):
        self.closed += 1


def test_it_is_itself_inside_and_closed_once_afterwards():
    tap = Tap()
    with tap as inside:
        assert inside is tap
        assert not tap.closed
    assert tap.closed == 1


def test_an_error_inside_closes_it_too_and_goes_on():
    tap = Tap()
    with pytest.raises(ZeroDivisionError), tap:
        _ = 1 / 0
    assert tap.closed == 1


def test_what_cannot_be_closed_cannot_be_made():
    class Stuck(Closing):
        pass

    with pytest.raises(TypeError, match="close"):
        Stuck()
