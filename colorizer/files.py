"""Files that appear whole or not at all, and the room on the disk that they need."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from colorizer.errors import OutputError

_CURES = {
    **dict.fromkeys((errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EIO), "look at the free space"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "choose a folder that you may write to"),
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENOENT: "its folder is gone: make it again",
    errno.EFBIG: "this disk holds no file so large: choose another one",
}
_LONGEST_SUFFIX = 12  # letters of a suffix that the temporary name keeps: some writers look at it


@contextmanager
def appearing(target: Path, beside: Path | None = None, *, durable: bool = True) -> Iterator[Path]:
    """A temporary name that the block writes a file, or a folder of files, to; after the block it is the target.

    When the block raises, nothing is left of it and an older target is as it was. The temporary name lies in the
    target's folder, or beside the path of that name on the same disk. durable: see `put_in_place`. Raises OSError.

        with appearing(Path("film.mp4")) as part:
            encode(part)
    """
    part = (beside or target).with_name(f".{secrets.token_hex(8)}.part{target.suffix[:_LONGEST_SUFFIX]}")
    try:
        yield part
        put_in_place(part, target, durable=durable)
    finally:
        with suppress(OSError, ValueError):  # a name that no file can have
            if part.is_dir():
                shutil.rmtree(part, ignore_errors=True)
            else:
                part.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes | bytearray | memoryview, *, durable: bool = True) -> None:
    """Write the file whole or not at all. durable: see `put_in_place`. Raises OSError."""
    with appearing(path, durable=durable) as part:
        part.write_bytes(data)


def put_in_place(part: Path, target: Path, *, durable: bool = True) -> None:
    """Gives a finished file, or a folder of such, its name. After a power cut there is all of it, or what was before.

    Both names lie on the same disk; a folder also takes the place of an empty one. durable=False does not wait for the
    disk: for small files that are made again where a power cut takes them, such as previews, of which there are many.
    Raises OSError.
    """
    is_folder = part.is_dir()
    if durable:
        for file in part.iterdir() if is_folder else [part]:
            _write_through(file, os.O_RDWR)
    if is_folder and target.is_dir():
        target.rmdir()  # not every system puts a folder in the place of another one
    part.replace(target)
    if durable:
        for folder in (target, target.parent) if is_folder else (target.parent,):
            with suppress(OSError):  # Windows opens no folder, and not every disk of a network can be waited for
                _write_through(folder, os.O_RDONLY)


@contextmanager
def disk_errors(target: Path) -> Iterator[None]:
    """A block whose file errors, such as a full disk, become OutputError: one line that names the target."""
    try:
        yield
    except OSError as error:
        cure = cure_of(error, "choose another place for it")
        raise OutputError(f"{target} cannot be written: {error.strerror or error}; {cure}") from error


def cure_of(error: Exception, otherwise: str) -> str:
    """What to do about a file that could not be written. otherwise: where the disk is not the cause."""
    number = error.errno if isinstance(error, OSError) else None
    return _CURES.get(number or 0, otherwise)


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
