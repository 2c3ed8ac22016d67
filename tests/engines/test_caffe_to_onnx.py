"""From the layers of a Caffe network to an ONNX model. That the model's answers are right, the contract tests."""

from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

from colorizer.engines.caffe_to_onnx import to_onnx
from colorizer.engines.opencv_dnn import OpenCvEngine, read_network
from colorizer.engines.prototxt import Layer
from colorizer.errors import EngineError
from colorizer.weights.local_models import locate
from tests.caffe_writer import Layer as CaffeLayer
from tests.caffe_writer import convolution, decoding, relu, write_network
from tests.models import tiny_model

CENTRES = np.array([[0, 0], [10, -10], [20, 30]], np.float32)


def _session(content):
    return onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])


def _located(folder, layers, bins):
    write_network(folder, "net", layers, bins)
    return locate(folder)


def test_the_logits_of_the_bins_and_the_temperature_can_be_reached(tmp_path):
    layers, centres = read_network(tiny_model(tmp_path))
    session = _session(to_onnx("tiny", layers, centres))
    inputs = {"lightness": np.ones((2, 1, 32, 40), np.float32), "inverse_temperature": np.array(2, np.float32)}
    ab, logits = session.run(["class8_ab", "conv8_313"], inputs)
    assert ab.shape == (2, 2, 8, 10)
    assert logits.shape == (2, 7, 8, 10)
    share = np.exp(logits / 0.5) / np.exp(logits / 0.5).sum(axis=1, keepdims=True)
    assert np.abs(np.einsum("nqhw,qc->nchw", share, centres) - ab).max() < 1e-3


def test_every_kind_of_layer_gives_what_cv2_gives(tmp_path):
    rng = np.random.default_rng(0)

    def weight(*shape):
        return rng.normal(0, 0.3, shape).astype(np.float32)

    scales = (np.linspace(0.5, 2, 6, dtype=np.float32), np.linspace(-1, 1, 6, dtype=np.float32))
    statistics = (weight(6), np.abs(weight(6)) + 1, np.array([2], np.float32))
    grouped = replace(
        convolution("grouped", "sum", "grouped", weight(6, 3, 3, 3), pad=2, dilation=2),
        param="convolution_param { num_output: 6 kernel_size: 3 pad: 2 dilation: 2 group: 2 }",
    )
    layers = [
        convolution("first", "data_l", "first", weight(6, 1, 3, 3) / 20, stride=2, pad=1),
        replace(relu("leaky", "first"), param="relu_param { negative_slope: 0.2 }"),
        CaffeLayer("norm", "BatchNorm", ("first",), "norm", "batch_norm_param { eps: 0.01 }", statistics),
        CaffeLayer("scaled", "Scale", ("norm",), "scaled", "scale_param { bias_term: true }", scales),
        CaffeLayer("sum", "Eltwise", ("scaled", "first"), "sum", "eltwise_param { operation: SUM }"),
        grouped,
        CaffeLayer("most", "Eltwise", ("grouped", "sum"), "most", "eltwise_param { operation: MAX }"),
        CaffeLayer("both", "Concat", ("most", "scaled"), "both"),
        convolution("up", "both", "up", weight(12, 5, 4, 4), stride=2, pad=1, upward=True),
        *decoding("up", 5, 11, rng, spread=3.0),
    ]
    local = _located(tmp_path, layers, 11)
    batch = rng.uniform(-50, 50, (2, 1, 24, 40)).astype(np.float32)
    with OpenCvEngine(local) as engine:
        expected = engine.infer(batch, 0.5)
    inputs = {"lightness": batch, "inverse_temperature": np.array(2, np.float32)}
    (answer,) = _session(to_onnx("net", *read_network(local))).run(["class8_ab"], inputs)
    assert np.ptp(expected) > 1
    assert np.abs(answer - expected).max() < 1e-2


@pytest.mark.parametrize(("axis", "same"), [(-3, 1), (-1, 3)])
def test_an_axis_that_is_counted_from_the_end_is_the_same_as_from_the_front(tmp_path, axis, same):
    layers, centres = read_network(tiny_model(tmp_path))
    inputs = {"lightness": np.ones((1, 1, 32, 40), np.float32), "inverse_temperature": np.array(2, np.float32)}
    answers = []
    for number in (axis, same):
        softmax = [
            replace(each, settings={"axis": [str(number)]}) if each.kind == "Softmax" else each for each in layers
        ]
        assert softmax != list(layers)
        answers += _session(to_onnx("tiny", softmax, centres)).run(["class8_ab"], inputs)
    assert (answers[0] == answers[1]).all()


def _layers(*middle):
    return [Layer("data", "Input", (), ("data",)), *middle, Layer("conv8_313_rh", "Scale", ("x",), ("y",))]


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (Layer("odd", "LSTM", ("data",), ("x",)), "layer odd of the network is a LSTM, which cannot be exported"),
        (Layer("two", "Input", (), ("more",)), "two of the network is a second input"),
        (Layer("lost", "ReLU", ("nowhere",), ("x",)), "lost of the network takes 'nowhere', which no layer before it"),
        (Layer("bare", "Convolution", ("data",), ("x",)), "bare of the network has 0 weights, and needs 1"),
        (Layer("bare", "BatchNorm", ("data",), ("x",)), "bare of the network has 0 weights, and needs 3"),
        (Layer("e", "Eltwise", ("data", "data"), ("x",), {"coeff": ["2"]}), r"this kind of Eltwise \(SUM\) cannot"),
        (
            Layer("relu", "ReLU", ("data",), ("x",)),
            "has no layer class8_ab, conv8_313: it is not a colorization network",
        ),
    ],
)
def test_what_cannot_be_exported_is_said_with_its_layer(layer, reason):
    with pytest.raises(EngineError, match=reason):
        to_onnx("net", _layers(layer), CENTRES)
