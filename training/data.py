"""Colour pictures as the network meets them: luma made as the program makes it, and the true a* and b*."""

import csv
import os
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.lightness import lightness, luma, to_unit

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
SIDE = 144  # pictures are kept with this many pixels on the short side
GREY = 2.0  # a picture whose mean |a*|, |b*| is below this teaches grey, and is left out
HELD_OUT = 53  # every 53rd picture is kept from training


def lightness_table() -> NDArray[np.float32]:
    """L* of the grey picture (Y', Y', Y') for each of the 256 levels of luma, (256,), 0 to 100."""
    return lightness(to_unit(np.arange(256, dtype=np.uint8)))


def to_luma_ab(bgr: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Y' (0 to 255), a* and b* (-128 to 127) of an 8-bit BGR picture, (H, W, 3)."""
    lab = cv2.cvtColor(bgr.astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
    chroma = np.round(lab[..., 1:]).clip(-128, 127)
    return np.dstack([luma(bgr[..., ::-1]), chroma]).astype(np.int16)


@dataclass(frozen=True)
class Pictures:
    """Every picture in one flat array: Y' as uint8, a* and b* as int8 seen as uint8.

    pixels: flat uint8, may be memory-mapped. offsets: (N + 1,). shapes: (N, 2). sets: (N,) the set each belongs to.
    """

    pixels: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    shapes: NDArray[np.int64]
    sets: NDArray[np.str_]

    def __post_init__(self) -> None:
        if not len(self.offsets) - 1 == len(self.shapes) == len(self.sets):
            raise ValueError(
                f"{len(self.shapes)} shapes, {len(self.sets)} sets and {len(self.offsets)} offsets do not fit"
            )
        if len(self.shapes) == 0 or self.offsets[-1] != len(self.pixels):
            raise ValueError("the cache of pictures is empty or cut short: delete it and let it be made again")

    def __len__(self) -> int:
        return len(self.shapes)

    def picture(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.int8]]:
        """Luma (H, W) and chroma (H, W, 2) of one picture."""
        flat = self.pixels[self.offsets[index] : self.offsets[index + 1]]
        all_three = flat.reshape(*self.shapes[index], 3)
        return all_three[..., 0], all_three[..., 1:].view(np.int8)

    def split(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pictures to train on and the ones held out, as indices."""
        index = np.arange(len(self))
        held = index % HELD_OUT == HELD_OUT // 2
        return index[~held], index[held]


def colour_files(source: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every picture in a folder, in the tar files of a folder, or in one tar file."""
    if source.suffix == ".tar":
        with tarfile.open(source) as tar:
            for member in tar:
                stream = tar.extractfile(member) if member.isfile() else None
                if stream is not None and Path(member.name).suffix.lower() in SUFFIXES:
                    yield member.name, stream.read()
        return
    for path in sorted(source.rglob("*")):
        if path.suffix == ".tar":
            yield from colour_files(path)
        elif path.suffix.lower() in SUFFIXES:
            yield path.relative_to(source).as_posix(), path.read_bytes()


def set_names(index: Path | None) -> dict[str, str]:
    """The set of each picture from a tab-separated file with the columns file and set; empty without one."""
    if index is None:
        return {}
    with index.open(newline="", encoding="utf-8") as stream:
        return {row["file"]: row["set"] for row in csv.DictReader(stream, delimiter="\t")}


def small(bgr: NDArray[np.uint8], side: int = SIDE) -> NDArray[np.uint8]:
    """The picture with `side` pixels on its short side; a smaller one stays as it is."""
    height, width = bgr.shape[:2]
    scale = side / min(height, width)
    if scale >= 1:
        return bgr
    size = (max(side, round(width * scale)), max(side, round(height * scale)))
    return np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)


def load(source: Path, cache: Path, index: Path | None = None) -> Pictures:
    """The pictures of `source`, decoded once into the folder `cache` and memory-mapped from there afterwards.

    Raises ValueError when there is no colour picture in the source.
    """
    pixels, table = cache / "pixels.npy", cache / "index.npz"
    if not (pixels.exists() and table.exists()):
        cache.mkdir(parents=True, exist_ok=True)
        _write_cache(source, pixels, table, set_names(index))
    with np.load(table) as rows:
        return Pictures(np.load(pixels, mmap_mode="r"), rows["off"], rows["shape"], rows["set"])


def _decoded(file: tuple[str, bytes]) -> NDArray[np.uint8] | None:
    """Y', a* and b* of one file's picture (H, W, 3), chroma as int8 seen as uint8; None where it teaches nothing."""
    bgr = cv2.imdecode(np.frombuffer(file[1], np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        print(f"{file[0]} is not a picture that can be read, and is left out", flush=True)
        return None
    three = to_luma_ab(small(np.asarray(bgr, np.uint8)))
    return three.astype(np.uint8) if np.abs(three[..., 1:]).mean() >= GREY else None


def _write_cache(source: Path, pixels: Path, table: Path, sets: dict[str, str]) -> None:
    """Decode every picture and write the two files of the cache, whole or not at all."""
    flat: list[NDArray[np.uint8]] = []
    shapes: list[tuple[int, int]] = []
    names: list[str] = []
    files = list(colour_files(source))
    with ThreadPoolExecutor(os.cpu_count() or 1, "decoding") as pool:
        for (name, _), three in zip(files, pool.map(_decoded, files), strict=True):
            if three is not None:
                flat.append(three.ravel())
                shapes.append((three.shape[0], three.shape[1]))
                names.append(name)
    if not flat:
        raise ValueError(
            f"no colour picture was found in {source}: give a folder or a tar with {', '.join(sorted(SUFFIXES))}"
        )
    offsets = np.cumsum([0, *(len(one) for one in flat)])
    part = pixels.with_suffix(".part.npy")
    np.save(part, np.concatenate(flat))
    part.replace(pixels)
    rest = table.with_suffix(".part.npz")
    np.savez(
        rest, off=offsets, shape=np.array(shapes), name=np.array(names), set=np.array([sets.get(n, "") for n in names])
    )
    rest.replace(table)
