"""Every command and every piece of Python in the README, run as it stands there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from colorizer.cli import main
from colorizer.settings import Settings
from colorizer.speed import write_clip

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def _blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


COMMANDS = [line for block in _blocks("sh") for line in block.splitlines() if line.strip() and not line.startswith("#")]


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """A folder with what the README's examples name; the examples run in it one after the other."""
    folder = tmp_path_factory.mktemp("readme")
    ramp = np.tile(np.linspace(30, 220, 160).astype(np.uint8), (120, 1))
    colours = cv2.cvtColor(np.dstack([np.full_like(ramp, 30), np.full_like(ramp, 120), ramp]), cv2.COLOR_HSV2BGR)
    for name, picture in {"old.jpg": ramp, "album/one.jpg": ramp, "photographs/one.png": colours}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(folder / name), picture)
    write_clip(folder / "film.mp4", 160, 120, seconds=0.5)
    return folder


def test_the_commands_run_in_the_order_of_the_readme(album, monkeypatch, capsys):
    monkeypatch.chdir(album)
    for reader in ("weights.local_models", "jobs.store"):
        monkeypatch.setattr(
            f"colorizer.{reader}.settings", lambda: Settings(album / "models", data_folder=album / "data")
        )
    ran = [command for command in COMMANDS if command.startswith(".venv/bin/colorizer")]
    for command in ran:
        arguments = command.split()[1:]
        if arguments[:2] == ["models", "download"]:  # no network in tests: an empty folder stands in for the mirrors
            (album / "empty").mkdir()
            assert main([*arguments, "--from", "empty"]) == 1
            continue
        assert main(arguments) == 0, command
    assert {"film-coloured.mp4", "film-softer.mp4", "coloured.jpg", "vivid.jpg", "grey.jpg", "coloured"} <= {
        path.name for path in album.iterdir()
    }
    assert (album / "coloured" / "one.png").exists()
    assert "starter" in capsys.readouterr().out


@pytest.mark.parametrize("example", _blocks("python"))
def test_the_python_runs(album, monkeypatch, example):
    monkeypatch.chdir(album)
    exec(compile(example, "README.md", "exec"), {})


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed; the Windows steps do without it")
@pytest.mark.parametrize("target", [command.split()[1] for command in COMMANDS if command.startswith("make ")])
def test_make_knows_its_targets_and_what_they_run(target):
    """The studio itself is started by the browser tests, the tests by this very run."""
    plan = subprocess.run(["make", "-n", "-B", target], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "-r requirements.txt -e ." in plan
    assert {"studio": "streamlit run app.py", "test": "python -m pytest"}[target] in plan


def test_the_benchmark_runs(album):
    (command,) = (command for command in COMMANDS if command.startswith(".venv/bin/python"))
    arguments = [sys.executable, *command.split()[1:-1], str(album / command.split()[-1])]
    said = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "merge alone" in said


def test_no_command_of_the_readme_is_left_out():
    elsewhere = ("docker compose up", "sh deploy/space/assemble.sh ")  # tests/deploy/ does what these would
    known = (".venv/bin/colorizer ", ".venv/bin/python -m benchmarks.", "make studio", "make test", *elsewhere)
    assert COMMANDS
    assert all(command.startswith(known) for command in COMMANDS)


def test_the_windows_steps_are_the_makefiles():
    (steps,) = _blocks("bat")
    assert "-m venv .venv" in steps
    assert "pip install -r requirements.txt -e ." in steps
    assert "streamlit run app.py" in steps


def test_every_dependency_and_every_setting_has_its_line():
    requirements = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    names = [re.split("[<>=]", line)[0] for line in requirements if line and not line.startswith("#")]
    table = re.findall(r"^\| ([a-z-]+)", README[README.index("## Dependencies") :], re.MULTILINE)
    assert set(names) == set(table) - {"package"}
    read = set(re.findall(r'"([A-Z_]{5,})"', (ROOT / "colorizer" / "settings.py").read_text("utf-8")))
    read |= set(re.findall(r"\b(API_[A-Z]+)", (ROOT / "deploy" / "address.sh").read_text("utf-8")))
    told = set(re.findall(r"^\| `([A-Z_]+)`", README, re.MULTILINE))
    assert read == told
