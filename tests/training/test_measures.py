"""The numbers a network is judged by."""

import math

import cv2
import numpy as np
import pytest

from colorizer.color.lightness import luma, to_unit
from training.measures import SIDE, Truth, accuracy, calm, colourless, steadiness, unrest

CELLS = SIDE // 4
RNG = np.random.default_rng(1)
RESTLESS = RNG.normal(0, 5, (CELLS, CELLS, 2)).astype(np.float32)


def truth() -> Truth:
    rgb = cv2.resize(RNG.integers(0, 256, (5, 6, 3), np.uint8), (96, 80), interpolation=cv2.INTER_CUBIC)
    lab = cv2.cvtColor(to_unit(rgb), cv2.COLOR_RGB2LAB)[..., 1:]
    return Truth(rgb, luma(rgb), cv2.resize(lab, (CELLS, CELLS), interpolation=cv2.INTER_AREA))


def test_the_true_colours_beat_no_colours_in_every_number() -> None:
    one = truth()
    best = accuracy(lambda _: one.chroma, [one])
    none = accuracy(colourless, [one])
    assert best["ab error"] == 0 < none["ab error"]
    assert best["PSNR dB"] > none["PSNR dB"] + 10
    assert best["AuC %"] > none["AuC %"]
    assert best["of the truth's"] == pytest.approx(1, abs=0.05)
    assert none["of the truth's"] == none["chroma where the truth is grey"] == 0


def test_colour_where_the_truth_is_grey_is_counted_there_alone() -> None:
    one = truth()
    half = one.chroma.copy()
    half[:, ::2] = 0
    grey = Truth(one.rgb, one.luma, half)
    shown = np.full((CELLS, CELLS, 2), (3, 4), np.float32)
    assert accuracy(lambda _: shown, [grey])["chroma where the truth is grey"] == pytest.approx(5)


def test_flat_places_alone_are_asked_to_be_calm() -> None:
    flat = np.full((SIDE, SIDE), 90, np.uint8)
    busy = RNG.integers(0, 256, (SIDE, SIDE), np.uint8)
    assert unrest(RESTLESS, flat) > 5
    assert unrest(np.zeros_like(RESTLESS), flat) == 0
    assert math.isnan(unrest(RESTLESS, busy))
    both = busy.copy()
    both[:, : SIDE // 2] = 90
    calm_there = RESTLESS.copy()
    calm_there[:, : CELLS // 2] = 0
    assert unrest(calm_there, both) == 0


def test_the_worst_picture_is_named_beside_the_mean() -> None:
    planes = [np.full((50, 70), level, np.uint8) for level in (40, 200)]
    found = calm(lambda plane: RESTLESS * (plane[0, 0] > 100), planes)
    assert found["unrest, worst"] == pytest.approx(2 * found["unrest, mean"])


def test_colours_that_move_with_the_picture_do_not_change() -> None:
    def by_luma(plane: np.ndarray) -> np.ndarray:
        small = cv2.resize(plane[:SIDE, :SIDE], (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        return np.repeat(small[..., None], 2, 2).astype(np.float32)

    def by_place(_: np.ndarray) -> np.ndarray:
        return np.indices((CELLS, CELLS)).transpose(1, 2, 0).astype(np.float32)

    square = Truth(np.zeros((SIDE, SIDE, 3), np.uint8), RNG.integers(0, 256, (SIDE, SIDE), np.uint8), RESTLESS)
    assert steadiness(by_place, [square])["change by a shift"] == pytest.approx(2)
    assert steadiness(by_luma, [square])["change by a shift"] < 1e-3
