"""Colours as people see and call them: what is shown at a lightness, names, and a small library by matter."""

from dataclasses import dataclass
from math import atan2, degrees, hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.lightness import Float32, lightness
from colorizer.color.merge import merge

DISC_AB = 100.0  # a* or b* at the rim of the disc
_DISC_SIDE = 144
_GREY_BELOW = 7.0  # chroma that nobody calls a colour
_LEVELS = lightness(np.linspace(0, 1, 1025, dtype=np.float32))
# CIE hue angles at which one name ends and the next begins, for colours of middle lightness.
_HUES = (
    (20, "pink"), (48, "red"), (68, "orange"), (102, "yellow"), (125, "yellow-green"), (168, "green"), (212, "teal"),
    (308, "blue"), (332, "violet"), (350, "magenta"), (360, "pink"),
)  # fmt: skip


@dataclass(frozen=True)
class NamedColour:
    """A colour of the library. group: what kind of thing has it. a, b: CIE a* and b*."""

    group: str
    name: str
    a: float
    b: float


# Typical values of each matter under daylight, as colour charts and paint collections give them, rounded.
LIBRARY = tuple(
    NamedColour(group, name, a, b)
    for group, rows in {
        "Skin": (("pale", 9, 13), ("rosy", 15, 15), ("tanned", 13, 21), ("olive", 9, 22), ("brown", 13, 20),
                 ("dark brown", 10, 14)),
        "Hair": (("blond", 5, 24), ("red", 20, 28), ("brown", 7, 12)),
        "Uniforms": (("field grey", -4, 4), ("khaki", 3, 18), ("olive drab", -2, 15), ("navy", 4, -18),
                     ("horizon blue", -3, -13), ("scarlet", 52, 36)),
        "Buildings": (("brick", 24, 22), ("sandstone", 5, 20), ("slate", -2, -5), ("roof tile", 28, 28),
                      ("timber", 9, 22), ("verdigris", -22, 4)),
        "Nature": (("grass", -18, 28), ("dark leaves", -12, 18), ("dry grass", 2, 26), ("earth", 9, 20),
                   ("sky", -4, -22), ("sea", -9, -14)),
        "Cloth and paint": (("burgundy", 34, 12), ("rose", 28, 4), ("mustard", 8, 48), ("bottle green", -22, 8),
                            ("royal blue", 14, -48), ("lilac", 16, -18), ("car black", 0, -1), ("cream", 0, 11)),
    }.items()
    for name, a, b in rows
)  # fmt: skip


def shown_rgb(level: float, a: float, b: float) -> tuple[int, int, int]:
    """What a place of L* `level`, 0 to 100, shows of this colour: red, green and blue, 0 to 255; its luma is kept."""
    found = merge(_luma_of(np.full((1, 1), level)), np.full((1, 1, 2), (a, b), np.float32))[0, 0]
    red, green, blue = np.rint(255 * found).astype(int).tolist()
    return red, green, blue


def hex_of(level: float, a: float, b: float) -> str:
    """What shown_rgb returns, as pages write it: "#rrggbb"."""
    return "#{:02x}{:02x}{:02x}".format(*shown_rgb(level, a, b))


def colour_disc(level: float) -> bytes:
    """A PNG of all colours that a place of L* `level` can show: a* from left to right, b* from below to above.

    Its sides are from -100 to 100; what cannot be shown is transparent.
    """
    axis = np.linspace(-DISC_AB, DISC_AB, _DISC_SIDE, dtype=np.float32)
    asked = np.stack(np.meshgrid(axis, axis[::-1]), -1)
    shown = merge(_luma_of(np.full(asked.shape[:2], level)), asked)
    reached = cv2.cvtColor(shown, cv2.COLOR_RGB2LAB)[..., 1:]
    inside = (np.linalg.norm(reached - asked, axis=-1) < _tolerance(asked)) & (np.linalg.norm(asked, axis=-1) < DISC_AB)
    pixels = np.dstack([np.rint(255 * shown[..., ::-1]), 255 * inside]).astype(np.uint8)
    return bytes(cv2.imencode(".png", pixels)[1])


def colour_name(level: float, a: float, b: float) -> str:
    """What people call this colour, such as "dark green"; "grey", "black" or "white" where there is hardly any."""
    chroma = hypot(a, b)
    if chroma < _GREY_BELOW:
        return "black" if level < 15 else "white" if level > 90 else "grey"
    angle = degrees(atan2(b, a)) % 360
    hue = next(name for end, name in _HUES if angle <= end)
    if level < 62 and hue in {"orange", "red", "yellow"} and chroma < 45:
        hue = "olive" if hue == "yellow" else "brown"
    if level < 35:
        return f"dark {hue}"
    return f"pale {hue}" if chroma < (35 if level > 75 else 20) and hue != "pink" else hue


def _tolerance(asked: Float32) -> Float32:
    """How far a colour may be drawn towards grey and still be called shown."""
    return np.asarray(4 + 0.12 * np.linalg.norm(asked, axis=-1), np.float32)


def _luma_of(level: NDArray[np.floating]) -> Float32:
    """The luma, 0 to 1, of grey with this L*."""
    return np.asarray(np.interp(level, _LEVELS, np.linspace(0, 1, len(_LEVELS))), np.float32)
