"""All that a network says about a picture."""

import doctest
from dataclasses import FrozenInstanceError
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import colorizer
from colorizer.answer import MOST_FEATURES, Answer, features_on_grid, projection
from colorizer.network import Colorizer, NetworkSettings
from colorizer.weights.local_models import locate
from tests.caffe_writer import convolution, decoding, relu, write_network

CHROMA = np.zeros((3, 5, 2), np.float32)


def _grid(*shape):
    return np.ones(shape, np.float32)


@given(st.integers(1, 96), st.integers(1, 400))
def test_an_answer_has_what_its_network_has(features, bins):
    answer = colorizer.Answer(CHROMA, _grid(3, 5, features), _grid(3, 5, bins))
    assert answer.features.shape[2] == features
    assert Answer(CHROMA).features is Answer(CHROMA).bins is None
    with pytest.raises(FrozenInstanceError):
        answer.chroma = CHROMA


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"chroma": _grid(3, 5, 3)}, r"chroma must be \(h, w, 2\)"),
        ({"chroma": _grid(3, 5)}, r"chroma must be \(h, w, 2\)"),
        ({"features": _grid(3, 5, 97)}, r"features must be \(h, w, 1 to 96\) .* \(3, 5\), and is \(3, 5, 97\)"),
        ({"features": _grid(5, 3, 8)}, "features must be"),
        ({"bins": _grid(3, 5, 0)}, r"bins must be \(h, w, 1 to any number of\)"),
        ({"bins": np.full((3, 5, 7), np.nan, np.float32)}, "bins must be finite 32-bit floats"),
        ({"features": np.ones((3, 5, 7))}, "features must be finite 32-bit floats, and is float64"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(parts, reason):
    with pytest.raises(ValueError, match=reason):
        Answer(**{"chroma": CHROMA, **parts})


@given(seed=st.integers(0, 2**32 - 1), channels=st.integers(97, 512))
def test_taking_features_down_to_96_keeps_lengths_and_cosines(seed, channels):
    found = np.maximum(np.random.default_rng(seed).standard_normal((channels, 4, 6)), 0).astype(np.float32)
    features = features_on_grid(found, 4, 6)
    assert features.shape == (4, 6, MOST_FEATURES)
    before, after = found.reshape(channels, -1).T, features.reshape(-1, MOST_FEATURES)
    lengths = np.linalg.norm(after, axis=1) / np.linalg.norm(before, axis=1)
    assert np.abs(lengths - 1).max() < 0.35
    cosines = [plane @ plane.T / np.outer(*[np.linalg.norm(plane, axis=1)] * 2) for plane in (before, after)]
    assert np.abs(cosines[0] - cosines[1]).mean() < 0.1


def test_the_projection_is_orthonormal_but_for_one_factor_and_never_another_one():
    axes = projection(256)
    assert np.abs(axes.T @ axes - np.eye(96) * 256 / 96).max() < 1e-5
    assert axes[:2, :2] == pytest.approx(np.array([[-0.060449, 0.067537], [0.008390, -0.260705]]), abs=1e-5)


def test_few_features_stay_as_they_are_and_another_grid_is_resampled():
    found = np.random.default_rng(0).random((5, 4, 6), np.float32)
    assert (features_on_grid(found, 4, 6) == found.transpose(1, 2, 0)).all()
    assert features_on_grid(found, 2, 3)[0, 0] == pytest.approx(found[:, :2, :2].mean(axis=(1, 2)), abs=1e-6)
    assert features_on_grid(found[:1], 8, 12).shape == (8, 12, 1)


def test_the_example_in_the_documentation_gives_what_it_says(tmp_path, monkeypatch):
    page = (Path(__file__).parents[1] / "docs" / "models.md").read_text("utf-8")
    example = page.split("## What else")[1].split("```python\n")[1].split("```")[0]
    cv2.imwrite(str(tmp_path / "old.jpg"), np.full((300, 300), 128, np.uint8))
    monkeypatch.chdir(tmp_path)
    shown = doctest.DocTestParser().get_doctest(example, {}, "models.md", None, 0)
    assert len(shown.examples) == 2
    assert doctest.DocTestRunner(verbose=False).run(shown).failed == 0


def _wide(folder):
    """A network whose logits are made of 256 channels, as those of 2016 are."""
    rng = np.random.default_rng(0)
    weight = rng.normal(0, 0.05, (256, 1, 3, 3)).astype(np.float32)
    layers = [convolution("conv8_3", "data_l", "conv8_3", weight, stride=4, pad=1), relu("relu8_3", "conv8_3")]
    write_network(folder, "wide", [*layers, *decoding("conv8_3", 256, 20, rng, spread=2.0)], 20)
    return locate(folder)


def test_wide_features_come_down_to_96_channels_and_the_annealed_mean_of_the_bins_is_the_chroma(tmp_path):
    plane = np.random.default_rng(0).integers(0, 256, (90, 120), np.uint8)
    with Colorizer(_wide(tmp_path)) as opened:
        for temperature in (0.38, 1.0):
            answer = opened.answer(plane, NetworkSettings(temperature=temperature))
            assert (answer.chroma == opened.chroma(plane, NetworkSettings(temperature=temperature))).all()
            share = np.exp((answer.bins - answer.bins.max(axis=2, keepdims=True)) / temperature)
            mean = (share / share.sum(axis=2, keepdims=True)) @ opened.centres()
            assert np.abs(mean - answer.chroma).max() < 1e-3
    assert np.ptp(answer.chroma) > 1
    assert answer.features.shape[2] == MOST_FEATURES


def test_a_network_whose_logits_come_straight_from_the_picture_has_bins_and_no_features(tmp_path):
    layers = decoding("data_l", 1, 9, np.random.default_rng(0))
    write_network(tmp_path, "flat", layers, 9)
    for engine in ("opencv", "openvino", "onnxruntime"):
        with Colorizer(locate(tmp_path), engine) as opened:
            answer = opened.answer(np.full((40, 40), 200, np.uint8))
        assert answer.features is None
        assert answer.bins.shape[2] == 9
