"""The ab bins and the soft encoding."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.bins import class_weights, code, gamut_bins, mixed, soft_encoding

BINS = gamut_bins()
ENCODING = soft_encoding(BINS)
levels = st.integers(0, 255)


def lab_of(red: int, green: int, blue: int) -> np.ndarray:
    pixel = np.array([[[blue, green, red]]], np.float32) / 255
    return cv2.cvtColor(pixel, cv2.COLOR_BGR2LAB)[0, 0]


def test_bins_are_grid_points_each_once() -> None:
    assert (BINS % 10 == 0).all()
    assert len({tuple(point) for point in BINS.tolist()}) == len(BINS)
    assert [0, 0] in BINS.tolist()
    assert 200 < len(BINS) < 340


def test_every_bin_is_a_colour_that_srgb_can_show() -> None:
    lightness = np.linspace(0, 100, 201, dtype=np.float32)
    for point in BINS.astype(np.float32):
        lab = np.empty((1, len(lightness), 3), np.float32)
        lab[0, :, 0], lab[0, :, 1:] = lightness, point
        there_and_back = cv2.cvtColor(cv2.cvtColor(lab, cv2.COLOR_LAB2BGR).clip(0, 1), cv2.COLOR_BGR2LAB)
        assert np.linalg.norm(there_and_back - lab, axis=-1).min() < 1.5, point


@given(levels, levels, levels)
def test_every_srgb_colour_is_near_a_bin(red: int, green: int, blue: int) -> None:
    ab = lab_of(red, green, blue)[1:]
    assert np.linalg.norm(BINS - ab, axis=1).min() < 11


@given(levels, levels, levels)
def test_soft_encoding_shares_a_colour_among_its_nearest_bins(red: int, green: int, blue: int) -> None:
    ab = np.round(lab_of(red, green, blue)[1:]).astype(np.int8)
    row = code(ab)
    distance = np.linalg.norm(BINS[ENCODING.bins[row]] - ab.astype(int), axis=1)
    assert ENCODING.shares[row].sum() == pytest.approx(1, abs=1e-5)
    assert (np.diff(distance) >= 0).all()
    assert (np.diff(ENCODING.shares[row]) <= 1e-6).all()
    assert distance[0] == np.linalg.norm(BINS - ab.astype(int), axis=1).min()


def test_far_outside_the_gamut_the_shares_are_still_numbers() -> None:
    corner = ENCODING.shares[code(np.array([-128, 127], np.int8))]
    assert np.isfinite(corner).all()
    assert corner.sum() == pytest.approx(1, abs=1e-5)


@given(st.integers(2, 40), st.integers(0, 2**32 - 1), st.floats(0, 1))
def test_class_weights_favour_the_rare_and_are_one_on_average(count: int, seed: int, strength: float) -> None:
    frequency = np.random.default_rng(seed).dirichlet(np.full(count, 0.3))
    weights = class_weights(frequency, strength)
    order = np.argsort(frequency)
    assert (frequency * weights).sum() == pytest.approx(1, rel=1e-4)
    assert (np.diff(weights[order]) <= 1e-5 * weights.max()).all()
    assert mixed(frequency).sum() == pytest.approx(1)


def test_without_strength_all_classes_weigh_the_same() -> None:
    assert class_weights(np.array([0.9, 0.1, 0.0]), 0.0) == pytest.approx([1, 1, 1])


@pytest.mark.parametrize("grid", [0, -10, 51])
def test_a_grid_step_that_makes_no_sense_is_refused(grid: int) -> None:
    with pytest.raises(ValueError, match="grid must be"):
        gamut_bins(grid)
