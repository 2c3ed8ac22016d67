"""`colorizer bench`."""

import pytest

from colorizer.cli import bench, main
from colorizer.engines.measure import Measurement
from tests.models import tiny_model


def test_it_names_the_machine_its_engines_and_their_speed(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(bench, "_MEGAPIXELS", (1,))
    monkeypatch.setattr(bench, "_FILMS", ((64, 48),))
    tiny_model(tmp_path / "net")
    assert main(["bench", str(tmp_path / "net"), "--seconds", "0.2"]) == 0
    said = capsys.readouterr()
    for word in (
        "cores",
        "openvino 20",
        "onnxruntime:cpu",
        "auto, for",
        "picture of 1 MP",
        "film of 64 x 48",
        "frames/s",
    ):
        assert word in said.out
    assert "Trying openvino:cpu:f32" in said.err


def test_an_engine_that_cannot_be_used_has_its_reason_in_place_of_numbers():
    good = Measurement("opencv:cpu", "cpu", "f32", 20, 40)
    bad = Measurement("openvino:gpu:f16", "gpu", "f16", problem="no driver")
    assert bench.engine_rows([good, bad]) == [
        ("opencv:cpu", "cpu", "f32", "40.0", "20", "0.00", "auto, for one picture and films"),
        ("openvino:gpu:f16", "gpu", "f16", "", "", "", "no driver"),
    ]
    assert bench.engine_rows([bad])[0][-1] == "no driver"


@pytest.mark.parametrize("wrong", ["nan", "inf", "0", "-3", "0.01", "four", "1e9"])
def test_a_length_that_is_none_is_said_before_anything_is_measured(wrong, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["bench", f"--seconds={wrong}"])
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert not said.out
    assert "must lie between 0.04 and 3600 seconds" in said.err
