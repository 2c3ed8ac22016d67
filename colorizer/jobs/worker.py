"""The process that makes the films, one at a time: `python -m colorizer.jobs.worker [NUMBER [tethered]]`.

It ends on SIGTERM or Ctrl-C and, when tethered, as soon as its standard input is closed, which the end of the process
that holds the other end does by itself: whatever happens to the studio, no worker outlives it.
"""

import faulthandler
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

from colorizer.errors import ColorizerError, JobError
from colorizer.jobs.model import Job, State
from colorizer.jobs.one_job import Left, Watcher, make, stand_back
from colorizer.jobs.slots import recover_dead, slot
from colorizer.jobs.store import Store, open_store
from colorizer.settings import settings
from colorizer.video.result.process import end_recorded
from colorizer.video.workspace import folder_of

OCCUPIED = 75  # the exit status where another process is the worker of this number
_IDLE_SECONDS = 0.5
_LOOK_AROUND_SECONDS = 10.0  # between looks for jobs of workers that nobody replaces: there were more of them once
_GRACE_SECONDS = 15.0  # to come to an end by itself once told to, wherever it is
_TELL_ATTEMPTS = 6
_LOG_BYTES, _LOGS_KEPT = 10**6, 3
_LOG = logging.getLogger("colorizer.jobs")


class Worker:
    """Takes jobs from the list and makes them. stop: set from anywhere, it ends the work soon, and nothing is lost."""

    def __init__(self, store: Store, number: int) -> None:
        self.stop = threading.Event()
        self.in_hand = ""  # the id of the job that is being made
        self._store, self._number = store, number

    def run(self) -> None:
        """Work until told to stop."""
        for left in self._store.recover(self._number, "ended without a word"):  # its number is ours: that one is dead
            end_recorded(folder_of(left.target))  # where a supervisor is left it has done so already
        self._store.sweep()
        look_around = time.monotonic()
        while not self.stop.is_set():
            job = self._store.claim(self._number)
            if job is not None:
                self._work(job)
            elif time.monotonic() >= look_around:
                recover_dead(self._store, "ended without a word")
                look_around = time.monotonic() + _LOOK_AROUND_SECONDS
            else:
                self.stop.wait(_IDLE_SECONDS)

    def _work(self, job: Job) -> None:
        _LOG.info("job %s: %s, attempt %d", job.id, job.order.action, job.attempts)
        self.in_hand = job.id
        state, reason = State.DONE, ""
        try:
            make(job, self._store, Watcher(self._store, job, self.stop, settings().max_video_frames))
        except Left as left:
            state = left.state
        except ColorizerError as error:
            state, reason = State.FAILED, str(error)
        except Exception as error:
            _LOG.exception("job %s", job.id)
            self._let_go(job, State.FAILED, f"an error of the program ({type(error).__name__}: {error}). See the log")
            raise
        self._let_go(job, state, reason)
        self._store.keep_within_quota(but_for=job.id)

    def _let_go(self, job: Job, state: State, reason: str) -> None:
        """Tell the list; a disk that is full, or a list that is held, may take a moment."""
        for attempt in range(_TELL_ATTEMPTS):
            try:
                told = self._store.release(job.id, state, reason)
            except JobError as error:
                _LOG.warning("job %s: %s", job.id, error)
                if attempt == _TELL_ATTEMPTS - 1:
                    raise
                self.stop.wait(2**attempt)
            else:
                _LOG.info("job %s: %s %s", job.id, told.state, reason)
                self.in_hand = ""
                return


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 after a stop, OCCUPIED where another worker has this number."""
    number = int(arguments[0]) if arguments else 0
    faulthandler.enable()  # a decoder that crashes leaves a trace of where
    store = open_store()
    with slot(store.data, number) as is_ours:
        if not is_ours:
            return OCCUPIED
        with _logging_to(store.data.logs / f"worker-{number}.log"):
            stand_back()
            worker = Worker(store, number)
            for wanted in (signal.SIGTERM, signal.SIGINT):
                signal.signal(wanted, lambda *_: worker.stop.set())
            if "tethered" in arguments:
                # A daemon: it may sit in a read that nothing ends.
                threading.Thread(target=_tether, args=(worker, store), name="tether", daemon=True).start()
            worker.run()
    return 0


def _tether(worker: Worker, store: Store) -> None:
    """Wait for the end of standard input, then see to it that the process ends."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    worker.stop.set()
    threading.Event().wait(_GRACE_SECONDS)
    try:
        if job_id := worker.in_hand:  # the next worker takes it anyway, but would count a death
            store.release(job_id, State.QUEUED)
    except ColorizerError as error:
        _LOG.warning("job %s: %s", job_id, error)
    finally:
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(os.getpid(), signal.SIGKILL)  # with the ffmpeg that may still be running
        os._exit(1)


@contextmanager
def _logging_to(path: Path) -> Iterator[None]:
    handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=_LOGS_KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
