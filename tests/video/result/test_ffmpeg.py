"""Which ffmpeg program is taken."""

import os
from pathlib import Path

import imageio_ffmpeg
import pytest

from colorizer.errors import OutputError
from colorizer.video.result.ffmpeg import find_ffmpeg

BROUGHT = Path(imageio_ffmpeg.get_ffmpeg_exe())


def _says(folder, words, status=0):
    """An ffmpeg program that says this of itself."""
    folder.mkdir()
    program = folder / "ffmpeg"
    program.write_text(f"#!/bin/sh\n[ \"$1\" = -version ] || exit 9\necho '{words}'\nexit {status}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    def put(words, status=0):
        program = _says(tmp_path / "bin", words, status)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        return program

    return put


@pytest.mark.parametrize(
    "version", ["7.0.2-static", "n9.0.2-17-g2a571b6068", "10.0", "N-109468-gd39b34123d", "2024-01-07-git-90bef6390f"]
)
def test_the_program_on_path_is_taken_where_it_is_new_enough(on_path, version):
    program = on_path(f"ffmpeg version {version} Copyright (c)")
    assert find_ffmpeg() == program


@pytest.mark.parametrize("version", ["4.4.2-0ubuntu0.22.04.1", "5.1.9-0+deb12u1", "n6.1", "3.4"])
def test_the_one_that_comes_along_is_taken_where_the_one_on_path_is_too_old(on_path, version):
    on_path(f"ffmpeg version {version} Copyright (c)")
    assert find_ffmpeg() == BROUGHT


def test_a_program_that_does_not_start_is_not_taken(on_path):
    on_path("error while loading shared libraries", status=127)
    assert find_ffmpeg() == BROUGHT


def test_where_all_are_too_old_that_is_said_with_the_cure(on_path, tmp_path, monkeypatch):
    on_path("ffmpeg version 4.4 Copyright (c)")
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(_says(tmp_path / "brought", "ffmpeg version 4.2 Copyright (c)")))
    with pytest.raises(OutputError, match=r"no ffmpeg program of version 7\.0 or newer: .*pip install imageio-ffmpeg"):
        find_ffmpeg()
