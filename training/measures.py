"""How good a network's colours are: near the truth, vivid, the same when the picture moves, calm where nothing is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.metrics import area_under_curve, chroma_error, colourfulness, psnr
from colorizer.color.grade import Chroma
from colorizer.color.lightness import luma, to_unit
from colorizer.picture import render
from training.bins import code, gamut_bins, soft_encoding
from training.data import SUFFIXES
from training.sheets import Picture

SIDE = 224
SHIFT = 8
CONTRAST = (0.9, 1.1)
GREY = 5.0  # a true colour nearer to grey than this is seen as grey
FLAT = 8.0  # levels: a place is flat where luma deviates by less around it
AROUND = 16  # pixels of 224 that "around it" means, both ways
Plane = NDArray[np.uint8]
ToChroma = Callable[[Plane], Chroma]
Numbers = dict[str, float]


@dataclass(frozen=True)
class Truth:
    """One picture: RGB (H, W, 3), its luma (H, W) and its true chroma on the network's grid (56, 56, 2)."""

    rgb: Picture
    luma: Plane
    chroma: Chroma


def read_tests(folder: Path) -> list[Truth]:
    """Every picture of the folder, by name. Raises ValueError when there is none."""
    tests = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES):
        bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise ValueError(f"{path} is not a picture that can be read")
        rgb = np.ascontiguousarray(bgr[..., ::-1], np.uint8)
        chroma = cv2.cvtColor(to_unit(rgb), cv2.COLOR_RGB2LAB)[..., 1:]
        small = cv2.resize(chroma, (SIDE // 4, SIDE // 4), interpolation=cv2.INTER_AREA)
        tests.append(Truth(rgb, luma(rgb), np.asarray(small, np.float32)))
    if not tests:
        raise ValueError(f"there is no picture in {folder}")
    return tests


def rarity(tests: Sequence[Truth]) -> NDArray[np.float64]:
    """A weight for every true colour that makes every ab bin of the test count alike, (N, 56, 56).

    Source: Zhang, Isola, Efros 2016, section 3.1 (class-balanced AuC), with the frequencies of the tests themselves.
    """
    bins = gamut_bins()
    whole = np.round(np.stack([test.chroma for test in tests])).clip(-128, 127).astype(np.int8)
    nearest = soft_encoding(bins).bins[code(whole), 0]
    return np.asarray(1 / np.bincount(nearest.ravel(), minlength=len(bins))[nearest], np.float64)


def accuracy(to_chroma: ToChroma, tests: Sequence[Truth]) -> Numbers:
    """PSNR, ab error, colourfulness over the truth's, and AuC plain and rebalanced, of the network's own colours."""
    rows, errors, false = [], [], []
    for test in tests:
        chroma = to_chroma(test.luma)
        result = to_unit(render(test.luma, chroma))
        truth = to_unit(test.rgb)
        errors.append(chroma_error(chroma, test.chroma))
        false.append(np.hypot(*np.moveaxis(chroma[np.hypot(*np.moveaxis(test.chroma, -1, 0)) < GREY], -1, 0)))
        rows.append((psnr(result, truth), colourfulness(result), colourfulness(truth)))
    quality, colour, true_colour = np.mean(rows, axis=0)
    every = np.stack(errors)
    return {
        "PSNR dB": float(quality),
        "ab error": float(every.mean()),
        "colourfulness": float(colour),
        "of the truth's": float(colour / true_colour),
        "AuC %": 100 * area_under_curve(every.ravel()),
        "AuC rebalanced %": 100 * area_under_curve(every.ravel(), rarity(tests).ravel()),
        "chroma where the truth is grey": float(np.concatenate(false).mean()),
    }


def steadiness(to_chroma: ToChroma, tests: Sequence[Truth]) -> Numbers:
    """Mean ab change when the picture moves by 8 pixels of 224, or its contrast changes by 10 %."""
    shifts, contrasts = [], []
    for test in tests:
        large = np.asarray(cv2.resize(test.luma, (SIDE + SHIFT, SIDE + SHIFT), interpolation=cv2.INTER_AREA), np.uint8)
        here = to_chroma(np.ascontiguousarray(large[:SIDE, :SIDE]))
        right = to_chroma(np.ascontiguousarray(large[:SIDE, SHIFT:]))
        down = to_chroma(np.ascontiguousarray(large[SHIFT:, :SIDE]))
        cells = SHIFT // 4
        shifts += [
            chroma_error(here[:, cells:], right[:, :-cells]).mean(),
            chroma_error(here[cells:], down[:-cells]).mean(),
        ]
        plain = to_chroma(test.luma)
        for factor in CONTRAST:
            other = np.rint((test.luma.astype(np.float32) - 128) * factor + 128).clip(0, 255).astype(np.uint8)
            contrasts.append(chroma_error(plain, to_chroma(other)).mean())
    return {"change by a shift": float(np.mean(shifts)), "change by contrast": float(np.mean(contrasts))}


def unrest(chroma: Chroma, plane: Plane) -> float:
    """Mean ab step between neighbouring cells (h, w, 2) that both lie where the luma (4 h, 4 w) is flat; nan where none
    do."""
    values = plane.astype(np.float32)
    mean = cv2.blur(values, (AROUND, AROUND))
    deviation = np.sqrt(np.maximum(cv2.blur(values**2, (AROUND, AROUND)) - mean**2, 0))
    flat = deviation[2::4, 2::4] < FLAT
    steps = [
        chroma_error(chroma[1:], chroma[:-1])[flat[1:] & flat[:-1]],
        chroma_error(chroma[:, 1:], chroma[:, :-1])[flat[:, 1:] & flat[:, :-1]],
    ]
    return float(np.concatenate(steps).mean()) if any(map(len, steps)) else float("nan")


def calm(to_chroma: ToChroma, planes: Sequence[Plane]) -> Numbers:
    """How restless the colours of black-and-white pictures are where the picture is flat: the mean, and the worst."""
    squares = [np.asarray(cv2.resize(plane, (SIDE, SIDE), interpolation=cv2.INTER_AREA), np.uint8) for plane in planes]
    found = [unrest(to_chroma(plane), plane) for plane in squares]
    return {"unrest, mean": float(np.nanmean(found)), "unrest, worst": float(np.nanmax(found))}


def colourless(plane: Plane) -> Chroma:
    """The chroma of the grey picture: what every network is compared with."""
    return np.zeros((SIDE // 4, SIDE // 4, 2), np.float32)
