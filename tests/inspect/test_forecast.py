from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.inspect.forecast import LEAST, MOST, Measured, learned
from colorizer.jobs.model import FilmOrder, Job, State

_BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
_COSTS = st.floats(0, 10)


@st.composite
def measurements(draw):
    """What a trial on a machine with known costs says, with those costs: for a film, a frame and a network run."""
    frames, fixed, frame, run = draw(st.integers(24, 240)), draw(_COSTS), draw(st.floats(1e-4, 2)), draw(_COSTS)
    shots = draw(st.integers(1, 6))
    runs = shots + draw(st.integers(0, frames - shots))
    said = Measured(frames, frames * frame + runs * run, fixed, draw(st.floats(1, 1e9)), runs, shots, run, "opencv")
    return said, frame


@given(measurements(), st.integers(0, 10**6), st.integers(0, 500))
def test_a_forecast_is_exact_where_all_parts_are_known(known, frames, shots):
    said, frame = known
    runs_in_shots = (said.runs - said.shots) * frames / said.frames
    assert said.seconds_for(frames, shots) == pytest.approx(
        said.fixed + frames * frame + (runs_in_shots + shots) * said.run_seconds
    )
    assert said.seconds_for(frames) == pytest.approx(said.fixed + frames / said.frames * said.seconds)


@given(measurements(), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 500), st.integers(0, 500))
def test_more_frames_and_more_shots_never_take_less(known, frames, more, shots, cuts):
    said, _ = known
    nearly = 1 - 1e-9
    assert said.seconds_for(frames + more, shots + cuts) >= said.seconds_for(frames, shots) * nearly
    assert said.seconds_for(frames + more) >= said.seconds_for(frames) * nearly
    assert said.seconds_for(frames) >= said.fixed * nearly
    assert said.bytes_for(frames + more) >= said.bytes_for(frames)


@given(measurements(), st.floats(0, 100), st.integers(1, 10**6))
def test_a_network_measured_on_a_slower_day_costs_no_more_than_was_seen(known, run, frames):
    said, _ = known
    slow = replace(said, run_seconds=said.run_seconds + run)
    assert said.fixed <= slow.seconds_for(frames) == pytest.approx(said.seconds_for(frames))


def done(taken, forecast=100.0, **changes):
    order = FilmOrder(Path("/a.mkv"), "a", forecast=forecast)
    job = Job("1", order, State.DONE, Path("/jobs/1"), _BEGUN, attempts=1, started=_BEGUN)
    return replace(job, **{"ended": _BEGUN + timedelta(seconds=taken), **changes})


@given(st.lists(st.tuples(st.floats(0.1, 1e5), st.floats(0.1, 1e5))))
def test_what_is_learned_is_bounded(films):
    assert LEAST <= learned([done(*film) for film in films]) <= MOST


@given(st.lists(st.floats(0.1, 1e5), max_size=2))
def test_two_films_teach_nothing_beyond_what_was_forecast(films):
    ratios = [taken / 100 for taken in films]
    assert min([1, *ratios]) <= learned(map(done, films)) <= max([1, *ratios])
    assert learned(map(done, films[:1])) == 1


@given(st.floats(LEAST, MOST), st.lists(st.floats(0.1, 1e5), max_size=4))
def test_the_latest_films_teach_how_long_films_take_here(ratio, older):
    latest = [done(100 * ratio)] * 5
    assert learned([*latest, *map(done, older)]) == pytest.approx(ratio)


@pytest.mark.parametrize(
    "job",
    [done(300, forecast=None), done(300, state=State.FAILED), done(300, attempts=2), done(300, ended=None)],
    ids=["no forecast", "failed", "in two goes", "no end"],
)
def test_films_that_say_nothing_of_this_machine_teach_nothing(job):
    assert learned([job] * 9) == 1
