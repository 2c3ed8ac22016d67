"""A file that one process at a time may hold; the end of the process gives it back."""

import errno
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_POLL = 0.1  # seconds between two looks at a lock that somebody else has

_HELD = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}  # what taking a lock answers when somebody else has it


def take(handle: BinaryIO) -> bool:
    """Whether the open file is held by us now; closing it gives it back. Raises OSError on a disk without locks."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """A block that one process and one thread at a time runs for this path; the others wait. Raises OSError."""
    with path.open("ab") as handle:
        while not take(handle):
            time.sleep(_POLL)
        yield
