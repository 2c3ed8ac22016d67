"""What is asked of the system: memory given back, threads on the ordinary schedule, programs left behind ended."""

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# The names are those of glibc's malloc.h.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_LARGE_BLOCK = 8_000_000  # bytes: the planes of a 4K frame, and nothing that is made many times a frame
_KEPT_FREE = 64_000_000  # bytes: more than the smaller blocks of a frame take together
_TASKS = Path("/proc/self/task")
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_STARTED = 19  # the field of /proc/PID/stat after the name in brackets: when the process began, in ticks since the boot


def return_large_blocks() -> None:
    """Give blocks as large as a 4K plane back to the system as soon as they are freed, and keep what smaller ones take.

    By itself glibc comes to keep the large ones in its heap, where smaller blocks between them hold them fast: the
    memory of a 4K film then grows by a few megabytes a minute. Told so, it gives the small ones back as well, to ask
    for them again at once, which took a tenth of all time until that was told, too. Elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        mallopt(_M_TRIM_THRESHOLD, _KEPT_FREE)


@contextmanager
def recorded(pid: int, page: Path) -> Iterator[None]:
    """The program's number and its beginning stand on the page as long as the block runs: see `end_recorded`."""
    identity = _identity(pid)
    try:
        if identity is not None:
            with suppress(OSError):  # a full disk: the program itself will say so
                page.write_text(f"{pid} {identity}", "utf-8")
        yield
    finally:
        with suppress(OSError):
            page.unlink(missing_ok=True)


def end_recorded(folder: Path) -> None:
    """End the programs that a dead process recorded in pages of this folder, and left running.

    Each is known by its number and its beginning: numbers are given anew. Where there is no /proc nothing is recorded,
    and such a program ends by itself in a while.
    """
    for page in folder.glob("*.pid"):
        with suppress(OSError, ValueError):  # it has ended, or the page was not written to its end
            number, _, identity = page.read_text("utf-8").partition(" ")
            if identity and identity == _identity(int(number)):
                os.kill(int(number), signal.SIGKILL)
        with suppress(OSError):
            page.unlink(missing_ok=True)


def _identity(pid: int) -> str | None:
    """The boot and the moment in it at which the process began; None where the system does not say."""
    try:
        said = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
        return f"{_BOOT.read_text('ascii').strip()} {said.rpartition(')')[2].split()[_STARTED]}"
    except (OSError, IndexError):
        return None


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
