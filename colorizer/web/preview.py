"""Small views of a picture: its reduced luma on disk, and JPEGs of it before and after."""

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.grade import Chroma, Grade
from colorizer.color.lightness import Samples, from_unit, to_unit
from colorizer.errors import SourceMissing
from colorizer.files import write_whole
from colorizer.image.values import SourcePicture
from colorizer.picture import render_quickly

PREVIEW_SIDE = 1280
VIEW_SIDES = (640, 960, PREVIEW_SIDE)  # the big view asks for the smallest that fills it: a smaller one is there sooner
_JPEG_QUALITY = 90
_NO_CHANGE = Grade()

Bytes = NDArray[np.uint8]


def keep_preview(source: SourcePicture, path: Path) -> None:
    """Write the picture's reduced luma to this path."""
    file = BytesIO()
    np.save(file, preview_luma(source))
    write_whole(path, file.getbuffer(), durable=False)


def stored_luma(path: Path) -> Bytes:
    """The reduced luma that was kept at this path. Raises SourceMissing when it is not there, or not yet."""
    try:
        return np.asarray(np.load(path, allow_pickle=False), np.uint8)
    except FileNotFoundError as error:
        raise SourceMissing("This picture was removed, or is not read yet.") from error


def drawn_luma(path: Path) -> Bytes:
    """The luma of a grey PNG that this program has drawn itself. Raises SourceMissing when it is not there."""
    luma = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.exists() else None
    if luma is None:
        raise SourceMissing("This picture was removed, or is not drawn yet.")
    return np.asarray(luma, np.uint8)


def preview_luma(source: SourcePicture) -> Bytes:
    """The picture's luma at no more than PREVIEW_SIDE a side, 8 bit; where it is transparent, on white."""
    small = to_unit(shrink(source.luma, PREVIEW_SIDE))
    if source.alpha is not None:
        small = 1 - (1 - small) * to_unit(shrink(source.alpha, PREVIEW_SIDE))
    return np.asarray(from_unit(small, np.dtype(np.uint8)), np.uint8)


def shrink(plane: Samples, side: int) -> Samples:
    """The plane with its longer side at `side` pixels; the same one where it is no larger than that."""
    height, width = plane.shape
    scale = side / max(height, width)
    if scale >= 1:
        return plane
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), plane.dtype)


def jpeg_of(luma: Bytes, side: int, chroma: Chroma | None = None, grade: Grade = _NO_CHANGE) -> bytes:
    """A JPEG at no more than `side` pixels a side: grey, or in colour where there is chroma."""
    small = shrink(luma, side)
    pixels = small if chroma is None else cv2.cvtColor(render_quickly(small, chroma, grade), cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not encoded:
        raise ValueError(f"OpenCV could not encode a preview of {pixels.shape}")
    return data.tobytes()
