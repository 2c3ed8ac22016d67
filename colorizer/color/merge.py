"""Luma and chroma into RGB: the picture's own luma stays, whatever the chroma asks for."""

from typing import Any

import cv2
import numpy as np

from colorizer.color.grade import Chroma
from colorizer.color.lightness import LUMA_WEIGHTS, Float32, lightness


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
    red, green, blue = _rgb(level, chroma)
    missing = luma_unit - _luma(red, green, blue, weights)
    red, green, blue = _rgb(np.clip(level + 100 * missing, 0, 100), chroma)
    grey = _luma(red, green, blue, weights)
    return red - grey, blue - grey


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
    highest = np.maximum(np.maximum(np.maximum(red, green), blue), np.float32(1e-9))
    lowest = np.maximum(-np.minimum(np.minimum(red, green), blue), np.float32(1e-9))
    room = np.minimum((1 - luma_unit) / highest, luma_unit / lowest)
    return _float(np.minimum(room, np.float32(1)))


def _rgb(level: Float32, chroma: Chroma) -> tuple[Float32, Float32, Float32]:
    lab = cv2.merge([level, *cv2.split(chroma)])
    red, green, blue = cv2.split(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))
    return _float(red), _float(green), _float(blue)


def _luma(red: Float32, green: Float32, blue: Float32, weights: Float32) -> Float32:
    return _float(weights[0] * red + weights[1] * green + weights[2] * blue)


def _float(array: Any) -> Float32:
    return np.asarray(array, np.float32)
