"""Luma and lightness: the two ways to say how bright a pixel is, and the way from one to the other."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.matrices import LUMA_WEIGHTS

Float32 = NDArray[np.float32]
Samples = NDArray[Any]
"""A plane or picture of uint8, uint16 or float32 samples; integers fill their whole range, floats lie in [0, 1]."""

_CURVE_STEPS = 4096


def full_scale(dtype: np.dtype[Any]) -> float:
    """The sample value that means white: 255, 65535, or 1 for floats. Raises TypeError for any other type."""
    if dtype in (np.uint8, np.uint16):
        return float(np.iinfo(dtype).max)
    if dtype == np.float32:
        return 1.0
    raise TypeError(f"samples must be uint8, uint16 or float32, not {dtype}")


def to_unit(samples: Samples) -> Float32:
    """The samples as float32 in [0, 1]."""
    return np.asarray(samples, np.float32) * np.float32(1 / full_scale(samples.dtype))


def from_unit(values: Float32, dtype: np.dtype[Any]) -> Samples:
    """Values of [0, 1] as samples of this type, rounded to the nearest."""
    if dtype == np.float32:
        return values
    return np.asarray(np.rint(np.clip(values, 0, 1) * np.float32(full_scale(dtype))), dtype)


def luma(rgb: Samples) -> Samples:
    """Luma Y' of a picture, in the picture's own sample type.

    rgb: (H, W, 3) gamma-encoded. Returns (H, W): 0.299 R + 0.587 G + 0.114 B, rounded. Source: ITU-R BT.601.
    """
    full_scale(rgb.dtype)
    weighted = cv2.transform(rgb if rgb.dtype == np.float32 else rgb.astype(np.float32), LUMA_WEIGHTS[None])
    return weighted if rgb.dtype == np.float32 else np.rint(weighted).astype(rgb.dtype)


def lightness(luma_unit: Float32) -> Float32:
    """CIE lightness L*, 0 to 100, of grey pixels with this luma in [0, 1] (any shape).

    Source: CIE 1976 L* of sRGB grey (IEC 61966-2-1), read from a table of 4097 steps; the error is below 0.001.
    """
    place = np.clip(luma_unit, 0, 1) * np.float32(_CURVE_STEPS)
    step = np.minimum(place.astype(np.int32), _CURVE_STEPS - 1)
    below = _CURVE[step]
    return np.asarray(below + (place - step.astype(np.float32)) * (_CURVE[step + 1] - below), np.float32)


def lightness_at(luma_plane: Samples, height: int, width: int) -> Float32:
    """L* of the picture reduced to (height, width), averaged over the area of each small pixel.

    luma_plane: (H, W) samples.
    """
    return _area_resize(lightness(to_unit(reduced(luma_plane, height, width))), height, width)


def area_mean(plane: Samples, height: int, width: int) -> Samples:
    """The plane (H, W) reduced to (height, width), no larger, each pixel the mean of its area; or itself.

    Halves come first: OpenCV takes them five times as fast as other factors.
    """
    while plane.shape[0] >= 2 * height and plane.shape[1] >= 2 * width and not any(side % 2 for side in plane.shape):
        plane = cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return plane if plane.shape == (height, width) else cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA)


def reduced(luma_plane: Samples, height: int, width: int) -> Samples:
    """The plane, no larger than four times (height, width): a large one is reduced in its own type to spare memory."""
    rows, columns = luma_plane.shape
    enough = (min(rows, 4 * height), min(columns, 4 * width))
    if enough == (rows, columns):
        return luma_plane
    return cv2.resize(luma_plane, enough[::-1], interpolation=cv2.INTER_AREA)


def _area_resize(plane: Float32, height: int, width: int) -> Float32:
    shrinks = height <= plane.shape[0] and width <= plane.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, (width, height), interpolation=how), np.float32)


def _srgb_grey_curve() -> Float32:
    encoded = np.linspace(0, 1, _CURVE_STEPS + 1)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    root = np.where(linear > (6 / 29) ** 3, np.cbrt(linear), linear / (3 * (6 / 29) ** 2) + 4 / 29)
    return (116 * root - 16).astype(np.float32)


_CURVE = _srgb_grey_curve()
