"""What is said about engines."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.engines.base import EngineInfo
from colorizer.engines.choose import MANY, pick
from colorizer.engines.measure import Measurement
from colorizer.engines.names import all_names
from colorizer.settings import Settings
from colorizer.web.models.engine_words import auto_text, engine_title, running_text, speeds_html

HERE = Settings(Path("models"))
CV = Measurement("opencv:cpu", "cpu", "f32", 20, 400)
F16 = Measurement("openvino:cpu:f16", "cpu", "f16", 400, 50, 0.07)
BF16 = Measurement("openvino:cpu:bf16", "cpu", "bf16", 400, 42, 0.45)
BROKEN = Measurement("onnxruntime:cuda", "cuda", "f32", problem="no <driver>")


def test_every_engine_has_a_title_of_its_own() -> None:
    titles = [engine_title(name) for name in all_names()]
    assert len(set(titles)) == len(titles)
    assert engine_title("openvino:cpu:f16") == "OpenVINO, CPU, f16"
    assert engine_title("onnxruntime:tensorrt") == "ONNX Runtime, TensorRT"


def test_auto_says_what_it_takes_and_why() -> None:
    assert "nothing here is faster" in auto_text([CV, F16], HERE)
    assert "the only one" in auto_text([CV, BROKEN], HERE)
    exact = auto_text([CV, F16, BF16], HERE)
    assert exact.startswith("**auto** takes **OpenVINO, CPU, f16** (50 ms a picture)")
    assert "1.25 times as long as the fastest, OpenVINO, CPU, bf16 (42 ms)" in exact
    assert "no <driver>" in auto_text([BROKEN], HERE)
    assert "USE_GPU=1" in auto_text([CV], replace(HERE, use_gpu="on"))


@given(st.lists(st.tuples(st.floats(0, 1e4), st.floats(0.1, 1e4), st.floats(0, 0.5)), min_size=1, max_size=5))
def test_what_is_said_is_what_auto_does(numbers) -> None:  # type: ignore[no-untyped-def]
    names = ("opencv:cpu", "openvino:cpu:f32", "openvino:cpu:f16", "openvino:cpu:bf16", "onnxruntime:cpu")
    rows = [Measurement(name, "cpu", "f32", *each) for name, each in zip(names, numbers, strict=False)]
    assert auto_text(rows, HERE).startswith(f"**auto** takes **{engine_title(pick(rows, MANY).engine)}**")


@pytest.mark.parametrize(
    ("asked", "settings", "rows", "said"),
    [
        ("auto", HERE, (CV, F16), "OpenVINO, CPU, f16 · 50 ms a picture · chosen by auto"),
        ("openvino", HERE, (CV, F16), "OpenVINO, CPU, f16 · 50 ms a picture"),
        ("auto", HERE, None, "OpenVINO, CPU, f16 · chosen by auto"),
        ("auto", replace(HERE, engine="openvino"), (CV,), "OpenVINO, CPU, f16 · chosen by COLORIZER_ENGINE"),
    ],
)
def test_what_runs_is_said_with_its_speed_and_who_chose_it(asked, settings, rows, said) -> None:  # type: ignore[no-untyped-def]
    assert running_text(EngineInfo("openvino", "cpu", "f16"), asked, rows, settings) == said


def test_the_table_has_a_line_for_each_engine_and_shows_reasons_as_text() -> None:
    html = speeds_html([CV, replace(F16, problem="other colours: 3.00"), BROKEN])
    lines = re.findall(r"<tr>(.*?)</tr>", html)[1:]
    assert ["400 ms" in lines[0], "50 ms" in lines[1], "other colours" in lines[1]] == [True] * 3
    assert "no &lt;driver&gt;" in lines[2]
    assert len(lines) == 3
