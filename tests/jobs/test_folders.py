"""How much the studio's folder takes, and what is deleted from it."""

import os
from contextlib import contextmanager
from pathlib import Path

from colorizer.jobs import folders
from colorizer.jobs.folders import remove, size_on_disk


def test_a_file_that_vanishes_while_its_folder_is_counted_costs_no_other_file(tmp_path, monkeypatch):
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(bytes(100))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "d").write_bytes(bytes(100))
    assert size_on_disk(tmp_path) == 400
    real = os.scandir

    @contextmanager
    def scandir(path):
        with real(path) as entries:
            listed = list(entries)
        for entry in listed[:1] if path == os.fspath(tmp_path) else []:
            Path(entry.path).rename(tmp_path.parent / "gone")
        yield listed

    monkeypatch.setattr(folders.os, "scandir", scandir)
    assert size_on_disk(tmp_path) == 300


def test_what_cannot_be_deleted_now_stays_without_a_word(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError("held by another program")

    film = tmp_path / "film"
    film.touch()
    monkeypatch.setattr(Path, "unlink", refuse)
    remove(film)
    assert film.exists()
    remove(tmp_path / "nothing")
