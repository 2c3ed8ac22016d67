"""Is this file, byte for byte, the one that was meant? And copies that appear whole or not at all."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from colorizer.errors import ModelDamaged, OutputError
from colorizer.files import appearing, demand_space
from colorizer.weights.catalog import ModelFile

HEAD = 512  # bytes, enough to see what a file really is


def flaw(path: Path, file: ModelFile) -> str:
    """What is wrong with the file at this path, as the end of "it is ..."; empty when every byte is as expected."""
    try:
        size = path.stat().st_size
        found = hash_file(path) if size == file.size else ""
        if found == file.sha256:
            return ""
        with path.open("rb") as opened:
            disguise = true_kind(opened.read(HEAD))
    except OSError as error:
        return f"not readable ({error.strerror})"
    if disguise:
        return disguise
    if size != file.size:
        return size_flaw(size, file.size)
    return f"of the right size, but not the right file: its SHA-256 is {found} instead of {file.sha256}"


def true_kind(head: bytes) -> str:
    """What a file with these first bytes is, where it is something that often lies in a network's place; else empty."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"version https://git-lfs"):
        return "a Git LFS pointer, not the file itself"
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "an HTML page, not the file itself"
    if text.startswith(b"<?xml"):
        return "an XML message, not the file itself"
    return ""


def size_flaw(size: int, expected: int) -> str:
    """How a file of `size` bytes misses the expected size."""
    if size == 0:
        return "empty"
    way = "short" if size < expected else "long"
    return f"too {way} by {abs(size - expected)} bytes ({size} instead of {expected})"


def hash_file(path: Path) -> str:
    """The SHA-256 of the file's bytes, in hexadecimal digits. Raises OSError."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def copy_checked(source: Path, target: Path, file: ModelFile) -> None:
    """A copy of `source` at `target`, put there only when every byte of the copy is right.

    Raises OutputError when it cannot be written, ModelDamaged when the copy is not the expected file.
    """
    with writing(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        demand_space(target.parent, file.size)
        with appearing(target) as copy:  # what a killed process leaves of it: see local_models.remove
            shutil.copyfile(source, copy)
            wrong = flaw(copy, file)
            if wrong:
                raise ModelDamaged(f"The copy of {source} is {wrong}. The file changed meanwhile: try again.")


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """A block whose file errors become OutputError, saying how to choose another folder."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"Could not write into {folder} ({error}): choose another folder with COLORIZER_MODELS_DIR."
        ) from error
