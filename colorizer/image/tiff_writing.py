"""A TIFF file, written strip by strip: 8 and 16 bit and float, with metadata, in the memory of one strip."""

import zlib
from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np

from colorizer.color.lightness import Samples
from colorizer.errors import OutputError
from colorizer.image import ifd
from colorizer.image.ifd import Field, Order
from colorizer.image.metadata import ExifParts, exif_parts
from colorizer.image.values import Metadata

_LARGEST = 2**32 - 2**20
_DEFLATE, _DIFFERENCES, _FLOAT, _STRAIGHT_ALPHA, _PER_INCH = 8, 2, 3, 2, 2


def write_tiff(
    file: BinaryIO, shape: tuple[int, int, int], dtype: np.dtype[Any], strips: Iterable[Samples], metadata: Metadata
) -> None:
    """Writes a whole TIFF, deflated, into a file that is empty. shape: (H, W, channels).

    strips: (n, W, channels) from the top, all with the same n but the last; uint8, uint16 or float32.
    Raises OutputError beyond 4 GB. Source: TIFF 6.0, and Adobe's technical notes for Deflate.
    """
    parts = exif_parts(metadata.exif) if metadata.exif else ExifParts("<", {}, {})
    order = parts.order
    file.write(ifd.header_bytes(order, 0))
    offsets, sizes, rows = [], [], 1
    for strip in strips:
        rows = max(rows, len(strip))
        offsets.append(file.tell())
        sizes.append(file.write(_packed(strip, dtype.newbyteorder(order))))
        if file.tell() > _LARGEST:
            raise OutputError("TIFF holds at most 4 GB, and this picture needs more. Choose PNG")
    file.write(bytes(file.tell() % 2))
    fields = {
        **parts.main,
        **_pixel_fields(order, shape, dtype),
        **_description(order, metadata),
        273: ifd.integer_field(order, ifd.LONG, *offsets),
        278: ifd.integer_field(order, ifd.LONG, rows),
        279: ifd.integer_field(order, ifd.LONG, *sizes),
    }
    start = file.tell()
    file.write(ifd.structure(order, start, fields, parts.below))
    file.seek(0)
    file.write(ifd.header_bytes(order, start))
    file.seek(0, 2)


def _packed(strip: Samples, stored: np.dtype[Any]) -> bytes:
    if stored.kind == "u":
        differences = strip.copy()
        differences[:, 1:] -= strip[:, :-1]
        strip = differences
    packer = zlib.compressobj(6, zlib.DEFLATED, 15, 9, zlib.Z_RLE)  # as in png_writing.py
    return packer.compress(np.ascontiguousarray(strip, stored).data) + packer.flush()


def _pixel_fields(order: Order, shape: tuple[int, int, int], dtype: np.dtype[Any]) -> dict[int, Field]:
    height, width, channels = shape

    def numbers(*values: int, kind: int = ifd.SHORT) -> Field:
        return ifd.integer_field(order, kind, *values)

    is_float = dtype.kind == "f"
    fields = {
        256: numbers(width, kind=ifd.LONG),
        257: numbers(height, kind=ifd.LONG),
        258: numbers(*[8 * dtype.itemsize] * channels),
        259: numbers(_DEFLATE),
        262: numbers(2 if channels >= 3 else 1),
        277: numbers(channels),
        284: numbers(1),
        317: numbers(1 if is_float else _DIFFERENCES),
        339: numbers(*[_FLOAT if is_float else 1] * channels),
    }
    return fields | ({338: numbers(_STRAIGHT_ALPHA)} if channels in (2, 4) else {})


def _description(order: Order, metadata: Metadata) -> dict[int, Field]:
    fields = {}
    if metadata.dpi:
        fields[282], fields[283] = (ifd.rational_field(order, dpi) for dpi in metadata.dpi)
        fields[296] = ifd.integer_field(order, ifd.SHORT, _PER_INCH)
    if metadata.xmp:
        fields[700] = Field(1, metadata.xmp)
    if metadata.icc:
        fields[34675] = Field(ifd.BYTES, metadata.icc)
    if metadata.iptc:
        fields[33723] = Field(ifd.BYTES, metadata.iptc)
    return fields
