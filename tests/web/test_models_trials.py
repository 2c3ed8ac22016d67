"""Measuring in the background."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from colorizer.engines.choose import stored
from colorizer.engines.measure import Measurement
from colorizer.errors import EngineError
from colorizer.web import models_trials
from colorizer.web.models_trials import Trials
from colorizer.weights.local_models import locate
from tests.models import tiny_model

ROW = Measurement("opencv:cpu", "cpu", "f32", 1.0, 2.0)


@pytest.fixture
def trials() -> Iterator[Trials]:
    made = Trials()
    yield made
    made.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("measurement")]


@pytest.fixture
def network(tmp_path: Path) -> str:
    return str(tiny_model(tmp_path / "net").paths["weights"].parent)


class Measuring:
    """Stands in for `measured`: says a line, waits until it may go on, and answers."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go_on = threading.Event()
        self.calls = 0
        self.error: Exception | None = None
        monkeypatch.setattr(models_trials, "measured", self)

    def __call__(self, _local, *, fresh, tell):  # type: ignore[no-untyped-def]
        self.calls += 1
        assert fresh
        tell("Trying opencv:cpu")
        assert self.go_on.wait(10)
        tell("Trying another one")
        if self.error is not None:
            raise self.error
        return (ROW,)


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Measuring]:
    made = Measuring(monkeypatch)
    yield made
    made.go_on.set()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_says_what_is_tried_and_whoever_asks_meanwhile_gets_the_same(
    trials: Trials, measuring: Measuring, network: str
) -> None:
    trial = trials.order(network)
    assert trials.order(network) is trial is trials.find(network)
    wait_until(lambda: trial.said == "Trying opencv:cpu")
    assert not trial.is_over
    measuring.go_on.set()
    wait_until(lambda: trial.is_over)
    assert (trial.rows, trial.problem, measuring.calls) == ((ROW,), "", 1)
    assert trials.order(network) is not trial


def test_one_is_measured_after_the_other(trials: Trials, measuring: Measuring, network: str) -> None:
    first, second = trials.order(network), trials.order("starter")
    wait_until(lambda: first.said == "Trying opencv:cpu")
    assert "Waiting" in second.said
    measuring.go_on.set()
    wait_until(lambda: second.is_over)
    assert measuring.calls == 2


def test_whoever_wants_to_know_is_told_though_nobody_watches(measuring: Measuring, network: str) -> None:
    told: list[bool] = []
    trials = Trials(lambda: told.append(trials.find(network).is_over))  # type: ignore[union-attr]
    measuring.go_on.set()
    trial = trials.order(network)
    wait_until(lambda: trial.is_over)
    assert told == [False]  # before anybody sees that it is over
    trials.close()


def test_what_goes_wrong_is_said(
    trials: Trials, measuring: Measuring, network: str, caplog: pytest.LogCaptureFixture
) -> None:
    measuring.go_on.set()
    measuring.error = EngineError("the driver is too old")
    trial = trials.order(network)
    wait_until(lambda: trial.is_over)
    assert trial.problem == "the driver is too old"
    measuring.error = ZeroDivisionError()
    trial = trials.order(network)
    wait_until(lambda: trial.is_over)
    assert "ZeroDivisionError" in trial.problem
    assert "could not be measured" in caplog.text
    trial = trials.order("nowhere")
    wait_until(lambda: trial.is_over)
    assert "nowhere" in trial.problem


def test_the_end_of_the_studio_waits_for_one_engine_only(trials: Trials, measuring: Measuring, network: str) -> None:
    trial, waiting = trials.order(network), trials.order("starter")
    wait_until(lambda: trial.said == "Trying opencv:cpu")
    threading.Timer(0.1, measuring.go_on.set).start()
    trials.close()
    assert trial.is_over
    assert waiting.is_over
    assert (trial.said, measuring.calls) == ("Trying opencv:cpu", 1)


def test_real_numbers_are_kept_for_auto(trials: Trials, network: str) -> None:
    trial = trials.order(network)
    wait_until(lambda: trial.is_over)
    assert trial.problem == ""
    assert trial.rows
    assert stored(locate(network)) == trial.rows
