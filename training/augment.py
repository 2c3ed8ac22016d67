"""Crops for training, and the ways in which old photographs differ from new ones."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Plane = NDArray[np.float32]


@dataclass(frozen=True)
class Ageing:
    """How often each fault of an old photograph is put on a crop, 0 to 1."""

    tone: float = 0.6
    film: float = 0.15
    blur: float = 0.15
    grain: float = 0.3
    scratches: float = 0.06
    fading: float = 0.15
    haze: float = 0.08
    vignette: float = 0.12
    mat: float = 0.03

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name} must be from 0 to 1, not {value}")


def window(height: int, width: int, rng: Rng, least: float = 0.6) -> tuple[slice, slice]:
    """A random part of a picture: often nearly all of it, never less than `least` of a side, at any pixel."""
    if rng.random() < 0.35:
        least = 0.95
    rows, columns = (max(1, round(side * rng.uniform(least, 1))) for side in (height, width))
    if width > height:  # a long picture is squeezed to a square at run time; cut some of it off here
        columns = max(min(rows, width), round(columns * rng.uniform(0.75, 1)))
    top, left = int(rng.integers(0, height - rows + 1)), int(rng.integers(0, width - columns + 1))
    return slice(top, top + rows), slice(left, left + columns)


def crop(
    luma: NDArray[np.uint8], chroma: NDArray[np.int8], size: int, rng: Rng | None
) -> tuple[Plane, NDArray[np.int8]]:
    """A square of a picture: luma (size, size) 0 to 255 and chroma (size / 4, size / 4, 2).

    Without rng it is the whole picture.
    """
    if rng is not None:
        part = window(luma.shape[0], luma.shape[1], rng)
        luma, chroma = luma[part], chroma[part]
    way = cv2.INTER_AREA if min(luma.shape) >= size else cv2.INTER_CUBIC
    grey = np.asarray(cv2.resize(luma, (size, size), interpolation=way), np.float32)
    if rng is not None and way == cv2.INTER_CUBIC and rng.random() < 0.6:
        # An enlarged picture is softer than the ones that come: sharpen it, more or less.
        grey = np.asarray(grey + rng.uniform(0.3, 1.5) * (grey - cv2.GaussianBlur(grey, (0, 0), 1.2)), np.float32)
    colours = cv2.resize(chroma.astype(np.float32), (size // 4, size // 4), interpolation=cv2.INTER_AREA)
    if rng is not None and rng.random() < 0.5:
        grey, colours = grey[:, ::-1], colours[:, ::-1]
    return grey, np.round(colours).astype(np.int8)


def aged(luma: Plane, chroma: NDArray[np.int8], rng: Rng, how: Ageing) -> Plane:
    """The crop's luma (S, S), 0 to 255, as an old camera, film or print would have it; whole levels."""
    grey = np.asarray(luma / 255, np.float32)
    if rng.random() < how.film:
        grey = _film(grey, chroma, rng)
    if rng.random() < how.blur:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.4, 1.4)), np.float32)
    if rng.random() < how.tone:
        grey = _tone(grey, rng)
    if rng.random() < how.fading:
        grey = _faded(grey, rng)
    if rng.random() < how.scratches:
        grey = _scratched(grey, rng)
    if rng.random() < how.grain:
        grey = grey + _grain(grey.shape, rng)
    return np.asarray(np.round(grey.clip(0, 1) * 255), np.float32)


def _film(grey: Plane, chroma: NDArray[np.int8], rng: Rng) -> Plane:
    """Emulsions before the 1920s saw no red: red and yellow come out darker, blue lighter."""
    ab = cv2.resize(chroma.astype(np.float32), grey.shape[::-1], interpolation=cv2.INTER_LINEAR) / 100
    return np.asarray(grey - rng.uniform(0, 0.3) * ab[..., 0] - rng.uniform(0, 0.2) * ab[..., 1], np.float32)


def _tone(grey: Plane, rng: Rng) -> Plane:
    """Another gamma, contrast and exposure."""
    middle = float(grey.mean())
    bent = np.power(grey.clip(0, 1), np.float32(np.exp(rng.uniform(-0.35, 0.35))))
    return np.asarray((bent - middle) * rng.uniform(0.7, 1.25) + (middle + rng.uniform(-0.06, 0.06)), np.float32)


def _faded(grey: Plane, rng: Rng) -> Plane:
    """Uneven light or fading: a smooth field over the picture, and no true black or white."""
    corners = rng.uniform(-0.12, 0.12, (3, 3)).astype(np.float32)
    field = cv2.resize(corners, grey.shape[::-1], interpolation=cv2.INTER_CUBIC)
    low, high = rng.uniform(0, 0.12), rng.uniform(0.85, 1)
    return np.asarray(low + grey * (high - low) + field, np.float32)


