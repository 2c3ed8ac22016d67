"""From an opened file of a known kind to samples, and to what stands beside them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np

from colorizer.color.lightness import Samples
from colorizer.errors import SourceTooLarge
from colorizer.image import camera_raw, deep, ifd, jxl, openers, partial
from colorizer.image.metadata import SourceMetadata, directories_below, found_in, found_in_tiff
from colorizer.image.png_colour import png_profile
from colorizer.image.raster import Raster, raster_of
from colorizer.image.tiff_reading import tiff_layout, tiff_raster, whole_part

_MOST_PREVIEWS = 10  # of a TIFF, before its picture
_WIDEST_PIXEL = 16  # bytes: RGB and alpha as 32-bit floats; wider ones count as several


@dataclass(frozen=True)
class Limit:
    """The most pixels that are decoded. label: the picture's name in messages."""

    label: str
    megapixels: float

    def check(self, width: int, height: int, bytes_per_pixel: int = 1) -> None:
        """Raises SourceTooLarge beyond the limit, and ValueError where there is no pixel."""
        if min(width, height) < 1:
            raise ValueError(f"it has {width} x {height} pixels")
        megapixels = width * height / 1e6
        if megapixels * max(1, bytes_per_pixel / _WIDEST_PIXEL) > self.megapixels:
            raise SourceTooLarge(
                f"{self.label} has {width} x {height} pixels ({megapixels:,.1f} megapixels), and the limit is "
                f"{self.megapixels:g}. Make the picture smaller, or raise COLORIZER_MAX_MEGAPIXELS"
            )


@dataclass(frozen=True)
class DecodedFile:
    """A decoded file. is_upright: the reader has turned the picture already. height: where rows are missing below."""

    raster: Raster
    icc: bytes | None
    found: SourceMetadata
    notes: tuple[str, ...] = ()
    is_upright: bool = False
    height: int = 0


def decode(file: BinaryIO, kind: str, limit: Limit, *, is_part: bool) -> DecodedFile:
    """The file of this kind, decoded; is_part: what there is of one that is cut short.

    Raises KindNotSupported where a reader is missing, SourceTooLarge before it decodes anything, and whatever the
    decoders raise for damaged files.
    """
    if kind == "TIFF":
        return _decoded_tiff(file, limit, is_part=is_part)
    if kind == "RAW":
        return DecodedFile(camera_raw.raster(file, limit.check), None, SourceMetadata(), is_upright=True)
    if kind == "JXL":
        head = jxl.read_head(file)
        limit.check(head.width, head.height)
    load = partial.load_part if is_part else partial.load_whole
    image = openers.opened(kind, partial.with_its_end(kind, file) if is_part else file)
    limit.check(image.width, image.height)
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
        limit.check(image.width, image.height)
        raster = _as_16_bit(raster_of(image)) if kind == "PPM" and image.mode == "I" else raster_of(image)
    if bits > 8 * raster.dtype.itemsize:
        notes.append(f"its {bits}-bit samples were read as 8 bit")
    icc = png_profile(image.info, raster.colours) if kind == "PNG" else image.info.get("icc_profile")
    # What a JPEG XL says of its orientation has been done, but where it holds a whole JPEG.
    is_upright = kind == "JXL" and not getattr(image, "jpeg", False)
    return DecodedFile(raster, icc, found_in(image), tuple(notes), is_upright)


def _decoded_tiff(file: BinaryIO, limit: Limit, *, is_part: bool) -> DecodedFile:
    header = ifd.read_header(file)
    fields: ifd.Directory
    fields, following = ifd.read_directory(file, header, header.first)
    if _is_camera_raw(file, fields, header.order):
        found = found_in_tiff(fields, header.order, directories_below(file, header, fields))
        return DecodedFile(camera_raw.raster(file, limit.check), None, found, is_upright=True)
    page, fields, following = _behind_previews(file, header, fields, following)
    found = found_in_tiff(fields, header.order, directories_below(file, header, fields))
    layout = tiff_layout(fields, header.order)
    icc = fields[34675].data if 34675 in fields else None
    notes: tuple[str, ...] = ("this TIFF has several pages; the first one was taken",) if following else ()
    if layout is not None:
        limit.check(layout.width, layout.height, layout.bytes_per_pixel)
        limit.check(layout.stored_width, layout.height, layout.bytes_per_pixel)
        part = whole_part(layout, file.seek(0, 2)) if is_part else layout
        return DecodedFile(tiff_raster(file, part), icc, found, notes, height=layout.height)
    image = openers.opened("TIFF", file)
    image.seek(page)
    limit.check(image.width, image.height)
    image.info.pop("xmp", None)  # Pillow turns the picture by the orientation field, and is to look at nothing else
    (partial.load_part if is_part else partial.load_whole)(image)
    raster = raster_of(image)
    bits = ifd.integers(fields.get(258), header.order)[:1]
    if bits == (12,):
        raster = replace(raster, strip=_from_12_bit(raster.strip))
    elif bits and bits[0] > 8:
        notes += (f"its {bits[0]}-bit samples were read as 8 bit",)
    return DecodedFile(raster, icc, found, notes, is_upright=True)


def _behind_previews(
    file: BinaryIO, header: ifd.Header, fields: ifd.Directory, following: int
) -> tuple[int, ifd.Directory, int]:
    """The first page that is no smaller version of another one: its number, its fields and what follows.

    The first page, where there is none.
    """
    first = 0, fields, following
    for page in range(_MOST_PREVIEWS):
        if not _is_reduced(fields, header.order):
            return page, fields, following
        if not following:
            break
        try:
            fields, following = ifd.read_directory(file, header, following)
        except ValueError:  # damaged: the preview is what there is
            break
    return first


def _is_reduced(fields: ifd.Directory, order: ifd.Order) -> bool:
    return bool((*ifd.integers(fields.get(254), order), 0)[0] & 1)


def _as_16_bit(raster: Raster) -> Raster:
    """Pillow hands the deep samples of a PPM out as 32-bit integers of 0 to 65535."""
    return replace(raster, dtype=np.dtype(np.uint16), strip=lambda rows: raster.strip(rows).astype(np.uint16))


def _from_12_bit(strip: Callable[[slice], Samples]) -> Callable[[slice], Samples]:
    return lambda rows: strip(rows) << 4 | strip(rows) >> 8


def _is_camera_raw(file: BinaryIO, fields: ifd.Directory, order: ifd.Order) -> bool:
    """Raw files are TIFF with a small preview in front, which nobody wants to have instead of the picture."""
    file.seek(8)
    return 50706 in fields or file.read(2) == b"CR" or (_is_reduced(fields, order) and 330 in fields)
