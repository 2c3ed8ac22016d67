"""Crops and the faults of old photographs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.augment import Ageing, aged, crop, window

seeds = st.integers(0, 2**32 - 1)
NONE = Ageing(*[0] * 9)
ALL = Ageing(*[1] * 9)


@given(st.integers(1, 500), st.integers(1, 500), seeds)
def test_a_window_lies_in_the_picture_and_is_never_empty(height: int, width: int, seed: int) -> None:
    rows, columns = window(height, width, np.random.default_rng(seed))
    assert 0 <= rows.start < rows.stop <= height
    assert 0 <= columns.start < columns.stop <= width


@given(st.sampled_from([96, 128, 224]), seeds)
def test_a_crop_has_luma_of_its_size_and_chroma_of_a_quarter(size: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    luma, chroma = rng.integers(0, 256, (150, 190), np.uint8), rng.integers(-90, 91, (150, 190, 2), np.int8)
    grey, colours = crop(luma, chroma, size, rng)
    assert grey.shape == (size, size)
    assert colours.shape == (size // 4, size // 4, 2)
    assert colours.dtype == np.int8


def test_luma_and_chroma_of_a_crop_stay_in_register() -> None:
    luma = np.tile(np.arange(0, 160, dtype=np.uint8), (160, 1))
    chroma = np.repeat(luma[..., None] // 2, 2, 2).astype(np.int8)
    for seed in range(20):
        grey, colours = crop(luma, chroma, 128, np.random.default_rng(seed))
        reduced = grey.reshape(32, 4, 32, 4).mean((1, 3))
        assert np.abs(reduced / 2 - colours[..., 0]).max() < 2


@given(seeds)
def test_an_aged_crop_still_has_whole_levels_from_0_to_255(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grey, chroma = rng.uniform(0, 255, (64, 64)).astype(np.float32), rng.integers(-90, 91, (16, 16, 2), np.int8)
    before = grey.copy()
    old = aged(grey, chroma, rng, ALL)
    assert old.min() >= 0
    assert old.max() <= 255
    assert np.array_equal(old, np.round(old))
    assert np.array_equal(grey, before)
    assert not np.array_equal(old, np.round(grey))


def test_without_ageing_the_luma_is_only_rounded() -> None:
    rng = np.random.default_rng(0)
    grey = rng.uniform(0, 255, (32, 32)).astype(np.float32)
    assert np.abs(aged(grey, np.zeros((8, 8, 2), np.int8), rng, NONE) - grey).max() <= 0.51


def test_old_film_makes_red_darker() -> None:
    grey, red = np.full((32, 32), 128, np.float32), np.full((8, 8, 2), [60, 30], np.int8)
    film = Ageing(0, 1, *[0] * 7)
    levels = [aged(grey, red, np.random.default_rng(seed), film).mean() for seed in range(20)]
    assert np.mean(levels) < 120


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_chance_outside_0_to_1_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="blur must be"):
        Ageing(blur=value)
