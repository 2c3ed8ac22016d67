"""A Caffe network as text and as weights: the two files cv2.dnn reads, written without Caffe."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from colorizer.engines.protobuf import block, number, packed
from training.layers import Layer

Weights = Mapping[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
# Field numbers of caffe.proto.
_NET_LAYER = 100
_LAYER_NAME, _LAYER_TYPE, _LAYER_BLOBS = 1, 2, 7
_BLOB_SHAPE, _SHAPE_DIM, _BLOB_RAW_TYPE, _BLOB_RAW = 7, 1, 10, 12
_FLOAT16 = 2
_ACTIVATIONS = {"relu": "ReLU", "relu6": "ReLU6"}
_TYPES = {"conv": "Convolution", "deconv": "Deconvolution", "sum": "Eltwise"}


def prototxt(table: Sequence[Layer], name: str = "starter", side: int = 224) -> str:
    """The text of the network: its table, then annealing, softmax and mean under the names the loader fills."""
    lines = [
        f'name: "{name}"',
        _line("data_l", "Input", (), f"input_param {{ shape {{ dim: 1 dim: 1 dim: {side} dim: {side} }} }}"),
    ]
    for row in table:
        lines.append(_line(row.name, _TYPES[row.kind], row.inputs, _settings(row)))
        if row.activation:
            kind = _ACTIVATIONS[row.activation]
            lines.append(f'layer {{ name: "{row.name}_relu" type: "{kind}" bottom: "{row.name}" top: "{row.name}" }}')
    logits = table[-1].name
    lines += [
        _line("conv8_313_rh", "Scale", (logits,), "scale_param { bias_term: false }"),
        _line("class8_313_rh", "Softmax", ("conv8_313_rh",), ""),
        _line(
            "class8_ab",
            "Convolution",
            ("class8_313_rh",),
            "convolution_param { num_output: 2 kernel_size: 1 bias_term: false }",
        ),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, kind: str, inputs: Sequence[str], settings: str) -> str:
    """One layer of the text format."""
    bottoms = " ".join(f'bottom: "{one}"' for one in inputs)
    return f'layer {{ name: "{name}" type: "{kind}" {bottoms} top: "{name}" {settings} }}'.replace("  ", " ")


def _settings(row: Layer) -> str:
    """The parameters of one layer of the table."""
    if row.kind == "sum":
        return "eltwise_param { operation: SUM }"
    size = f"num_output: {row.channels} kernel_size: {row.kernel}"
    steps = f"stride: {row.stride} pad: {row.pad} dilation: {row.dilation}"
    return f"convolution_param {{ {size} {steps}{f' group: {row.group}' if row.group > 1 else ''} }}"


def caffemodel(table: Sequence[Layer], weights: Weights, points: NDArray[np.int64], temperature: float) -> bytes:
    """The weights of the network, every blob as float16.

    weights: weight and bias of each convolution by layer name, a deconvolution's weight as (in, out, k, k).
    points: (Q, 2) the colours of the bins. Raises ValueError when a weight does not fit in a float16.
    """
    out = [_layer(row.name, _TYPES[row.kind], weights[row.name]) for row in table if row.name in weights]
    scale = np.full(len(points), 1 / temperature, np.float32)
    out.append(_layer("conv8_313_rh", "Scale", [scale]))
    out.append(_layer("class8_ab", "Convolution", [points.T.reshape(2, -1, 1, 1).astype(np.float32)]))
    return b"".join(out)


def _layer(name: str, kind: str, blobs: Sequence[NDArray[np.float32]]) -> bytes:
    content = block(_LAYER_NAME, name) + block(_LAYER_TYPE, kind)
    for values in blobs:
        if not np.abs(values).max() <= np.finfo(np.float16).max:
            raise ValueError(f"layer {name}: a weight is outside the range of float16")
        half = np.asarray(values, np.float16)
        content += block(_LAYER_BLOBS, _blob(half))
    return block(_NET_LAYER, content)


def _blob(half: NDArray[np.float16]) -> bytes:
    shape = packed(_SHAPE_DIM, half.shape)
    data = block(_BLOB_RAW, np.ascontiguousarray(half, "<f2").tobytes())
    return block(_BLOB_SHAPE, shape) + number(_BLOB_RAW_TYPE, _FLOAT16) + data
