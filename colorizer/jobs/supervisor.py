"""Keeps the workers alive as long as the studio runs."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from colorizer.errors import ColorizerError
from colorizer.jobs.slots import recover_dead, slot
from colorizer.jobs.store import Store
from colorizer.jobs.worker import OCCUPIED

_LOOK_SECONDS = 0.3
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0  # seconds before a dead worker's successor starts, doubled each time
_HEALTHY_SECONDS = 60.0  # of life after which a death is the first one again
_EXITS_WITHIN = 20.0  # for a worker to end once it was told to; it takes less by itself
_CRASHES = {"SIGSEGV", "SIGBUS", "SIGABRT", "SIGILL", "SIGFPE"}
_LOG = logging.getLogger("colorizer.jobs")


@contextmanager
def supervisor(store: Store, workers: int = 1) -> Iterator[None]:
    """A block during which so many workers are at work, here or in another studio with the same folder.

    A worker that dies is replaced; where another studio has one already, ours starts when that one is gone.
    """
    slots = [_Slot(store, number) for number in range(workers)]
    stop = threading.Event()
    thread = threading.Thread(target=_watch_over, args=(slots, stop), name="supervisor")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _watch_over(slots: "list[_Slot]", stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            for one in slots:
                one.look()
            stop.wait(_LOOK_SECONDS)
    finally:
        for one in slots:
            one.tell_to_end()
        for one in slots:
            one.end()


class _Slot:
    """One worker's number, with its process where that is ours."""

    def __init__(self, store: Store, number: int) -> None:
        self.number = number
        self._store = store
        self._process: subprocess.Popen[bytes] | None = None
        self._started = self._not_before = 0.0
        self._wait = _FIRST_WAIT

    def look(self) -> None:
        """Start the worker where there is none, and replace it where it has died."""
        try:
            if self._process is None:
                if time.monotonic() >= self._not_before and self._is_free():
                    self._start()
            elif (status := self._process.poll()) is not None:
                self._after_exit(status)
        except (ColorizerError, OSError) as error:  # a later look may fare better
            _LOG.warning("worker %d: %s", self.number, error)
            self._not_before = time.monotonic() + _LONGEST_WAIT
        except Exception:  # noqa: BLE001 - logged; the thread that keeps all workers must not end by it
            _LOG.exception("worker %d", self.number)
            self._not_before = time.monotonic() + _LONGEST_WAIT

    def tell_to_end(self) -> None:
        """Close the worker's standard input."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def end(self) -> None:
        """Wait for the worker's end, and make it come where it does not."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_EXITS_WITHIN)
            self._end_process()

    def _is_free(self) -> bool:
        with slot(self._store.data, self.number) as is_free:
            return is_free

    def _start(self) -> None:
        command = [sys.executable, "-m", "colorizer.jobs.worker", str(self.number), "tethered"]
        # A session of its own: Ctrl-C in the terminal is for the studio, which then tells the worker.
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
        self._started = time.monotonic()

    def _after_exit(self, status: int) -> None:
        """Clear up after a worker that has ended by itself, and say when its successor may start."""
        lived = time.monotonic() - self._started
        self._wait = _FIRST_WAIT if lived > _HEALTHY_SECONDS else min(2 * self._wait, _LONGEST_WAIT)
        self._not_before = time.monotonic() + self._wait
        self._end_process()
        if status != OCCUPIED:
            _LOG.warning("worker %d %s", self.number, cause_of(status))
            recover_dead(self._store, cause_of(status), {self.number})

    def _end_process(self) -> None:
        """Leave nothing of the process and of those it started."""
        process = self._process
        if process is None:
            return
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # an ffmpeg that it left behind, too
        else:
            process.kill()
        process.wait()
        self.tell_to_end()
        self._process = None


def cause_of(status: int) -> str:
    """What happened to a worker that ended with this status, as the end of "the worker ..."."""
    if status >= 0:
        return f"ended by an error (status {status}), of which its log says more"
    name = signal.Signals(-status).name
    if name == "SIGKILL":
        return "was killed, probably for lack of memory"
    if name in _CRASHES:
        return f"crashed ({name}), probably over a damaged spot of the film"
    return f"was ended by {name}"
