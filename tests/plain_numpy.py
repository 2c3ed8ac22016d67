"""A Caffe network worked out in plain NumPy, slowly and in 64 bits: what the engines' numbers are held against."""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.caffe_writer import Layer, WrittenNetwork

Plane = NDArray[np.float64]


def run_plain(network: WrittenNetwork, batch: NDArray[np.float32], temperature: float = 0.38) -> dict[str, Plane]:
    """What every blob of the network holds after the run, (N, c, h, w) by its name. batch: (N, 1, H, W) L* - 50."""
    blobs: dict[str, Plane] = {"data_l": batch.astype(np.float64)}
    for layer in network.layers:
        inputs = [blobs[bottom] for bottom in layer.bottoms]
        blobs[layer.top] = _run(layer, inputs, network, temperature)
    return blobs


def _run(layer: Layer, inputs: list[Plane], network: WrittenNetwork, temperature: float) -> Plane:
    first = inputs[0]
    if layer.name == "class8_ab":
        return np.einsum("nqhw,qc->nchw", first, network.ab)
    kinds: dict[str, Callable[[], Plane]] = {
        "Convolution": lambda: _convolution(layer, first),
        "Deconvolution": lambda: _deconvolution(layer, first),
        "ReLU": lambda: np.maximum(first, 0),
        "ReLU6": lambda: np.clip(first, 0, 6),
        "Eltwise": lambda: sum(inputs[1:], first),
        "Scale": lambda: first / temperature,
        "Softmax": lambda: _softmax(first),
    }
    return kinds[layer.type]()


def _softmax(plane: Plane) -> Plane:
    share = np.exp(plane - plane.max(axis=1, keepdims=True))
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def _setting(layer: Layer, name: str, default: int) -> int:
    found = re.search(rf"\b{name}: (\d+)", layer.param)
    return int(found[1]) if found else default


def _convolution(layer: Layer, plane: Plane) -> Plane:
    weight, bias = layer.blobs
    pad, stride, groups = _setting(layer, "pad", 0), _setting(layer, "stride", 1), _setting(layer, "group", 1)
    padded = np.pad(plane, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weight.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    count, _, rows, columns = windows.shape[:4]
    windows = windows.reshape(count, groups, weight.shape[1], rows, columns, *weight.shape[2:])
    kernels = weight.reshape(groups, -1, *weight.shape[1:])  # (out, in / g, k, k) -> (g, out / g, in / g, k, k)
    summed = np.einsum("ngihwyx,goiyx->ngohw", windows, kernels)
    return summed.reshape(count, -1, rows, columns) + bias.reshape(1, -1, 1, 1)


def _deconvolution(layer: Layer, plane: Plane) -> Plane:
    weight, bias = layer.blobs
    pad, stride, groups = _setting(layer, "pad", 0), _setting(layer, "stride", 1), _setting(layer, "group", 1)
    count, channels, rows, columns = plane.shape
    side = weight.shape[2]
    parts = plane.reshape(count, groups, channels // groups, rows, columns)
    kernels = weight.reshape(groups, -1, *weight.shape[1:])  # (in, out / g, k, k) -> (g, in / g, out / g, k, k)
    full = np.zeros((count, groups, weight.shape[1], (rows - 1) * stride + side, (columns - 1) * stride + side))
    for y, x in np.ndindex(side, side):
        spread = np.einsum("ngihw,gio->ngohw", parts, kernels[..., y, x])
        full[..., y : y + rows * stride : stride, x : x + columns * stride : stride] += spread
    inner = full[..., pad : full.shape[3] - pad, pad : full.shape[4] - pad]
    return inner.reshape(count, -1, *inner.shape[3:]) + bias.reshape(1, -1, 1, 1)
