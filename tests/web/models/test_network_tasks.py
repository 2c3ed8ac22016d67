"""Work with networks in the background."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from colorizer.engines.base import Tell
from colorizer.engines.measure import Measurement
from colorizer.errors import EngineError
from colorizer.web.models.network_tasks import NetworkTasks
from colorizer.weights.local_models import LocalModel
from tests.models import tiny_model

ROW = Measurement("opencv:cpu", "cpu", "f32", 1.0, 2.0)
Tasks = NetworkTasks[tuple[Measurement, ...]]


class Measuring:
    """Stands in for a measurement: says a line, waits until it may go on, and answers."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.calls = 0
        self.error: Exception | None = None

    def __call__(self, _local: LocalModel, tell: Tell) -> tuple[Measurement, ...]:
        self.calls += 1
        tell("Trying opencv:cpu")
        assert self.go_on.wait(10)
        tell("Trying another one")
        if self.error is not None:
            raise self.error
        return (ROW,)


@pytest.fixture
def measuring() -> Iterator[Measuring]:
    made = Measuring()
    yield made
    made.go_on.set()


@pytest.fixture
def tasks(measuring: Measuring) -> Iterator[Tasks]:
    made = NetworkTasks("measurement", measuring)
    yield made
    measuring.go_on.set()
    made.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("measurement")]


@pytest.fixture
def network(tmp_path: Path) -> str:
    return str(tiny_model(tmp_path / "net").paths["weights"].parent)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_says_what_is_tried_and_whoever_asks_meanwhile_gets_the_same(
    tasks: Tasks, measuring: Measuring, network: str
) -> None:
    measurement = tasks.order(network)
    assert tasks.order(network) is measurement is tasks.find(network)
    wait_until(lambda: measurement.said == "Trying opencv:cpu")
    assert not measurement.is_over
    measuring.go_on.set()
    wait_until(lambda: measurement.is_over)
    assert (measurement.result, measurement.problem, measuring.calls) == ((ROW,), "", 1)
    assert tasks.order(network) is not measurement


def test_one_is_measured_after_the_other(tasks: Tasks, measuring: Measuring, network: str) -> None:
    first, second = tasks.order(network), tasks.order("starter")
    wait_until(lambda: first.said == "Trying opencv:cpu")
    assert "Waiting" in second.said
    measuring.go_on.set()
    wait_until(lambda: second.is_over)
    assert measuring.calls == 2


def test_whoever_wants_to_know_is_told_though_nobody_watches(measuring: Measuring, network: str) -> None:
    told: list[bool] = []
    tasks = NetworkTasks("measurement", measuring, lambda: told.append(tasks.find(network).is_over))  # type: ignore[union-attr]
    measuring.go_on.set()
    measurement = tasks.order(network)
    wait_until(lambda: measurement.is_over)
    assert told == [False]  # before anybody sees that it is over
    tasks.close()


def test_what_goes_wrong_is_said(
    tasks: Tasks, measuring: Measuring, network: str, caplog: pytest.LogCaptureFixture
) -> None:
    measuring.go_on.set()
    measuring.error = EngineError("the driver is too old")
    measurement = tasks.order(network)
    wait_until(lambda: measurement.is_over)
    assert measurement.problem == "the driver is too old"
    measuring.error = ZeroDivisionError()
    measurement = tasks.order(network)
    wait_until(lambda: measurement.is_over)
    assert "ZeroDivisionError" in measurement.problem
    assert "ended unexpectedly" in caplog.text
    measurement = tasks.order("nowhere")
    wait_until(lambda: measurement.is_over)
    assert "nowhere" in measurement.problem


def test_the_end_of_the_studio_waits_for_one_engine_only(tasks: Tasks, measuring: Measuring, network: str) -> None:
    measurement, waiting = tasks.order(network), tasks.order("starter")
    wait_until(lambda: measurement.said == "Trying opencv:cpu")
    threading.Timer(0.1, measuring.go_on.set).start()
    tasks.close()
    assert measurement.is_over
    assert waiting.is_over
    assert (measurement.said, measuring.calls) == ("Trying opencv:cpu", 1)


def test_other_files_under_the_same_name_are_a_task_of_their_own(
    tasks: Tasks, measuring: Measuring, network: str
) -> None:
    measuring.go_on.set()
    first, second = tasks.order(network, "a"), tasks.order(network, "b")
    wait_until(lambda: second.is_over)
    assert (tasks.find(network, "a"), tasks.find(network, "b"), tasks.find(network)) == (first, second, None)
