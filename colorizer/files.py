"""Results that are there for good once they have their name: whole, and on the disk itself."""

import os
from contextlib import suppress
from pathlib import Path


def put_in_place(part: Path, target: Path) -> None:
    """Gives a finished file, or a folder of such, its name. After a power cut there is all of it, or what was before.

    Both names lie on the same disk. Raises OSError.
    """
    is_folder = part.is_dir()
    for file in part.iterdir() if is_folder else [part]:
        _write_through(file, os.O_RDWR)
    part.replace(target)
    for folder in (target, target.parent) if is_folder else (target.parent,):
        with suppress(OSError):  # Windows opens no folder, and not every disk of a network can be waited for
            _write_through(folder, os.O_RDONLY)


def _write_through(path: Path, access: int) -> None:
    handle = os.open(path, access)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
