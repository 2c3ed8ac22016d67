"""Luma and chroma together."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.matrices import LUMA_WEIGHTS
from colorizer.color.merge import merge


@given(st.integers(0, 2**32 - 1))
def test_a_colour_that_exists_comes_back_from_its_own_luma_and_chroma(seed):
    rgb = np.random.default_rng(seed).uniform(0.1, 0.9, (8, 8, 3)).astype(np.float32)
    chroma = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[..., 1:]
    error = np.abs(merge(rgb @ LUMA_WEIGHTS, chroma) - rgb)
    assert error.mean() < 0.004
    assert error.max() < 0.06


@given(st.integers(0, 2**32 - 1))
def test_merged_colour_has_the_luma_asked_for_and_fits_the_gamut(seed):
    rng = np.random.default_rng(seed)
    luma_unit = rng.random((8, 8), np.float32)
    result = merge(luma_unit, rng.uniform(-128, 128, (8, 8, 2)).astype(np.float32))
    assert np.abs(result @ LUMA_WEIGHTS - luma_unit).max() < 2e-6
    assert result.min() > -1e-6
    assert result.max() < 1 + 1e-6


def test_black_and_white_take_no_colour():
    luma_unit = np.array([[0, 1]], np.float32)
    assert np.allclose(merge(luma_unit, np.full((1, 2, 2), 60, np.float32)), luma_unit[..., None], atol=1e-6)
