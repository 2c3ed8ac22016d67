"""What a report says of a coloured film, gathered frame by frame: how steady, how colourful, how true to its luma."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from colorizer.color.grade import Chroma, Grade
from colorizer.color.lightness import to_unit
from colorizer.picture import render_quickly
from colorizer.video.colour.shots import Small, small_luma

_SPANS = (1, 2, 4)  # frames apart
_SIDE = 128
_RUN, _EVERY = 5, 24  # a sample: the first five frames of every 24
Histograms = NDArray[np.float64]


@dataclass
class Sums:
    """Running sums, which add up over segments and survive in a manifest."""

    distances: dict[str, float] = field(
        default_factory=lambda: {f"{k}{s}": 0.0 for k in ("film", "grey") for s in _SPANS}
    )
    pairs: dict[str, int] = field(default_factory=lambda: {str(span): 0 for span in _SPANS})
    colourfulness: float = 0.0
    frames: int = 0  # in the sample

    def add(self, other: "Sums") -> None:
        """Add another segment's sums."""
        for name, value in other.distances.items():
            self.distances[name] += value
        for span, count in other.pairs.items():
            self.pairs[span] += count
        self.colourfulness += other.colourfulness
        self.frames += other.frames

    @property
    def mean_colourfulness(self) -> float:
        """Of the frames, by the variant with absolute values."""
        return self.colourfulness / max(self.frames, 1)

    @property
    def cdc_excess(self) -> float:
        """Colour distribution consistency of the result minus that of its grey input; 0 is as steady as the source."""
        excess = [
            (self.distances[f"film{span}"] - self.distances[f"grey{span}"]) / max(self.pairs[str(span)], 1)
            for span in _SPANS
        ]
        return sum(excess) / len(excess)


class Meter:
    """Watches the frames of one segment go by."""

    def __init__(self, grade: Grade) -> None:
        self.sums = Sums()
        self._grade = grade
        self._seen = 0
        self._recent: deque[tuple[Histograms, Histograms]] = deque(maxlen=max(_SPANS))

    def watch(self, guide: Small, chroma: Chroma, *, starts_shot: bool) -> None:
        """Take one frame into account, if it is in the sample; pairs on both sides of a cut do not count.

        Source: colour distribution consistency after Liu et al. 2021 (TCVC); colourfulness after Hasler and
        Suesstrunk 2003.
        """
        place = self._seen % _EVERY
        self._seen += 1
        if starts_shot or place == 0:
            self._recent.clear()
        if place >= _RUN:
            return
        small = small_luma(guide, 8, True, _SIDE)
        # render multiplies matrices; OpenBLAS's threads then wait for more on the cores that the encoder needs.
        rgb = render_quickly(small, chroma, self._grade)
        grey = np.repeat(_histogram(small)[None], 3, axis=0)
        film = np.stack([_histogram(rgb[..., channel]) for channel in range(3)])
        for span in _SPANS:
            if len(self._recent) >= span:
                before_film, before_grey = self._recent[-span]
                self.sums.distances[f"film{span}"] += divergence(before_film, film)
                self.sums.distances[f"grey{span}"] += divergence(before_grey, grey)
                self.sums.pairs[str(span)] += 1
        self._recent.append((film, grey))
        self.sums.colourfulness += colourfulness(to_unit(rgb))
        self.sums.frames += 1


def divergence(one: NDArray[np.floating], other: NDArray[np.floating]) -> float:
    """Jensen-Shannon divergence with the natural logarithm, mean over the rows: (channels, bins) shares."""
    middle = (one + other) / 2
    return float((_relative_entropy(one, middle) + _relative_entropy(other, middle)).mean() / 2)


def _relative_entropy(shares: NDArray[np.floating], reference: NDArray[np.floating]) -> Histograms:
    ratio = np.divide(shares, reference, out=np.ones_like(shares), where=shares > 0)
    return np.asarray((shares * np.log(ratio)).sum(axis=-1))


def colourfulness(rgb: NDArray[np.floating], *, absolute: bool = True) -> float:
    """How colourful a picture looks: 0 for grey, about 15 slightly, 45 quite, 80 very.

    rgb: (H, W, 3) in [0, 1]. absolute: the variant that later papers print, with |rg| and |yb|; otherwise the original.
    Source: Hasler and Suesstrunk 2003.
    """
    red, green, blue = np.moveaxis(np.asarray(rgb, np.float64) * 255, -1, 0)
    red_green, yellow_blue = red - green, 0.5 * (red + green) - blue
    if absolute:
        red_green, yellow_blue = np.abs(red_green), np.abs(yellow_blue)
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def _histogram(plane: NDArray[np.uint8]) -> Histograms:
    return np.bincount(plane.ravel(), minlength=256) / plane.size
