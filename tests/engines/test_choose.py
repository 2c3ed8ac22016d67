"""Which engine auto takes, and what it remembers."""

import errno
import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.engines import choose, exported
from colorizer.engines.choose import MANY, measured, open_engine, pick, stored, with_device
from colorizer.engines.measure import Measurement, measure_engines
from colorizer.engines.names import EngineName
from colorizer.errors import EngineError, ModelDamaged
from colorizer.settings import Settings
from tests.models import tiny_model


def _row(engine, start=0.0, run=100.0, difference=0.0, problem=""):
    parts = [*engine.split(":"), "f32"]
    return Measurement(engine, parts[1], parts[2], start, run, difference, 0.0, problem)


CV = _row("opencv:cpu", 20, 400)
F32 = _row("openvino:cpu:f32", 400, 200, 0.0001)
F16 = _row("openvino:cpu:f16", 400, 50, 0.07)
BF16 = _row("openvino:cpu:bf16", 400, 42, 0.45)
CUDA = _row("onnxruntime:cuda", 3000, 5, 0.01)


@pytest.mark.parametrize(
    ("rows", "runs", "chosen"),
    [
        ([CV], 1, CV),
        ([CV, F32, F16, BF16], MANY, F16),  # bf16 is hardly faster, and less exact
        ([CV, F32, BF16], MANY, BF16),
        ([CV, F32, replace(F16, run_ms=70), BF16], MANY, BF16),
        ([CV, replace(F32, run_ms=330)], MANY, CV),  # what is no faster to speak of is not worth a difference
        ([CV, F32, F16, BF16], 1, CV),
        ([CV, F32, F16, BF16], 3, F16),
        ([CV, F16, CUDA], MANY, CUDA),
        ([CV, F16, CUDA], 20, F16),  # it would only just have started
        ([CV, replace(F16, problem="other colours")], MANY, CV),
        ([replace(CV, problem="OpenCV 5"), F32], 1, F32),
    ],
)
def test_auto_takes_the_most_exact_of_those_that_are_about_as_fast_as_the_fastest(rows, runs, chosen):
    assert pick(rows, runs) == chosen
    assert pick(rows[::-1], runs) == chosen


def test_use_gpu_is_obeyed():
    assert pick([CV, F16, CUDA], MANY, "off") == F16
    assert pick([CV, F16, CUDA], 1, "on") == CUDA
    with pytest.raises(EngineError, match="USE_GPU=1 insists on a GPU, and no engine here can use one"):
        pick([CV, F16], MANY, "on")
    with pytest.raises(EngineError, match="onnxruntime:cuda: no driver"):
        pick([CV, replace(CUDA, problem="no driver")], MANY, "on")


def test_where_none_can_be_used_every_reason_is_said():
    with pytest.raises(EngineError, match=r"opencv:cpu: broken; openvino:cpu:f32: lost"):
        pick([replace(CV, problem="broken"), replace(F32, problem="lost")])


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.1, 1e4), st.floats(0, 0.5)), min_size=1, max_size=8),
       st.integers(1, 2000))  # fmt: skip
def test_nobody_waits_much_longer_than_for_the_fastest(numbers, runs):
    rows = [_row("opencv:cpu", *each) for each in numbers]
    chosen = pick(rows, runs)
    assert chosen.milliseconds(runs) <= 1.25 * min(row.milliseconds(runs) for row in rows)
    assert not [row for row in rows if row.mean_difference < chosen.mean_difference
                and row.milliseconds(runs) <= min(each.milliseconds(runs) for each in rows)]  # fmt: skip


class World:
    """A machine whose engines take what these rows say."""

    def __init__(self, folder, monkeypatch, **more):
        self.rows, self.measurements = (CV, F16), 0
        self.settings = Settings(folder, cache_folder=folder / "cache", **more)
        monkeypatch.setattr(choose, "settings", lambda: self.settings)
        monkeypatch.setattr(choose, "measure_engines", self.measure)

    def measure(self, *_):
        self.measurements += 1
        return self.rows


@pytest.fixture
def world(tmp_path, monkeypatch):
    return World(tmp_path, monkeypatch)


@pytest.fixture
def local(tmp_path):
    return tiny_model(tmp_path / "net")


def test_what_was_measured_is_remembered_for_this_network_alone(world, local, tmp_path):
    assert stored(local) is None
    assert measured(local) == world.rows
    assert measured(local) == stored(local) == world.rows
    assert world.measurements == 1
    assert stored(tiny_model(tmp_path / "other", bins=9)) is None


def test_other_versions_and_the_use_of_a_gpu_are_measured_anew(world, local, monkeypatch):
    measured(local)
    monkeypatch.setattr(choose, "runtimes", lambda: {"openvino": "2099.1"})
    assert stored(local) is None
    monkeypatch.undo()
    world.settings = replace(world.settings, use_gpu="off")
    monkeypatch.setattr(choose, "settings", lambda: world.settings)
    assert stored(local) is None


@pytest.mark.parametrize("what", ["gpu_support", "cv2.__version__"])
def test_a_new_driver_and_an_opencv_built_by_hand_are_measured_anew(world, local, monkeypatch, what):
    measured(local)
    monkeypatch.setattr(f"colorizer.engines.choose.{what}", "4.99" if "version" in what else lambda: ("driver 600",))
    assert stored(local) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"engines": [{"odd": 1}]}', '{"engines": []}', '{"engines": 5}'])
def test_a_file_of_measurements_that_is_none_is_made_anew(world, local, content):
    measured(local)
    choose._path(local).write_text(content)
    assert stored(local) is None
    assert measured(local) == world.rows