def _smooth_field(shape: tuple[int, ...], rng: Rng, low: float, high: float, cells: int = 3) -> Plane:
    """A random field without detail, (H, W), from a few values between low and high."""
    coarse = rng.uniform(low, high, (cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def veiled(luma: Plane, chroma: NDArray[np.int8], rng: Rng, how: Ageing) -> tuple[Plane, NDArray[np.int8]]:
    """The crop, sometimes behind haze or with corners that fade away: colour goes where the picture goes.

    luma: (S, S), 0 to 255. chroma: (S / 4, S / 4, 2).
    """
    if rng.random() < how.haze:
        veil = _smooth_field(luma.shape, rng, -0.5, 1.2, 4).clip(0, 0.92)
        luma, chroma = _covered(luma, chroma, veil, 255 * rng.uniform(0.4, 0.9))
    if rng.random() < how.vignette:
        edge = ((_radius(luma.shape, rng) - rng.uniform(0.5, 0.8)) * rng.uniform(1, 3)).clip(0, 1)
        paper = 242 if rng.random() < 0.4 else 13
        luma, chroma = _covered(luma, chroma, edge * np.float32(rng.uniform(0.4, 1)), paper)
    return luma, chroma


def _covered(luma: Plane, chroma: NDArray[np.int8], share: Plane, tone: float) -> tuple[Plane, NDArray[np.int8]]:
    """The crop with `share` (S, S), 0 to 1, of it behind a colourless tone."""
    small = cv2.resize(share, chroma.shape[1::-1], interpolation=cv2.INTER_AREA)[..., None]
    return np.asarray(luma + (tone - luma) * share, np.float32), np.round(chroma * (1 - small)).astype(np.int8)


def _radius(shape: tuple[int, ...], rng: Rng) -> Plane:
    """The distance from a point near the middle, (H, W), 1 at the nearest sides."""
    rows, columns = np.meshgrid(
        *(np.linspace(-1, 1, side, dtype=np.float32) - rng.uniform(-0.2, 0.2) for side in shape), indexing="ij"
    )
    return np.asarray(np.hypot(rows * rng.uniform(0.8, 1.1), columns), np.float32)


def matted(luma: Plane, chroma: NDArray[np.int8], rng: Rng) -> tuple[Plane, NDArray[np.int8]]:
    """The middle of a crop, an oval with shoulders, before a plain backdrop or on a print's plain paper.

    luma: (S, S), 0 to 255. chroma: (S / 4, S / 4, 2). The backdrop is nearly grey and has next to no detail.
    """
    rows, columns = np.meshgrid(*(np.linspace(-1, 1, side, dtype=np.float32) for side in luma.shape), indexing="ij")
    high, wide, soft = rng.uniform(0.55, 0.95), rng.uniform(0.45, 0.85), rng.uniform(0.03, 0.25)
    inside = 1 - np.hypot(rows / high, columns / wide)
    if rng.random() < 0.7:  # shoulders
        inside = np.maximum(inside, 1 - np.hypot((rows - 1.3) / 0.9, columns / rng.uniform(0.7, 1.2)))
    share = np.asarray((inside / soft + 0.5).clip(0, 1), np.float32)
    tone = rng.uniform(20, 235) + _smooth_field(luma.shape, rng, -35, 35)
    plane = np.asarray(luma * share + tone * (1 - share), np.float32)
    colour = rng.normal((0, 2), (1.5, 3)).astype(np.float32)
    small = cv2.resize(share, chroma.shape[1::-1], interpolation=cv2.INTER_AREA)[..., None]
    return plane, np.round(chroma * small + colour * (1 - small)).astype(np.int8)


def _scratched(grey: Plane, rng: Rng) -> Plane:
    """A few lines and spots, light or dark."""
    marked = np.ascontiguousarray(grey)
    side = grey.shape[0]
    for _ in range(int(rng.integers(1, 5))):
        tone = float(rng.choice([0.05, 0.95]))
        start, end = rng.integers(0, side, 2), rng.integers(0, side, 2)
        if rng.random() < 0.5:
            end[0] = start[0] + rng.integers(-3, 4)  # along the film's way through the gate
        cv2.line(marked, start.tolist(), end.tolist(), tone, 1, cv2.LINE_AA)
        cv2.circle(marked, rng.integers(0, side, 2).tolist(), int(rng.integers(0, 3)), tone, -1, cv2.LINE_AA)
    return marked


def _grain(shape: tuple[int, ...], rng: Rng) -> Plane:
    """Film grain: noise, sometimes coarse."""
    noise = rng.standard_normal(shape, np.float32) * np.float32(rng.uniform(0.005, 0.045))
    if rng.random() < 0.4:
        noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), 0.8) * 2.2, np.float32)
    return noise
