"""A Caffe network as an ONNX model: any batch, any size, and the annealed mean's 1/T as an input of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from colorizer.engines.base import Blob
from colorizer.engines.onnx_format import Attribute, Node, Value, write_onnx
from colorizer.engines.prototxt import Layer
from colorizer.errors import EngineError

VERSION = 1  # counted up whenever the same network becomes another file
PICTURE, INVERSE_TEMPERATURE = "lightness", "inverse_temperature"
AB, LOGITS = "class8_ab", "conv8_313"
TEMPERATURE_LAYER = "conv8_313_rh"
_DTYPE = np.float32


@dataclass
class _Graph:
    """The model in the making. `names` says what a Caffe blob is called now: layers may work in place."""

    nodes: list[Node] = field(default_factory=list)
    weights: dict[str, Blob] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def weight(self, name: str, values: Blob) -> str:
        self.weights[name] = np.asarray(values, _DTYPE, order="C")  # a single number stays one, of no dimension
        return name

    def add(self, layer: Layer, operator: str, inputs: tuple[str, ...], **attributes: Attribute) -> None:
        self.nodes.append(Node(operator, inputs, layer.name, attributes))
        self.names[layer.tops[0]] = layer.name

    def bottoms(self, layer: Layer) -> tuple[str, ...]:
        try:
            return tuple(self.names[bottom] for bottom in layer.bottoms)
        except KeyError as error:
            raise EngineError(
                f"layer {layer.name} of the network takes {error}, which no layer before it makes"
            ) from None


def to_onnx(name: str, layers: Sequence[Layer], centres: Blob) -> bytes:
    """The bytes of an ONNX model that answers as the network does.

    centres: (Q, 2) a* and b* of the bins. Inputs: "lightness" (N, 1, H, W) L* - 50, "inverse_temperature" () 1/T.
    Outputs: "class8_ab" (N, 2, h, w) a* and b*, "conv8_313" (N, Q, h, w) logits of the bins.
    Raises EngineError for a layer that has no counterpart here.
    """
    graph = _Graph()
    for layer in layers:
        _write(graph, layer, centres)
    inputs = (Value(PICTURE, ("N", 1, "H", "W")), Value(INVERSE_TEMPERATURE, ()))
    outputs = (Value(AB, ("N", 2, "h", "w")), Value(LOGITS, ("N", len(centres), "h", "w")))
    missing = {output.name for output in outputs} - {node.output for node in graph.nodes}
    if missing:
        raise EngineError(f"{name} has no layer {', '.join(sorted(missing))}: it is not a colorization network")
    return write_onnx(name, graph.nodes, graph.weights, inputs, outputs)


def _write(graph: _Graph, layer: Layer, centres: Blob) -> None:
    if layer.kind == "Input":
        if PICTURE in graph.names.values():
            raise EngineError(f"layer {layer.name} of the network is a second input, and only one can be exported")
        graph.names[layer.tops[0]] = PICTURE
    elif layer.kind == "Silence":
        return
    elif layer.name == TEMPERATURE_LAYER:
        graph.add(layer, "Mul", (*graph.bottoms(layer), INVERSE_TEMPERATURE))
    elif layer.name == AB:
        weight = graph.weight(f"{layer.name}.centres", centres.T.reshape(2, len(centres), 1, 1))
        graph.add(layer, "Conv", (*graph.bottoms(layer), weight), kernel_shape=(1, 1))
    elif layer.kind in _WRITERS:
        _WRITERS[layer.kind](graph, layer)
    else:
        raise EngineError(
            f"layer {layer.name} of the network is a {layer.kind}, which cannot be exported. Use --engine opencv"
        )


def _convolution(graph: _Graph, layer: Layer) -> None:
    _demand_blobs(layer, 1)
    weight = layer.blobs[0]
    pad = layer.pair("pad", 0)
    attributes: dict[str, Attribute] = {
        "kernel_shape": (weight.shape[2], weight.shape[3]),
        "strides": layer.pair("stride", 1),
        "pads": (*pad, *pad),
        "dilations": layer.pair("dilation", 1),
        "group": layer.whole("group", 1),
    }
    inputs = [*graph.bottoms(layer), graph.weight(f"{layer.name}.weight", weight)]
    if len(layer.blobs) > 1:
        inputs.append(graph.weight(f"{layer.name}.bias", layer.blobs[1].reshape(-1)))
    graph.add(layer, "ConvTranspose" if layer.kind == "Deconvolution" else "Conv", tuple(inputs), **attributes)


def _relu(graph: _Graph, layer: Layer) -> None:
    slope = layer.number("negative_slope", 0)
    if slope:
        graph.add(layer, "LeakyRelu", graph.bottoms(layer), alpha=slope)
    else:
        graph.add(layer, "Relu", graph.bottoms(layer))


def _relu6(graph: _Graph, layer: Layer) -> None:
    """A rectifier that cuts off above 6, too. The limits lie in the file once, however many there are of them."""
    limits = tuple(graph.weight(f"relu6.{limit}", np.array(limit, _DTYPE)) for limit in (0, 6))
    graph.add(layer, "Clip", (*graph.bottoms(layer), *limits))


def _batch_norm(graph: _Graph, layer: Layer) -> None:
    """Caffe keeps sums of means and variances, and a third blob with what to divide them by."""
    _demand_blobs(layer, 3)
    total = float(layer.blobs[2].reshape(-1)[0])
    factor = np.float32(1 / total if total else 0)
    mean, variance = (blob.reshape(-1) * factor for blob in layer.blobs[:2])
    constants = {"scale": np.ones_like(mean), "bias": np.zeros_like(mean), "mean": mean, "variance": variance}
    names = tuple(graph.weight(f"{layer.name}.{name}", values) for name, values in constants.items())
    bottom = graph.bottoms(layer)
    graph.add(layer, "BatchNormalization", (*bottom, *names), epsilon=layer.number("eps", 1e-5))


def _scale(graph: _Graph, layer: Layer) -> None:
    _demand_blobs(layer, 1)
    shape = (1, -1, 1, 1)
    scaled = (*graph.bottoms(layer), graph.weight(f"{layer.name}.scale", layer.blobs[0].reshape(shape)))
    if len(layer.blobs) == 1:
        graph.add(layer, "Mul", scaled)
        return
    graph.nodes.append(Node("Mul", scaled, f"{layer.name}.scaled"))
    bias = graph.weight(f"{layer.name}.bias", layer.blobs[1].reshape(shape))
    graph.add(layer, "Add", (f"{layer.name}.scaled", bias))


def _eltwise(graph: _Graph, layer: Layer) -> None:
    operation = layer.word("operation", "SUM")
    operator = {"SUM": "Sum", "PROD": "Mul", "MAX": "Max"}.get(operation)
    if operator is None or "coeff" in layer.settings or (operator == "Mul" and len(layer.bottoms) != 2):
        raise EngineError(f"layer {layer.name} of the network: this kind of Eltwise ({operation}) cannot be exported")
    graph.add(layer, operator, graph.bottoms(layer))


def _concat(graph: _Graph, layer: Layer) -> None:
    graph.add(layer, "Concat", graph.bottoms(layer), axis=layer.whole("axis", 1))


def _softmax(graph: _Graph, layer: Layer) -> None:
    graph.add(layer, "Softmax", graph.bottoms(layer), axis=layer.whole("axis", 1))


def _demand_blobs(layer: Layer, count: int) -> None:
    if len(layer.blobs) < count:
        raise EngineError(f"layer {layer.name} of the network has {len(layer.blobs)} weights, and needs {count}")


_WRITERS: dict[str, Callable[[_Graph, Layer], None]] = {
    "Convolution": _convolution,
    "Deconvolution": _convolution,
    "ReLU": _relu,
    "ReLU6": _relu6,
    "BatchNorm": _batch_norm,
    "Scale": _scale,
    "Eltwise": _eltwise,
    "Concat": _concat,
    "Softmax": _softmax,
}
