"""Caffe networks made from nothing: a prototxt, a caffemodel and the colour centres, for tests that need a network."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from colorizer.engines.protobuf import block, head, packed

Blob = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """One layer of the network: its line in the prototxt and its blobs in the caffemodel."""

    name: str
    type: str
    bottoms: tuple[str, ...]
    top: str
    param: str = ""
    blobs: tuple[Blob, ...] = ()


@dataclass(frozen=True)
class WrittenNetwork:
    """The files that were written, and the numbers in them that a test can calculate with."""

    folder: Path
    prototxt: Path
    weights: Path
    centres: Path
    ab: NDArray[np.int64]  # (Q, 2) a* and b* of the centres
    layers: tuple[Layer, ...]

    def blobs(self, layer: str) -> tuple[Blob, ...]:
        """The weights of the layer with this name."""
        return next(each.blobs for each in self.layers if each.name == layer)


def convolution(
    name: str,
    bottom: str,
    top: str,
    weight: Blob,
    *,
    stride: int = 1,
    pad: int = 0,
    dilation: int = 1,
    group: int = 1,
    upward: bool = False,
) -> Layer:
    """A convolution, or with `upward` a deconvolution, with a bias of small numbers.

    weight: (out, in / group, k, k), and upward (in, out / group, k, k).
    """
    outputs = weight.shape[1] * group if upward else weight.shape[0]
    bias = np.linspace(-0.1, 0.1, outputs, dtype=np.float32)
    param = (
        f"convolution_param {{ num_output: {outputs} kernel_size: {weight.shape[2]} "
        f"stride: {stride} pad: {pad} dilation: {dilation}{f' group: {group}' if group > 1 else ''} }}"
    )
    return Layer(name, "Deconvolution" if upward else "Convolution", (bottom,), top, param, (weight, bias))


def relu(name: str, bottom: str, kind: str = "ReLU") -> Layer:
    """A rectifier that works in place; of the kind "ReLU6" it also cuts off above 6."""
    return Layer(name, kind, (bottom,), bottom)


def decoding(bottom: str, channels: int, bins: int, random: np.random.Generator, *, spread: float = 1.0) -> list[Layer]:
    """The last layers of every such network: logits, 1/T, softmax, and the (still unset) sum over the centres.

    The last two with parameters have none in the file: the program has to fill in 1/T and the centres.
    """
    weight = random.standard_normal((bins, channels, 1, 1), dtype=np.float32) * np.float32(spread * channels**-0.5)
    sum_up = "convolution_param { num_output: 2 kernel_size: 1 stride: 1 dilation: 1 }"
    return [
        convolution("conv8_313", bottom, "conv8_313", weight),
        Layer("conv8_313_rh", "Scale", ("conv8_313",), "conv8_313_rh", "scale_param { bias_term: false }"),
        Layer("class8_313_rh", "Softmax", ("conv8_313_rh",), "class8_313_rh"),
        Layer("class8_ab", "Convolution", ("class8_313_rh",), "class8_ab", sum_up),
    ]


def nearest_centres(bins: int) -> NDArray[np.int64]:
    """The `bins` points of a 10-step grid in the ab plane that lie nearest to grey. Returns (bins, 2)."""
    steps = np.arange(-200, 201, 10, dtype=np.int64)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)  # (41, 41, 2) -> (1681, 2)
    return grid[np.argsort((grid**2).sum(axis=1), kind="stable")[:bins]]


def write_network(
    folder: Path, name: str, layers: Sequence[Layer], bins: int, *, side: int = 224, centres: str = "pts_in_hull.npy"
) -> WrittenNetwork:
    """The three files of a network, written into `folder` as name.prototxt, name.caffemodel and the centres."""
    folder.mkdir(parents=True, exist_ok=True)
    written = WrittenNetwork(
        folder,
        folder / f"{name}.prototxt",
        folder / f"{name}.caffemodel",
        folder / centres,
        nearest_centres(bins),
        tuple(layers),
    )
    written.prototxt.write_text(_prototxt(name, layers, side), encoding="utf-8", newline="\n")
    with written.weights.open("wb") as file:
        _write_weights(file, name, layers)
    np.save(written.centres, written.ab)
    return written


def write_tiny_network(folder: Path, q: int = 313, *, seed: int = 0, side: int = 224) -> WrittenNetwork:
    """A network of three layers in `folder`, with the real layer names and a grid of a quarter of the input's sides."""
    random = np.random.default_rng(seed)
    first = random.standard_normal((8, 1, 3, 3), dtype=np.float32) / np.float32(60)
    second = random.standard_normal((16, 8, 3, 3), dtype=np.float32) / np.float32(6)
    layers = [
        convolution("conv1_1", "data_l", "conv1_1", first, stride=2, pad=1),
        relu("relu1_1", "conv1_1"),
        convolution("conv2_1", "conv1_1", "conv2_1", second, stride=2, pad=1),
        relu("relu2_1", "conv2_1"),
        *decoding("conv2_1", 16, q, random, spread=4.0),
    ]
    return write_network(folder, "tiny", layers, q, side=side)


def _prototxt(name: str, layers: Iterable[Layer], side: int) -> str:
    shape = f"dim: 1 dim: 1 dim: {side} dim: {side}"
    lines = [
        f'name: "{name}"',
        f'layer {{ name: "data_l" type: "Input" top: "data_l" input_param {{ shape {{ {shape} }} }} }}',
    ]
    for layer in layers:
        bottoms = " ".join(f'bottom: "{bottom}"' for bottom in layer.bottoms)
        lines.append(
            f'layer {{ name: "{layer.name}" type: "{layer.type}" {bottoms} top: "{layer.top}" {layer.param} }}'
        )
    return "\n".join(lines) + "\n"


def _write_weights(file: BinaryIO, name: str, layers: Iterable[Layer]) -> None:
    """NetParameter: name is field 1, each layer field 100. One layer at a time, so that memory stays small."""
    file.write(block(1, name))
    for layer in layers:
        content = block(1, layer.name) + block(2, layer.type)
        content += b"".join(block(3, bottom) for bottom in layer.bottoms) + block(4, layer.top)
        parts = [content]
        for blob in layer.blobs:
            shape = block(7, packed(1, blob.shape))  # BlobProto.shape
            data = head(5, blob.nbytes)  # BlobProto.data
            parts += [head(7, len(shape) + len(data) + blob.nbytes), shape, data, blob.astype("<f4").tobytes()]
        file.write(head(100, sum(len(part) for part in parts)))
        file.writelines(parts)
