"""What is special about ONNX Runtime."""

import numpy as np
import onnxruntime
import pytest

from colorizer.assets import locate
from colorizer.engines import onnx_runtime
from colorizer.engines.onnx_runtime import DEVICES, OnnxRuntimeEngine
from colorizer.errors import EngineError
from tests.models import tiny_model
from tests.onnx_writer import write_tiny_onnx


def test_without_the_package_the_cure_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_runtime, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"not installed. Run pip install onnxruntime"):
        OnnxRuntimeEngine(tiny_model(tmp_path))
    assert onnx_runtime.candidates() == ()


def test_a_device_that_this_package_does_not_bring_is_an_error_with_the_package_that_does(tmp_path):
    local = tiny_model(tmp_path)
    for device in set(DEVICES) - {name.split(":")[1] for name in onnx_runtime.candidates()}:
        with pytest.raises(EngineError, match=f"has no {device}. Run pip install onnxruntime"):
            OnnxRuntimeEngine(local, device)


def test_a_device_that_the_package_brings_and_that_does_not_start_is_an_error_not_the_cpu(tmp_path, monkeypatch):
    local = tiny_model(tmp_path)
    real = onnxruntime.InferenceSession
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(
        onnxruntime, "InferenceSession", lambda path, options, providers: real(path, providers=["CPUExecutionProvider"])
    )
    with pytest.raises(EngineError, match="could not start cuda here"):
        OnnxRuntimeEngine(local, "cuda")


def test_the_devices_are_offered_from_the_fastest_down(monkeypatch):
    there = ["CPUExecutionProvider", "DmlExecutionProvider", "CUDAExecutionProvider", "AzureExecutionProvider"]
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: there)
    assert onnx_runtime.candidates() == ("onnxruntime:cuda", "onnxruntime:directml", "onnxruntime:cpu")


def test_a_network_that_takes_half_precision_gets_it(tmp_path):
    write_tiny_onnx(tmp_path / "half.onnx", half=True)
    picture = np.random.default_rng(0).random((1, 3, 256, 256), np.float32)
    with OnnxRuntimeEngine(locate(tmp_path)) as engine:
        answer = engine.infer(picture)
    assert answer.dtype == np.float32
    assert np.ptp(answer) > 1
