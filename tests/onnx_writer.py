"""An ONNX network made from nothing, with the inputs and outputs of the catalog's ddcolor."""

from pathlib import Path

import numpy as np

from colorizer.engines.onnx_format import Node, Value, write_onnx

_HALF, _FULL = 10, 1  # TensorProto.DataType


def write_tiny_onnx(path: Path, *, side: int = 256, seed: int = 0, half: bool = False, spread: float = 20) -> Path:
    """One convolution, (1, 3, side, side) grey as RGB in 0 to 1 -> (1, 2, side, side) a* and b*, written to `path`.

    half: 16-bit floats go in and come out. spread: of the weights.
    """
    weight = np.random.default_rng(seed).normal(0, spread, (2, 3, 3, 3)).astype(np.float32)
    first, last = ("full", "sum") if half else ("input", "output")
    nodes = [Node("Conv", (first, "weight"), last, {"kernel_shape": (3, 3), "pads": (1, 1, 1, 1)})]
    if half:
        nodes = [Node("Cast", ("input",), first, {"to": _FULL}), *nodes, Node("Cast", (last,), "output", {"to": _HALF})]
    kind = _HALF if half else _FULL
    inputs = [Value("input", (1, 3, side, side), kind)]
    outputs = [Value("output", (1, 2, side, side), kind)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_onnx("tiny", nodes, {"weight": weight}, inputs, outputs))
    return path
