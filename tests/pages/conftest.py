"""Every page test has a data folder of its own; some have films too."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from colorizer.settings import settings
from colorizer.web.films.film_inspector import FilmInspector
from tests.video.films import encode


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLORIZER_ALLOWED_FOLDERS", str(tmp_path / "films"))
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    for number, name in enumerate(("Oma.mkv", "Opa.mkv")):
        lumas = [np.full((48, 64), level + 10 * number, np.uint8) for level in range(60, 120)]
        encode(folder / name, lumas)
    return folder


@pytest.fixture
def no_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FilmInspector, "try_out", lambda *_: "trials are off")
