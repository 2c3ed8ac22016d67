"""The colours of a picture with a user's corrections in them: pure functions on the network's small grid."""

import numpy as np
from numpy.typing import NDArray

from colorizer.answer import Answer
from colorizer.color.grade import Chroma
from colorizer.color.lightness import Samples, lightness_at
from colorizer.corrections.pins import Corrections, Pin
from colorizer.network import Colorizer, NetworkSettings

Grid = NDArray[np.float32]

# Chosen on pictures that the network was not trained on, with ten true pins at random places each.
FEATURES = 5.0  # how much less a place belongs to a pin the less its features point the same way
LIGHTNESS = 15.0  # the same for the square of the difference in L* / 100
UNCHANGED = 0.05  # what the network's own colour weighs beside the pins
_VARIATION = 0.2  # how much of the network's own variation stays inside of what a pin colours
_LEAST_SPREAD = 0.1  # share of the mean variance that a channel of features has at least
_AB_LIMIT = 128.0


def corrected(answer: Answer, lightness: Grid, corrections: Corrections) -> Chroma:
    """The network's chroma with the corrections in it, (h, w, 2); the answer's own array where there are none.

    lightness: (h, w) L* of the picture on the answer's grid. A pin's own cell gets exactly its colour; a cell out of
    every pin's reach keeps its own. The order of the pins does not matter.

    >>> from colorizer import Colorizer, Corrections, Pin, corrected, locate, read_picture
    >>> from colorizer.corrections.spreading import lightness_of
    >>> luma = read_picture("old.png").luma
    >>> with Colorizer(locate("starter")) as network:
    ...     answer = network.answer(luma)
    >>> blue = Corrections((Pin(x=0.5, y=0.5, a=12, b=-30),))
    >>> corrected(answer, lightness_of(answer, luma), blue).shape == answer.chroma.shape
    True
    """
    if not corrections:
        return answer.chroma
    features = None if answer.features is None else standardised(answer.features)
    pins = sorted(corrections.pins)  # so that not even the rounding of sums depends on their order
    strengths = np.stack([strength(pin, features, lightness) for pin in pins])
    colours = np.stack([_colours(pin, answer.chroma) for pin in pins])
    return _mixed(answer.chroma, strengths, colours)


def corrected_chroma(
    colorizer: Colorizer, luma_plane: Samples, settings: NetworkSettings, corrections: Corrections
) -> Chroma:
    """The network's colours of a picture with the corrections in them, (h, w, 2), in one run of the network.

    luma_plane: (H, W) samples. Raises EngineError when the network cannot run on it.
    """
    if not corrections:
        return colorizer.chroma(luma_plane, settings)
    answer = colorizer.answer(luma_plane, settings)
    return corrected(answer, lightness_of(answer, luma_plane), corrections)


def lightness_of(answer: Answer, luma_plane: Samples) -> Grid:
    """L* of the picture that an answer is about, on the answer's grid: (h, w). luma_plane: (H, W) samples."""
    return lightness_at(luma_plane, *answer.chroma.shape[:2])


def standardised(features: Grid) -> Grid:
    """The features (h, w, k) without what all places of this picture share, every channel as strong as the others.

    What a whole picture has in common tells nothing apart; and neither does whether a row or column is even or odd,
    which features carry that were enlarged by two: each cell is averaged with its neighbours first.
    """
    smooth = _with_neighbours(_with_neighbours(features).swapaxes(0, 1)).swapaxes(0, 1)
    variance = smooth.var((0, 1))
    spread = np.sqrt(variance + _LEAST_SPREAD * variance.mean() + 1e-12)
    return np.asarray((smooth - smooth.mean((0, 1))) / spread, np.float32)


def _with_neighbours(grid: Grid) -> Grid:
    """Each row, and half as much of the rows above and below it, as a mean: (h, w, k)."""
    wide = np.pad(grid, ((1, 1), (0, 0), (0, 0)), mode="edge")
    return np.asarray((wide[:-2] + 2 * wide[1:-1] + wide[2:]) / 4, np.float32)


def cell_of(x: float, y: float, height: int, width: int) -> tuple[int, int]:
    """Row and column of the cell of a grid of height x width in which this place of the picture lies."""
    return min(int(y * height), height - 1), min(int(x * width), width - 1)


def belonging(pin: Pin, features: Grid | None, lightness: Grid) -> Grid:
    """How much each cell belongs to a pin, (h, w): 1 at its own cell, 0 beyond its reach.

    features: (h, w, k) standardised, None where the network has none: then lightness and distance decide alone.
    lightness: (h, w) L*, 0 to 100.
    """
    height, width = lightness.shape
    row, column = cell_of(pin.x, pin.y, height, width)
    found = np.exp(-LIGHTNESS * ((lightness - lightness[row, column]) / 100) ** 2)
    if features is not None:
        found *= np.exp(FEATURES * np.minimum(alikeness(features, row, column) - 1, 0))
    found *= nearness(height, width, row, column, pin.reach)
    found[row, column] = 1
    return np.asarray(found, np.float32)


def strength(pin: Pin, features: Grid | None, lightness: Grid) -> Grid:
    """What a pin weighs in each cell, (h, w), from 0 to infinity at its own cell: belonging / (1 - belonging)."""
    share = belonging(pin, features, lightness).astype(np.float64)
    with np.errstate(divide="ignore"):
        return np.asarray(share / (1 - share), np.float32)


def alikeness(features: Grid, row: int, column: int) -> Grid:
    """The cosine between each cell's features and those of one cell, (h, w), -1 to 1."""
    lengths = np.linalg.norm(features, axis=2)
    own = features[row, column]
    return np.asarray((features @ own) / np.maximum(lengths * lengths[row, column], 1e-9), np.float32)


def nearness(height: int, width: int, row: int, column: int, reach: float) -> Grid:
    """1 at the cell, falling smoothly to 0 at `reach` sides of a square of the grid's area: (h, w)."""
    rows, columns = np.ogrid[:height, :width]
    square = ((rows - row) ** 2 + (columns - column) ** 2) / (height * width * reach**2)
    return np.asarray(np.maximum(1 - square, 0) ** 2, np.float32)


def _colours(pin: Pin, chroma: Chroma) -> Chroma:
    """What a pin would make of each cell, (h, w, 2): its colour, with some of the network's variation around it."""
    cell = chroma[cell_of(pin.x, pin.y, *chroma.shape[:2])]
    return np.asarray((pin.a, pin.b) + _VARIATION * (chroma - cell), np.float32)


def _mixed(chroma: Chroma, strengths: Grid, colours: Grid) -> Chroma:
    """Each cell's mean of its own colour and those of the n pins, by weight.

    chroma: (h, w, 2). strengths: (n, h, w). colours: (n, h, w, 2). Where pins share a cell, it gets their mean.
    """
    pinned = np.isinf(strengths).any(0)
    weights = np.where(pinned, np.isinf(strengths), strengths).astype(np.float64)
    unchanged = np.where(pinned, 0, UNCHANGED)
    mean = np.einsum("nhw,nhwc->hwc", weights, colours) + unchanged[..., None] * chroma
    result = np.asarray(np.clip(mean / (weights.sum(0) + unchanged)[..., None], -_AB_LIMIT, _AB_LIMIT), np.float32)
    untouched = ~weights.any(0)
    result[untouched] = chroma[untouched]
    return result