def test_where_nothing_can_be_kept_it_is_said_and_the_choice_stands(world, local, tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    lines = []
    assert measured(local, tell=lines.append) == world.rows
    assert any("COLORIZER_CACHE_DIR" in line for line in lines)


def test_what_was_measured_in_vain_for_a_full_disk_is_used_all_the_same(world, local, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(choose, "_store", full)
    lines = []
    assert measured(local, tell=lines.append) == world.rows
    assert world.measurements == 1
    assert any("No space left" in line for line in lines)


def test_a_few_pictures_are_not_worth_a_measurement_but_use_one_that_is_there(world, local):
    with open_engine(local, "auto", runs=1) as engine:
        assert engine.info.name == "opencv"
    assert world.measurements == 0
    world.rows = (replace(CV, start_ms=900), F32)
    with open_engine(local, "auto") as engine:
        assert engine.info.name == "openvino"
    assert world.measurements == 1
    with open_engine(local, "auto", runs=1) as engine:
        assert engine.info.name == "openvino"


def test_a_choice_that_no_longer_opens_is_made_anew(world, local):
    world.rows = (CV, CUDA)
    measured(local)
    world.rows = (CV, replace(CUDA, problem="no driver"))
    lines = []
    with open_engine(local, "auto", tell=lines.append) as engine:
        assert engine.info.name == "opencv"
    assert any("choosing anew" in line for line in lines)


def test_auto_means_the_engine_of_the_environment_where_one_is_set(world, local):
    world.settings = replace(world.settings, engine="openvino:cpu:f32")
    with open_engine(local) as engine:
        assert str(engine.info) == "openvino on cpu (f32)"
    with open_engine(local, "opencv") as engine:
        assert engine.info.name == "opencv"


def test_a_named_engine_is_used_or_refused(world, local):
    with pytest.raises(EngineError, match=r"this ONNX Runtime has no cuda. Run pip install onnxruntime-gpu"):
        open_engine(local, "onnxruntime:cuda")
    world.settings = replace(world.settings, use_gpu="off")
    with pytest.raises(EngineError, match="USE_GPU=0 forbids it"):
        open_engine(local, "openvino:gpu")
    world.settings = replace(world.settings, use_gpu="on")
    with open_engine(local, "opencv:cpu") as engine:
        assert engine.info.device == "cpu"
    with pytest.raises(EngineError, match="USE_GPU=1 insists on a GPU"):
        open_engine(local, "auto", runs=1)
    with pytest.raises(EngineError, match="there is no engine 'tpu'"):
        open_engine(local, "tpu")


@pytest.mark.parametrize(
    ("name", "use_gpu", "full"),
    [
        ("opencv", "auto", "opencv:cuda"),
        ("opencv", "off", "opencv:cpu"),
        ("openvino", "auto", "openvino:cpu"),
        ("openvino", "on", "openvino:gpu"),
        ("onnxruntime", "auto", "onnxruntime:cpu"),
        ("opencv:cpu", "on", "opencv:cpu"),
    ],
)
def test_a_name_without_a_device_gets_one(name, use_gpu, full):
    present = ("opencv:cpu", "opencv:cuda", "openvino:cpu:f32", "openvino:gpu:f16", "onnxruntime:cpu")
    assert str(with_device(EngineName.parse(name), use_gpu, present)) == full
    with pytest.raises(EngineError, match="onnxruntime finds none here"):
        with_device(EngineName("onnxruntime"), "on", present)


def test_a_wrong_name_in_the_environment_is_said_to_be_there(world, local):
    world.settings = replace(world.settings, engine="tpu")
    with pytest.raises(EngineError, match="COLORIZER_ENGINE: there is no engine 'tpu'"):
        open_engine(local)


def test_a_real_choice_colours_and_is_written_so_that_people_can_read_it(tmp_path, local, monkeypatch):
    settings = Settings(tmp_path, cache_folder=tmp_path / "cache")
    monkeypatch.setattr(choose, "settings", lambda: settings)
    with open_engine(local) as engine:
        assert np.isfinite(engine.infer(np.zeros((1, 1, 32, 32), np.float32))).all()
    (path,) = (tmp_path / "cache" / "engines").glob("*.json")
    kept = json.loads(path.read_text("utf-8"))
    assert {"processor", "cores", "opencv-python-headless"} <= set(kept["machine"])
    assert kept["engines"][0]["engine"] == "opencv:cpu"


def test_a_broken_network_is_no_matter_of_engines(tmp_path, local):
    local.paths["weights"].write_bytes(b"junk" * 99)
    with pytest.raises(ModelDamaged):
        measure_engines(local, ("opencv:cpu", "openvino:cpu:f32"))


def test_a_cache_that_cannot_be_written_costs_only_the_engines_that_need_it(tmp_path, local, monkeypatch):
    (tmp_path / "cache").write_text("a file where the folder should be")
    settings = Settings(tmp_path, cache_folder=tmp_path / "cache" / "below")
    for module in (choose, exported):
        monkeypatch.setattr(module, "settings", lambda: settings)
    rows = measured(local)
    assert not rows[0].problem
    assert all("could not be written" in row.problem for row in rows[1:])
    with open_engine(local) as engine:
        assert engine.info.name == "opencv"


def test_where_a_gpu_is_insisted_on_in_vain_nothing_is_tried(world, local, monkeypatch):
    world.settings = replace(world.settings, use_gpu="on")
    monkeypatch.setattr(choose, "candidates", lambda *_: ("opencv:cpu", "openvino:cpu:f32"))
    with pytest.raises(EngineError, match="USE_GPU=1 insists on a GPU"):
        open_engine(local)
    assert world.measurements == 0
