"""What holds for every picture, chroma and grade that goes through render."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.color.grade import GRADE_RANGES, Grade, apply_grade, weighted
from colorizer.color.lightness import full_scale, luma, to_unit
from colorizer.errors import SettingError
from colorizer.picture import original, render, render_quickly
from tests.strategies import chromas, grades, lumas

_tried = settings(max_examples=60)


@_tried
@given(luma_plane=lumas(), chroma=chromas(), grade=grades())
def test_result_turned_back_to_grey_is_the_input(luma_plane, chroma, grade):
    grey = luma(render(luma_plane, chroma, grade)).astype(np.float64)
    tolerance = 1e-5 if luma_plane.dtype == np.float32 else 1
    assert np.abs(grey - luma_plane).max() <= tolerance


@_tried
@given(luma_plane=lumas(), chroma=chromas(), grade=grades())
def test_result_has_the_pictures_size_and_type_and_stays_in_range(luma_plane, chroma, grade):
    result = render(luma_plane, chroma, grade)
    assert result.shape == (*luma_plane.shape, 3)
    assert result.dtype == luma_plane.dtype
    assert np.isfinite(result.astype(np.float64)).all()
    assert result.min() >= -1e-6 * full_scale(result.dtype)
    assert result.max() <= full_scale(result.dtype) * (1 + 1e-6)


@_tried
@given(luma_plane=lumas(), chroma=chromas(), saturation=st.floats(0, 3), hue=st.floats(-180, 180))
def test_zero_intensity_is_the_grey_input_bit_for_bit(luma_plane, chroma, saturation, hue):
    result = render(luma_plane, chroma, Grade(saturation=saturation, hue=hue, warmth=1, intensity=0))
    assert (result == luma_plane[..., None]).all()


@_tried
@given(luma_plane=lumas(), chroma=chromas(), tone=chromas(), grade=grades())
def test_a_toned_original_comes_through_below_full_intensity_and_luma_stays(luma_plane, chroma, tone, grade):
    tone = tone / 200
    toned = original(luma_plane, tone)
    assert (render(luma_plane, chroma, replace(grade, intensity=0), tone) == toned).all()
    result = render(luma_plane, chroma, grade, tone)
    full = render(luma_plane, chroma, replace(grade, intensity=1))
    step = 1e-5 if luma_plane.dtype == np.float32 else 1.01
    expected = grade.intensity * full.astype(np.float64) + (1 - grade.intensity) * toned
    assert np.abs(result - expected).max() <= step
    assert np.abs(luma(result).astype(np.float64) - luma_plane).max() <= step


def test_intensity_fades_the_result_to_the_original_where_saturation_only_weakens_the_networks_colour():
    luma_plane, chroma = np.full((20, 30), 128, np.uint8), np.full((8, 8, 2), 25, np.float32)
    sepia = np.zeros((4, 4, 2), np.float32) + np.float32([0.1, -0.1])
    weak, faint = (render(luma_plane, chroma, grade, sepia) for grade in (Grade(saturation=0.5), Grade(intensity=0.5)))
    assert np.abs(weak.astype(int) - faint).max() > 10
    assert np.ptp(render(luma_plane, chroma, Grade(intensity=0), sepia)[0, 0].astype(int)) > 40
    assert np.ptp(render(luma_plane, chroma, Grade(saturation=0), sepia)[0, 0].astype(int)) == 0


@_tried
@given(luma_plane=lumas(kinds=(np.uint8,)), chroma=chromas(), grade=grades())
def test_the_quick_way_keeps_luma_too(luma_plane, chroma, grade):
    result = render_quickly(luma_plane, chroma, grade)
    assert (result.shape, result.dtype) == ((*luma_plane.shape, 3), np.uint8)
    assert np.abs(luma(result).astype(int) - luma_plane).max() <= 1


@pytest.mark.parametrize("saturation", [0.5, 1.0, 1.5])
def test_the_quick_way_looks_the_same(saturation):
    rng = np.random.default_rng(1)
    rows, columns = np.mgrid[0:240, 0:320]
    plane = np.clip(120 + 60 * np.sin(rows / 19) + 50 * np.cos(columns / 31) + rng.normal(0, 4, rows.shape), 0, 255)
    chroma = np.dstack([20 * np.sin(np.mgrid[0:30, 0:40][axis] / 5) for axis in (0, 1)]).astype(np.float32)
    luma_plane, grade = plane.astype(np.uint8), Grade(saturation=saturation)
    difference = np.abs(render_quickly(luma_plane, chroma, grade).astype(int) - render(luma_plane, chroma, grade))
    assert difference.mean() < 1
    assert np.percentile(difference, 99) <= 6


@_tried
@given(luma_plane=lumas(), chroma=chromas())
def test_no_chroma_gives_the_grey_input(luma_plane, chroma):
    result = render(luma_plane, np.zeros_like(chroma))
    tolerance = 1e-4 * full_scale(luma_plane.dtype) if luma_plane.dtype != np.uint8 else 0
    assert np.abs(result.astype(np.float64) - luma_plane[..., None]).max() <= tolerance


@given(chroma=chromas())
def test_the_default_grade_changes_nothing_bit_for_bit(chroma):
    assert apply_grade(chroma, Grade()) is chroma
    assert (apply_grade(chroma, Grade(saturation=1, hue=0.0, intensity=1, warmth=-0.0)) == chroma).all()


@pytest.mark.parametrize("grade", [Grade(), Grade(saturation=2)])
def test_chroma_without_a_pixel_is_refused(grade):
    with pytest.raises(ValueError, match="must not be empty"):
        apply_grade(np.empty((0, 4, 2), np.float32), grade)


@given(chroma=chromas(), low=st.floats(0, 3), high=st.floats(0, 3))
def test_mean_chroma_grows_with_saturation(chroma, low, high):
    low, high = sorted((low, high))
    weak, strong = (np.linalg.norm(apply_grade(chroma, Grade(saturation=s)), axis=-1).mean() for s in (low, high))
    assert weak <= strong * (1 + 1e-5) + 1e-6


@given(chroma=chromas(), seed=st.integers(0, 99))
def test_every_pixel_is_weighted_by_its_own_weight(chroma, seed):
    weight = np.random.default_rng(seed).random(chroma.shape[:2], np.float32)
    assert np.allclose(weighted(chroma, weight), chroma * weight[..., None], rtol=1e-6)


@given(chroma=chromas(), hue=st.floats(-180, 180))
def test_turning_the_hue_keeps_the_strength_of_every_colour(chroma, hue):
    turned = apply_grade(chroma, Grade(hue=hue))
    assert np.allclose(np.linalg.norm(turned, axis=-1), np.linalg.norm(chroma, axis=-1), atol=1e-3)


@given(chroma=chromas())
def test_hue_by_360_degrees_is_the_identity(chroma):
    half = apply_grade(apply_grade(chroma, Grade(hue=180)), Grade(hue=180))
    assert np.allclose(half, chroma, atol=1e-3)
    assert np.allclose(apply_grade(chroma, Grade(hue=-180)), apply_grade(chroma, Grade(hue=180)), atol=1e-3)


@given(chroma=chromas(), warmth=st.floats(-1, 1))
def test_warmth_moves_every_colour_the_same_way(chroma, warmth):
    moved = apply_grade(chroma, Grade(warmth=warmth)) - chroma
    assert np.allclose(moved, moved[0, 0], atol=1e-3)
    assert moved[0, 0, 1] * warmth >= 0


@pytest.mark.parametrize("name", GRADE_RANGES)
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), -181.0, 181.0])
def test_a_grade_outside_its_range_is_refused_by_name_range_and_value(name, wrong):
    low, high = GRADE_RANGES[name]
    with pytest.raises(SettingError, match=f"{name} must lie between {low:g} and {high:g}"):
        Grade(**{name: wrong})


def test_a_large_picture_is_the_same_whether_made_in_strips_or_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    luma_plane = rng.integers(0, 256, (301, 257), np.uint8)
    chroma = rng.uniform(-60, 60, (14, 11, 2)).astype(np.float32)
    at_once = render(luma_plane, chroma)
    monkeypatch.setattr("colorizer.picture._STRIP_PIXELS", 1000)
    in_strips = render(luma_plane, chroma)
    assert np.abs(at_once.astype(int) - in_strips).max() <= 1  # a sum in another order may round the other way


@given(luma_plane=lumas(kinds=(np.uint8,)))
def test_colour_as_strong_as_the_gamut_allows_still_shows(luma_plane):
    result = to_unit(render(luma_plane, np.full((4, 4, 2), 100, np.float32)))
    inside = (luma_plane > 20) & (luma_plane < 235)
    assert (np.ptp(result, axis=-1)[inside] > 0.05).all()
