"""Pictures that are cut short or damaged: what a decoder gives of them, on grey."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, ImageFile

from colorizer.color.lightness import Samples, full_scale
from colorizer.color.merge import Tone
from colorizer.image.raster import Planes

_GREYS: dict[str, Any] = {
    "L": 128, "LA": (128, 255), "La": (128, 255), "RGB": (128,) * 3, "RGBX": (128,) * 4, "RGBA": (128, 128, 128, 255),
    "RGBa": (128, 128, 128, 255), "CMYK": (0, 0, 0, 127), "YCbCr": (128,) * 3, "LAB": (128,) * 3, "I": 2**15, "F": 0.5,
    "I;16": 2**15, "I;16L": 2**15, "I;16B": 2**15,
}  # fmt: skip
_NEARLY_ALL = 0.99
_END_OF_JPEG = b"\xff\xd9"


@contextmanager
def damage_allowed() -> Iterator[None]:
    """A block in which Pillow gives what it could decode, and takes chunks with a wrong checksum.

    It belongs to the whole process: one at a time.
    """
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def with_its_end(kind: str, file: BinaryIO) -> BinaryIO:
    """The file with the mark of its end, at which libjpeg gives what it has, and grey for what is missing."""
    if kind != "JPEG":
        return file
    file.seek(0)
    return io.BytesIO(file.read() + _END_OF_JPEG)


def load_whole(image: ImageFile.ImageFile, _grey: Any = None) -> None:
    """Decode all of it."""
    image.load()


def load_part(image: ImageFile.ImageFile, grey: Any = None) -> None:
    """Decode what there is of it; what is missing is grey, or white where there are no greys.

    grey: an opaque pixel, where the image's bands do not mean what its mode says.
    """
    extents = [tile[1] for tile in image.tile if tile[1]]
    width, height = (max((each[side] for each in extents), default=image.size[side - 2]) for side in (2, 3))
    image.im = Image.new(image.mode, (width, height), grey or _grey(image)).im
    try:
        image.load()
    except OSError:  # of libtiff, after the strips before were decoded
        image.tile = []


def _grey(image: Image.Image) -> Any:
    if image.mode == "P" and image.palette:
        colours = np.frombuffer(bytes(image.palette.palette), np.uint8)
        colours = colours[: len(colours) // 3 * 3].reshape(-1, 3)
        return int(np.abs(colours.astype(int) - 128).sum(axis=1).argmin()) if len(colours) else 0
    return _GREYS.get(image.mode, 255)


def with_grey_below(parts: Planes, height: int) -> Planes:
    """The planes made this high, with opaque grey below what there is of them."""
    opaque = parts.luma.dtype.type(full_scale(parts.luma.dtype))
    return replace(
        parts,
        luma=_made_higher(parts.luma, height, _blank(parts.luma)),
        alpha=None if parts.alpha is None else _made_higher(parts.alpha, height, opaque),
        tone=None if parts.tone is None else _toneless_below(parts.tone, height / len(parts.luma)),
    )


def _toneless_below(tone: Tone, factor: float) -> Tone:
    return np.pad(tone, ((0, max(0, round(len(tone) * (factor - 1)))), (0, 0), (0, 0)))


def is_nearly_blank(luma: Samples) -> bool:
    """Whether next to nothing was read: what is not grey may be a decoder's guess at its first few pixels."""
    return bool(luma.min() == luma.max() or np.count_nonzero(luma == _blank(luma)) > _NEARLY_ALL * luma.size)


def _blank(luma: Samples) -> Any:
    """The grey of what is missing, in the type of this luma."""
    return luma.dtype.type({1: 128, 2: 2**15}.get(luma.dtype.itemsize, 0.5))


def _made_higher(plane: Samples, height: int, level: Any) -> Samples:
    missing = np.full((height - len(plane), plane.shape[1]), level, plane.dtype)
    return np.concatenate([plane, missing]) if len(missing) else plane
