"""Small views of a picture: its reduced luma, and the original's own colour, on disk; JPEGs before and after."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.grade import Chroma, Grade, weighted
from colorizer.color.lightness import Samples, from_unit, to_unit
from colorizer.errors import SourceMissing
from colorizer.files import write_whole
from colorizer.image.values import SourcePicture
from colorizer.inspect.frame_pictures import original_beside
from colorizer.picture import original, render_quickly

PREVIEW_SIDE = 1280
VIEW_SIDES = (640, 960, PREVIEW_SIDE)  # the big view asks for the smallest that fills it: a smaller one is there sooner
_JPEG_QUALITY = 90
_NO_CHANGE = Grade()

Bytes = NDArray[np.uint8]


def keep_preview(source: SourcePicture, path: Path) -> None:
    """Write the picture's reduced luma to this path, and what it looks like itself where it is not grey."""
    file, small = BytesIO(), preview_luma(source)
    if source.tone is None:
        np.savez(file, luma=small)
    else:
        np.savez(file, luma=small, original=_preview_original(source, small))
    write_whole(path, file.getbuffer(), durable=False)


def stored_luma(path: Path) -> Bytes:
    """The reduced luma that was kept at this path. Raises SourceMissing when it is not there, or not yet."""
    return _stored(path)["luma"]


def stored_original(path: Path) -> Bytes | None:
    """The picture as it was, (h, w, 3) RGB, that was kept at this path; None for a grey one. Raises SourceMissing."""
    return _stored(path).get("original")


def _stored(path: Path) -> dict[str, Bytes]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: np.asarray(archive[name], np.uint8) for name in archive.files}
    except FileNotFoundError as error:
        raise SourceMissing("This picture was removed, or is not read yet.") from error


def drawn_luma(path: Path) -> Bytes:
    """The luma of a grey PNG that this program has drawn itself. Raises SourceMissing when it is not there."""
    luma = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) if path.exists() else None
    if luma is None:
        raise SourceMissing("This picture was removed, or is not drawn yet.")
    return np.asarray(luma, np.uint8)


def drawn_original(path: Path) -> Bytes | None:
    """The frame as it was, (h, w, 3) RGB, whose luma this program has drawn at this path; None for a grey one."""
    drawn = original_beside(path)
    pixels = cv2.imread(str(drawn), cv2.IMREAD_COLOR_RGB) if drawn.exists() else None
    return None if pixels is None else np.asarray(pixels, np.uint8)


def preview_luma(source: SourcePicture) -> Bytes:
    """The picture's luma at no more than PREVIEW_SIDE a side, 8 bit; where it is transparent, on white."""
    small = to_unit(shrink(source.luma, PREVIEW_SIDE))
    if source.alpha is not None:
        small = 1 - (1 - small) * to_unit(shrink(source.alpha, PREVIEW_SIDE))
    return np.asarray(from_unit(small, np.dtype(np.uint8)), np.uint8)


def _preview_original(source: SourcePicture, small: Bytes) -> Bytes:
    """What the picture looks like itself, (h, w, 3) RGB, over its reduced luma; where it is transparent, on white."""
    tone = source.tone
    if tone is not None and source.alpha is not None:
        alpha = cv2.resize(to_unit(source.alpha), tone.shape[1::-1], interpolation=cv2.INTER_AREA)
        tone = weighted(tone, np.asarray(alpha, np.float32))
    return np.asarray(original(small, tone), np.uint8)


def shrink(plane: Samples, side: int) -> Samples:
    """The plane or picture with its longer side at `side` pixels; the same one where it is no larger than that."""
    height, width = plane.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return plane
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), plane.dtype)


def jpeg_of(
    luma: Bytes, side: int, chroma: Chroma | None = None, grade: Grade = _NO_CHANGE, own: Bytes | None = None
) -> bytes:
    """A JPEG at no more than `side` pixels a side: in colour where there is chroma, else the original.

    own: the original, (h, w, 3) RGB; None where it is grey.
    """
    small = shrink(luma, side)
    before = None if own is None else shrink(own, side)
    if chroma is None:
        pixels = small if before is None else before
    elif before is None or grade.intensity == 1:
        pixels = render_quickly(small, chroma, grade)
    else:
        colour, share = render_quickly(small, chroma, replace(grade, intensity=1)), grade.intensity
        pixels = np.asarray(cv2.addWeighted(colour, share, before, 1 - share, 0), np.uint8)
    return jpeg(pixels)


def jpeg(pixels: Bytes) -> bytes:
    """A JPEG of (h, w) grey or (h, w, 3) RGB pixels."""
    shown = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    if not encoded:
        raise ValueError(f"OpenCV could not encode a preview of {pixels.shape}")
    return data.tobytes()
