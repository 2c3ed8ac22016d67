"""What properties are tried on: pictures, chroma and grades of every kind."""

import numpy as np
from hypothesis import strategies as st

from colorizer.color.grade import GRADE_RANGES, Grade

SIDES = st.integers(1, 40)


@st.composite
def lumas(draw, sides=SIDES, kinds=(np.uint8, np.uint16, np.float32)):
    """(H, W) luma of any sample type: noise, flat, black and white, or a ramp."""
    height, width, kind = draw(sides), draw(sides), draw(st.sampled_from(kinds))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    look = draw(st.sampled_from(["noise", "flat", "extremes", "ramp"]))
    unit = {
        "noise": lambda: rng.random((height, width)),
        "flat": lambda: np.full((height, width), rng.random()),
        "extremes": lambda: rng.integers(0, 2, (height, width)).astype(float),
        "ramp": lambda: np.linspace(0, 1, height * width).reshape(height, width),
    }[look]()
    if kind is np.float32:
        return unit.astype(np.float32)
    return np.rint(unit * np.iinfo(kind).max).astype(kind)


@st.composite
def chromas(draw, sides=SIDES, largest=110.0):
    """(h, w, 2) a* and b*, from none at all to beyond the gamut."""
    height, width = draw(sides), draw(sides)
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    strength = draw(st.sampled_from([0.0, largest / 10, largest]))
    return rng.uniform(-strength, strength, (height, width, 2)).astype(np.float32)


def grades():
    """Any grade in its ranges."""
    return st.builds(Grade, **{name: st.floats(low, high) for name, (low, high) in GRADE_RANGES.items()})
