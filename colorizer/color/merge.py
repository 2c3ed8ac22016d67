"""Luma and chroma into RGB: the picture's own luma stays, whatever the chroma asks for."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.grade import Chroma
from colorizer.color.lightness import Float32, lightness
from colorizer.color.matrices import LUMA_WEIGHTS

Tone = NDArray[np.float32]
"""(h, w, 2) R' - Y' and B' - Y', in [-1, 1]: the colour that an original has itself, without its luma."""

_NOTHING = np.float32(1e-9)  # a difference that cannot be divided by is taken for this


def merge(luma_unit: Float32, chroma: Chroma, intensity: float = 1.0, tone: Tone | None = None) -> Float32:
    """RGB in [0, 1] whose luma is the given one: (H, W, 3).

    luma_unit: (H, W) Y' in [0, 1]. chroma: (H, W, 2) a* and b*. intensity: the share of this colour, 0 to 1; the rest
    is the original's own, whose tone is (H, W, 2), or None where it is grey.
    """
    red, blue = colour_difference(luma_unit, lightness(luma_unit), chroma)
    planes = within_gamut(luma_unit, red, blue)
    if intensity < 1:
        planes = blended(planes, toned(luma_unit, tone) if tone is not None else None, intensity)
    return _float(cv2.merge([luma_unit + plane for plane in planes]))


def toned(luma_unit: Float32, tone: Tone) -> tuple[Float32, Float32, Float32]:
    """R' - Y', G' - Y' and B' - Y', each (H, W), of an original with this tone (H, W, 2)."""
    red, blue = cv2.split(tone)
    return within_gamut(luma_unit, _float(red), _float(blue))


def blended(
    colour: tuple[Float32, ...], own: tuple[Float32, ...] | None, intensity: float
) -> tuple[Float32, Float32, Float32]:
    """The differences of a colour and of the original's own, None for grey, mixed: intensity is the colour's share."""
    share = np.float32(intensity)
    planes = [plane * share for plane in colour]
    if own is not None:
        planes = [plane + (1 - share) * other for plane, other in zip(planes, own, strict=True)]
    red, green, blue = planes
    return red, green, blue


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
