"""Downloads in the background: one for each network, stopped and taken up again."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from colorizer.settings import settings
from colorizer.web.models import model_downloads as model_downloads_module
from colorizer.web.models.model_downloads import ModelDownloads
from colorizer.weights import download
from colorizer.weights.local_models import verify
from tests.mirror import Mirror, give, refuse, serve
from tests.rows import CONTENTS, made_up, put_files

WEIGHTS = CONTENTS["weights"]


@pytest.fixture
def model_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelDownloads]:
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(model_downloads_module, "PATIENCE", 5.0)
    settings.cache_clear()
    put_files(tmp_path / "madeup", "prototxt", "centres")
    made = ModelDownloads()
    yield made
    made.close()
    settings.cache_clear()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("model-download")]


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with serve() as running:
        yield running


@pytest.fixture
def gate() -> threading.Event:
    return threading.Event()


@pytest.fixture
def held(mirror: Mirror, gate: threading.Event) -> str:
    """An address that gives the first half of the weights, and the rest when the gate is open."""

    def answer(handler) -> None:  # type: ignore[no-untyped-def]
        give(WEIGHTS, stop_after=None if handler.headers.get("Range") else 100_000)(handler)
        handler.wfile.flush()
        gate.wait(10)

    return mirror.put("/net", answer)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_runs_by_itself_tells_how_far_it_is_and_ends_verified(
    model_downloads: ModelDownloads, held: str, gate: threading.Event
) -> None:
    model = made_up({"weights": (held,)})
    model_download = model_downloads.order(model)
    wait_until(lambda: model_download.done == model.size - len(WEIGHTS) + 100_000)
    assert not model_download.is_over
    assert model_download.address == held
    gate.set()
    wait_until(lambda: model_download.is_over)
    assert (model_download.done, model_download.problem) == (model.size, "")
    assert verify(model).state == "present"


def test_whoever_asks_meanwhile_gets_the_same_download(
    model_downloads: ModelDownloads, held: str, gate: threading.Event, mirror: Mirror
) -> None:
    model = made_up({"weights": (held,)})
    orders = [model_downloads.order(model) for _ in range(3)]
    assert orders[0] is orders[1] is orders[2] is model_downloads.find("madeup")
    wait_until(lambda: bool(mirror.asked))
    gate.set()
    wait_until(lambda: orders[0].is_over)
    assert [span for _, span in mirror.asked] == [None, "bytes=100000-"]


def test_a_stopped_one_is_no_failure_and_the_next_goes_on_where_it_was(
    model_downloads: ModelDownloads, held: str, gate: threading.Event, mirror: Mirror
) -> None:
    model = made_up({"weights": (held,)})
    model_download = model_downloads.order(model)
    wait_until(lambda: model_download.done > 100_000)
    model_download.stop()
    gate.set()
    wait_until(lambda: model_download.is_over)
    assert model_download.problem == ""
    partial = next(file.partial for file in verify(model).files if file.file.role == "weights")
    assert partial >= 100_000
    again = model_downloads.order(model)
    assert again is not model_download
    assert again.done >= partial
    wait_until(lambda: again.is_over)
    assert verify(model).state == "present"
    assert all(span == f"bytes={partial}-" for _, span in mirror.asked[2:])


def test_what_went_wrong_is_kept_until_the_next_try(model_downloads: ModelDownloads, mirror: Mirror) -> None:
    model = made_up({"weights": (mirror.put("/net", refuse(503)),)})
    model_download = model_downloads.order(model)
    wait_until(lambda: model_download.is_over)
    assert "answered 503" in model_download.problem
    mirror.put("/net", give(WEIGHTS))
    again = model_downloads.order(model)
    wait_until(lambda: again.is_over)
    assert again.problem == ""
    assert verify(model).state == "present"


def test_something_unforeseen_ends_the_download_and_is_logged(
    model_downloads: ModelDownloads, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_values: object, **_options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(model_downloads_module, "download", broken)
    model_download = model_downloads.order(made_up())
    wait_until(lambda: model_download.is_over)
    assert "ZeroDivisionError" in model_download.problem
    assert "madeup" in caplog.text


def test_the_end_of_the_studio_stops_what_is_running_and_keeps_what_arrived(
    model_downloads: ModelDownloads, held: str, gate: threading.Event
) -> None:
    model = made_up({"weights": (held,)})
    model_download = model_downloads.order(model)
    wait_until(lambda: model_download.done > 100_000)
    threading.Timer(0.1, gate.set).start()
    model_downloads.close()
    assert model_download.is_over
    assert next(file.partial for file in verify(model).files if file.file.role == "weights") >= 100_000


def test_a_download_by_another_program_is_waited_for(
    model_downloads: ModelDownloads, held: str, gate: threading.Event
) -> None:
    model = made_up({"weights": (held,)})
    begun = threading.Event()
    thread = threading.Thread(target=lambda: download.download(model, progress=lambda _: begun.set()))
    thread.start()
    assert begun.wait(5)
    model_download = model_downloads.order(model)
    wait_until(lambda: model_download.address == "another download")
    gate.set()
    thread.join(10)
    wait_until(lambda: model_download.is_over)
    assert model_download.problem == ""


def test_whoever_wants_to_know_is_told_of_what_came_and_of_nothing_else(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    settings.cache_clear()
    arrived: list[str] = []
    model_downloads = ModelDownloads(lambda local: arrived.append(local.model.id))
    failed = model_downloads.order(made_up({"weights": (mirror.put("/none", refuse(404)),)}))
    wait_until(lambda: failed.is_over)
    assert arrived == []
    whole = {"weights": (mirror.put("/net", give(WEIGHTS)),)}
    whole |= {role: (mirror.put(f"/{role}", give(CONTENTS[role])),) for role in ("prototxt", "centres")}
    came = model_downloads.order(made_up(whole))
    wait_until(lambda: came.is_over)
    assert (came.problem, arrived) == ("", ["madeup"])
    model_downloads.close()
    settings.cache_clear()
