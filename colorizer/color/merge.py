"""Luma and chroma into RGB: the picture's own luma stays, whatever the chroma asks for."""

from typing import Any

import cv2
import numpy as np

from colorizer.color.grade import Chroma
from colorizer.color.lightness import LUMA_WEIGHTS, Float32, lightness

_WEIGHTS = LUMA_WEIGHTS[None]


def merge(luma_unit: Float32, chroma: Chroma) -> Float32:
    """RGB in [0, 1] whose luma is the given one: (H, W, 3).

    luma_unit: (H, W) Y' in [0, 1]. chroma: (H, W, 2) a* and b*. The lightness is first that of grey with this luma, then
    moved once by the luma that is missing; what still differs is added to all channels, and a colour that leaves the
    gamut is drawn towards grey until it fits: luma is exact, saturation gives way.
    """
    level = lightness(luma_unit)
    rgb = _rgb(level, chroma)
    level = np.clip(level + 100 * (luma_unit - _luma(rgb)), 0, 100)
    rgb = _rgb(level, chroma)
    difference = rgb - _luma(rgb)[..., None]  # carries colour, no luma
    return luma_unit[..., None] + difference * _room(luma_unit, difference)[..., None]


def _room(luma_unit: Float32, difference: Float32) -> Float32:
    """The largest share of the colour, 0 to 1, at which every channel stays in [0, 1]: (H, W)."""
    red, green, blue = cv2.split(difference)
    highest = np.maximum(cv2.max(cv2.max(red, green), blue), np.float32(1e-9))
    lowest = np.maximum(-cv2.min(cv2.min(red, green), blue), np.float32(1e-9))
    room = np.minimum((1 - luma_unit) / highest, luma_unit / lowest)
    return np.minimum(room, np.float32(1))


def _rgb(level: Float32, chroma: Chroma) -> Float32:
    lab = cv2.merge([level, *cv2.split(chroma)])
    return _float(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


def _luma(rgb: Float32) -> Float32:
    return _float(cv2.transform(rgb, _WEIGHTS))


def _float(array: Any) -> Float32:
    return np.asarray(array, np.float32)
