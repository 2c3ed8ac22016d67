"""All that a network says about a picture: its colours, what looks alike to it, and what else the colours might be."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.grade import Chroma
from colorizer.engines.base import Blob

MOST_FEATURES = 96
_SEED = 16
_Grid = NDArray[np.float32]


@dataclass(frozen=True)
class Answer:
    """The network's answer, every part on the same small grid of h x w places, in 32-bit floats, all finite.

    chroma: (h, w, 2) a* and b*, -128 to 128. features: (h, w, k) with k at most 96, what the network saw: places whose
    features point the same way (cosine near 1) show the same kind of thing. bins: (h, w, Q) logits of the Q ab colours,
    before the temperature; softmax(bins / T) are their shares. The last two are None where a network has none.
    Raises ValueError for a part of another shape or kind.

    >>> from colorizer import Answer, Colorizer, locate, read_picture
    >>> with Colorizer(locate("starter")) as network:
    ...     answer = network.answer(read_picture("old.png").luma)
    >>> isinstance(answer, Answer), answer.chroma.shape[2]
    (True, 2)
    """

    chroma: Chroma
    features: _Grid | None = None
    bins: _Grid | None = None

    def __post_init__(self) -> None:
        grid = self.chroma.shape[:2]
        for name, low, high in (("chroma", 2, 2), ("features", 1, MOST_FEATURES), ("bins", 1, None)):
            part = getattr(self, name)
            if part is None and name != "chroma":
                continue
            depth = f"{low} to {high or 'any number of'}" if low != high else str(low)
            if part.ndim != 3 or part.shape[:2] != grid or not low <= part.shape[2] <= (high or part.shape[2]):
                raise ValueError(f"{name} must be (h, w, {depth}) on the grid of chroma, {grid}, and is {part.shape}")
            if part.dtype != np.float32 or not np.isfinite(part).all():
                raise ValueError(f"{name} must be finite 32-bit floats, and is {part.dtype} or has others in it")


def features_on_grid(found: Blob, height: int, width: int) -> _Grid:
    """What one picture's features become in its answer: (c, h', w') -> (height, width, c), with c at most 96.

    More channels go through `projection`; a grid of another size is resampled.
    """
    features: _Grid = found.transpose(1, 2, 0)  # (c, h', w') -> (h', w', c)
    if features.shape[2] > MOST_FEATURES:
        features = features @ projection(features.shape[2])
    if features.shape[:2] != (height, width):
        resized = cv2.resize(np.ascontiguousarray(features), (width, height), interpolation=cv2.INTER_AREA)
        features = np.asarray(resized, np.float32).reshape(height, width, -1)  # OpenCV drops a single channel
    return np.ascontiguousarray(features, np.float32)


@cache
def projection(channels: int) -> _Grid:
    """What takes features down to 96 channels, (channels, 96): the same for everybody, whatever the network.

    A random subspace with orthonormal axes, times sqrt(channels / 96), so that lengths stay what they were on average.
    From 256 channels a cosine moves by 0.08 where it is near 0, by 0.04 near 0.75, by 0.01 above 0.9 (standard
    deviation; channels as a rectifier leaves them). Nothing is learned from pictures, so that those of any two pictures
    can be compared. Source: Johnson, Lindenstrauss 1984.
    """
    drawn = np.random.default_rng(_SEED).standard_normal((channels, MOST_FEATURES))
    axes, triangle = np.linalg.qr(drawn)  # QR leaves the signs open, and libraries choose them differently
    return np.asarray(axes * np.sign(np.diag(triangle)) * (channels / MOST_FEATURES) ** 0.5, np.float32)
