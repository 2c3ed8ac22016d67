"""The Caffe files against plain numpy: what is written is what cv2.dnn computes."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from training.bins import gamut_bins
from training.caffe import caffemodel, prototxt
from training.layers import Layer, starter_layers

TEMPERATURE = 0.38
STARTER = Path(__file__).parents[2] / "models" / "starter"
POINTS = np.array([[-40, 10], [0, 0], [30, -50], [60, 20], [10, 70]])
TABLE = (
    Layer("conv1_1", "conv", ("data_l",), 4, 3, 2),
    Layer("conv1_2", "conv", ("conv1_1",), 4, 5, group=4, activation="relu6"),
    Layer("conv2_1", "conv", ("conv1_2",), 6, 3, 2),
    Layer("conv2_2a", "conv", ("conv2_1",), 6, 3, dilation=2),
    Layer("conv2_2_sum", "sum", ("conv2_2a", "conv2_1"), 6),
    Layer("up", "deconv", ("conv2_2_sum",), 3, 4, 2, activation=""),
    Layer("conv8_313", "conv", ("up",), 5, activation=""),
)
Floats = NDArray[np.float32]


def random_weights(table: tuple[Layer, ...], seed: int = 0) -> dict[str, tuple[Floats, Floats]]:
    """Weights that float16 holds exactly, so that numpy and cv2.dnn may be compared closely."""
    rng = np.random.default_rng(seed)
    channels = {"data_l": 1} | {row.name: row.channels for row in table}
    weights = {}
    for row in table:
        if row.kind in {"conv", "deconv"}:
            inputs = channels[row.inputs[0]]
            inputs //= row.group
            pair = (inputs, row.channels) if row.kind == "deconv" else (row.channels, inputs)
            scale = 1 / np.sqrt(inputs * row.kernel**2)
            values = rng.normal(0, scale, (*pair, row.kernel, row.kernel)).astype(np.float16)
            weights[row.name] = (
                values.astype(np.float32),
                rng.normal(0, 0.1, row.channels).astype(np.float16).astype(np.float32),
            )
    return weights


def convolved(values: Floats, row: Layer, weight: Floats, bias: Floats) -> Floats:
    """A plain convolution of (C, H, W), group by group."""
    if row.group > 1:
        alone = replace(row, group=1, channels=row.channels // row.group)
        parts = zip(*(np.split(one, row.group) for one in (values, weight, bias)), strict=True)
        return np.concatenate([convolved(one, alone, w, b) for one, w, b in parts])
    padded = np.pad(values, [(0, 0), (row.pad, row.pad), (row.pad, row.pad)])
    reach = row.dilation * (row.kernel - 1)
    height, width = ((side - reach - 1) // row.stride + 1 for side in padded.shape[1:])
    out = np.zeros((row.channels, height, width), np.float32) + bias[:, None, None]
    for y in range(row.kernel):
        for x in range(row.kernel):
            top, left = y * row.dilation, x * row.dilation
            part = padded[
                :, top : top + height * row.stride : row.stride, left : left + width * row.stride : row.stride
            ]
            out += np.einsum("oi,ihw->ohw", weight[:, :, y, x], part[:, :height, :width])
    return out


def deconvolved(values: Floats, row: Layer, weight: Floats, bias: Floats) -> Floats:
    """A plain transposed convolution of (C, h, w): every input value spreads its kernel over the output."""
    _, height, width = values.shape
    full = np.zeros(
        (row.channels, row.stride * (height - 1) + row.kernel, row.stride * (width - 1) + row.kernel), np.float32
    )
    for y in range(row.kernel):
        for x in range(row.kernel):
            spread = np.einsum("io,ihw->ohw", weight[:, :, y, x], values)
            full[:, y : y + row.stride * height : row.stride, x : x + row.stride * width : row.stride] += spread
    pad = row.pad
    return full[:, pad : full.shape[1] - pad, pad : full.shape[2] - pad] + bias[:, None, None]


def by_hand(lightness: Floats, weights: dict[str, tuple[Floats, Floats]]) -> Floats:
    """The annealed mean (2, h, w) of the little network, in numpy alone."""
    values = {"data_l": lightness}
    for row in TABLE:
        source = values[row.inputs[0]]
        if row.kind == "sum":
            out = source + values[row.inputs[1]]
        else:
            out = (deconvolved if row.kind == "deconv" else convolved)(source, row, *weights[row.name])
        values[row.name] = out.clip(0, {"relu": np.inf, "relu6": 6}[row.activation]) if row.activation else out
    annealed = np.exp(values["conv8_313"] / TEMPERATURE)
    return np.einsum("qhw,qc->chw", annealed / annealed.sum(0), POINTS.astype(np.float32))


@pytest.mark.parametrize("shape", [(32, 32), (16, 48)])
def test_cv2_computes_what_the_table_says(shape: tuple[int, int]) -> None:
    weights = random_weights(TABLE)
    text, blobs = prototxt(TABLE).encode(), caffemodel(TABLE, weights, POINTS, TEMPERATURE)
    net = cv2.dnn.readNetFromCaffe(np.frombuffer(text, np.uint8), np.frombuffer(blobs, np.uint8))
    lightness = np.random.default_rng(1).uniform(-1, 1, (1, 1, *shape)).astype(np.float32)
    net.setInput(lightness)
    found = net.forward()[0]
    assert found.shape == (2, shape[0] // 2, shape[1] // 2)
    assert np.abs(found - by_hand(lightness[0], weights)).max() < 0.05
    assert np.abs(found).max() > 1


def test_weights_are_stored_in_two_bytes_each_and_read_back_exactly() -> None:
    weights = random_weights(TABLE)
    blobs = caffemodel(TABLE, weights, POINTS, TEMPERATURE)
    count = sum(weight.size + bias.size for weight, bias in weights.values())
    assert len(blobs) < 2 * count + 1000
    net = cv2.dnn.readNetFromCaffe(np.frombuffer(prototxt(TABLE).encode(), np.uint8), np.frombuffer(blobs, np.uint8))
    for name, (weight, bias) in weights.items():
        assert np.array_equal(net.getParam(name, 0), weight), name
        assert np.array_equal(net.getParam(name, 1).ravel(), bias), name


def test_a_weight_that_float16_cannot_hold_is_refused() -> None:
    weights = random_weights(TABLE)
    weights["up"][0][0, 0, 0, 0] = 1e6
    with pytest.raises(ValueError, match="layer up: a weight is outside"):
        caffemodel(TABLE, weights, POINTS, TEMPERATURE)


def test_the_starter_network_has_the_layers_the_loader_fills() -> None:
    text = prototxt(starter_layers(228))
    for name in ("data_l", "conv8_313", "conv8_313_rh", "class8_313_rh", "class8_ab"):
        assert f'name: "{name}"' in text


@pytest.mark.parametrize("sides", [(96, 96), (32, 64), (64, 224)])
def test_the_starter_network_takes_any_sides_that_are_multiples_of_32(sides: tuple[int, int]) -> None:
    table = starter_layers(len(POINTS))
    blobs = caffemodel(table, random_weights(table), POINTS, TEMPERATURE)
    net = cv2.dnn.readNetFromCaffe(np.frombuffer(prototxt(table).encode(), np.uint8), np.frombuffer(blobs, np.uint8))
    net.setInput(np.zeros((1, 1, *sides), np.float32))
    assert net.forward().shape == (1, 2, sides[0] // 4, sides[1] // 4)


def test_the_network_that_comes_with_the_program_is_the_one_this_code_writes() -> None:
    points = np.load(STARTER / "pts_in_hull.npy")
    gain = points[0, 0] / gamut_bins()[0, 0]
    assert gain > 0
    assert points == pytest.approx(gain * gamut_bins(), rel=1e-6)
    assert (STARTER / "starter.prototxt").read_text(encoding="utf-8") == prototxt(starter_layers(len(points)))
    assert sum(path.stat().st_size for path in STARTER.iterdir() if path.suffix != ".md") <= 10_800_000


@pytest.mark.parametrize("field", ["channels", "kernel", "stride", "dilation", "group"])
def test_a_layer_without_size_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="conv9"):
        Layer(**{"name": "conv9", "kind": "conv", "inputs": ("data_l",), "channels": 3} | {field: 0})
