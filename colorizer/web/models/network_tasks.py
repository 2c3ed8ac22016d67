"""What takes a while with a network, done in the background, one network after the other."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Generic, TypeVar

from colorizer.engines.base import Tell
from colorizer.errors import ColorizerError
from colorizer.weights.local_models import LocalModel, locate

Result = TypeVar("Result")
_LOG = logging.getLogger(__name__)


class _Stopped(ColorizerError):
    """The studio was stopped meanwhile."""


class NetworkTask(Generic[Result]):
    """One piece of work, as far as it has come: its thread writes, pages read."""

    def __init__(self, name: str, work: Callable[[LocalModel, Tell], Result], stop: Event) -> None:
        self.name = name
        self.said = "Waiting for another network"
        self.result: Result | None = None
        self.problem = ""
        self._work = work
        self._stop = stop
        self._end = Event()

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self._end.is_set()

    def run(self) -> None:
        """Do it."""
        try:
            self.result = self._work(locate(self.name), self._tell)
        except ColorizerError as error:
            self.problem = str(error)

    def end(self, future: Future[None]) -> None:
        """Called when its thread is done with it, or will never begin."""
        error = None if future.cancelled() else future.exception()
        if error is not None:
            _LOG.error("The work with the network %s ended unexpectedly", self.name, exc_info=error)
            self.problem = (
                f"Something unexpected went wrong ({type(error).__name__}). The studio's log has the details."
            )
        self._end.set()

    def _tell(self, line: str) -> None:
        if self._stop.is_set():
            raise _Stopped("It was stopped with the studio.")
        self.said = line


class NetworkTasks(Generic[Result]):
    """Does the same with every network that it is asked to, on one thread: two at once would slow each other down.

    work: takes the network, and what to tell lines to. done: called after each.
    """

    def __init__(
        self, thread: str, work: Callable[[LocalModel, Tell], Result], done: Callable[[], None] = lambda: None
    ) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=thread)
        self._work = work
        self._done = done
        self._stop = Event()
        self._tasks: dict[tuple[str, str], NetworkTask[Result]] = {}
        self._lock = Lock()

    def find(self, name: str, files: str = "") -> NetworkTask[Result] | None:
        """The last task with this network, perhaps still running. files: what tells its files from earlier ones."""
        return self._tasks.get((name, files))

    def order(self, name: str, files: str = "") -> NetworkTask[Result]:
        """The task with this network: the one that runs already, or a new one."""
        with self._lock:
            task = self._tasks.get((name, files))
            if task is None or task.is_over:
                task = self._tasks[name, files] = NetworkTask(name, self._work, self._stop)
                future = self._thread.submit(task.run)
                future.add_done_callback(lambda _: self._done())
                future.add_done_callback(task.end)
            return task

    def close(self) -> None:
        """Stop, after the engine that is being tried."""
        self._stop.set()
        self._thread.shutdown(wait=True, cancel_futures=True)
