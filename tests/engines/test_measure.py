"""Trying engines out."""

from dataclasses import replace

import numpy as np
import pytest

from colorizer.engines import opencv_dnn
from colorizer.engines.measure import (
    Measurement,
    candidates,
    compare,
    draw_leaves,
    measure_engines,
    on_request,
    sample_batch,
)
from colorizer.engines.names import EngineName
from colorizer.engines.registry import ENGINES
from colorizer.errors import EngineError
from colorizer.weights.catalog import find_model
from colorizer.weights.local_models import locate
from tests.models import tiny_model
from tests.onnx_writer import write_tiny_onnx

ROW = Measurement("openvino:cpu:f16", "cpu", "f16")


def _change(monkeypatch, library, **more):
    """Another row for this engine, as long as the test lasts."""
    monkeypatch.setitem(ENGINES, library, replace(ENGINES[library], **more))


def test_every_engine_gets_a_time_and_a_difference_from_the_first(tmp_path):
    rows = measure_engines(tiny_model(tmp_path), candidates("off"))
    assert [row.engine for row in rows] == list(candidates("off"))
    assert all(row.run_ms > 0 and row.start_ms >= 0 and not row.problem for row in rows)
    assert rows[0].mean_difference == 0
    assert 0 < max(row.mean_difference for row in rows) < 0.5


def test_an_engine_that_fails_is_kept_with_its_reason(tmp_path, monkeypatch):
    def fail(*_):
        raise EngineError("the driver is too old")

    _change(monkeypatch, "openvino", open=fail)
    good, bad = measure_engines(tiny_model(tmp_path), ("opencv:cpu", "openvino:cpu:f32"))
    assert not good.problem
    assert bad == Measurement("openvino:cpu:f32", "cpu", "f32", problem="the driver is too old")


def test_where_the_first_cannot_read_an_onnx_network_the_next_one_is_the_reference(tmp_path, monkeypatch):
    def fail(*_):
        raise EngineError("an operator it does not know")

    write_tiny_onnx(tmp_path / "tiny.onnx")
    local = replace(locate(tmp_path), model=find_model("ddcolor"))
    _change(monkeypatch, "opencv", open=fail)
    first, second, third = measure_engines(local, ("opencv:cpu", "openvino:cpu:f32", "onnxruntime:cpu"))
    assert first.problem
    assert not second.problem
    assert not third.problem


@pytest.mark.parametrize(
    ("shift", "spot", "problem"),
    [(0.4, 0, ""), (0.6, 0, "other colours: 0.60"), (0, 8, "other colours: 0.04 on average, 8.0")],
)
def test_colours_that_differ_too_much_are_a_problem(shift, spot, problem):
    reference = np.zeros((1, 2, 40, 40), np.float32)
    answer = reference + np.float32(shift)
    answer[..., :2, :4] += spot  # 1 in 200 of all values
    row = compare(ROW, answer, reference)
    assert row.problem.startswith(problem)
    assert bool(row.problem) == bool(problem)
    assert compare(ROW, answer[..., :20], reference).problem.startswith("answers in another shape")


def test_the_drawn_picture_is_always_the_same_and_has_the_spectrum_of_photographs():
    picture = draw_leaves(224)
    assert (picture == draw_leaves(224)).all()
    assert 0 <= picture.min() < 0.1
    assert 0.9 < picture.max() <= 1
    power = np.abs(np.fft.fft2(picture - picture.mean())) ** 2
    radius = np.hypot(*np.meshgrid(np.fft.fftfreq(224), np.fft.fftfreq(224)))
    bands = [(0.01, 0.02), (0.02, 0.04), (0.04, 0.08), (0.08, 0.16)]
    means = [power[(radius >= low) & (radius < high)].mean() for low, high in bands]
    slope = np.polyfit(np.log([low for low, _ in bands]), np.log(means), 1)[0]
    assert -3 < slope < -1.5  # natural pictures: about -2


def test_the_sample_is_what_the_network_takes(tmp_path):
    local = tiny_model(tmp_path)
    lightness = sample_batch(local)
    grey = sample_batch(replace(local, model=find_model("ddcolor")))
    assert lightness.shape == (1, 1, 224, 224)
    assert -50 <= lightness.min() < -30 < 30 < lightness.max() <= 50
    assert grey.shape == (1, 3, 256, 256)
    assert 0 <= grey.min() <= grey.max() <= 1


def test_candidates_begin_with_the_reference_and_without_a_gpu_need_none(monkeypatch):
    monkeypatch.setattr(opencv_dnn, "available_devices", lambda: ("cpu", "cuda", "cuda_fp16", "opencl"))
    assert candidates("auto")[:3] == ("opencv:cpu", "opencv:cuda", "opencv:cuda_fp16")
    assert "opencv:opencl" not in candidates("auto")  # on request only
    assert on_request("auto") == ("opencv:opencl",)
    assert not on_request("off")
    assert candidates("off")[0] == "opencv:cpu"
    assert all(EngineName.parse(name).on_cpu for name in candidates("off"))


def test_a_library_that_does_not_load_is_no_candidate(monkeypatch):
    def fail():
        raise EngineError("OpenVINO does not load")

    _change(monkeypatch, "openvino", candidates=fail)
    assert not [name for name in candidates("auto") if name.startswith("openvino")]
