"""A file that one process at a time may hold; the end of the process gives it back."""

import errno
import sys
from typing import BinaryIO

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
