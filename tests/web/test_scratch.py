"""Folders that go with their process, also with one that is killed."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Barrier, Thread

import pytest

from colorizer.web.pictures.picture_set import PictureSets
from colorizer.web.scratch import ScratchFolder, clear_abandoned

KILLED = """
import os, signal, sys
from pathlib import Path
from colorizer.web.scratch import ScratchFolder
folder = ScratchFolder("a-", Path(sys.argv[1]))
(folder.path / "picture").write_bytes(b"x")
print(folder.path)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as only POSIX has it")
def test_what_a_killed_process_left_is_cleared_away_and_what_is_in_use_stays(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    left = Path(ended.stdout.strip())
    assert ended.returncode == -signal.SIGKILL
    assert (left / "picture").exists()
    with ScratchFolder("a-", tmp_path) as mine:
        clear_abandoned("a-", tmp_path)
        assert list(tmp_path.iterdir()) == [mine.path]
    assert list(tmp_path.iterdir()) == []


def test_only_what_is_provably_ours_is_cleared_away(tmp_path: Path) -> None:
    with ScratchFolder("a-", tmp_path) as other:
        marks = {path.name for path in other.path.iterdir()}
    elsewhere = tmp_path / "elsewhere"
    kept = [elsewhere, tmp_path / "a-without-a-lock", tmp_path / "b-of-another-name"]
    for folder in kept:
        folder.mkdir()
    for mark in marks:
        for folder in (elsewhere, tmp_path / "b-of-another-name"):
            (folder / mark).touch()
    (tmp_path / "a-link").symlink_to(elsewhere)
    (tmp_path / "a-file").touch()
    before = sorted(tmp_path.rglob("*"))
    clear_abandoned("a-", tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_many_that_begin_and_clear_at_once_take_nothing_from_each_other(tmp_path: Path) -> None:
    barrier, made = Barrier(8), []

    def begin() -> None:
        barrier.wait()
        for _ in range(10):
            clear_abandoned("a-", tmp_path)
            made.append(ScratchFolder("a-", tmp_path))

    threads = [Thread(target=begin, name=f"begin-{number}") for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({folder.path for folder in made}) == 80
    assert all(folder.path.is_dir() for folder in made)
    for folder in made:
        folder.close()
    assert list(tmp_path.iterdir()) == []


def test_a_new_studio_clears_the_pictures_of_a_killed_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    killed = PictureSets()
    picture = killed.new().add("a.png", b"1")
    killed._scratch._lock.close()  # which the end of its process does
    following = PictureSets()
    assert not picture.path.exists()
    assert len(list(tmp_path.iterdir())) == 1
    following.close()
    assert list(tmp_path.iterdir()) == []
