"""A narrow network built as EfficientNet-Lite with a decoder is: depthwise convolutions, ReLU6, down to 1/32."""

from pathlib import Path

import numpy as np

from tests.caffe_writer import Blob, Layer, WrittenNetwork, convolution, decoding, relu, write_network

_WIDTHS = (8, 10, 12, 14)  # channels at 1/4, 1/8, 1/16 and 1/32 of the input's sides
_SPREAD = 4.0  # of what ReLU6 gets: it cuts off at both ends
_LOGITS = 0.3  # wilder ones differ by more than a network may on processors that multiply in half precision


def write_mobile(folder: Path, bins: int = 40, *, seed: int = 0) -> WrittenNetwork:
    """The three files of the network in `folder`; its input sides must be multiples of 32, or its grids do not meet."""
    random = np.random.default_rng(seed)
    layers = [
        convolution("stem", "data_l", "stem", _normal(random, (6, 1, 3, 3), 0.06), stride=2, pad=1),
        relu("stem_relu", "stem", "ReLU6"),
    ]
    bottom, channels = "stem", 6
    for number, width in enumerate(_WIDTHS):
        layers += _block(number, bottom, channels, width, random)
        bottom, channels = f"sum{number}", width
    for number in (2, 1, 0):
        layers += _up(number, bottom, channels, _WIDTHS[number], random)
        bottom, channels = f"joined{number}", _WIDTHS[number]
    return write_network(folder, "mobile", [*layers, *decoding(bottom, channels, bins, random, spread=_LOGITS)], bins)


def _block(number: int, bottom: str, channels: int, width: int, random: np.random.Generator) -> list[Layer]:
    """Half the sides by a depthwise convolution of 5 x 5 or 3 x 3, then a second one beside a shortcut."""
    kernel = (5, 3)[number % 2]
    first, narrow, second, inner, total = (f"{part}{number}" for part in ("half", "narrow", "same", "inner", "sum"))
    return [
        *_depthwise(first, bottom, channels, kernel, 2, random),
        convolution(narrow, first, narrow, _normal(random, (width, channels, 1, 1), channels**-0.5)),
        *_depthwise(second, narrow, width, 8 - kernel, 1, random),
        convolution(inner, second, inner, _normal(random, (width, width, 1, 1), width**-0.5)),
        Layer(total, "Eltwise", (inner, narrow), total, "eltwise_param { operation: SUM }"),
    ]


def _depthwise(
    name: str, bottom: str, channels: int, kernel: int, stride: int, random: np.random.Generator
) -> list[Layer]:
    weight = _normal(random, (channels, 1, kernel, kernel), _SPREAD / kernel)
    return [
        convolution(name, bottom, name, weight, stride=stride, pad=kernel // 2, group=channels),
        relu(f"{name}_relu", name, "ReLU6"),
    ]


def _up(number: int, bottom: str, channels: int, width: int, random: np.random.Generator) -> list[Layer]:
    """Twice the sides, the encoder's own grid of that size added; the last one in two groups."""
    up, joined = f"up{number}", f"joined{number}"
    groups = 2 if number == 0 else 1
    weight = _normal(random, (channels, width // groups, 4, 4), 0.5 * (channels / groups) ** -0.5)
    return [
        convolution(up, bottom, up, weight, stride=2, pad=1, group=groups, upward=True),
        Layer(joined, "Eltwise", (up, f"sum{number}"), joined, "eltwise_param { operation: SUM }"),
        relu(f"{joined}_relu", joined),
    ]


def _normal(random: np.random.Generator, shape: tuple[int, ...], spread: float) -> Blob:
    return random.standard_normal(shape, dtype=np.float32) * np.float32(spread)
