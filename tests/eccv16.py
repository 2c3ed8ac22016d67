"""The network of Zhang, Isola and Efros (2016) at full size, with seeded random weights, not the trained ones."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tests.caffe_writer import Blob, Layer, WrittenNetwork, convolution, decoding, relu, write_network

_L_SPREAD = 30.0  # L* - 50 of a photograph, root mean square


@dataclass(frozen=True)
class Stage:
    """Convolutions of 3 x 3 with a rectifier each; the last one has the stride, and a batch norm follows it."""

    number: int
    channels: int
    convolutions: int
    stride: int
    dilation: int


STAGES = (
    Stage(1, 64, 2, stride=2, dilation=1),
    Stage(2, 128, 2, stride=2, dilation=1),
    Stage(3, 256, 3, stride=2, dilation=1),
    Stage(4, 512, 3, stride=1, dilation=1),
    Stage(5, 512, 3, stride=1, dilation=2),
    Stage(6, 512, 3, stride=1, dilation=2),
    Stage(7, 512, 3, stride=1, dilation=1),
)


def write_eccv16(folder: Path, bins: int = 313, *, seed: int = 0, narrow: int = 1) -> WrittenNetwork:
    """The three files of a full-size network (129 MB) in `folder`; activations keep a spread of about 1 throughout.

    narrow: every layer has so many times fewer channels, for tests of the structure alone.
    """
    random = np.random.default_rng(seed)
    layers: list[Layer] = []
    bottom, channels = "data_l", 1
    for full in STAGES:
        stage = replace(full, channels=full.channels // narrow)
        layers += _stage(stage, bottom, channels, random)
        bottom, channels = layers[-1].top, stage.channels
    layers += _last_stage(bottom, channels, 256 // narrow, random)
    layers += decoding("conv8_3", 256 // narrow, bins, random)
    return write_network(folder, "eccv16", layers, bins)


def _stage(stage: Stage, bottom: str, channels: int, random: np.random.Generator) -> list[Layer]:
    layers: list[Layer] = []
    for index in range(1, stage.convolutions + 1):
        top = f"conv{stage.number}_{index}"
        weight = _he(random, stage.channels, channels, 3, fan_in=channels * 9)
        if bottom == "data_l":
            weight /= np.float32(_L_SPREAD)
        name = "bw_conv1_1" if top == "conv1_1" else top
        stride = stage.stride if index == stage.convolutions else 1
        layers.append(
            convolution(name, bottom, top, weight, stride=stride, pad=stage.dilation, dilation=stage.dilation)
        )
        layers.append(relu(f"relu{stage.number}_{index}", top))
        bottom, channels = top, stage.channels
    layers.append(_batch_norm(bottom, channels, random))
    return layers


def _last_stage(bottom: str, channels: int, outputs: int, random: np.random.Generator) -> list[Layer]:
    up = _he(random, channels, outputs, 4, fan_in=channels * 4)  # (in, out, k, k); stride 2: 2 x 2 taps meet in a pixel
    layers = [convolution("conv8_1", bottom, "conv8_1", up, stride=2, pad=1, upward=True), relu("relu8_1", "conv8_1")]
    for index in (2, 3):
        top = f"conv8_{index}"
        weight = _he(random, outputs, outputs, 3, fan_in=outputs * 9)
        layers += [convolution(top, f"conv8_{index - 1}", top, weight, pad=1), relu(f"relu8_{index}", top)]
    return layers


def _batch_norm(bottom: str, channels: int, random: np.random.Generator) -> Layer:
    """The statistics of rectified normal numbers, give or take, stored the way Caffe does: multiplied by a factor."""
    factor = np.float32(999.98)
    mean = random.uniform(0.4, 0.7, channels).astype(np.float32)
    variance = random.uniform(0.5, 0.9, channels).astype(np.float32)
    blobs = (mean * factor, variance * factor, np.array([factor], dtype=np.float32))
    return Layer(f"{bottom}norm", "BatchNorm", (bottom,), f"{bottom}norm", "batch_norm_param { }", blobs)


def _he(random: np.random.Generator, first: int, second: int, kernel: int, *, fan_in: int) -> Blob:
    weight = random.standard_normal((first, second, kernel, kernel), dtype=np.float32)
    weight *= np.float32((2 / fan_in) ** 0.5)
    return weight
