"""Pictures read for the studio: what a decoder might crash over, and what is large, in a process of its own.

The decoders of JPEG, PNG, BMP, GIF and PPM have been tried by the whole web for decades; a picture of these kinds that
is not large is read right here, as a process takes a third of a second to start. In such a process the picture is left
as luma.npy, alpha.npy, tone.npy and picture.json in a folder, or problem.json is.
"""

import json
import secrets
import shutil
import struct
import sys
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from threading import Semaphore
from typing import Any

import numpy as np

from colorizer import errors
from colorizer.closing import Closing
from colorizer.errors import InputError, SourceUnreadable
from colorizer.filetypes import START_BYTES, KindNotSupported, format_of
from colorizer.image import openers
from colorizer.image.reading import read_picture
from colorizer.image.values import Metadata, SourcePicture
from colorizer.inspect.child_processes import ChildProcesses

LARGE = 24.0  # megapixels from which a picture of any kind is read in a process of its own
_PROVEN = {"JPEG", "PNG", "BMP", "GIF", "PPM"}
_MODULE = "colorizer.inspect.picture_reading"
_WITHIN = 180.0  # seconds after which a process that hangs is ended
_AT_ONCE = 3  # processes: each holds a whole picture in memory
_PICTURE, _PROBLEM, _LUMA, _ALPHA, _TONE = "picture.json", "problem.json", "luma.npy", "alpha.npy", "tone.npy"


class PictureReader(Closing):
    """Reads pictures from any number of threads; a context manager that leaves no process behind."""

    def __init__(self) -> None:
        self._children = ChildProcesses()
        self._places = Semaphore(_AT_ONCE)

    def read(self, path: Path, name: str) -> SourcePicture:
        """The picture in this file; name stands in messages. What is left beside it meanwhile is deleted.

        Raises InputError, also where the decoder crashed.
        """
        if is_read_here(path):
            return read_picture(path, name)
        folder = path.with_name(f"{path.stem}-{secrets.token_hex(4)}")
        folder.mkdir()
        try:
            with self._places:
                self._children.run(_MODULE, path, name, folder, log=folder / "reader.log", seconds=_WITHIN)
            return _found_in(folder, name)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """End what is being read."""
        self._children.close()


def is_read_here(path: Path) -> bool:
    """Whether this picture may be read in this process: its decoder is a proven one, and it is not large."""
    try:
        with path.open("rb") as file:
            kind = format_of(file.read(START_BYTES))
            if kind not in _PROVEN:
                return False
            image = openers.opened(kind, file)
            return image.width * image.height <= LARGE * 1e6
    except KindNotSupported:
        return True  # no decoder sees it
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error, zlib.error):
        return False  # damaged in its head already


def _found_in(folder: Path, name: str) -> SourcePicture:
    """The picture that a process has left in the folder. Raises InputError for a problem, or where nothing is there."""
    if (folder / _PROBLEM).exists():
        told = json.loads((folder / _PROBLEM).read_text("utf-8"))
        kind = getattr(errors, told["kind"], SourceUnreadable)
        raise kind(told["problem"])
    if not (folder / _PICTURE).exists():
        raise SourceUnreadable(
            f"{name} made its decoder stop without an answer. Get the file again, or open it in another program and "
            "save it as PNG"
        )
    page = json.loads((folder / _PICTURE).read_text("utf-8"))
    alpha, tone = (np.load(folder / name) if (folder / name).exists() else None for name in (_ALPHA, _TONE))
    return SourcePicture(
        page["name"], page["format"], np.load(folder / _LUMA), alpha, page["had_colour"],
        _metadata(page["metadata"]), tuple(page["notes"]), tone,
    )  # fmt: skip


def _leave(picture: SourcePicture, folder: Path) -> None:
    """Write the picture into the folder, the page that says so last."""
    np.save(folder / _LUMA, picture.luma)
    if picture.alpha is not None:
        np.save(folder / _ALPHA, picture.alpha)
    if picture.tone is not None:
        np.save(folder / _TONE, picture.tone)
    page = {
        "name": picture.name,
        "format": picture.format,
        "had_colour": picture.had_colour,
        "notes": picture.notes,
        "metadata": {name: _as_text(value) for name, value in asdict(picture.metadata).items()},
    }
    part = folder / "part.json"
    part.write_text(json.dumps(page), "utf-8")
    part.replace(folder / _PICTURE)


def _as_text(value: Any) -> Any:
    return {"bytes": b64encode(value).decode()} if isinstance(value, bytes) else value


def _metadata(page: dict[str, Any]) -> Metadata:
    values: dict[str, Any] = {
        name: b64decode(value["bytes"]) if isinstance(value, dict) else value for name, value in page.items()
    }
    return Metadata(**{**values, "dpi": tuple(values["dpi"]) if values["dpi"] else None})


def main(arguments: Sequence[str]) -> int:
    """Read the first argument, a picture that people call by the second, into the third, a folder; the exit status."""
    source, name, folder = Path(arguments[0]), arguments[1], Path(arguments[2])
    try:
        _leave(read_picture(source, name), folder)
    except InputError as error:
        problem = {"kind": type(error).__name__, "problem": str(error)}
        (folder / _PROBLEM).write_text(json.dumps(problem), "utf-8")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
