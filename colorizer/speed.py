"""How fast this machine is from file to file: drawn pictures and films, coloured as users colour theirs."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.engines.measure import draw_leaves
from colorizer.image.colorize import colorize_file
from colorizer.network import Colorizer
from colorizer.video.film import colorize_film
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter

RATE = 24
SHOT_SECONDS = 5
GRAIN = 6.0  # levels: what old film has
Plane = NDArray[np.uint8]


@dataclass(frozen=True)
class Speed:
    """How long one piece of work took, from file to file, with the network open."""

    what: str
    seconds: float
    rate: float  # megapixels or frames a second
    unit: str


def picture_speed(colorizer: Colorizer, megapixels: int) -> Speed:
    """A drawn JPEG of 4:3, read, coloured and written as JPEG; the faster of two runs."""
    width, height = round((megapixels * 1e6 * 4 / 3) ** 0.5), round((megapixels * 1e6 * 3 / 4) ** 0.5)
    drawn = cv2.resize(draw_leaves(256), (width, height), interpolation=cv2.INTER_CUBIC)
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "picture.jpg"), Path(folder, "coloured.jpg")
        source.write_bytes(cv2.imencode(".jpg", np.clip(255 * drawn, 0, 255).astype(np.uint8))[1].tobytes())
        times = []
        for _ in range(2):
            start = time.perf_counter()
            colorize_file(source, target, colorizer=colorizer, overwrite=True)
            times.append(time.perf_counter() - start)
    return Speed(f"picture of {megapixels} MP", min(times), megapixels / min(times), "MP/s")


def film_speed(colorizer: Colorizer, width: int, height: int, seconds: float) -> Speed:
    """A drawn film of so many seconds, read, coloured and written with the usual settings."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "film.mp4")
        frames = write_clip(source, width, height, seconds)
        start = time.perf_counter()
        colorize_film(source, Path(folder, "coloured.mp4"), colorizer)
        took = time.perf_counter() - start
    return Speed(f"film of {width} x {height}, {seconds:g} s", took, frames / took, "frames/s")


def draw_frames(width: int, height: int, count: int, grain: float = GRAIN) -> Iterator[Plane]:
    """Luma of a film that never was: pictures that pan and zoom, a cut every few seconds, grain on top."""
    rng = np.random.default_rng(0)
    layers = [rng.normal(0, grain, (height, width)).astype(np.float32) for _ in range(5)]
    scene: Plane = np.empty(0, np.uint8)
    for number in range(count):
        inside = number % (SHOT_SECONDS * RATE)
        if inside == 0:
            scene = _draw_scene(rng, width, height)
        zoom = 1 + 0.001 * inside
        matrix = np.array([[zoom, 0, -inside * width / 3000], [0, zoom, -inside * height / 4000]])
        moved = cv2.warpAffine(scene, matrix, (width, height), borderMode=cv2.BORDER_REFLECT).astype(np.float32)
        yield np.clip(moved + layers[int(rng.integers(5))], 16, 235).astype(np.uint8)


def _draw_scene(rng: np.random.Generator, width: int, height: int) -> Plane:
    scene = np.zeros((height, width), np.float32)
    for cells in (6, 24, 96):  # large shapes, smaller ones, texture
        noise = rng.random((cells * height // width + 2, cells), np.float32)
        layer = np.asarray(cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        scene += layer * np.float32(1 / cells**0.5)
    return np.asarray(cv2.normalize(scene, scene, 30, 220, cv2.NORM_MINMAX), np.uint8)


def write_clip(path: Path, width: int, height: int, seconds: float, grain: float = GRAIN) -> int:
    """The clip's number of frames, written to the path."""
    count = round(seconds * RATE)
    spec = VideoSpec(width, height, Fraction(1, RATE), Fraction(RATE), preset="ultrafast")
    neutral = np.full(spec.chroma_shape, 128, np.uint8)
    with SegmentWriter(path, spec, overwrite=True) as writer:
        for number, luma in enumerate(draw_frames(width, height, count, grain)):
            writer.write(number, luma, neutral, neutral)
    return count
