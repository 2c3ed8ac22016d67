"""What a job is: its order as text and back, its states, its names."""

from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.jobs.model import FOLLOWS, SUFFIXES, FilmOrder, Job, State, order_from_json
from colorizer.network import NetworkSettings
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from tests.strategies import grades

_SOURCE = Path("/films/old.avi")
_TIMES = st.none() | st.fractions(0, 10_000)
_NOW = datetime(2024, 5, 1, tzinfo=UTC)


def _ranges():
    lengths = st.none() | st.fractions(Fraction(1, 10**6), 10_000)

    def of(start, length, most):
        return Range(start, None if length is None else (start or 0) + length, most)

    return st.builds(of, _TIMES, lengths, st.none() | st.integers(1, 10**9))


SETTINGS = st.builds(
    FilmSettings,
    st.builds(NetworkSettings, st.none() | st.integers(4, 16).map(lambda n: 32 * n), st.booleans(), st.floats(0.05, 2)),
    grades(),
    st.builds(Steadiness, st.none() | st.integers(1, 16), st.floats(0, 1)),
    st.builds(
        Encoding,
        st.none() | st.sampled_from(["h264", "ffv1", "gif"]),
        st.none() | st.floats(0, 51) | st.integers(0, 51),
        st.none() | st.text(),
        st.booleans(),
    ),
    _ranges(),
    st.booleans(),
    st.booleans(),
    st.none() | st.fractions(Fraction(1, 1000), 1000),
)
ORDERS = st.builds(
    FilmOrder,
    source=st.sampled_from([_SOURCE, Path("/Größe 'x' \"y\"\n.mkv"), Path("/\udce4")]),
    title=st.text(),
    settings=SETTINGS,
    action=st.sampled_from(["colour", "gray"]),
    suffix=st.sampled_from(sorted(SUFFIXES)),
    model=st.text(),
    engine=st.text(),
)


@given(order=ORDERS)
def test_an_order_written_down_and_read_again_is_the_same_order(order):
    assert order_from_json(order.as_json()) == order


def test_an_order_of_an_older_program_is_read_with_todays_defaults():
    text = '{"source": "/films/old.avi", "title": "old", "settings": {"grade": {"hue": 10}, "range": {"start": "1/3"}}}'
    settings = FilmSettings(grade=Grade(hue=10), range=Range(start=Fraction(1, 3)))
    assert order_from_json(text) == FilmOrder(_SOURCE, "old", settings)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"source": "/a", "title": "b", "settings": {"wobble": 1}}'])
def test_what_is_no_order_is_refused_with_what_to_do(text):
    with pytest.raises(SettingError, match=r"cannot be read .*COLORIZER_DATA_DIR"):
        order_from_json(text)


def _reachable(state):
    found, left = set(), [state]
    while left:
        for later in FOLLOWS[left.pop()] - found:
            found.add(later)
            left.append(later)
    return found


def test_no_path_leads_out_of_a_final_state_and_every_other_state_has_one_to_done():
    assert {state for state in State if state.is_final} == {State.DONE}
    for state in State:
        assert (State.DONE in _reachable(state)) is not state.is_final
        assert state not in FOLLOWS[state]


def test_an_ended_job_comes_back_only_into_the_queue_and_only_one_that_failed_or_was_cancelled():
    assert {state for state in State if state.has_ended and FOLLOWS[state]} == {State.FAILED, State.CANCELLED}
    assert FOLLOWS[State.FAILED] == FOLLOWS[State.CANCELLED] == {State.QUEUED}


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"action": "delete"}, "action"),
        ({"suffix": ".exe"}, "suffix"),
        ({"suffix": "/../../x.mp4"}, "suffix"),
        ({"settings": FilmSettings(encoding=Encoding("png"))}, "folder of pictures"),
        ({"action": "regrade"}, "regrades"),
        ({"regrades": "0123"}, "regrades"),
        ({"source": Path("film.mp4")}, "absolute"),
    ],
)
def test_an_order_that_cannot_be_is_refused(wrong, message):
    with pytest.raises(SettingError, match=message):
        FilmOrder(**{"source": _SOURCE, "title": "old", **wrong})


def _job(**values):
    usual = {"id": "ab12", "order": FilmOrder(_SOURCE, "old.avi"), "state": State.DONE}
    return Job(**{**usual, "folder": Path("/d/ab12"), "created": _NOW, **values})


@given(title=st.text())
def test_whatever_the_film_is_called_its_result_lies_in_its_own_folder_under_a_name_of_ours(title):
    job = _job(order=FilmOrder(_SOURCE, title))
    assert job.target == Path("/d/ab12/result.mp4")
    assert "/" not in job.download_name
    assert "\\" not in job.download_name
    assert job.download_name.isprintable()
    assert job.download_name.endswith(".mp4")
    assert len(job.download_name) > len(".mp4")


def test_a_grade_of_a_grade_takes_the_first_ones_colours():
    first = _job(order=FilmOrder(_SOURCE, "old.avi"))
    second = _job(id="cd34", order=first.regrading(FilmSettings(), ".mkv"))
    third = second.regrading(FilmSettings())
    assert second.order.action == third.action == "regrade"
    assert second.order.regrades == third.regrades == "ab12"
    assert (second.order.suffix, third.suffix) == (".mkv", ".mkv")


@pytest.mark.parametrize("job", [_job(state=State.RUNNING), _job(order=FilmOrder(_SOURCE, "x", action="gray"))])
def test_what_has_no_colours_cannot_be_graded_anew(job):
    with pytest.raises(SettingError, match="no colours"):
        job.regrading(FilmSettings())


def test_progress_is_said_only_where_it_is_known():
    running = {"state": State.RUNNING, "frames": 40, "expected": 100, "fps": 20.0}
    assert (_job(**running).fraction, _job(**running).seconds_left) == (0.4, 3.0)
    assert _job(**{**running, "frames": 140}).fraction == 1.0
    assert _job(**{**running, "frames": 140}).seconds_left == 0
    unknown = _job(**{**running, "expected": None})
    assert (unknown.fraction, unknown.seconds_left) == (None, None)
    assert _job(**{**running, "state": State.PAUSED}).seconds_left is None
