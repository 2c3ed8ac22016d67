"""The ab bins the network chooses from, and how a true colour is spread over them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID = 10
NEIGHBOURS = 5
SIGMA = 5.0
# CIE Lab of the D65 white and the linear sRGB primaries: the published constants of both standards.
_WHITE = np.array([0.950456, 1.0, 1.088754])
_XYZ_TO_RGB = np.array(
    [[3.240479, -1.53715, -0.498535], [-0.969256, 1.875991, 0.041556], [0.055648, -0.204043, 1.057311]]
)


def gamut_bins(grid: int = GRID) -> NDArray[np.int64]:
    """The grid points of the ab plane that some sRGB colour has, (Q, 2), sorted by a* and then b*.

    A point belongs when some L* from 0 to 100 makes it a colour whose linear red, green and blue all lie in 0 to 1.
    Raises ValueError when the grid step is outside 1 to 50.
    """
    if not 1 <= grid <= 50:
        raise ValueError(f"grid must be from 1 to 50, not {grid}")
    steps = np.arange(-130 // grid * grid, 131, grid)
    ab = np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
    inside = np.zeros(len(ab), bool)
    for lightness in np.linspace(0, 100, 401):
        inside |= _in_srgb(lightness, ab)
    return ab[inside].astype(np.int64)


def _in_srgb(lightness: float, ab: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of the (N, 2) ab points are sRGB colours at this lightness, (N,)."""
    fy = (lightness + 16) / 116
    f = np.stack([fy + ab[:, 0] / 500, np.full(len(ab), fy), fy - ab[:, 1] / 200], -1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * _WHITE
    rgb = xyz @ _XYZ_TO_RGB.T
    return np.asarray(((rgb >= -1e-4) & (rgb <= 1 + 1e-4)).all(-1), np.bool_)


@dataclass(frozen=True)
class SoftEncoding:
    """For every integer (a, b): its nearest bins and how much of it each gets. Index with `code(ab)`.

    bins: (65536, 5) int64, nearest first. shares: (65536, 5) float32, rows sum to 1.
    """

    bins: NDArray[np.int64]
    shares: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.bins.shape != self.shares.shape or len(self.bins) != 65536:
            raise ValueError(f"bins and shares must both be (65536, n), not {self.bins.shape} and {self.shares.shape}")


def soft_encoding(points: NDArray[np.int64]) -> SoftEncoding:
    """The soft encoding of every integer colour from (-128, -128) to (127, 127).

    Source: Zhang, Isola, Efros 2016, section 2.2: the 5 nearest bins, weighted by a Gaussian, sigma 5.
    """
    axis = np.arange(-128, 128)
    colours = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    count = min(NEIGHBOURS, len(points))
    bins = np.zeros((65536, count), np.int64)
    shares = np.zeros((65536, count), np.float32)
    for start in range(0, 65536, 4096):
        square = ((colours[start : start + 4096, None] - points[None]) ** 2).sum(-1).astype(np.float64)  # (4096, Q)
        order = np.argsort(square, 1, kind="stable")[:, :count]
        near = np.take_along_axis(square, order, 1)
        weight = np.exp(
            -(near - near[:, :1]) / (2 * SIGMA**2)
        )  # relative to the nearest: no underflow far outside the gamut
        bins[start : start + 4096] = order
        shares[start : start + 4096] = weight / weight.sum(1, keepdims=True)
    return SoftEncoding(bins, shares)


def code(ab: NDArray[np.int8]) -> NDArray[np.int64]:
    """The row of the soft encoding of each colour. (..., 2) whole a* and b*, -128 to 127 -> (...)."""
    whole = ab.astype(np.int64) + 128
    return whole[..., 0] * 256 + whole[..., 1]


def mixed(frequency: NDArray[np.float64], smoothing: float = 0.5) -> NDArray[np.float64]:
    """The frequencies (Q,) with a share of the uniform distribution mixed in, so that none is zero."""
    return np.asarray((1 - smoothing) * frequency + smoothing / len(frequency), np.float64)


def class_weights(frequency: NDArray[np.float64], strength: float) -> NDArray[np.float32]:
    """The weight of each bin in the loss, (Q,), one on average over the colours that occur.

    frequency: (Q,) how often each bin is the nearest, sums to 1. strength: 0 no rebalancing, 1 the published
    one; between them the weights are raised to that power.
    Source: Zhang, Isola, Efros 2016, section 2.2; the power is ours, for the full weights made red patches.
    """
    weight = mixed(frequency) ** -strength
    return np.asarray(weight / (frequency * weight).sum(), np.float32)
