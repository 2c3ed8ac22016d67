"""From a file, or the bytes of one, to a picture."""

import io
import logging
import os
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from colorizer.errors import SourceMissing, SourceTooLarge, SourceUnreadable
from colorizer.filetypes import START_BYTES, KindNotSupported, format_of
from colorizer.image import partial
from colorizer.image.metadata import Shape, for_result, orientation
from colorizer.image.picture_decoding import Limit, decode
from colorizer.image.raster import planes, upright
from colorizer.image.values import SourcePicture, one_line
from colorizer.settings import settings

_DECODER_ERRORS = (  # what the readers are known to raise for damaged files
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, RuntimeError),
    *(AttributeError, AssertionError, struct.error, zlib.error, Image.DecompressionBombError),
)
_IS_PART = "it is damaged or cut short: what could not be read of it is grey"
_ELSEWHERE = "Get the file again, or open it in another program and save it as PNG"
_PILLOW_LOG = logging.getLogger("PIL.TiffImagePlugin")
_pillow = threading.Lock()


def read_picture(
    source: str | Path | bytes, name: str | None = None, *, max_megapixels: float | None = None, strict: bool = False
) -> SourcePicture:
    """The picture in this file, or in these bytes: upright, its luma in sRGB encoding.

    name stands in messages (the file's own name when None). max_megapixels: None takes the setting. Of a file that is
    cut short or damaged, what can be read is kept, the rest is grey, and a note says so; strict refuses it.
    Raises SourceMissing, SourceUnreadable, and SourceTooLarge before anything is decoded.

    >>> from colorizer import read_picture
    >>> read_picture("old.png").luma.shape
    (40, 60)
    """
    if isinstance(source, str):
        source = Path(source)
    label = one_line(name or (source.name if isinstance(source, Path) else "the picture"))
    limit = settings().max_megapixels if max_megapixels is None else max_megapixels
    with _opened(source, label) as file, _pillow_undisturbed():
        try:
            return _picture(file, label, limit) if strict else _whole_or_part(file, label, limit)
        except KindNotSupported as error:
            raise SourceUnreadable(f"{label} {error}. {error.cure}") from error
        except _DECODER_ERRORS as error:
            raise SourceUnreadable(
                f"{label} is damaged, cut short or of a rare kind{_reason(error)}. {_ELSEWHERE}"
            ) from error
        except MemoryError as error:
            raise SourceTooLarge(f"{label} needs more memory than there is. Make the picture smaller") from error


def _whole_or_part(file: BinaryIO, label: str, limit: float) -> SourcePicture:
    """The picture, or what there is of it. Raises what the decoder raised where that is nothing."""
    try:
        return _picture(file, label, limit)
    except KindNotSupported:
        raise
    except _DECODER_ERRORS as error:
        try:
            file.seek(0)
            with partial.damage_allowed():
                part = _picture(file, label, limit, is_part=True)
        except (*_DECODER_ERRORS, SourceTooLarge):
            raise error from None
        if partial.is_nearly_blank(part.luma):
            raise
        return part


def _picture(file: BinaryIO, label: str, limit: float, *, is_part: bool = False) -> SourcePicture:
    kind = format_of(file.read(START_BYTES))
    with _libtiff_silent() if kind == "TIFF" else nullcontext():
        decoded = decode(file, kind, Limit(label, limit), is_part=is_part)
    turn = orientation(decoded.found)
    parts = planes(decoded.raster, decoded.icc)
    if decoded.height:
        parts = partial.with_grey_below(parts, decoded.height)
    left_to_do = 1 if decoded.is_upright else turn
    luma = upright(parts.luma, left_to_do)
    alpha = None if parts.alpha is None else upright(parts.alpha, left_to_do)
    tone = None if parts.tone is None else upright(parts.tone, left_to_do)
    height, width = luma.shape
    metadata, lost = for_result(decoded.found, Shape(width, height, turn >= 5, parts.profiled))
    colour = ("the picture has colour; it was treated as grey",) if parts.had_colour else ()
    notes = decoded.notes + parts.notes + lost + colour + ((_IS_PART,) if is_part else ())
    return SourcePicture(label, kind, luma, alpha, parts.had_colour, metadata, notes, tone)


@contextmanager
def _opened(source: Path | bytes, label: str) -> Iterator[BinaryIO]:
    if isinstance(source, bytes):
        if not source:
            raise SourceUnreadable(f"{label} is empty. {_ELSEWHERE}")
        yield io.BytesIO(source)
        return
    try:
        about = source.stat()
        if not stat.S_ISREG(about.st_mode):
            what = "a folder" if stat.S_ISDIR(about.st_mode) else "no ordinary file"
            raise SourceUnreadable(f"{label} is {what}. Name a picture file")
        if about.st_size == 0:
            raise SourceUnreadable(f"{label} is empty. {_ELSEWHERE}")
        file = source.open("rb")
    except FileNotFoundError as error:
        raise SourceMissing(f"{one_line(str(source))} is not there. Check the name and the folder") from error
    except (OSError, ValueError) as error:
        raise SourceUnreadable(f"{label} cannot be opened{_reason(error)}. Check the name and its rights") from error
    with file:
        yield file


@contextmanager
def _pillow_undisturbed() -> Iterator[None]:
    """Pillow without its warnings and its own size limit: pictures are checked here, and damage is reported once.

    One picture at a time, since all of these belong to the whole process.
    """
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        most_pixels, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        _PILLOW_LOG.addFilter(_nothing)
        try:
            yield
        finally:
            _PILLOW_LOG.removeFilter(_nothing)
            Image.MAX_IMAGE_PIXELS = most_pixels


@contextmanager
def _libtiff_silent() -> Iterator[None]:
    """libtiff prints a line for every damaged row, past Python; where no other thread can miss it, stderr is shut."""
    kept = _shut_stderr() if threading.active_count() == 1 else None
    try:
        yield
    finally:
        if kept is not None:
            os.dup2(kept, 2)
            os.close(kept)


def _shut_stderr() -> int | None:
    try:
        kept = os.dup(2)
    except OSError:  # a program without a console has none
        return None
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    return kept


def _nothing(_record: logging.LogRecord) -> bool:
    return False


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f" ({one_line(text)[:120]})" if text and "<" not in text else ""
