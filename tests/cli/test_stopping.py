"""The command killed, or asked to end, in the middle of a film: nothing is lost, nothing is left behind."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colorizer.cli import main
from tests.models import tiny_model
from tests.video.films import colour_frames, smooth_film

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A film of a minute at five frames a second, a small network, and what an undisturbed run makes of them."""
    folder = tmp_path_factory.mktemp("stage")
    (folder / "network").mkdir()
    tiny_model(folder / "network")
    smooth_film(folder / "grey.mkv", count=300, steps=[200])
    assert main(_call(folder, folder / "whole" / "a.mkv")) == 0
    return folder


def _call(folder, target):
    return ["video", str(folder / "grey.mkv"), "-o", str(target), "--model", str(folder / "network"), "--codec", "ffv1"]


def _frames_finished(parts):
    try:
        segments = json.loads((parts / "manifest.json").read_text("utf-8"))["segments"]
    except OSError:
        return 0
    return sum(segment["frames"] for segment in segments)


def _children(pid):
    """The processes that have this one as their parent, or had."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == pid:
            found.append(status.parent.name)
    return found


# Two runs of the command, one of them in a process of its own: that takes its seconds.
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGKILL, -9), (signal.SIGTERM, 130), (signal.SIGHUP, 130)])
def test_a_film_stopped_at_two_fifths_goes_on_and_is_the_undisturbed_one(stage, tmp_path, capsys, sent, status):
    target, parts = tmp_path / "a.mkv", tmp_path / ".a.mkv.parts"
    command = [sys.executable, "-m", "colorizer", *_call(stage, target)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while _frames_finished(parts) < 120 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        children = _children(process.pid)
        process.send_signal(sent)
        out, err = process.communicate(timeout=30)
    assert process.returncode == status, err
    assert [path.name for path in tmp_path.iterdir()] == [parts.name]
    assert 120 <= _frames_finished(parts) < 300
    assert not [child for child in children if Path("/proc", child).exists()]
    if sent != signal.SIGKILL:
        assert not list(parts.glob("*.part*"))
        assert not list(parts.glob(".*.part*"))
        assert err.strip() == "colorizer: stopped"
        assert f"what is finished of {target} is in {parts}" in out
    assert main(_call(stage, target)) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mkv", "a.mkv.chroma", "a.mkv.json"]
    told = json.loads((tmp_path / "a.mkv.json").read_text("utf-8"))
    assert told["frames"] == 300 > told["frames_this_run"]
    whole = stage / "whole" / "a.mkv"
    assert (tmp_path / "a.mkv.chroma").read_bytes() == whole.with_name("a.mkv.chroma").read_bytes()
    for one, other in zip(colour_frames(whole), colour_frames(target), strict=True):
        assert one[0] == other[0]
        assert (one[1] == other[1]).all()
        assert (one[2] == other[2]).all()
