"""Networks on this disk are hashed once, and again where a file has changed."""

import os
from pathlib import Path

import pytest

from colorizer.errors import ModelDamaged, ModelUnknown
from colorizer.settings import settings
from colorizer.web.models import inventory as inventory_module
from colorizer.web.models.inventory import Inventory, files_print
from colorizer.weights.local_models import verify
from tests.models import tiny_model
from tests.rows import NAMES, made_up, put_files


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch, models: Path) -> list[str]:
    """The ids of the networks that were looked at byte by byte."""
    seen: list[str] = []

    def counted(model):  # type: ignore[no-untyped-def]
        seen.append(model.id)
        return verify(model)

    monkeypatch.setattr(inventory_module, "verify", counted)
    return seen


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    settings.cache_clear()
    yield tmp_path / "models"
    settings.cache_clear()


def test_what_is_not_whole_is_not_hashed(models: Path, hashed: list[str]) -> None:
    inventory = Inventory()
    assert inventory.look_at(made_up()).state == "not downloaded"
    put_files(models / "madeup", "prototxt", "centres")
    assert inventory.look_at(made_up()).state == "not downloaded"
    assert hashed == []


def test_every_byte_is_looked_at_once_and_again_after_a_change(models: Path, hashed: list[str]) -> None:
    inventory = Inventory()
    put_files(models / "madeup")
    assert {inventory.look_at(made_up()).state for _ in range(3)} == {"present"}
    assert hashed == ["madeup"]
    weights = models / "madeup" / NAMES["weights"]
    weights.write_bytes(b"?" + weights.read_bytes()[1:])
    os.utime(weights, (1, 1))
    assert inventory.look_at(made_up()).state == "damaged"
    assert inventory.look_at(made_up()).state == "damaged"
    assert hashed == ["madeup", "madeup"]


def test_a_network_of_ones_own_is_read_once_and_again_after_a_change(tmp_path: Path) -> None:
    inventory = Inventory()
    tiny_model(tmp_path / "net")
    found = inventory.own(tmp_path / "net")
    assert (found.state, found.model.in_catalog, found.missing) == ("present", False, 0)
    assert inventory.own(tmp_path / "net") is found
    next((tmp_path / "net").glob("*.npy")).unlink()
    with pytest.raises(ModelUnknown, match=r"\.npy"):
        inventory.own(tmp_path / "net")
    next((tmp_path / "net").glob("*.caffemodel")).write_bytes(b"<html>")
    (tmp_path / "net" / "centres.npy").write_bytes(b"x")
    with pytest.raises(ModelDamaged, match="HTML page"):
        inventory.own(tmp_path / "net")
    with pytest.raises(ModelUnknown, match="nowhere"):
        inventory.own(tmp_path / "nowhere")


def test_a_files_print_changes_with_its_files(tmp_path: Path) -> None:
    tiny_model(tmp_path / "net")
    before = files_print(Inventory().own(tmp_path / "net"))
    (tmp_path / "net" / "notes.txt").write_text("nothing of the network's")
    assert files_print(Inventory().own(tmp_path / "net")) == before
    os.utime(next((tmp_path / "net").glob("*.caffemodel")), (1, 1))
    assert files_print(Inventory().own(tmp_path / "net")) != before
