import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st

from colorizer.jobs.folders import size_on_disk
from colorizer.jobs.model import FilmOrder
from colorizer.settings import settings
from colorizer.web import shutdown
from colorizer.web.colouring import ColouringQueue, NetworkChoice
from colorizer.web.films import state as film_state
from colorizer.web.films.uploads import DiskFull
from colorizer.web.jobs import state as job_state
from colorizer.web.models import state as model_state
from colorizer.web.models.model_downloads import ModelDownloads
from colorizer.web.pictures import state as picture_state
from tests.caffe_writer import write_tiny_network


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(tmp_path / "data"))
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()
    st.cache_resource.clear()


def test_pictures_are_deleted_before_anything_is_waited_for_and_whatever_fails(
    png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = picture_state.picture_sets().new().add("Oma.png", png).path.parent
    left: list[bool] = []

    def fails(_: ColouringQueue) -> None:
        raise OSError("no")

    def waits(_: ModelDownloads) -> None:
        left.append(folder.exists())

    monkeypatch.setattr(ColouringQueue, "close", fails)
    monkeypatch.setattr(ModelDownloads, "close", waits)
    with pytest.raises(OSError, match="no"):
        shutdown.close()
    assert left == [False]


def test_a_network_whose_files_have_changed_is_opened_anew(tmp_path: Path) -> None:
    write_tiny_network(tmp_path / "net")
    network, changed = (NetworkChoice(str(tmp_path / "net"), "opencv:cpu", files=files) for files in ("1", "2"))
    first = model_state.colorizer_for(network)
    assert model_state.colorizer_for(network) is first
    assert model_state.colorizer_for(changed) is not first
    assert network.key != changed.key


@pytest.fixture
def quota(monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("COLORIZER_QUOTA_GB", "0.00002")
    monkeypatch.setenv("COLORIZER_SHARED", "1")
    settings.cache_clear()
    return 20_000


def bring(name: str, size: int) -> Path:
    film = film_state.uploads().begin(name, size, 1)
    with film_state.uploads().piece(film, 0) as piece:
        piece.write(b"\x1a\x45\xdf\xa3" + bytes(size - 4))
    return film.folder


def test_uploads_leave_half_of_the_quota_to_what_is_made_of_them(quota: int, data_folder: Path) -> None:
    bring("a.mkv", 4000)
    film_state.uploads().begin("b.mkv", 4000, 1)  # what is still to come counts, too
    with pytest.raises(DiskFull, match="half of COLORIZER_QUOTA_GB"):
        bring("c.mkv", 4000)
    assert size_on_disk(data_folder / "uploads") < quota / 2
    job_state.store().add(FilmOrder(Path("/a.mkv"), "a"))  # nobody's orders are refused


def test_a_strangers_film_that_lies_idle_makes_way_when_the_quota_is_full(
    quota: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle, busy = bring("a.mkv", 4000), bring("b.mkv", 4000)
    past = time.time() - 3600
    for path in (idle, *idle.iterdir()):
        os.utime(path, (past, past))
    assert bring("c.mkv", 4000).exists()
    assert not idle.exists()
    assert busy.exists()
    monkeypatch.setenv("COLORIZER_SHARED", "0")
    settings.cache_clear()
    for path in (busy, *busy.iterdir()):
        os.utime(path, (past, past))
    with pytest.raises(DiskFull):
        bring("d.mkv", 4000)
    assert busy.exists()  # at home nothing is deleted unasked
