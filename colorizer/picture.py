"""Luma, chroma and a grade in, colour out: one call, no network, as often as a slider moves."""

from collections.abc import Iterator

import numpy as np

from colorizer.color.grade import Chroma, Grade, apply_grade
from colorizer.color.lightness import Samples, from_unit, to_unit
from colorizer.color.merge import merge
from colorizer.color.upsample import chroma_strips, guided_chroma

_STRIP_PIXELS = 500_000  # bounds the memory of the float arrays, whatever the picture's size
_NO_CHANGE = Grade()


def render(luma_plane: Samples, chroma: Chroma, grade: Grade = _NO_CHANGE) -> Samples:
    """The coloured picture, (H, W, 3) RGB in the luma's own sample type.

    luma_plane: (H, W) uint8, uint16 or float32. chroma: (h, w, 2) a* and b* on the network's grid.
    Turned back to grey, the result is luma_plane again, within rounding.
    """
    height, width = luma_plane.shape
    result = np.empty((height, width, 3), luma_plane.dtype)
    if grade.intensity == 0:
        result[:] = luma_plane[..., None]
        return result
    for rows, strip in _rendered(luma_plane, chroma, grade):
        result[rows] = strip
    return result


def _rendered(luma_plane: Samples, chroma: Chroma, grade: Grade) -> Iterator[tuple[slice, Samples]]:
    guided = guided_chroma(apply_grade(chroma, grade), luma_plane)
    for rows, strip in chroma_strips(guided, *luma_plane.shape, pixels=_STRIP_PIXELS):
        yield rows, from_unit(merge(to_unit(luma_plane[rows]), strip), luma_plane.dtype)
