"""Where the ONNX form of a network is kept."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from colorizer.engines import exported
from colorizer.engines.exported import export_model, onnx_file
from colorizer.errors import OutputError
from colorizer.settings import Settings
from colorizer.weights.local_models import locate, remove
from tests.models import tiny_model
from tests.onnx_writer import write_tiny_onnx


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setattr(exported, "settings", lambda: Settings(tmp_path, cache_folder=folder))
    return folder


def _downloaded(folder: Path):
    """The tiny network as if it were a row of the catalog, its files in `folder`."""
    local = tiny_model(folder)
    return replace(local, model=replace(local.model, in_catalog=True))


def test_it_is_made_once_told_once_and_found_again(tmp_path, monkeypatch):
    local, lines = tiny_model(tmp_path / "net"), []
    first = onnx_file(local, lines.append)
    assert len(lines) == 1
    assert "once" in lines[0]
    monkeypatch.setattr(exported, "read_network", None)
    assert onnx_file(local, lines.append) == first
    assert len(lines) == 1


def test_threads_that_want_it_at_once_make_it_once(tmp_path):
    local, lines = tiny_model(tmp_path / "net"), []
    with ThreadPoolExecutor(4) as pool:
        paths = set(pool.map(lambda _: onnx_file(local, lines.append), range(4)))
    assert len(paths) == len(lines) == 1


def test_a_folder_of_ones_own_stays_as_it_was_and_still_is_one_network(tmp_path, cache):
    local = tiny_model(tmp_path / "net")
    before = sorted((tmp_path / "net").iterdir())
    assert onnx_file(local).is_relative_to(cache)
    assert sorted((tmp_path / "net").iterdir()) == before


def test_it_lies_beside_downloaded_weights_and_goes_with_them(tmp_path, monkeypatch, cache):
    local = _downloaded(tmp_path / "net")
    path = onnx_file(local)
    assert path.parent == tmp_path / "net"
    assert not cache.exists()
    assert locate(tmp_path / "net").paths == local.paths  # it is in nobody's way
    monkeypatch.setattr("colorizer.weights.local_models.model_folder", lambda model, folder: tmp_path / "net")
    assert path in remove(local.model)
    assert not (tmp_path / "net").exists()


def test_where_the_models_cannot_be_written_it_lies_in_the_cache(tmp_path, monkeypatch, cache):
    local = _downloaded(tmp_path / "net")
    make = exported._make

    def refuse(model, folder, *more):
        if folder == tmp_path / "net":
            raise PermissionError(13, "Permission denied")
        return make(model, folder, *more)

    monkeypatch.setattr(exported, "_make", refuse)
    assert onnx_file(local).is_relative_to(cache)


def test_where_nothing_can_be_written_the_cure_is_said(tmp_path, cache):
    cache.write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="COLORIZER_CACHE_DIR, or use --engine opencv"):
        onnx_file(tiny_model(tmp_path / "net"))


def test_other_weights_have_another_file(tmp_path):
    one, other = tiny_model(tmp_path / "one", bins=5), tiny_model(tmp_path / "other", bins=6)
    same = shutil.copytree(tmp_path / "one", tmp_path / "same")
    assert onnx_file(one) != onnx_file(other)
    assert onnx_file(one) == onnx_file(locate(same))


def test_a_failed_export_leaves_nothing(tmp_path, monkeypatch, cache):
    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OutputError, match="No space left"):
        onnx_file(tiny_model(tmp_path / "net"))
    with pytest.raises(OutputError, match="No space left"):
        export_model(tiny_model(tmp_path / "net"), tmp_path / "out.onnx")
    assert not [path for path in cache.rglob("*") if path.suffix in {".tmp", ".onnx"}]
    assert not [path for path in tmp_path.glob("*") if path.suffix in {".tmp", ".onnx"}]


def test_exporting_writes_the_same_file_anywhere_and_copies_what_is_onnx_already(tmp_path):
    local = tiny_model(tmp_path / "net")
    size = export_model(local, tmp_path / "out.onnx")
    assert (tmp_path / "out.onnx").read_bytes() == onnx_file(local).read_bytes()
    assert (tmp_path / "out.onnx").stat().st_size == size
    source = write_tiny_onnx(tmp_path / "onnx" / "tiny.onnx")
    export_model(locate(tmp_path / "onnx"), tmp_path / "copy.onnx")
    assert (tmp_path / "copy.onnx").read_bytes() == source.read_bytes()


@pytest.mark.parametrize("left", ["nothing", "half", "other bytes", "no page", "a page of nonsense"])
def test_what_a_power_cut_left_of_it_is_made_anew(tmp_path, left):
    local = tiny_model(tmp_path / "net")
    path = onnx_file(local)
    whole = path.read_bytes()
    page = path.with_name(path.name + ".sha256")
    if left in {"nothing", "half", "other bytes"}:
        path.write_bytes({"nothing": b"", "half": whole[: len(whole) // 2], "other bytes": whole[::-1]}[left])
    elif left == "no page":
        page.unlink()
    else:
        page.write_bytes(b"\xff\0")
    lines = []
    assert onnx_file(local, lines.append) == path
    assert path.read_bytes() == whole
    assert len(lines) == 1
    onnx_file(local, lines.append)
    assert len(lines) == 1


def test_a_whole_one_in_the_cache_is_taken_where_that_beside_the_weights_is_damaged(tmp_path, monkeypatch, cache):
    local = _downloaded(tmp_path / "net")
    damaged = onnx_file(local)
    shutil.copytree(damaged.parent, cache / "exports", ignore=lambda *_: [path.name for path in local.paths.values()])
    damaged.write_bytes(b"")
    monkeypatch.setattr(exported, "read_network", None)
    assert onnx_file(local).is_relative_to(cache)
