"""PNG samples of 16 bits with colour or alpha, which Pillow by itself would cut to 8.

Pillow still undoes compression and filters: it is shown the same data twice, or as another kind of pixel.
"""

import io
import zlib
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, PngImagePlugin

from colorizer.color.lightness import Samples
from colorizer.image.raster import Raster, keyed

_UINT16 = np.dtype(np.uint16)
_PNG_START = 33  # signature and IHDR


def is_deep(file: BinaryIO) -> bool:
    """Whether this PNG has 16-bit samples with colour or alpha."""
    file.seek(0)
    start = file.read(_PNG_START)
    return len(start) == _PNG_START and start[24] == 16 and start[25] in (2, 4, 6)


def raster(file: BinaryIO, image: Image.Image) -> Raster:
    """The 16-bit samples of such a PNG. image: the same file, opened by Pillow and not yet decoded."""
    file.seek(0)
    start = file.read(_PNG_START)
    if start[25] == 4:
        return _grey_alpha_raster(start, file.read())
    file.seek(0)
    low: Any = PngImagePlugin.PngImageFile(file)
    low.tile = [(*low.tile[0][:3], f"{image.mode};16L")]  # "L" takes the other byte of each sample than Pillow does
    low.load()
    image.load()
    key = image.info.get("transparency")

    def strip(rows: slice) -> Samples:
        box = (0, rows.start, image.width, rows.stop)
        samples = np.asarray(image.crop(box)).astype(_UINT16) << 8 | np.asarray(low.crop(box))
        return samples if key is None else keyed(samples, key)

    return Raster(image.width, image.height, _UINT16, "rgb", image.mode == "RGBA" or key is not None, strip)


def _grey_alpha_raster(start: bytes, rest: bytes) -> Raster:
    """A pixel of 16-bit grey and alpha has the four bytes of an 8-bit RGBA pixel, so it is decoded as one."""
    as_rgba = start[12:24] + b"\x08\x06" + start[26:29]
    crc = zlib.crc32(as_rgba).to_bytes(4, "big")
    image = PngImagePlugin.PngImageFile(io.BytesIO(start[:12] + as_rgba + crc + rest))
    image.load()

    def strip(rows: slice) -> Samples:
        part = np.ascontiguousarray(image.crop((0, rows.start, image.width, rows.stop)))
        return part.view(">u2").astype(_UINT16)

    return Raster(image.width, image.height, _UINT16, "grey", True, strip)
