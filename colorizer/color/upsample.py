"""Chroma from the network's small grid to the picture's resolution, following the picture's edges.

Two steps. On a grid four times finer than the network's, each small pixel's chroma is spread along the local slope of
chroma against lightness, and then corrected until its average over the small pixel is again what the network said. From
there plain bicubic interpolation is enough, and a strip of rows can be made at a time.
"""

from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np

from colorizer.color.grade import Chroma, weighted
from colorizer.color.lightness import Float32, Samples, lightness_at

GUIDE_FACTOR = 4
_CORRECTIONS = 2
_SLOPE_DAMPING = 1e-2  # variance of L* / 100 below which the slope fades


def guided_chroma(chroma: Chroma, luma_plane: Samples) -> Chroma:
    """Chroma on a grid four times finer (never finer than the picture), following the lightness.

    chroma: (h, w, 2). luma_plane: (H, W) samples. Returns (min(4 h, H), min(4 w, W), 2).
    Raises ValueError when a side is zero. Source: joint upsampling after Kopf et al. 2007, with a local linear fit in
    3 x 3 windows instead of a bilateral kernel, and back-projection (Irani and Peleg 1991) onto the small grid.
    """
    return _guided(chroma, luma_plane, lightness_at)


def chroma_by_lightness(chroma: Chroma, lightness_plane: Float32) -> Chroma:
    """What guided_chroma returns, for a picture whose L* (H, W) is known already."""
    return _guided(chroma, lightness_plane, _reduced)


def _guided(chroma: Chroma, plane: Samples, lightness_of: Callable[[Samples, int, int], Float32]) -> Chroma:
    rows, columns = plane.shape
    if 0 in plane.shape or 0 in chroma.shape:
        raise ValueError(f"chroma {chroma.shape} and luma {plane.shape} must not be empty")
    chroma = _reduced(chroma, min(chroma.shape[0], rows), min(chroma.shape[1], columns))
    height, width = chroma.shape[:2]
    fine_height, fine_width = guided_shape(chroma.shape, plane.shape)
    if (fine_height, fine_width) == (height, width):
        return chroma
    fine_lightness = lightness_of(plane, fine_height, fine_width)
    small_lightness = _reduced(fine_lightness, height, width)
    detail = fine_lightness - _cubic(small_lightness, fine_height, fine_width)
    slope = _linear(_slope(chroma, small_lightness), fine_height, fine_width)
    guided = _cubic(chroma, fine_height, fine_width) + weighted(slope, detail)
    for _ in range(_CORRECTIONS):
        guided += _cubic(chroma - _reduced(guided, height, width), fine_height, fine_width)
    return guided


def guided_shape(chroma_shape: tuple[int, ...], plane_shape: tuple[int, ...]) -> tuple[int, int]:
    """Height and width of what guided_chroma returns for chroma and a picture of these shapes."""
    rows, columns = (
        min(GUIDE_FACTOR * min(chroma_shape[side], plane_shape[side]), plane_shape[side]) for side in (0, 1)
    )
    return rows, columns


def chroma_strips(guided: Chroma, height: int, width: int, pixels: int) -> Iterator[tuple[slice, Chroma]]:
    """The chroma of (height, width) pixels, strip by strip: the strip's rows and its (rows, width, 2) chroma.

    guided: (h, w, 2), what guided_chroma returns. pixels: about how many pixels a strip holds.
    """
    wide = _cubic(guided, guided.shape[0], width)  # (h, w, 2) -> (h, width, 2)
    source_rows = guided.shape[0]
    # Interpolating the identity matrix gives OpenCV's own weights: row i says how output row i is mixed.
    weights = _cubic(np.eye(source_rows, dtype=np.float32), height, source_rows)
    step = max(1, pixels // width)
    for start in range(0, height, step):
        rows = slice(start, min(start + step, height))
        used = np.flatnonzero(weights[rows].any(axis=0))
        sources = slice(int(used[0]), int(used[-1]) + 1)
        mixed = weights[rows, sources] @ wide[sources].reshape(sources.stop - sources.start, -1)
        yield rows, mixed.reshape(rows.stop - rows.start, width, 2)


def _slope(chroma: Chroma, lightness: Float32) -> Chroma:
    """Least-squares slope of a* and b* against L* in 3 x 3 windows, damped where L* hardly varies: (h, w, 2)."""
    level = lightness / np.float32(100)
    mean_level, mean_chroma = _window_mean(level), _window_mean(chroma)
    variance = _window_mean(level * level) - mean_level * mean_level
    covariance = _window_mean(weighted(chroma, level)) - weighted(mean_chroma, mean_level)
    return weighted(covariance, np.float32(0.01) / (variance + np.float32(_SLOPE_DAMPING)))


def _window_mean(plane: Float32) -> Float32:
    return _float(cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REFLECT))


def _reduced(plane: Float32, height: int, width: int) -> Float32:
    return plane if plane.shape[:2] == (height, width) else _resized(plane, height, width, cv2.INTER_AREA)


def _cubic(plane: Float32, height: int, width: int) -> Float32:
    return _resized(plane, height, width, cv2.INTER_CUBIC)


def _linear(plane: Float32, height: int, width: int) -> Float32:
    return _resized(plane, height, width, cv2.INTER_LINEAR)


def _resized(plane: Float32, height: int, width: int, how: int) -> Float32:
    return _float(cv2.resize(plane, (width, height), interpolation=how))


def _float(array: Any) -> Float32:
    return np.asarray(array, np.float32)
