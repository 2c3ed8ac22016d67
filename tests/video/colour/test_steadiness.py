"""What a report says of a film."""

import numpy as np
import pytest

from colorizer.color.grade import Grade
from colorizer.video.colour.steadiness import Meter, Sums, colourfulness, divergence

GUIDE = np.random.default_rng(0).integers(30, 220, (64, 96)).astype(np.uint8)


@pytest.fixture(autouse=True)
def every_frame(monkeypatch):
    monkeypatch.setattr("colorizer.video.colour.steadiness._RUN", 24)


def _watched(chromas, starts=()):
    meter = Meter(Grade())
    for number, chroma in enumerate(chromas):
        meter.watch(GUIDE, np.full((8, 12, 2), chroma, np.float32), starts_shot=number in starts)
    return meter.sums


def test_still_colour_adds_no_unrest_and_flicker_does():
    assert _watched([20] * 8).cdc_excess == pytest.approx(0, abs=1e-9)
    assert _watched([20, 30] * 4).cdc_excess > 1e-3


def test_a_change_at_a_cut_is_no_flicker():
    assert _watched([20] * 4 + [-40] * 4, starts={4}).cdc_excess == pytest.approx(0, abs=1e-9)
    assert _watched([20] * 4 + [-40] * 4).cdc_excess > 1e-3


def test_sums_of_segments_add_up_to_those_of_the_film():
    one, other = _watched([20, 30, 25]), _watched([5, 8, 2, 4])
    both = Sums()
    both.add(one)
    both.add(other)
    assert both.frames == 7
    assert both.mean_colourfulness == pytest.approx((3 * one.mean_colourfulness + 4 * other.mean_colourfulness) / 7)


def test_a_long_film_is_sampled(monkeypatch):
    monkeypatch.setattr("colorizer.video.colour.steadiness._RUN", 5)
    assert _watched([20] * 48).frames == 10


def test_divergence_is_nothing_for_equals_and_ln_2_for_strangers():
    shares = np.eye(3)
    assert divergence(shares, shares) == 0
    assert divergence(shares[:1], shares[1:2]) == pytest.approx(np.log(2))


def test_colourfulness_is_nothing_for_grey_and_follows_its_formula():
    grey = np.repeat(GUIDE[..., None] / 255, 3, axis=2)
    assert colourfulness(grey) == 0
    red = np.zeros((4, 4, 3))
    red[..., 0] = 1
    assert colourfulness(red) == pytest.approx(0.3 * np.hypot(255, 127.5))
    assert colourfulness(1 - red, absolute=False) == pytest.approx(0.3 * np.hypot(255, 127.5))
