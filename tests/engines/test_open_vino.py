"""What is special about OpenVINO."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from colorizer.engines import open_vino, opencv_dnn
from colorizer.engines.exported import onnx_file
from colorizer.engines.open_vino import OpenVinoEngine
from colorizer.errors import EngineError
from tests.models import tiny_model

ROOT = Path(__file__).resolve().parents[2]
BATCH = np.random.default_rng(3).uniform(-50, 50, (2, 1, 32, 48)).astype(np.float32)


def test_loading_it_reports_to_nobody_and_leaves_no_trace(tmp_path):
    code = """
import socket, sys
def refuse(*_): raise AssertionError("it went to the network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from colorizer.engines.open_vino import candidates
assert candidates()
assert not [name for name in sys.modules if "telemetry" in name], "telemetry is loaded"
"""
    environment = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), "PATH": ""}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)
    assert not list(tmp_path.iterdir())


def test_without_the_package_the_cure_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(open_vino, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"not installed. Run pip install openvino"):
        OpenVinoEngine(tiny_model(tmp_path))
    assert open_vino.candidates() == ()


def test_a_device_that_is_not_there_is_an_error_not_another_device(tmp_path):
    local = tiny_model(tmp_path)
    for device in {"gpu", "npu"} - {name.split(":")[1] for name in open_vino.candidates()}:
        with pytest.raises(EngineError, match=f"finds no {device} here, only CPU"):
            OpenVinoEngine(local, device)


def test_a_shape_that_the_network_cannot_take_is_our_own_error_on_a_device_of_fixed_shapes(tmp_path, monkeypatch):
    monkeypatch.setattr(open_vino, "_ONE_SHAPE_ONLY", {"cpu"})
    with OpenVinoEngine(tiny_model(tmp_path)) as engine:
        assert engine.infer(BATCH).shape == (2, 2, 8, 12)
        with pytest.raises(EngineError, match="OpenVINO cannot prepare the network for the cpu"):
            engine.infer(np.repeat(BATCH, 2, axis=1))


def test_a_precision_the_hardware_is_not_made_for_is_an_error_not_another_precision(tmp_path, monkeypatch):
    monkeypatch.setattr(open_vino, "_fast", lambda core, device: ("f32",))
    local = tiny_model(tmp_path)
    with OpenVinoEngine(local) as engine:
        assert engine.info.precision == "f32"
    with pytest.raises(EngineError, match=r"cannot compute in bf16 on this cpu. Choose one of f32"):
        OpenVinoEngine(local, "cpu", "bf16")


def test_f16_is_taken_before_bf16_where_none_is_named(tmp_path, monkeypatch):
    local = tiny_model(tmp_path)
    with OpenVinoEngine(local) as engine:
        assert engine.info.precision == ("f16" if "openvino:cpu:f16" in open_vino.candidates() else "f32")


def test_a_device_that_takes_one_shape_only_gets_a_network_for_each_and_keeps_a_few(tmp_path, monkeypatch):
    local = tiny_model(tmp_path)
    with OpenVinoEngine(local, "cpu", "f32") as engine:
        expected = [engine.infer(BATCH[:, :, :rows]) for rows in (8, 16, 24, 32)]
    monkeypatch.setattr(open_vino, "_ONE_SHAPE_ONLY", {"cpu"})
    monkeypatch.setattr(open_vino, "_SHAPES", 2)
    with OpenVinoEngine(local, "cpu", "f32") as engine:
        for _ in range(2):
            for rows, wanted in zip((8, 16, 24, 32), expected, strict=True):
                assert np.abs(engine.infer(BATCH[:, :, :rows]) - wanted).max() < 1e-3
        assert len(engine._requests) == 2
        whole = engine.infer_all(BATCH[:, :, :16])
        assert (whole.ab == engine.infer(BATCH[:, :, :16])).all()
        assert whole.features.shape == (2, 16, 4, 12)


def test_once_exported_a_network_outlives_opencv_4(tmp_path, monkeypatch):
    local = tiny_model(tmp_path)
    onnx_file(local)
    monkeypatch.setattr("cv2.__version__", "5.0.0")
    assert opencv_dnn.opencv_problem()
    with OpenVinoEngine(local) as engine:
        assert engine.infer(BATCH).shape == (2, 2, 8, 12)


def test_an_export_that_was_damaged_is_made_anew(tmp_path):
    local = tiny_model(tmp_path)
    path = onnx_file(local)
    path.write_bytes(b"junk" * 99)
    OpenVinoEngine(local).close()
    assert onnx_file(local) == path


def test_a_network_that_openvino_does_not_know_is_named_with_what_to_do(tmp_path, monkeypatch):
    junk = tmp_path / "junk.onnx"
    junk.write_bytes(b"junk" * 99)
    monkeypatch.setattr("colorizer.engines.open_vino.onnx_file", lambda *_: junk)
    with pytest.raises(EngineError, match=r"cannot read .*junk\.onnx.*--engine opencv"):
        OpenVinoEngine(tiny_model(tmp_path / "net"))
