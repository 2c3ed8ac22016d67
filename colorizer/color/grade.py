"""The grade: what a user may change about the colour after the network has spoken."""

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.errors import SettingError

Chroma = NDArray[np.float32]
"""(h, w, 2) CIE a* and b*, about -110 to 110."""

_WARM_TINT = np.array([5.0, 14.0], np.float32)  # a*, b* of the light of a tungsten lamp, at full warmth


@dataclass(frozen=True)
class Grade:
    """Saturation, hue, intensity and warmth; the default changes nothing.

    saturation: 0 to 3, factor on the chroma. hue: -180 to 180 degrees, turns every colour around the grey axis.
    warmth: -1 to 1, a tint towards blue or towards orange. intensity: 0 to 1, from the original as it was, be it grey,
    toned or in colour, to the coloured result: the share of the latter in a blend of both.
    Raises SettingError for a value outside its range.

    >>> from colorizer import Grade
    >>> Grade(saturation=1.2, hue=-10).is_identity
    False
    """

    saturation: float = 1.0
    hue: float = 0.0
    intensity: float = 1.0
    warmth: float = 0.0

    def __post_init__(self) -> None:
        for name, (low, high) in GRADE_RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise SettingError(f"{name} must lie between {low:g} and {high:g}, and is {value:g}")

    @property
    def is_identity(self) -> bool:
        """Whether the grade changes nothing."""
        return self == Grade()

    @property
    def leaves_grey(self) -> bool:
        """Whether nothing is left of the network's colour, and no tint is put in its place."""
        return self.saturation == 0 and self.warmth == 0

    def as_dict(self) -> dict[str, Any]:
        """The four values by name."""
        return {name: getattr(self, name) for name in GRADE_RANGES}


GRADE_RANGES: dict[str, tuple[float, float]] = {
    "saturation": (0.0, 3.0),
    "hue": (-180.0, 180.0),
    "intensity": (0.0, 1.0),
    "warmth": (-1.0, 1.0),
}


def apply_grade(chroma: Chroma, grade: Grade) -> Chroma:
    """The graded chroma, (h, w, 2); the same array where nothing changes. Raises ValueError for none.

    Intensity is not in it: it blends finished colours with the original's.
    """
    if 0 in chroma.shape:
        raise ValueError(f"chroma {chroma.shape} must not be empty")
    if (grade.saturation, grade.hue, grade.warmth) == (1, 0, 0):
        return chroma
    turn = radians(grade.hue)
    rotation = np.array([[cos(turn), -sin(turn)], [sin(turn), cos(turn)]])
    matrix = (grade.saturation * rotation).astype(np.float32)
    tint = np.float32(grade.warmth) * _WARM_TINT
    return np.asarray(cv2.transform(chroma, np.column_stack([matrix, tint])), np.float32)


def weighted(chroma: Chroma, weight: NDArray[np.float32]) -> Chroma:
    """The chroma (h, w, 2), each pixel times its own weight (h, w)."""
    return np.asarray(cv2.multiply(chroma, cv2.merge([weight, weight])), np.float32)  # NumPy takes four times as long
