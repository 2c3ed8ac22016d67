"""Threads kept on the ordinary schedule."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_TASKS = Path("/proc/self/task")


@contextmanager
def ordinary_scheduling() -> Iterator[None]:
    """Nothing that the block starts stays real-time, nor does the caller.

    Run by root, SVT-AV1 makes its threads and the one that opens it real-time (SCHED_FIFO); children inherit that, and
    such threads leave no time to anything else. Does nothing where the system has no such schedules.
    """
    before = _real_time()
    try:
        yield
    finally:
        for thread in _real_time() - before:
            with suppress(OSError):  # it has ended
                os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


def _real_time() -> set[int]:
    if not _TASKS.is_dir() or not hasattr(os, "sched_getscheduler"):
        return set()
    found = set()
    for task in _TASKS.iterdir():
        with suppress(OSError):
            if os.sched_getscheduler(int(task.name)) in {os.SCHED_FIFO, os.SCHED_RR}:
                found.add(int(task.name))
    return found
