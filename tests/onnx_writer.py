"""An ONNX network made from nothing, with the inputs and outputs of the catalog's ddcolor."""

from pathlib import Path

import numpy as np

from tests.protobuf import block, number, packed

_FLOAT, _INTS = 1, 7  # TensorProto.FLOAT, AttributeProto.INTS


def write_tiny_onnx(path: Path, *, side: int = 256, seed: int = 0) -> Path:
    """One convolution, (1, 3, side, side) grey as RGB in 0 to 1 -> (1, 2, side, side) a* and b*, written to `path`."""
    weight = np.random.default_rng(seed).normal(0, 20, (2, 3, 3, 3)).astype("<f4")
    tensor = packed(1, weight.shape) + number(2, _FLOAT) + block(8, "weight") + block(9, weight.tobytes())
    attributes = _integers("kernel_shape", (3, 3)) + _integers("pads", (1, 1, 1, 1))
    node = block(1, "input") + block(1, "weight") + block(2, "output") + block(3, "conv") + block(4, "Conv")
    graph = block(1, node + attributes) + block(2, "tiny") + block(5, tensor)
    graph += block(11, _picture("input", 3, side)) + block(12, _picture("output", 2, side))
    model = number(1, 8) + block(7, graph) + block(8, block(1, "") + number(2, 13))  # IR version 8, operator set 13
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model)
    return path


def _integers(name: str, values: tuple[int, ...]) -> bytes:
    return block(5, block(1, name) + packed(8, values) + number(20, _INTS))


def _picture(name: str, channels: int, side: int) -> bytes:
    shape = b"".join(block(1, number(1, length)) for length in (1, channels, side, side))
    return block(1, name) + block(2, block(1, number(1, _FLOAT) + block(2, shape)))
