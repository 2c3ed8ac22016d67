"""What else a place may have been: the network's own alternatives, and where it is in doubt."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from colorizer.answer import Answer
from colorizer.corrections.spreading import FEATURES, Grid, alikeness, cell_of, nearness, standardised

MOST_COLOURS = 6
_TOGETHER = 15.0  # bins nearer than this in ab are of one peak
_APART = 18.0  # colours nearer than this in ab look the same on a swatch
_LEAST_SHARE = 0.01
_AROUND = 0.15  # how far around a place its surroundings are asked, in sides of a square of the grid's area


@dataclass(frozen=True)
class LikelyColour:
    """A colour that a place may have had. a, b: CIE a* and b*. share: what the network gives it, 0 to 1."""

    a: float
    b: float
    share: float


def likely_colours(answer: Answer, centres: NDArray[np.float32], x: float, y: float) -> list[LikelyColour]:
    """The network's own likely colours of a place, the likeliest first, at most six; none where it has no bins.

    centres: (Q, 2) a* and b* of the bins. x, y: 0 to 1, fractions of the picture's width and height. What belongs to
    the place is asked with it: one cell alone is noisy.
    """
    if answer.bins is None:
        return []
    row, column = cell_of(x, y, *answer.chroma.shape[:2])
    shares = _shares_around(answer.bins, answer.features, row, column)
    distances = np.linalg.norm(centres[:, None] - centres[None], axis=-1)
    found: list[LikelyColour] = []
    mass = shares.copy()
    while len(found) < MOST_COLOURS:
        near = distances < _TOGETHER
        together = near @ mass
        peak = int(together.argmax())
        if together[peak] < _LEAST_SHARE:
            return found
        members = mass * near[peak]
        a, b = (members @ centres) / members.sum()
        if all(np.hypot(a - each.a, b - each.b) >= _APART for each in found):
            found.append(LikelyColour(float(a), float(b), float(members.sum())))
        mass = np.where(near[peak], 0, mass)
    return found


def doubt(answer: Answer) -> Grid | None:
    """Where the network guesses: (h, w), 0 where it is sure of one colour, 1 where all are alike; None without bins.

    The entropy of the bins' shares over the largest there could be.
    """
    if answer.bins is None:
        return None
    shares = _softmax(answer.bins)
    entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum(-1)
    return np.asarray(entropy / np.log(shares.shape[-1]), np.float32)


def _shares_around(bins: Grid, features: Grid | None, row: int, column: int) -> NDArray[np.float64]:
    """The bins' shares (Q,), the mean over what looks like a cell and lies around it."""
    height, width = bins.shape[:2]
    weights = nearness(height, width, row, column, _AROUND)
    if features is not None:
        weights = weights * np.exp(FEATURES * np.minimum(alikeness(standardised(features), row, column) - 1, 0))
    weights[row, column] = 1
    rows, columns = np.nonzero(weights)
    chosen = weights[rows, columns]
    return np.asarray(chosen @ _softmax(bins[rows, columns]) / chosen.sum(), np.float64)


def _softmax(logits: Grid) -> Grid:
    """Shares that sum to 1 along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True), np.float32)
