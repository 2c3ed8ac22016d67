"""`colorizer doctor`."""

from dataclasses import replace
from pathlib import Path

import pytest

from colorizer.cli import doctor, main
from colorizer.engines.measure import Measurement
from colorizer.settings import settings
from colorizer.weights import integrity


def test_doctor_finds_nothing_that_keeps_the_program_from_working(capsys):
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    for word in ("OpenCV", "streamlit", "engine opencv:cpu", "network starter", "eccv16", "ffmpeg", "free disk"):
        assert word in said


def test_a_cure_stands_beside_everything_that_is_missing(monkeypatch):
    monkeypatch.setattr(doctor, "package_version", lambda name: "")
    monkeypatch.setattr(doctor, "opencv_problem", lambda: "OpenCV 5 cannot. Run pip install")
    checks = doctor.all_checks()
    assert sum(check.state == "problem" for check in checks) >= 7
    assert all(check.cure for check in checks if check.state != "ok")


def test_two_opencv_packages_side_by_side_are_a_problem(monkeypatch):
    monkeypatch.setattr(doctor, "package_version", lambda name: "4.10")
    opencv = next(check for check in doctor.all_checks() if check.name == "OpenCV")
    assert opencv.state == "problem"
    assert "pip uninstall opencv-python opencv-contrib-python opencv-python-headless" in opencv.cure


def test_little_free_space_is_said_with_the_folder():
    scarce = doctor.free_space(Path("/models"), 10**8, "COLORIZER_MODELS_DIR")
    assert scarce.state == "note"
    assert "set COLORIZER_MODELS_DIR to another disk than that of /models" in scarce.cure
    assert doctor.free_space(Path("/models"), 10**11, "COLORIZER_MODELS_DIR").state == "ok"


def test_the_disk_of_the_results_is_looked_at_as_well_as_that_of_the_networks(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "measured", lambda *_, **__: (Measurement("opencv:cpu", "cpu", "f32", 20, 40),))
    here = replace(settings(), data_folder=tmp_path / "results", models_folder=tmp_path / "networks")
    monkeypatch.setattr(doctor, "settings", lambda: here)
    told = " ".join(check.found for check in doctor.all_checks() if check.name == "free disk")
    assert str(here.data_folder) in told
    assert str(here.models_folder) in told


def test_every_network_is_read_once_and_an_engine_that_failed_before_is_tried_again(monkeypatch):
    good, bad = Measurement("opencv:cpu", "cpu", "f32", 20, 40), Measurement("onnxruntime:cuda", "cuda", "tf32")
    kept, asked, read = [(good,)], [], []
    monkeypatch.setattr(doctor, "stored", lambda local: kept[0])
    monkeypatch.setattr(doctor, "measured", lambda local, *, fresh, tell: asked.append(fresh) or (good,))
    monkeypatch.setattr(integrity, "hash_file", lambda path, real=integrity.hash_file: read.append(path) or real(path))
    doctor.all_checks()
    assert not any(asked)
    assert read
    assert len(read) == len(set(read))
    kept[0] = (good, replace(bad, problem="no driver"))
    doctor.all_checks()
    assert asked[-1]


@pytest.mark.parametrize(
    ("wish", "words"),
    [({"use_gpu": "on"}, "USE_GPU=1 insists on a GPU"), ({"engine": "nonsense"}, "there is no engine 'nonsense'")],
)
def test_a_wish_that_every_film_will_be_refused_for_is_a_problem(monkeypatch, wish, words):
    monkeypatch.setattr(doctor, "measured", lambda *_, **__: (Measurement("opencv:cpu", "cpu", "f32", 20, 40),))
    monkeypatch.setattr(doctor, "settings", lambda: replace(settings(), **wish))
    assert [check for check in doctor.all_checks() if check.state == "problem" and words in check.cure]


def test_an_engine_that_is_named_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "settings", lambda: replace(settings(), engine="opencv:cpu"))
    (check,) = doctor._named()
    assert (check.state, check.found.split()[0]) == ("ok", "opencv:cpu")


def test_a_setting_that_makes_no_sense_is_a_problem_and_everything_else_is_still_looked_at(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "measured", lambda *_, **__: (Measurement("opencv:cpu", "cpu", "f32", 20, 40),))
    monkeypatch.setenv("COLORIZER_WORKERS", "abc")
    settings.cache_clear()
    try:
        assert main(["jobs", "list"]) == 1
        assert "'abc'" in capsys.readouterr().err
        assert main(["doctor"]) == 1
    finally:
        settings.cache_clear()
    said = capsys.readouterr().out
    (line,) = (line for line in said.splitlines() if "COLORIZER_WORKERS" in line)
    assert line.startswith("problem")
    assert "is 'abc'" in line
    assert "unset COLORIZER_WORKERS" in line
    assert "free disk" in said
