"""Luma and chroma into RGB: the picture's own luma stays, whatever the chroma asks for."""

from typing import Any

import cv2
import numpy as np

from colorizer.color.grade import Chroma
from colorizer.color.lightness import Float32, lightness
from colorizer.color.matrices import LUMA_WEIGHTS

_NOTHING = np.float32(1e-9)  # a difference that cannot be divided by is taken for this


def merge(luma_unit: Float32, chroma: Chroma, weights: Float32 = LUMA_WEIGHTS) -> Float32:
    """RGB in [0, 1] whose luma is the given one: (H, W, 3).

    luma_unit: (H, W) Y' in [0, 1]. chroma: (H, W, 2) a* and b*. weights: of red, green and blue in the luma.
    """
    red, blue = colour_difference(luma_unit, lightness(luma_unit), chroma, weights)
    return _float(cv2.merge([luma_unit + plane for plane in within_gamut(luma_unit, red, blue, weights)]))


def colour_difference(
    luma_unit: Float32, level: Float32, chroma: Chroma, weights: Float32 = LUMA_WEIGHTS
) -> tuple[Float32, Float32]:
    """R' - Y' and B' - Y', each (H, W): colour without any luma, which may still leave the gamut.

    level: (H, W) L* of grey with this luma. The lightness starts there and is moved once by the luma that is missing;
    what still differs is left out.
    """
    lab = cv2.merge([level, *cv2.split(chroma)])
    missing = luma_unit - cv2.transform(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), weights[None])
    cv2.insertChannel(np.clip(level + 100 * missing, 0, 100), lab, 0)
    own = np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    red, blue = cv2.split(cv2.transform(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), own - weights))
    return _float(red), _float(blue)


def within_gamut(
    luma_unit: Float32, red: Float32, blue: Float32, weights: Float32 = LUMA_WEIGHTS
) -> tuple[Float32, Float32, Float32]:
    """R' - Y', G' - Y' and B' - Y', each (H, W), of colours that exist.

    red, blue: R' - Y' and B' - Y'. A colour that leaves the gamut is drawn towards grey until it fits: luma is exact,
    saturation gives way.
    """
    green = (weights[0] * red + weights[2] * blue) * (-1 / weights[1])  # so that the luma of the three is nothing
    room = _room(luma_unit, red, green, blue)
    return red * room, green * room, blue * room


def _room(luma_unit: Float32, red: Float32, green: Float32, blue: Float32) -> Float32:
    """The largest share of the colour, 0 to 1, at which every channel stays in [0, 1]: (H, W)."""
    # Two planes serve all steps, and stay in the processor's cache.
    highest, lowest = np.maximum(red, green), np.minimum(red, green)
    np.maximum(highest, blue, out=highest)
    np.maximum(highest, _NOTHING, out=highest)
    np.minimum(lowest, blue, out=lowest)
    np.minimum(lowest, -_NOTHING, out=lowest)
    np.divide(1 - luma_unit, highest, out=highest)
    np.divide(-luma_unit, lowest, out=lowest)
    np.minimum(highest, lowest, out=highest)
    return np.minimum(highest, np.float32(1), out=highest)


def _float(array: Any) -> Float32:
    return np.asarray(array, np.float32)
