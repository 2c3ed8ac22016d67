"""Every page test has a data folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from colorizer.settings import settings


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLORIZER_ALLOWED_FOLDERS", str(tmp_path / "films"))
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()
