"""Results at full size: one as a file, all as a zip that is made while it is sent."""

import logging
import re
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import RawIOBase
from pathlib import PurePath

from colorizer.color.grade import Grade
from colorizer.image.reading import read_picture
from colorizer.image.values import Provenance, SaveOptions, WriteFormat
from colorizer.image.writing import chosen_format, encode_picture, saving_notes, suffix_of
from colorizer.inspect.picture_reading import LARGE
from colorizer.picture import render
from colorizer.web.colouring import ColouredPicture, Picture, Read, failure_text

MEDIA_TYPES: dict[WriteFormat, str] = {
    "PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "TIFF": "image/tiff",
}  # fmt: skip
_ERRORS_FILE = "not in this archive.txt"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ResultFile:
    """A finished file."""

    name: str
    media_type: str
    data: bytes
    notes: tuple[str, ...] = ()


class ResultQueue:
    """Makes results at full size, one large one and one other at a time. read: reads the pictures.

    A result of 100 megapixels needs about a gigabyte while it is made.
    """

    def __init__(self, read: Read = read_picture) -> None:
        self._read = read
        self._threads = {
            is_large: ThreadPoolExecutor(1, thread_name_prefix="large-results" if is_large else "picture-results")
            for is_large in (False, True)
        }

    def order(self, picture: Picture, coloured: ColouredPicture, grade: Grade, save: SaveOptions) -> Future[ResultFile]:
        """The result, in the making after those that were ordered before."""
        is_large = coloured.width * coloured.height > LARGE * 1e6
        return self._threads[is_large].submit(make_result, picture, coloured, grade, save, self._read)

    def close(self) -> None:
        """Stop, after the results that are in the making."""
        for threads in self._threads.values():
            threads.shutdown(wait=True, cancel_futures=True)


def make_result(
    picture: Picture, coloured: ColouredPicture, grade: Grade, save: SaveOptions, read: Read = read_picture
) -> ResultFile:
    """The result at full size, with the source's metadata. Raises InputError or OutputError."""
    source = read(picture.path, picture.name)
    written = chosen_format(save, source)
    if coloured.chroma is None:
        pixels, provenance = source.luma, None
    else:
        pixels, provenance = (
            render(source.luma, coloured.chroma, grade, source.tone),
            _graded(coloured.provenance, grade),
        )
    data = encode_picture(pixels, source, replace(save, format=written), provenance)
    name = result_name(picture.name, written, colour=coloured.chroma is not None)
    notes = saving_notes(pixels, source, written, as_original=save.format is None)
    return ResultFile(name, MEDIA_TYPES[written], data, notes)


def _graded(provenance: Provenance | None, grade: Grade) -> Provenance | None:
    if provenance is None:
        return None
    values = {name: f"{value:g}" for name, value in grade.as_dict().items()}
    return replace(provenance, settings={**provenance.settings, **values})


def result_name(name: str, written: WriteFormat, *, colour: bool) -> str:
    """The file name of a result: that of its original, with what was done to it, safe on every system."""
    stem = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", PurePath(name).stem).strip(" .") or "picture"
    return f"{stem[:100]}-{'colour' if colour else 'grey'}{suffix_of(written)}"


def archive(
    items: Iterable[tuple[Picture, ColouredPicture, Grade]], save: SaveOptions, result_queue: ResultQueue
) -> Iterator[bytes]:
    """A zip of all results, piece by piece; one of them is in memory at a time.

    What could not be made is named, with its reason, in a text file inside.
    """
    sink = _Sink()
    taken: set[str] = set()
    failures: list[str] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as packed:
        for picture, coloured, grade in items:
            ordered = result_queue.order(picture, coloured, grade, save)
            error = ordered.exception()  # waits until the result is there
            if error is not None:
                _LOG.error("%s did not get into the archive", picture.name, exc_info=error)
                failures.append(f"{picture.name}: {failure_text(error)}")
                continue
            result = ordered.result()
            with packed.open(zipfile.ZipInfo(_free_name(result.name, taken)), "w", force_zip64=True) as entry:
                entry.write(result.data)
            yield sink.take()
        if failures:
            packed.writestr(_ERRORS_FILE, "\n".join(failures) + "\n")
    yield sink.take()


def _free_name(name: str, taken: set[str]) -> str:
    path, number, free = PurePath(name), 2, name
    while free.lower() in taken:
        free = f"{path.stem}-{number}{path.suffix}"
        number += 1
    taken.add(free.lower())
    return free


class _Sink(RawIOBase):
    """Where the zip is written to: holds what has not been sent yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(memoryview(data))  # type: ignore[arg-type]
        self._parts.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """Everything written since the last call."""
        whole = b"".join(self._parts)
        self._parts.clear()
        return whole
