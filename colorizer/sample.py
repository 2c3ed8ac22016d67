"""A landscape that the program draws itself: to try the studio with, and to try networks on."""

import cv2
import numpy as np
from numpy.typing import NDArray

SAMPLE_NAME = "Sample landscape.png"
_HEIGHT, _WIDTH = 720, 1080
_RANGES = ((0.40, 0.07, 2.3, 0.4, 0.62), (0.47, 0.05, 3.1, 2.1, 0.46), (0.54, 0.04, 1.7, 4.0, 0.33))

Plane = NDArray[np.float32]


def sample_picture() -> bytes:
    """The landscape as a grey PNG."""
    return cv2.imencode(".png", sample_luma())[1].tobytes()


def sample_luma() -> NDArray[np.uint8]:
    """Luma of the landscape, (720, 1080), the same every time: hills, a meadow, a house and a tree under a wide sky."""
    random = np.random.default_rng(7)
    picture = _sky(random)
    _hills(picture, random)
    _meadow(picture, random)
    _house(picture)
    _tree(picture, random)
    soft = cv2.GaussianBlur(picture, (0, 0), 0.8) + random.normal(0, 0.008, picture.shape)
    return np.rint(np.clip(soft, 0, 1) * 255).astype(np.uint8)


def _sky(random: np.random.Generator) -> Plane:
    """A sky that grows light towards the horizon, with soft clouds."""
    rows = np.linspace(0, 1, _HEIGHT, dtype=np.float32)[:, None]
    sky = np.broadcast_to(0.52 + 0.4 * np.minimum(rows * 2, 1), (_HEIGHT, _WIDTH)).copy()
    clouds = _noise(random, 6, 4, stretch=3.0) * np.clip(1.1 - 2.2 * rows, 0, 1)
    return np.asarray(sky + 0.3 * np.clip(clouds, 0, 1), np.float32)


def _hills(picture: Plane, random: np.random.Generator) -> None:
    """Three ranges, the nearer the darker."""
    across = np.linspace(0, 1, _WIDTH, dtype=np.float32)
    texture = _noise(random, 60, 3)
    for top, swing, waves, shift, level in _RANGES:
        ridge = top + swing * np.sin(2 * np.pi * waves * across + shift) + 0.3 * swing * np.sin(17 * across + shift)
        below = np.arange(_HEIGHT)[:, None] / _HEIGHT > ridge
        picture[below] = level + 0.05 * texture[below]


def _meadow(picture: Plane, random: np.random.Generator) -> None:
    """Grass with blades that grow longer towards the front, and a path that leads to the house."""
    start = int(0.62 * _HEIGHT)
    rows = np.linspace(0, 1, _HEIGHT - start, dtype=np.float32)[:, None]
    edge = start + (8 * np.sin(np.linspace(0, 9, _WIDTH))).astype(int)
    blades = cv2.GaussianBlur(random.normal(0, 1, (_HEIGHT, _WIDTH)).astype(np.float32), (3, 15), 0)
    grass = 0.50 - 0.12 * rows + (0.10 + 0.25 * rows) * blades[start:]
    inside = np.arange(start, _HEIGHT)[:, None] >= edge
    picture[start:][inside] = np.broadcast_to(grass, inside.shape)[inside]
    path = np.array([[640, 500], [676, 500], [650, 590], [700, 720], [520, 720], [590, 590]], np.int32)
    _shape(picture, path, 0.74)


def _house(picture: Plane) -> None:
    """A white house with a dark roof, a chimney, a door and windows."""
    _shape(picture, [[745, 300], [775, 300], [775, 360], [745, 360]], 0.36)  # chimney
    _shape(picture, [[560, 395], [800, 395], [800, 508], [560, 508]], 0.86)  # wall in the sun
    _shape(picture, [[800, 395], [880, 405], [880, 500], [800, 508]], 0.66)  # wall in the shade
    _shape(picture, [[540, 400], [600, 318], [800, 318], [895, 408], [805, 396]], 0.28)  # roof
    _shape(picture, [[638, 440], [676, 440], [676, 508], [638, 508]], 0.30)  # door
    for left in (580, 700, 745):
        _shape(picture, [[left, 425], [left + 28, 425], [left + 28, 463], [left, 463]], 0.22)
        _shape(picture, [[left + 12, 425], [left + 15, 425], [left + 15, 463], [left + 12, 463]], 0.9)


def _tree(picture: Plane, random: np.random.Generator) -> None:
    """A broad tree, and bushes at the edge of the meadow."""
    _shape(picture, [[226, 330], [248, 330], [256, 560], [212, 560]], 0.2)
    _leaves(picture, random, (236, 285), (120, 105), 6000)
    for x, y in ((60, 470), (110, 482), (960, 476), (1030, 462)):
        _leaves(picture, random, (x, y), (46, 34), 900)


def _leaves(
    picture: Plane, random: np.random.Generator, middle: tuple[int, int], radii: tuple[int, int], count: int
) -> None:
    """A round mass of leaves: those towards the upper left catch the light."""
    angles = random.uniform(0, 2 * np.pi, count)
    reaches = np.sqrt(random.uniform(0, 0.8, count)) + random.normal(0, 0.07, count)
    across, down = reaches * np.cos(angles), reaches * np.sin(angles)
    lights = np.clip(0.34 - 0.10 * across - 0.12 * down + random.normal(0, 0.08, count), 0.08, 0.7)
    for x, y, light, size in zip(across, down, lights, random.integers(2, 5, count), strict=True):
        place = int(middle[0] + radii[0] * x), int(middle[1] + radii[1] * y)
        cv2.circle(picture, place, int(size), float(light), -1, cv2.LINE_AA)


def _shape(picture: Plane, corners: object, level: float) -> None:
    cv2.fillPoly(picture, [np.asarray(corners, np.int32)], level, cv2.LINE_AA)


def _noise(random: np.random.Generator, cells: int, octaves: int, stretch: float = 1.0) -> Plane:
    """Soft noise between about -1 and 1."""
    total = np.zeros((_HEIGHT, _WIDTH), np.float32)
    for octave in range(octaves):
        across = cells * 2**octave
        down = max(2, int(across * stretch * _HEIGHT / _WIDTH))
        grid = random.normal(0, 1, (down, max(2, int(across)))).astype(np.float32)
        total += cv2.resize(grid, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_CUBIC) / 2**octave
    return np.asarray(total / 2, np.float32)
