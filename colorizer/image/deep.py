"""Samples of more than 8 bits: how many a file has, and PNG and PPM as they are, which Pillow would cut to 8.

Pillow still undoes compression and filters of a PNG: it is shown the same data twice, or as another kind of pixel.
"""

import io
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np
from PIL import ImageFile, PngImagePlugin

from colorizer.color.lightness import Samples
from colorizer.image import jxl
from colorizer.image.raster import Raster, keyed

Load = Callable[..., None]  # of an opened image, and a grey pixel in bands that mean something else
_UINT16 = np.dtype(np.uint16)
_PNG_START = 33  # signature and IHDR
_HEAD = 2**16  # bytes in which a file describes its picture
_COMPONENT = 42  # where a bare JPEG 2000 codestream tells of its first component


def stored_bits(kind: str, file: BinaryIO, image: ImageFile.ImageFile) -> int:
    """The bits of a sample as the file says; 8 where it says nothing. image: the same file, opened and not yet decoded.

    Pillow reads most deep samples as 8 bit, and seldom says so.

    Source: ISO/IEC 15444-1, A.5.1 and I.5.3.1 (JPEG 2000); AV1 Codec ISO Media File Format Binding, 2.3 (AVIF).
    """
    if kind == "PPM":
        options = image.tile[0][3]  # of Pillow's decoder, the largest sample at the end
        return int(options[-1]).bit_length() if isinstance(options, tuple) else 8
    if kind == "JXL":
        return jxl.read_head(file).bits
    if kind not in {"JPEG2000", "AVIF"}:
        return int(image.info.get("bit_depth", 8))
    file.seek(0)
    head = file.read(_HEAD)
    return _jpeg2000_bits(head) if kind == "JPEG2000" else _avif_bits(head)


def _jpeg2000_bits(head: bytes) -> int:
    box = head.find(b"ihdr")
    told = head[box + 14 if box >= 0 else _COMPONENT]
    return 8 if told == 0xFF else (told & 0x7F) + 1  # the former: its components differ


def _avif_bits(head: bytes) -> int:
    box = head.find(b"av1C")
    flags = head[box + 6] if 0 <= box < len(head) - 6 else 0
    return 8 if not flags & 0x40 else 12 if flags & 0x20 else 10


def is_deep_png(file: BinaryIO) -> bool:
    """Whether this PNG has 16-bit samples with colour or alpha."""
    file.seek(0)
    start = file.read(_PNG_START)
    return len(start) == _PNG_START and start[24] == 16 and start[25] in (2, 4, 6)


def png_raster(file: BinaryIO, image: ImageFile.ImageFile, load: Load) -> Raster:
    """The 16-bit samples of a deep PNG. image: the same file, opened by Pillow and not yet decoded. load: decodes."""
    file.seek(0)
    start = file.read(_PNG_START)
    if start[25] == 4:
        return _grey_alpha_raster(start, file.read(), load)
    file.seek(0)
    low: Any = PngImagePlugin.PngImageFile(file)
    low.tile = [(*low.tile[0][:3], f"{image.mode};16L")]  # "L" takes the other byte of each sample than Pillow does
    load(low)
    load(image)
    key = image.info.get("transparency")

    def strip(rows: slice) -> Samples:
        box = (0, rows.start, image.width, rows.stop)
        samples = np.asarray(image.crop(box)).astype(_UINT16) << 8 | np.asarray(low.crop(box))
        return samples if key is None else keyed(samples, key)

    return Raster(image.width, image.height, _UINT16, "rgb", image.mode == "RGBA" or key is not None, strip)


def _grey_alpha_raster(start: bytes, rest: bytes, load: Load) -> Raster:
    """A pixel of 16-bit grey and alpha has the four bytes of an 8-bit RGBA pixel, so it is decoded as one."""
    as_rgba = start[12:24] + b"\x08\x06" + start[26:29]
    crc = zlib.crc32(as_rgba).to_bytes(4, "big")
    image = PngImagePlugin.PngImageFile(io.BytesIO(start[:12] + as_rgba + crc + rest))
    load(image, (128, 128, 255, 255))

    def strip(rows: slice) -> Samples:
        part = np.ascontiguousarray(image.crop((0, rows.start, image.width, rows.stop)))
        return part.view(">u2").astype(_UINT16)

    return Raster(image.width, image.height, _UINT16, "grey", True, strip)


def is_deep_ppm(image: ImageFile.ImageFile) -> bool:
    """Whether this PPM, opened and not yet decoded, has 16-bit samples in colour, not written as text."""
    decoder, _, _, options = image.tile[0]
    return image.mode == "RGB" and decoder == "ppm" and isinstance(options, tuple) and options[-1] > 255


def ppm_raster(file: BinaryIO, image: ImageFile.ImageFile, *, partial: bool = False) -> Raster:
    """The 16-bit samples of a deep PPM; its greatest sample, whatever it is, becomes 65535.

    partial: those that are missing become grey. Raises ValueError where some are missing otherwise.
    """
    _, _, offset, options = image.tile[0]
    greatest = int(options[-1]) if options else 0
    file.seek(offset)
    data = np.frombuffer(read := file.read(image.height * image.width * 6), ">u2", len(read) // 2)
    if partial:
        data = np.append(data, np.full(image.height * image.width * 3 - len(data), greatest // 2 + 1, ">u2"))
    samples = data.reshape(image.height, image.width, 3)

    def strip(rows: slice) -> Samples:
        scaled = np.minimum(samples[rows], greatest) * (65535 / greatest)
        return np.asarray(np.rint(scaled), _UINT16)

    return Raster(image.width, image.height, _UINT16, "rgb", False, strip)
