"""Work behind the pages in processes of its own: each piece runs once, and its error is kept."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock

from colorizer.closing import Closing
from colorizer.inspect.child_processes import ChildProcesses

_LOG = logging.getLogger(__name__)


class BackgroundProcesses(Closing):
    """Runs modules in processes of their own; a file or folder that a piece of work makes is its key.

    What was found out lies on disk: it is found out once, also when the studio was stopped meanwhile. What could not
    be found out may have been for want of memory, room or a network: the next studio tries once more.
    """

    def __init__(self, *threads: str) -> None:
        self._processes = ChildProcesses()
        self._threads = {name: ThreadPoolExecutor(1, thread_name_prefix=name) for name in threads}
        self._futures: dict[Path, Future[None]] = {}
        self._lock = Lock()

    def close(self) -> None:
        """End what is going on."""
        self._processes.close()
        for threads in self._threads.values():
            threads.shutdown(wait=True, cancel_futures=True)

    def _once(self, thread: str, key: Path, work: Callable[[], None]) -> None:
        """Have this work done on this thread, unless it is being done, or failed unexpectedly."""
        with self._lock:
            known = self._futures.get(key)
            if known is None or (known.done() and not failure_text(known)):
                future = self._futures[key] = self._threads[thread].submit(work)
                future.add_done_callback(partial(_log_the_unexpected, key))

    def _find(self, key: Path) -> Future[None] | None:
        with self._lock:
            return self._futures.get(key)

    def _is_old(self, answer: object, key: Path) -> bool:
        """Whether the answer is a problem that an earlier studio met."""
        asked = self._find(key)
        return isinstance(answer, str) and (asked is None or not asked.done())

    def _run(self, module: str, *arguments: Path | str, log: Path, seconds: float) -> bool:
        """Whether the module, run with these arguments, ended in time."""
        started = time.monotonic()
        self._processes.run(module, *arguments, log=log, seconds=seconds)
        return time.monotonic() - started < seconds


def failure_text(future: Future[None] | None) -> str:
    """What to say of work that ended unexpectedly; empty otherwise."""
    error = future.exception() if future is not None and future.done() and not future.cancelled() else None
    if error is None:
        return ""
    if isinstance(error, OSError) and error.strerror:
        return f"The studio's own folder cannot be written ({error.strerror}). Make some room on its disk."
    return f"Something unexpected went wrong ({type(error).__name__}). The studio's log has the details."


def _log_the_unexpected(key: Path, future: Future[None]) -> None:
    error = None if future.cancelled() else future.exception()
    folder = key.parent if key.suffix else key
    if error is not None and folder.exists():  # where it is gone, the film was removed meanwhile
        _LOG.error("%s could not be made", key, exc_info=error)
