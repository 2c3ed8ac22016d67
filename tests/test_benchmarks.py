"""What the benchmarks refuse, and what they count."""

import resource
import sys
from types import SimpleNamespace

import pytest

from benchmarks import speed


def test_a_network_that_the_plain_loop_cannot_run_is_refused_at_once(monkeypatch, capsys):
    onnx = SimpleNamespace(paths={"onnx": "a.onnx"}, model=SimpleNamespace(id="mine"))
    monkeypatch.setattr(speed, "locate", lambda _: onnx)
    monkeypatch.setattr(sys, "argv", ["speed", "--model", "mine"])
    with pytest.raises(SystemExit):
        speed.main()
    assert "mine is none: add --skip-loop" in capsys.readouterr().err


@pytest.mark.parametrize(("platform", "unit"), [("darwin", 1), ("linux", 1024)])
def test_memory_is_in_megabytes_on_every_system(monkeypatch, platform, unit):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(resource, "getrusage", lambda _: SimpleNamespace(ru_maxrss=300 * 2**20 // unit))
    assert speed.peak_megabytes() == 300
