import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from colorizer.settings import settings
from colorizer.weights import catalog
from tests.mirror import give, serve
from tests.rows import CONTENTS, NAMES, made_up, put_files

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "download_models.py"


def run_alone(folder, *arguments):
    """The script in a process of its own, started where no package of ours can be found."""
    environment = {**os.environ, "COLORIZER_MODELS_DIR": str(folder / "models")}
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_script_works_from_a_plain_checkout_and_its_default_is_eccv16(tmp_path):
    done = run_alone(tmp_path, "--from", tmp_path)
    assert done.returncode == 1
    assert f"colorization_release_v2.caffemodel is not in {tmp_path}" in done.stderr
    assert "eccv16  failed" in done.stdout


def test_the_bundled_model_is_reported_as_verified(tmp_path):
    done = run_alone(tmp_path, "starter")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("verified") == 3


def test_a_wrong_call_ends_with_status_2(tmp_path):
    done = run_alone(tmp_path, "--nosuch")
    assert done.returncode == 2
    assert "usage:" in done.stderr


@pytest.mark.parametrize("offline", [False, True])
def test_the_script_downloads_what_is_named(tmp_path, monkeypatch, capsys, offline):
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("no_proxy", "*")
    put_files(tmp_path / "stick")
    with serve() as mirror:
        urls = {role: (mirror.put(f"/{role}", give(data)),) for role, data in CONTENTS.items()}
        monkeypatch.setattr(catalog, "CATALOG", (made_up(urls),))
        monkeypatch.setattr(sys, "path", [*sys.path])
        source = ["--from", str(tmp_path / "stick")] if offline else []
        monkeypatch.setattr(sys, "argv", [str(SCRIPT), "madeup", *source])
        settings.cache_clear()
        try:
            with pytest.raises(SystemExit) as ended:
                runpy.run_path(str(SCRIPT), run_name="__main__")
        finally:
            settings.cache_clear()
        assert ended.value.code == 0
        assert bool(mirror.asked) != offline
    assert capsys.readouterr().out.count("verified") == 3
    assert {path.name for path in (tmp_path / "models" / "madeup").glob("[!.]*")} == set(NAMES.values())
