"""The measures of colour that the benchmarks and the training print."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


def psnr(result: Floats, truth: Floats) -> float:
    """Peak signal-to-noise ratio in dB of two pictures in [0, 1]; infinite where they are equal."""
    error = float(np.mean(np.square(np.asarray(result, np.float64) - truth)))
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def colourfulness(rgb: Floats, *, absolute: bool = True) -> float:
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
