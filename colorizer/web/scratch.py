"""Temporary folders of this process; those of a process that was killed are deleted by a later one."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from colorizer.closing import Closing
from colorizer.lockfile import take

_LOCK = "in-use.lock"


class ScratchFolder(Closing):
    """A new folder, deleted when it is closed: a context manager. prefix: of its name; parent: None takes the system's.

    As long as it is open it is locked, so that `clear_abandoned` knows it from one whose process was killed.
    """

    def __init__(self, prefix: str, parent: Path | None = None) -> None:
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
            self._lock = (self.path / _LOCK).open("ab")
            if _is_held(self._lock) and (self.path / _LOCK).exists():
                return
            self._lock.close()  # in the moment between, another process took the folder for an abandoned one

    def close(self) -> None:
        """Delete the folder and all in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def clear_abandoned(prefix: str, parent: Path | None = None) -> None:
    """Delete the folders that ScratchFolder made with this prefix for processes of this user that live no more."""
    for folder in (parent or Path(tempfile.gettempdir())).glob(f"{prefix}*"):
        with suppress(OSError):  # somebody else's, or gone meanwhile
            if _is_our_own(folder):
                with (folder / _LOCK).open("r+b") as lock:
                    abandoned = take(lock)
                    if abandoned:
                        shutil.rmtree(folder, ignore_errors=True)
                if abandoned:  # where an open file cannot be deleted, the lock is left
                    shutil.rmtree(folder, ignore_errors=True)


def _is_our_own(folder: Path) -> bool:
    return not folder.is_symlink() and (not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid())


def _is_held(lock: BinaryIO) -> bool:
    """Whether the lock is ours; on a disk without locks it need not be, as nobody else can clear the folder either."""
    try:
        return take(lock)
    except OSError:
        return True
