"""TIFF pages with grey or RGB samples, of any depth and layout; Pillow by itself would cut most to 8 bits, or refuse.

Pillow still undoes the compression: it is shown the same data as 8-bit grey, and the bytes are put together here.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, TiffImagePlugin

from colorizer.color.lightness import Samples
from colorizer.image import ifd
from colorizer.image.ifd import Directory, Field, Order
from colorizer.image.raster import Raster

_WHOLE = (np.dtype(np.uint8), np.dtype(np.uint16))  # kept as they are; all other types become floats
_LOSSLESS = {1, 5, 8, 32773, 32946, 34925, 50000}  # none, LZW, Deflate, PackBits, old Deflate, LZMA, Zstandard
_LARGEST_TILE = 2**28  # pixels
_KINDS = {  # (SampleFormat, BitsPerSample)
    (1, 8): "u1",
    (1, 16): "u2",
    (1, 32): "u4",
    (2, 16): "i2",
    (2, 32): "i4",
    (3, 16): "f2",
    (3, 32): "f4",
    (3, 64): "f8",
}


class _Tag:
    WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
    STRIP_OFFSETS, CHANNELS, ROWS, STRIP_BYTES, PLANAR, PREDICTOR = 273, 277, 278, 279, 284, 317
    TILE_WIDTH, TILE_HEIGHT, TILE_OFFSETS, TILE_BYTES, EXTRA, FORMAT = 322, 323, 324, 325, 338, 339


@dataclass(frozen=True)
class TiffLayout:
    """How a TIFF page keeps its samples. kind: their type in the file's byte order. extra: what the channels beyond
    the colours mean (1 and 2: alpha, premultiplied and not). block: width and height of a tile, or of a strip.
    """

    width: int
    height: int
    kind: np.dtype[Any]
    photometric: int
    channels: int
    extra: tuple[int, ...]
    planar: bool
    compression: int
    predictor: int
    fill_order: int
    block: tuple[int, int]
    tiled: bool
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]

    def __post_init__(self) -> None:
        tile_pixels = self.block[0] * self.block[1] if self.tiled else 0
        if not self.colours <= self.channels <= 8 or min(self.block) < 1 or tile_pixels > _LARGEST_TILE:
            raise ValueError("the layout of its samples makes no sense")

    @property
    def colours(self) -> int:
        """How many channels are colour: 3 for RGB, 1 for grey."""
        return 3 if self.photometric == 2 else 1

    @property
    def has_alpha(self) -> bool:
        """Whether the channel after the colours is alpha."""
        return self.channels > self.colours and self.extra[:1] in {(1,), (2,)}

    @property
    def stored_width(self) -> int:
        """The width with the tiles that stand out over the right edge."""
        return -(-self.width // self.block[0]) * self.block[0]

    @property
    def bytes_per_pixel(self) -> int:
        """What one decoded pixel takes."""
        return self.channels * self.kind.itemsize


def tiff_layout(fields: Directory, order: Order) -> TiffLayout | None:
    """The layout of a page with grey or RGB samples of whole bytes; None for a page that is Pillow's to read.

    Raises ValueError for a layout that contradicts itself.
    """

    def numbers(tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        return ifd.integers(fields.get(tag), order) or default

    bits, forms = set(numbers(_Tag.BITS, (1,))), set(numbers(_Tag.FORMAT, (1,)))
    kind = _KINDS.get((min(forms), min(bits))) if len(bits) == len(forms) == 1 else None
    photometric, compression = numbers(_Tag.PHOTOMETRIC, (0,))[0], numbers(_Tag.COMPRESSION, (1,))[0]
    width, height = numbers(_Tag.WIDTH, (0,))[0], numbers(_Tag.HEIGHT, (0,))[0]
    if kind is None or photometric not in (0, 1, 2) or compression not in _LOSSLESS or min(width, height) < 1:
        return None
    tiled = _Tag.TILE_OFFSETS in fields
    sizes = numbers(_Tag.TILE_BYTES if tiled else _Tag.STRIP_BYTES)
    if kind == "u1" and not sizes:
        return None  # older than the rule that sizes must be there, and Pillow knows how to guess
    block = (numbers(_Tag.TILE_WIDTH, (0,))[0], numbers(_Tag.TILE_HEIGHT, (0,))[0])
    return TiffLayout(
        width=width,
        height=height,
        kind=np.dtype(order + kind),
        photometric=photometric,
        channels=numbers(_Tag.CHANNELS, (1,))[0],
        extra=numbers(_Tag.EXTRA),
        planar=numbers(_Tag.PLANAR, (1,))[0] == 2,
        compression=compression,
        predictor=numbers(_Tag.PREDICTOR, (1,))[0],
        fill_order=numbers(_Tag.FILL_ORDER, (1,))[0],
        block=block if tiled else (width, min(height, numbers(_Tag.ROWS, (height,))[0])),
        tiled=tiled,
        offsets=numbers(_Tag.TILE_OFFSETS if tiled else _Tag.STRIP_OFFSETS),
        sizes=sizes,
    )


def whole_part(layout: TiffLayout, file_size: int) -> TiffLayout:
    """The layout of those rows from the top whose strips or tiles lie whole in a file of this size.

    Raises ValueError where there are none.
    """
    ends = [offset + size for offset, size in zip(layout.offsets, layout.sizes, strict=False)]
    across, down = -(-layout.width // layout.block[0]), -(-layout.height // layout.block[1])
    planes = layout.channels if layout.planar else 1
    if len(ends) == across * down == 1 and layout.compression == 1:  # one strip, in which every row has its place
        row = layout.width * layout.bytes_per_pixel
        rows = min(layout.height, (file_size - layout.offsets[0]) // row)
        part = replace(layout, height=rows, block=(layout.width, max(1, rows)), sizes=(rows * row,))
    else:
        whole = [number < len(ends) and ends[number] <= file_size for number in range(planes * across * down)]
        kept = min(
            next((n for n in range(down) if not all(whole[(p * down + n) * across :][:across])), down)
            for p in range(planes)
        )
        rows = min(layout.height, kept * layout.block[1])
        places = [(p * down + n) * across + m for p in range(planes) for n in range(kept) for m in range(across)]
        offsets, sizes = (tuple(values[place] for place in places) for values in (layout.offsets, layout.sizes))
        part = replace(layout, height=rows, offsets=offsets, sizes=sizes)
    if rows < 1:
        raise ValueError("the picture is cut short")
    return part


def tiff_raster(file: BinaryIO, layout: TiffLayout) -> Raster:
    """The samples of a page, unchanged for uint8 and uint16; of other types as float32, their range still to be found.

    Raises ValueError where strips or tiles are missing.
    """
    if layout.planar:
        used = layout.colours + layout.has_alpha
        parts = [_plane(file, layout, plane, 1) for plane in range(used)]
    else:
        parts = [_plane(file, layout, 0, layout.channels)]
    native = layout.kind.newbyteorder("=")
    dtype = native if native in _WHOLE else np.dtype(np.float32)

    def strip(rows: slice) -> Samples:
        samples = np.concatenate([part(rows) for part in parts], axis=2)
        return _meaning(samples[..., : layout.colours + layout.has_alpha], layout)

    return Raster(layout.width, layout.height, dtype, "rgb" if layout.colours == 3 else "grey", layout.has_alpha, strip)


def _meaning(samples: Samples, layout: TiffLayout) -> Samples:
    """The samples with white at the top of the range and alpha not multiplied in, as uint8, uint16 or float32."""
    top = 1.0 if samples.dtype.kind == "f" else float(np.iinfo(samples.dtype).max)
    whole = samples.dtype in _WHOLE
    samples = samples.copy() if whole else samples.astype(np.float32)
    shown, alpha = samples[..., : layout.colours], samples[..., layout.colours :]
    if not whole:
        alpha /= top
    if layout.photometric == 0:
        np.subtract(samples.dtype.type(top), shown, out=shown)
    if layout.has_alpha and layout.extra[0] == 1:
        cover = alpha / top if whole else alpha
        straight = np.divide(shown, cover, out=np.zeros(shown.shape), where=cover > 0)
        shown[...] = np.rint(np.minimum(straight, top)) if whole else straight
    return samples


def _plane(file: BinaryIO, layout: TiffLayout, plane: int, channels: int) -> Callable[[slice], Samples]:
    """What gives the samples of some rows, (n, W, channels) in the machine's byte order, of one plane."""
    across = -(-layout.width // layout.block[0])
    down = -(-layout.height // layout.block[1])
    row_bytes = layout.block[0] * channels * layout.kind.itemsize
    blocks = slice(plane * across * down, (plane + 1) * across * down)
    as_bytes = _as_bytes(file, layout, blocks, across * row_bytes, row_bytes)

    def samples(rows: slice) -> Samples:
        part = np.ascontiguousarray(as_bytes.crop((0, rows.start, as_bytes.width, rows.stop)))
        blockwise = part.reshape(-1, row_bytes)  # one row of one block: predictors start anew there
        whole = _unpredicted(blockwise, layout, channels)
        return whole.reshape(rows.stop - rows.start, -1, channels)[:, : layout.width]

    return samples


def _unpredicted(rows: Samples, layout: TiffLayout, channels: int) -> Samples:
    """Sample values of rows of bytes, (n, bytes) -> (n, samples), in the machine's byte order.

    Source: TIFF 6.0, section 14; Adobe Photoshop TIFF technical note 3 for the predictor of floats.
    """
    native = layout.kind.newbyteorder("=")
    if layout.predictor == 3:
        summed = rows.reshape(len(rows), -1, channels).cumsum(axis=1, dtype=np.uint8)
        by_significance = summed.reshape(len(rows), native.itemsize, -1).transpose(0, 2, 1)
        return np.ascontiguousarray(by_significance).view(native.newbyteorder(">"))[..., 0].astype(native)
    values = rows.view(layout.kind).astype(native)
    if layout.predictor == 2:
        whole = np.dtype(f"u{native.itemsize}")
        differences = values.view(whole).reshape(len(rows), -1, channels)
        values = differences.cumsum(axis=1, dtype=whole).reshape(len(rows), -1).view(native)
    return values


def _as_bytes(file: BinaryIO, layout: TiffLayout, blocks: slice, width: int, block_width: int) -> Image.Image:
    """The page, or a plane of it, decompressed by Pillow as if each byte were a grey pixel."""
    offsets, sizes = layout.offsets[blocks], layout.sizes[blocks]
    if len(offsets) != blocks.stop - blocks.start or len(sizes) != len(offsets):
        raise ValueError("a strip or tile of the picture is missing")
    if sum(sizes) > file.seek(0, 2):
        raise ValueError("the picture is cut short")
    page, places = io.BytesIO(bytes(8)), []
    page.seek(8)
    for offset, size in zip(offsets, sizes, strict=True):
        places.append(page.tell())
        file.seek(offset)
        page.write(file.read(size))
    page.write(bytes(page.tell() % 2))
    directory = page.tell()
    page.write(ifd.structure("<", directory, _grey_page(layout, places, sizes, width, block_width), {}))
    page.seek(0)
    page.write(ifd.header_bytes("<", directory))
    page.seek(0)
    image = TiffImagePlugin.TiffImageFile(page)
    image.load()
    return image


def _grey_page(
    layout: TiffLayout, places: list[int], sizes: tuple[int, ...], width: int, block_width: int
) -> dict[int, Field]:
    def field(*values: int, kind: int = ifd.LONG) -> Field:
        return ifd.integer_field("<", kind, *values)

    fields = {
        _Tag.WIDTH: field(width),
        _Tag.HEIGHT: field(layout.height),
        _Tag.BITS: field(8, kind=ifd.SHORT),
        _Tag.COMPRESSION: field(layout.compression, kind=ifd.SHORT),
        _Tag.PHOTOMETRIC: field(1, kind=ifd.SHORT),
        _Tag.FILL_ORDER: field(layout.fill_order, kind=ifd.SHORT),
        _Tag.CHANNELS: field(1, kind=ifd.SHORT),
        _Tag.TILE_OFFSETS if layout.tiled else _Tag.STRIP_OFFSETS: field(*places),
        _Tag.TILE_BYTES if layout.tiled else _Tag.STRIP_BYTES: field(*sizes),
    }
    if layout.tiled:
        return fields | {_Tag.TILE_WIDTH: field(block_width), _Tag.TILE_HEIGHT: field(layout.block[1])}
    return fields | {_Tag.ROWS: field(layout.block[1])}
