"""How fast this machine's engines run a network, measured in the background, one network after the other."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock

from colorizer.engines.choose import measured
from colorizer.engines.measure import Measurement
from colorizer.errors import ColorizerError
from colorizer.weights.local_models import locate

_LOG = logging.getLogger(__name__)


class _Stopped(ColorizerError):
    """The studio was stopped during a measurement."""


class SpeedMeasurement:
    """One measurement, as far as it has come: its thread writes, pages read."""

    def __init__(self, name: str, stop: Event) -> None:
        self.name = name
        self.said = "Waiting for another measurement to end"
        self.rows: tuple[Measurement, ...] = ()
        self.problem = ""
        self._stop = stop
        self._end = Event()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self._end.is_set()

    def run(self) -> None:
        """Measure."""
        try:
            self.rows = measured(locate(self.name), fresh=True, tell=self._tell)
        except ColorizerError as error:
            self.problem = str(error)

    def end(self, future: Future[None]) -> None:
        """Called when its thread is done with it, or will never begin."""
        error = None if future.cancelled() else future.exception()
        if error is not None:
            _LOG.error("%s could not be measured", self.name, exc_info=error)
            self.problem = (
                f"Something unexpected went wrong ({type(error).__name__}). The studio's log has the details."
            )
        self._end.set()

    def _tell(self, line: str) -> None:
        if self._stop.is_set():
            raise _Stopped("The measurement was stopped.")
        self.said = line


class SpeedMeasurements:
    """Measures one network at a time: two at once would slow each other down. measured: called after each."""

    def __init__(self, measured: Callable[[], None] = lambda: None) -> None:
        self._measured = measured
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="measurement")
        self._stop = Event()
        self._measurements: dict[str, SpeedMeasurement] = {}
        self._lock = Lock()

    def find(self, name: str) -> SpeedMeasurement | None:
        """The last measurement with this network, perhaps still running."""
        return self._measurements.get(name)

    def order(self, name: str) -> SpeedMeasurement:
        """The measurement with this network: the one that runs already, or a new one."""
        with self._lock:
            measurement = self._measurements.get(name)
            if measurement is None or measurement.is_over:
                measurement = self._measurements[name] = SpeedMeasurement(name, self._stop)
                future = self._thread.submit(measurement.run)
                future.add_done_callback(lambda _: self._measured())
                future.add_done_callback(measurement.end)
            return measurement

    def close(self) -> None:
        """Stop, after the engine that is being tried."""
        self._stop.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
