"""`colorizer doctor`."""

from dataclasses import replace
from pathlib import Path

import pytest

from colorizer.cli import doctor, main
from colorizer.engines.measure import Measurement
from colorizer.settings import settings


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
    assert doctor.free_space(Path("/models"), 10**8).state == "note"
    assert "/models" in doctor.free_space(Path("/models"), 10**8).cure
    assert doctor.free_space(Path("/models"), 10**11).state == "ok"


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
