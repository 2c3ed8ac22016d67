"""Contact sheets to judge by eye: blind pairs of ours and the truth, and old photographs coloured."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.lightness import luma
from colorizer.network import Colorizer
from colorizer.picture import render
from training.data import SUFFIXES

Picture = NDArray[np.uint8]


def contact_sheet(pictures: Sequence[Picture], columns: int, width: int = 240, height: int = 180) -> Picture:
    """The pictures in rows, each fitted into the same cell on black."""
    cells = []
    for picture in pictures:
        scale = min(width / picture.shape[1], height / picture.shape[0])
        size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
        cell = np.zeros((height, width, 3), np.uint8)
        cell[: size[1], : size[0]] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        cells.append(cell)
    cells += [np.zeros((height, width, 3), np.uint8)] * (-len(cells) % columns)
    return np.vstack([np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)])


def blind_sheet(colorizer: Colorizer, truths: Sequence[Picture], seed: int) -> tuple[Picture, list[str]]:
    """Ours and the truth of each picture side by side in a random order, and the key that tells which is which."""
    rng = np.random.default_rng(seed)
    shown: list[Picture] = []
    key = []
    for truth in truths:
        plane = luma(truth)
        pair = [render(plane, colorizer.chroma(plane)), truth]
        first = int(rng.integers(2))
        shown += [pair[first], pair[1 - first]]
        key.append("ours, true" if first == 0 else "true, ours")
    return contact_sheet(shown, 6), key


def grey_planes(folder: Path) -> list[Picture]:
    """The luma of every picture of a folder, by name."""
    found = (np.fromfile(path, np.uint8) for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES)
    return [np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8) for data in found]


def grey_sheet(colorizers: Sequence[Colorizer], planes: Sequence[Picture]) -> Picture:
    """Every black-and-white picture: as it is, then as each network colours it, one row a picture."""
    shown: list[Picture] = []
    for plane in planes:
        shown += [np.repeat(plane[..., None], 3, 2)] + [render(plane, one.chroma(plane)) for one in colorizers]
    return contact_sheet(shown, 1 + len(colorizers), 400, 300)


def write(path: Path, picture: Picture) -> None:
    """Encode RGB into the file. Raises ValueError when the ending is not one of a picture."""
    done, data = cv2.imencode(path.suffix, picture[..., ::-1])
    if not done:
        raise ValueError(f"{path} cannot be written: use .png or .jpg")
    path.write_bytes(data.tobytes())
