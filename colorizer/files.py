"""Files that appear whole or not at all, and the room on the disk that they need."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from colorizer.errors import OutputError


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


def size_text(size: int) -> str:
    """A number of bytes for people, such as 129 MB."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} bytes"


def demand_space(folder: Path, size: int, chosen_with: str = "COLORIZER_MODELS_DIR") -> None:
    """Raises OutputError when fewer than `size` bytes are free where `folder` is; it says what chooses another."""
    free = shutil.disk_usage(folder).free
    if free < size:
        raise OutputError(
            f"{folder} has {size_text(free)} of free space, and {size_text(size)} are needed: make room, or choose "
            f"another folder with {chosen_with}."
        )


def write_whole(path: Path, data: bytes | bytearray) -> None:
    """Write the file whole or not at all."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
