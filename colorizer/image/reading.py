"""From a file, or the bytes of one, to a picture."""

import io
import logging
import os
import stat
import struct
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from colorizer.color.lightness import Samples
from colorizer.errors import SourceMissing, SourceTooLarge, SourceUnreadable
from colorizer.filetypes import START_BYTES, KindNotSupported, format_of
from colorizer.image import deep, ifd, openers, partial
from colorizer.image.metadata import (
    Shape,
    SourceMetadata,
    directories_below,
    for_result,
    found_in,
    found_in_tiff,
    orientation,
)
from colorizer.image.png_colour import png_profile
from colorizer.image.raster import Raster, planes, raster_of, upright
from colorizer.image.tiff_reading import tiff_layout, tiff_raster, whole_part
from colorizer.image.values import SourcePicture, one_line
from colorizer.settings import settings

_DECODER_ERRORS = (  # what the readers are known to raise for damaged files
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, RuntimeError),
    *(AttributeError, AssertionError, struct.error, zlib.error, Image.DecompressionBombError),
)
_IS_PART = "it is damaged or cut short: what could not be read of it is grey"
_ELSEWHERE = "Get the file again, or open it in another program and save it as PNG"
_WIDEST_PIXEL = 16  # bytes: RGB and alpha as 32-bit floats; wider ones count as several
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
    if kind == "TIFF":
        with _libtiff_silent():
            decoded = _decoded_tiff(file, label, limit, is_part=is_part)
    else:
        decoded = _decoded(file, kind, label, limit, is_part=is_part)
    turn = orientation(decoded.found)
    parts = planes(decoded.raster, decoded.icc)
    if decoded.height:
        parts = partial.with_grey_below(parts, decoded.height)
    left_to_do = 1 if decoded.is_upright else turn
    luma = upright(parts.luma, left_to_do)
    alpha = None if parts.alpha is None else upright(parts.alpha, left_to_do)
    height, width = luma.shape
    metadata, lost = for_result(decoded.found, Shape(width, height, turn >= 5, parts.profiled))
    colour = ("the picture has colour; it was treated as grey",) if parts.had_colour else ()
    notes = decoded.notes + parts.notes + lost + colour + ((_IS_PART,) if is_part else ())
    return SourcePicture(label, kind, luma, alpha, parts.had_colour, metadata, notes)


@dataclass(frozen=True)
class _Decoded:
    """A decoded file. is_upright: the reader has turned the picture already. height: where rows are missing below."""

    raster: Raster
    icc: bytes | None
    found: SourceMetadata
    notes: tuple[str, ...] = ()
    is_upright: bool = False
    height: int = 0


def _decoded(file: BinaryIO, kind: str, label: str, limit: float, *, is_part: bool) -> _Decoded:
    load = partial.load_part if is_part else partial.load_whole
    image = openers.opened(kind, partial.with_its_end(kind, file) if is_part else file)
    _check_size(label, image.width, image.height, limit)
    notes = []
    frames = 1 if is_part else getattr(image, "n_frames", 1)  # counting them reads the file to its end
    if frames > 1:
        notes.append(f"this {kind} has {frames} frames; the first one was taken")
    bits = deep.stored_bits(kind, file, image)
    if kind == "PNG" and deep.is_deep_png(file):
        raster = deep.png_raster(file, image, load)
    elif kind == "PPM" and deep.is_deep_ppm(image):
        raster = deep.ppm_raster(file, image, partial=is_part)
    else:
        load(image)
        _check_size(label, image.width, image.height, limit)
        raster = _as_16_bit(raster_of(image)) if kind == "PPM" and image.mode == "I" else raster_of(image)
    if bits > 8 * raster.dtype.itemsize:
        notes.append(f"its {bits}-bit samples were read as 8 bit")
    icc = png_profile(image.info, raster.colours) if kind == "PNG" else image.info.get("icc_profile")
    return _Decoded(raster, icc, found_in(image), tuple(notes))


def _decoded_tiff(file: BinaryIO, label: str, limit: float, *, is_part: bool) -> _Decoded:
    header = ifd.read_header(file)
    fields, following = ifd.read_directory(file, header, header.first)
    if _is_camera_raw(file, fields, header.order):
        raise KindNotSupported("is a camera's raw file")
    layout = tiff_layout(fields, header.order)
    found = found_in_tiff(fields, header.order, directories_below(file, header, fields))
    icc = fields[34675].data if 34675 in fields else None
    notes: tuple[str, ...] = ("this TIFF has several pages; the first one was taken",) if following else ()
    if layout is not None:
        _check_size(label, layout.width, layout.height, limit, layout.bytes_per_pixel)
        _check_size(label, layout.stored_width, layout.height, limit, layout.bytes_per_pixel)
        part = whole_part(layout, file.seek(0, 2)) if is_part else layout
        return _Decoded(tiff_raster(file, part), icc, found, notes, height=layout.height)
    image = openers.opened("TIFF", file)
    _check_size(label, image.width, image.height, limit)
    image.info.pop("xmp", None)  # Pillow turns the picture by the orientation field, and is to look at nothing else
    (partial.load_part if is_part else partial.load_whole)(image)
    raster = raster_of(image)
    bits = ifd.integers(fields.get(258), header.order)[:1]
    if bits == (12,):
        raster = replace(raster, strip=_from_12_bit(raster.strip))
    elif bits and bits[0] > 8:
        notes += (f"its {bits[0]}-bit samples were read as 8 bit",)
    return _Decoded(raster, icc, found, notes, is_upright=True)


def _as_16_bit(raster: Raster) -> Raster:
    """Pillow hands the deep samples of a PPM out as 32-bit integers of 0 to 65535."""
    return replace(raster, dtype=np.dtype(np.uint16), strip=lambda rows: raster.strip(rows).astype(np.uint16))


def _from_12_bit(strip: Callable[[slice], Samples]) -> Callable[[slice], Samples]:
    return lambda rows: strip(rows) << 4 | strip(rows) >> 8


def _is_camera_raw(file: BinaryIO, fields: ifd.Directory, order: ifd.Order) -> bool:
    """Raw files are TIFF with a small preview in front, which nobody wants to have instead of the picture."""
    file.seek(8)
    reduced = ifd.integers(fields.get(254), order)[:1] == (1,)
    return 50706 in fields or file.read(2) == b"CR" or (reduced and 330 in fields)


def _check_size(label: str, width: int, height: int, limit: float, bytes_per_pixel: int = 1) -> None:
    if min(width, height) < 1:
        raise ValueError(f"it has {width} x {height} pixels")
    megapixels = width * height / 1e6
    if megapixels * max(1, bytes_per_pixel / _WIDEST_PIXEL) > limit:
        raise SourceTooLarge(
            f"{label} has {width} x {height} pixels ({megapixels:,.1f} megapixels), and the limit is {limit:g}. "
            "Make the picture smaller, or raise COLORIZER_MAX_MEGAPIXELS"
        )


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
