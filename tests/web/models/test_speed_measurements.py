"""Measuring in the background."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from colorizer.engines.choose import stored
from colorizer.engines.measure import Measurement
from colorizer.errors import EngineError
from colorizer.web.models import speed_measurements as speed_measurements_module
from colorizer.web.models.speed_measurements import SpeedMeasurements
from colorizer.weights.local_models import locate
from tests.models import tiny_model

ROW = Measurement("opencv:cpu", "cpu", "f32", 1.0, 2.0)


@pytest.fixture
def speed_measurements() -> Iterator[SpeedMeasurements]:
    made = SpeedMeasurements()
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
        monkeypatch.setattr(speed_measurements_module, "measured", self)

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
    speed_measurements: SpeedMeasurements, measuring: Measuring, network: str
) -> None:
    measurement = speed_measurements.order(network)
    assert speed_measurements.order(network) is measurement is speed_measurements.find(network)
    wait_until(lambda: measurement.said == "Trying opencv:cpu")
    assert not measurement.is_over
    measuring.go_on.set()
    wait_until(lambda: measurement.is_over)
    assert (measurement.rows, measurement.problem, measuring.calls) == ((ROW,), "", 1)
    assert speed_measurements.order(network) is not measurement


def test_one_is_measured_after_the_other(
    speed_measurements: SpeedMeasurements, measuring: Measuring, network: str
) -> None:
    first, second = speed_measurements.order(network), speed_measurements.order("starter")
    wait_until(lambda: first.said == "Trying opencv:cpu")
    assert "Waiting" in second.said
    measuring.go_on.set()
    wait_until(lambda: second.is_over)
    assert measuring.calls == 2


def test_whoever_wants_to_know_is_told_though_nobody_watches(measuring: Measuring, network: str) -> None:
    told: list[bool] = []
    speed_measurements = SpeedMeasurements(lambda: told.append(speed_measurements.find(network).is_over))  # type: ignore[union-attr]
    measuring.go_on.set()
    measurement = speed_measurements.order(network)
    wait_until(lambda: measurement.is_over)
    assert told == [False]  # before anybody sees that it is over
    speed_measurements.close()


def test_what_goes_wrong_is_said(
    speed_measurements: SpeedMeasurements, measuring: Measuring, network: str, caplog: pytest.LogCaptureFixture
) -> None:
    measuring.go_on.set()
    measuring.error = EngineError("the driver is too old")
    measurement = speed_measurements.order(network)
    wait_until(lambda: measurement.is_over)
    assert measurement.problem == "the driver is too old"
    measuring.error = ZeroDivisionError()
    measurement = speed_measurements.order(network)
    wait_until(lambda: measurement.is_over)
    assert "ZeroDivisionError" in measurement.problem
    assert "could not be measured" in caplog.text
    measurement = speed_measurements.order("nowhere")
    wait_until(lambda: measurement.is_over)
    assert "nowhere" in measurement.problem


def test_the_end_of_the_studio_waits_for_one_engine_only(
    speed_measurements: SpeedMeasurements, measuring: Measuring, network: str
) -> None:
    measurement, waiting = speed_measurements.order(network), speed_measurements.order("starter")
    wait_until(lambda: measurement.said == "Trying opencv:cpu")
    threading.Timer(0.1, measuring.go_on.set).start()
    speed_measurements.close()
    assert measurement.is_over
    assert waiting.is_over
    assert (measurement.said, measuring.calls) == ("Trying opencv:cpu", 1)


def test_real_numbers_are_kept_for_auto(speed_measurements: SpeedMeasurements, network: str) -> None:
    measurement = speed_measurements.order(network)
    wait_until(lambda: measurement.is_over)
    assert measurement.problem == ""
    assert measurement.rows
    assert stored(locate(network)) == measurement.rows
