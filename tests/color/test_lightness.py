"""Luma and lightness against their definitions."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.lightness import area_mean, from_unit, lightness, lightness_at, luma, to_unit
from tests.strategies import lumas


@given(st.floats(0, 1, width=32))
def test_lightness_follows_the_formula_between_the_steps_of_its_table(value):
    linear = value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
    exact = 116 * np.cbrt(linear) - 16 if linear > (6 / 29) ** 3 else linear * (29 / 3) ** 3
    assert abs(float(lightness(np.array([value], np.float32))[0]) - exact) < 2e-3


@given(luma_plane=lumas())
def test_luma_of_a_grey_picture_is_the_picture(luma_plane):
    grey = np.repeat(luma_plane[..., None], 3, axis=2)
    assert np.abs(luma(grey).astype(np.float64) - luma_plane).max() <= (1e-6 if luma_plane.dtype == np.float32 else 0)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_luma_weighs_the_channels_as_bt_601_says(kind):
    full = np.iinfo(kind).max
    rgb = (np.eye(3) * full).astype(kind)[None]
    assert luma(rgb).tolist() == [[round(0.299 * full), round(0.587 * full), round(0.114 * full)]]


@given(luma_plane=lumas())
def test_samples_survive_the_way_to_floats_and_back(luma_plane):
    assert (from_unit(to_unit(luma_plane), luma_plane.dtype) == luma_plane).all()


@pytest.mark.parametrize("kind", [np.int16, np.float64, bool])
def test_other_sample_types_are_refused(kind):
    with pytest.raises(TypeError, match="uint8, uint16 or float32"):
        luma(np.zeros((2, 2, 3), kind))


def test_reduced_lightness_is_the_mean_of_the_area():
    rng = np.random.default_rng(1)
    plane = cv2.GaussianBlur(rng.integers(0, 256, (640, 480), np.uint8), (0, 0), 2)
    blocks = lightness(to_unit(plane)).reshape(8, 80, 8, 60).mean(axis=(1, 3))
    assert np.abs(lightness_at(plane, 8, 8) - blocks).max() < 0.2  # large pictures are averaged before the curve


@given(luma_plane=lumas(), height=st.integers(1, 40), width=st.integers(1, 40))
def test_a_reduced_plane_is_as_bright_as_it_was(luma_plane, height, width):
    reduced = area_mean(luma_plane, min(height, luma_plane.shape[0]), min(width, luma_plane.shape[1]))
    was, now = luma_plane.astype(np.float64), reduced.astype(np.float64)
    rounding = 1e-5 if luma_plane.dtype == np.float32 else 2
    assert was.min() - rounding <= now.min() <= now.max() <= was.max() + rounding
    assert abs(now.mean() - was.mean()) <= rounding


@pytest.mark.parametrize(("height", "width"), [(480, 854), (1080, 1920), (1081, 1920), (2160, 3840), (144, 256)])
def test_halving_first_changes_next_to_nothing_of_what_is_left(height, width):
    noise = np.random.default_rng(7).integers(0, 256, (height, width)).astype(np.uint8)
    picture = cv2.GaussianBlur(noise, (0, 0), 2)
    at_once = cv2.resize(picture, (256, 144), interpolation=cv2.INTER_AREA)
    assert cv2.absdiff(area_mean(picture, 144, 256), at_once).mean() <= 1.5  # levels, of noise
