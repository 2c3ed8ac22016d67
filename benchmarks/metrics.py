"""The measures of colour that the benchmarks and the training print."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.video.colour.steadiness import colourfulness, divergence

__all__ = ["colourfulness"]  # the package's own measure, under the name of the others

Floats = NDArray[np.floating]
_NONE = np.empty(0, np.float32)  # no second map, no first guess


def psnr(result: Floats, truth: Floats) -> float:
    """Peak signal-to-noise ratio in dB of two pictures in [0, 1]; infinite where they are equal."""
    error = float(np.mean(np.square(np.asarray(result, np.float64) - truth)))
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def chroma_error(chroma: Floats, truth: Floats) -> Floats:
    """Euclidean distance in a*b* of each pixel: (h, w)."""
    return np.asarray(np.linalg.norm(np.asarray(chroma, np.float64) - truth, axis=-1))


def area_under_curve(errors: Floats, weights: Floats | None = None) -> float:
    """AuC, 0 to 1: the share of pixels within t of the truth, averaged over t = 0, 1, ..., 150.

    errors: what chroma_error returns. weights: one for each pixel, for the class-balanced measure.
    Source: Zhang, Isola, Efros 2016, section 3.1.
    """
    shares = [np.average(errors <= threshold, weights=weights) for threshold in range(151)]
    return float(np.mean(shares))


def histograms(rgb: NDArray[np.uint8]) -> Floats:
    """The share of pixels at each of the 256 levels of R, G and B: (3, 256)."""
    counts = [np.bincount(rgb[..., channel].ravel(), minlength=256) for channel in range(3)]
    return np.asarray(np.stack(counts) / rgb[..., 0].size)


def colour_distribution_consistency(frames: Sequence[Floats]) -> float:
    """CDC of a shot: how much the colours as a whole change over 1, 2 and 4 frames; 0 is perfectly still.

    frames: what histograms returns for each. A grey film has a floor of its own: compare with that. NaN for one frame.
    Source: Liu et al. 2021 (TCVC): mean Jensen-Shannon divergence, natural logarithm.
    """
    steps = [[divergence(one, other) for one, other in zip(frames, frames[step:], strict=False)] for step in (1, 2, 4)]
    return float(np.mean([np.mean(values) for values in steps if values])) if len(frames) > 1 else float("nan")


class WarpingError:
    """WE-DIS of a shot: what changes in the colour picture where the grey one only moves.

    guides: (h, w) uint8 luma of every frame of the input. Flow and mask are found in them once, for any number of
    results. Source: Lai et al. 2018, with DIS flow and a mask of what looks the same after following it.
    """

    def __init__(self, guides: Sequence[NDArray[np.uint8]]) -> None:
        finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self._links = [_link(finder, earlier, later) for earlier, later in pairwise(guides)]

    def of(self, frames: Sequence[Floats]) -> float:
        """Mean squared difference of RGB in [0, 1] between each frame and the one before it, carried along.

        frames: (h, w, 3) of the guides' size.
        """
        errors = []
        for (places, mask), (earlier, later) in zip(self._links, pairwise(frames), strict=True):
            difference = np.square(later - _moved(earlier, places)).mean(axis=-1)
            errors.append((difference * mask).sum() / max(mask.sum(), 1))
        return float(np.mean(errors))


def _link(finder: cv2.DISOpticalFlow, earlier: NDArray[np.uint8], later: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    rows, columns = np.indices(later.shape, np.float32)
    places = np.dstack([columns, rows]) + finder.calc(later, earlier, _NONE)
    difference = np.abs(later - np.asarray(_moved(earlier.astype(np.float32), places), np.float32))
    return places, np.asarray(cv2.blur(difference, (5, 5)) < 9, np.float32)


def _moved(picture: Floats, places: Floats) -> Floats:
    return np.asarray(cv2.remap(picture, places, _NONE, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))
