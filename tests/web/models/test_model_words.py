"""What is said about networks."""

from pathlib import Path

import pytest

from colorizer.web.models.model_downloads import ModelDownload
from colorizer.web.models.model_words import (
    damage_text,
    download_label,
    facts_text,
    failure_parts,
    missing_text,
    progress_text,
    removal_text,
    state_badge,
)  # fmt: skip
from colorizer.weights.catalog import CATALOG, ECCV16, STARTER
from colorizer.weights.local_models import glance, part_path, verify
from tests.rows import NAMES, made_up, put_files

MODEL = made_up()


def test_a_network_is_absent_then_partly_here_then_verified(tmp_path: Path) -> None:
    found = glance(MODEL, tmp_path)
    assert state_badge(found).text == "Not on this disk"
    assert (missing_text(found), download_label(found)) == ("", "Download (206 kB)")
    put_files(tmp_path / "madeup", "prototxt")
    part_path(tmp_path / "madeup" / NAMES["weights"]).write_bytes(bytes(102_400))
    found = glance(MODEL, tmp_path)
    assert missing_text(found).endswith("are here: the layers (here), the weights (50 %), the colours (missing).")
    assert download_label(found) == "Go on (103 kB left)"
    put_files(tmp_path / "madeup")
    found = verify(MODEL, tmp_path)
    assert state_badge(found).text == "On this disk, verified"
    assert (missing_text(found), damage_text(found)) == ("", "")


def test_a_damaged_file_is_named_with_what_it_is_and_what_to_do(tmp_path: Path) -> None:
    put_files(tmp_path / "madeup")
    (tmp_path / "madeup" / NAMES["weights"]).write_bytes(b"<!doctype html>")
    found = verify(MODEL, tmp_path)
    assert state_badge(found).text == "Damaged"
    assert damage_text(found) == "net.caffemodel is an HTML page, not the file itself. Download it again."
    assert download_label(found) == "Download again (205 kB)"


@pytest.mark.parametrize("model", CATALOG)
def test_every_network_tells_its_size_licence_and_source(model) -> None:  # type: ignore[no-untyped-def]
    told = facts_text(model).replace("\\", "")
    assert f"licence {model.licence}" in told
    assert told.split(" ")[1] in {"kB", "MB", "GB"}
    assert ("](https://github.com/" in told) == ("https://github.com/" in model.source)


def test_progress_tells_bytes_speed_and_host(monkeypatch: pytest.MonkeyPatch) -> None:
    model_download = ModelDownload(ECCV16)
    assert progress_text(model_download) == "Looking for the network…"
    model_download.address = "https://example.org/a/b"
    monkeypatch.setattr(ModelDownload, "done", property(lambda _: 28_000_000))
    monkeypatch.setattr(ModelDownload, "rate", property(lambda _: 10e6))
    assert progress_text(model_download) == "28 MB of 129 MB · 10 MB a second · 10 seconds left · from example.org"
    model_download.address = "another download"
    assert "Another program" in progress_text(model_download)
    model_download.stop()
    assert progress_text(model_download) == "Stopping…"


def test_a_failed_download_is_one_line_with_the_answers_apart() -> None:
    lost = "net (1 kB) could not be downloaded. Tried:\n  http://a could not be reached (x)\nGet what is missing"
    assert "connected to the internet" in failure_parts(lost, arrived=False)[0]
    assert failure_parts(lost, arrived=False)[1] == lost
    other = lost.replace("Get", "  http://b answered 404 Not Found\nGet")
    assert "No address gave the right file" in failure_parts(other, arrived=True)[0]
    full = "/models has 1 kB of free space, and 205 kB are needed: make room."
    assert failure_parts(full, arrived=True) == (full, "")


def test_only_what_has_arrived_is_said_to_be_kept() -> None:
    lost = "net (1 kB) could not be downloaded. Tried:\n  http://a could not be reached (x)"
    said = [failure_parts(lost, arrived=arrived)[0] for arrived in (True, False)]
    assert ["is kept" in text for text in said] == [True, False]


def test_what_removing_means_is_said_before(tmp_path: Path) -> None:
    put_files(tmp_path / "madeup")
    assert removal_text(verify(MODEL, tmp_path), 0) == "Deletes 206 kB from this disk. It can be downloaded again."
    assert "2 films in the queue need it and will fail" in removal_text(verify(MODEL, tmp_path), 2)


def test_the_bundled_network_is_verified() -> None:
    assert state_badge(verify(STARTER)).text == "On this disk, verified"
