"""The ONNX file format, as much of it as a network needs: nodes, weights, inputs, outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from colorizer.engines.protobuf import block, number, packed, real

Attribute = int | float | tuple[int, ...]
# Field numbers of onnx.proto.
_FLOAT = 1  # TensorProto.DataType
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 7
_IR_VERSION, _OPERATORS = 8, 13


@dataclass(frozen=True)
class Node:
    """One operator: what goes in, what comes out, and its settings."""

    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True)
class Value:
    """An input or output: its name and shape, () for a scalar; a side that may vary has a name."""

    name: str
    shape: tuple[int | str, ...]
    kind: int = _FLOAT


def write_onnx(
    name: str,
    nodes: Sequence[Node],
    weights: Mapping[str, NDArray[np.float32]],
    inputs: Sequence[Value],
    outputs: Sequence[Value],
) -> bytes:
    """The bytes of an ONNX file with this graph; its weights are 32-bit floats."""
    graph = [block(1, _node(node)) for node in nodes]
    graph.append(block(2, name))
    graph += [block(5, _tensor(title, values)) for title, values in weights.items()]
    graph += [block(11, _value(value)) for value in inputs]
    graph += [block(12, _value(value)) for value in outputs]
    model = number(1, _IR_VERSION) + block(2, "colorizer") + block(7, b"".join(graph))
    return model + block(8, block(1, "") + number(2, _OPERATORS))


def with_outputs(content: bytes, outputs: Sequence[Value]) -> bytes:
    """The bytes of an ONNX file that also gives these values, made by nodes of it.

    A message of protocol buffers that comes a second time is added to the first one: the graph gains outputs, and
    nothing in the file has to be read. Source: protobuf.dev, "Encoding", "Last One Wins".
    """
    return content + block(7, b"".join(block(12, _value(value)) for value in outputs))


def _node(node: Node) -> bytes:
    parts = [block(1, name) for name in node.inputs]
    parts += [block(2, node.output), block(3, node.output), block(4, node.operator)]
    parts += [block(5, _attribute(name, value)) for name, value in node.attributes.items()]
    return b"".join(parts)


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, tuple):
        return block(1, name) + packed(8, value) + number(20, _ATTRIBUTE_INTS)
    if isinstance(value, float):
        return block(1, name) + real(2, value) + number(20, _ATTRIBUTE_FLOAT)
    return block(1, name) + number(3, value) + number(20, _ATTRIBUTE_INT)


def _tensor(name: str, values: NDArray[np.float32]) -> bytes:
    return packed(1, values.shape) + number(2, _FLOAT) + block(8, name) + block(9, values.astype("<f4").tobytes())


def _value(value: Value) -> bytes:
    sides = b"".join(block(1, number(1, s) if isinstance(s, int) else block(2, s)) for s in value.shape)
    return block(1, value.name) + block(2, block(1, number(1, value.kind) + block(2, sides)))
