"""What is special about ONNX Runtime."""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from colorizer.engines import onnx_runtime
from colorizer.engines.onnx_runtime import DEVICES, OnnxRuntimeEngine
from colorizer.errors import EngineError
from colorizer.settings import Settings
from colorizer.weights.local_models import locate
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
        onnxruntime, "InferenceSession", lambda path, *_, **__: real(path, providers=["CPUExecutionProvider"])
    )
    with pytest.raises(EngineError, match=r"could not start cuda here. Install NVIDIA's driver, CUDA and cuDNN"):
        OnnxRuntimeEngine(local, "cuda")


def test_a_device_that_breaks_down_at_the_start_or_later_is_an_error_not_the_cpu(tmp_path, monkeypatch, capsys):
    def lost(*_):
        raise onnxruntime.capi.onnxruntime_pybind11_state.EPFail("the card has gone")

    local = tiny_model(tmp_path)
    with OnnxRuntimeEngine(local) as engine:
        inner = engine._session._sess
        engine._session._sess = type("Lost", (), {"__getattr__": lambda _, name: getattr(inner, name), "run": lost})()
        with pytest.raises(EngineError, match="the card has gone"):
            engine.infer(np.zeros((1, 1, 32, 32), np.float32))
    real = onnxruntime.InferenceSession._create_inference_session

    def fail_on_cuda(self, providers, *rest):
        if "CPUExecutionProvider" not in providers:
            raise RuntimeError("no card")
        real(self, providers, *rest)

    monkeypatch.setattr(onnxruntime.InferenceSession, "_create_inference_session", fail_on_cuda)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.delattr(onnxruntime, "preload_dlls", raising=False)
    with pytest.raises(EngineError, match=r"cannot run .* on cuda: no card"):
        OnnxRuntimeEngine(local, "cuda")
    assert capsys.readouterr().out == ""


def test_tensorrt_gets_words_that_it_takes_for_yes_and_a_folder_that_is_there(tmp_path, monkeypatch):
    asked = {}

    def session(path, options, providers, **_):
        asked.update(providers[0][1])
        raise ValueError("seen enough")

    there = Settings(tmp_path, cache_folder=tmp_path / "deep" / "cache")
    monkeypatch.setattr(onnx_runtime, "settings", lambda: there)
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["TensorrtExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    monkeypatch.delattr(onnxruntime, "preload_dlls", raising=False)
    with pytest.raises(EngineError, match="seen enough"):
        OnnxRuntimeEngine(tiny_model(tmp_path), "tensorrt")
    assert Path(asked.pop("trt_engine_cache_path")).is_dir()
    assert asked == {
        "trt_fp16_enable": "True",
        "trt_engine_cache_enable": "True",
    }  # "1" is an error in Python's binding


def test_cuda_is_looked_for_among_pips_packages_before_it_is_used_and_what_that_says_is_no_output(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: sys.stdout.write("Failed to load"), raising=False)
    with pytest.raises(EngineError):
        OnnxRuntimeEngine(tiny_model(tmp_path), "cuda")
    said = capsys.readouterr()
    assert (said.out, "Failed to load" in said.err) == ("", True)


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
