"""Durations and times of a film in words: pure functions."""

from fractions import Fraction

_ROUND = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90)  # numbers that promise no more than is known


def span_text(least: float, most: float) -> str:
    """A time between `least` and `most` seconds, in round numbers."""
    (low, low_unit), (high, high_unit) = _rounded(least), _rounded(most)
    if (low, low_unit) == (high, high_unit):
        return _counted(high, high_unit)
    if low_unit == high_unit:
        return f"{low} to {_counted(high, high_unit)}"
    return f"{_counted(low, low_unit)} to {_counted(high, high_unit)}"


def about_text(seconds: float) -> str:
    """About how long something will take, in a round number."""
    return span_text(seconds, seconds)


def _rounded(seconds: float) -> tuple[int, str]:
    """The nearest round number, and its unit."""
    units = ((1, "second"), (60, "minute"), (3600, "hour"))
    length, unit = next((each for each in units if seconds <= _ROUND[-1] * each[0]), units[-1])
    number = seconds / length
    return (min(_ROUND, key=lambda each: abs(each - number)) if number <= _ROUND[-1] else round(number)), unit


def clock_text(seconds: Fraction) -> str:
    """A time of a film, such as 1:02:03 or 0:04.5."""
    tenths = round(seconds * 10)
    whole, tenth = divmod(tenths, 10)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{text}.{tenth}" if tenth else text


def duration_text(seconds: float) -> str:
    """How long something takes, for people."""
    if seconds < 90:
        return _counted(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return _counted(round(seconds / 60), "minute")
    hours, minutes = divmod(round(seconds / 60), 60)
    return _counted(hours, "hour") + (f" {_counted(minutes, 'minute')}" if minutes and hours < 10 else "")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
