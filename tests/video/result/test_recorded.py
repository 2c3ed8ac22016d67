"""Programs that a dead process left behind are ended, and nothing else that happens to name the same folder."""

import subprocess
import sys
from fractions import Fraction

import pytest

from colorizer.video.result.ffmpeg import run_ffmpeg
from colorizer.video.result.process import end_recorded, recorded

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.fixture
def sleeping(tmp_path):
    """A process whose command line holds the folder's path, as that of a player that shows a film there."""
    started = []

    def start():
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path / "a.mp4")]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_only_what_was_recorded_is_ended(tmp_path, sleeping):
    player, ours = sleeping(), sleeping()
    with recorded(ours.pid, tmp_path / "x.pid"):
        end_recorded(tmp_path)
        assert ours.wait(10) < 0
    assert player.poll() is None
    assert not list(tmp_path.glob("*.pid"))


def test_a_number_that_was_given_to_another_process_is_left_alone(tmp_path, sleeping):
    player, ours = sleeping(), sleeping()
    with recorded(ours.pid, tmp_path / "x.pid"):
        told = (tmp_path / "x.pid").read_text().split()
        (tmp_path / "x.pid").write_text(" ".join([str(player.pid), *told[1:-1], "1"]))
        (tmp_path / "y.pid").write_bytes(b"\xff nonsense")
        end_recorded(tmp_path)
        assert ours.poll() is None
        assert player.poll() is None


def test_ffmpeg_is_recorded_as_long_as_it_runs(tmp_path):
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\nsleep 0.3\nls -A {tmp_path} > {tmp_path}/seen\n")
    program.chmod(0o755)
    run_ffmpeg([str(program)], tmp_path / "a.mp4", Fraction(1), None, tmp_path / "a.pid")
    assert "a.pid" in (tmp_path / "seen").read_text().split()
    assert not (tmp_path / "a.pid").exists()
