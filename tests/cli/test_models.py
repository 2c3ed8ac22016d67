import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from colorizer.cli import main, models
from colorizer.settings import settings
from colorizer.weights import catalog
from tests.mirror import give, refuse, serve
from tests.models import tiny_model
from tests.rows import CONTENTS, NAMES, made_up, put_files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The models folder, with the made-up network in the catalog and no address for it."""
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(catalog, "CATALOG", (*catalog.CATALOG, made_up()))
    settings.cache_clear()
    yield tmp_path / "models"
    settings.cache_clear()


@pytest.fixture
def mirror(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serve() as running:
        urls = {role: (running.put(f"/{role}", give(data)),) for role, data in CONTENTS.items()}
        monkeypatch.setattr(catalog, "CATALOG", (*catalog.CATALOG[:-1], made_up(urls)))
        yield running


def colorizer(capsys, *arguments):
    """Exit status, standard output and standard error of `colorizer models ...`."""
    status = main(["models", *map(str, arguments)])
    told = capsys.readouterr()
    return status, told.out, told.err


def test_the_list_names_every_model_with_its_size_and_whether_it_is_here(folder, capsys):
    status, out, err = colorizer(capsys, "list")
    rows = {line.split()[0]: line for line in out.splitlines()[1:]}
    assert (status, err) == (0, "")
    assert " yes " in rows["starter"]
    assert "not downloaded" in rows["eccv16"]
    assert "129 MB" in rows["eccv16"]
    assert str(folder) in out


def test_the_list_shows_a_broken_download_and_a_damaged_file(folder, capsys):
    put_files(folder / "madeup", "prototxt", "centres")
    (folder / "madeup" / f"{NAMES['weights']}.part").write_bytes(bytes(100_000))
    assert "not downloaded (102 kB of it are here)" in colorizer(capsys, "list")[1]
    (folder / "madeup" / NAMES["weights"]).write_bytes(b"short")
    assert "damaged" in colorizer(capsys, "list")[1]


def test_a_download_ends_with_a_table_of_its_files(folder, mirror, capsys):
    status, out, err = colorizer(capsys, "download", "madeup")
    assert (status, err) == (0, "colorizer: Trying the network madeup on a drawn picture\n")
    for role, name in NAMES.items():
        assert f"{folder / 'madeup' / name}" in out
        assert (folder / "madeup" / name).read_bytes() == CONTENTS[role]
    assert out.count("verified") == len(NAMES)
    assert out.splitlines()[-1].startswith("madeup, tried on this computer: it colours the test picture as it should")


def test_a_downloaded_network_that_does_not_work_is_one_line_and_status_1(folder, mirror, capsys, monkeypatch):
    monkeypatch.setattr(catalog, "CATALOG", (replace(catalog.CATALOG[-1], cell=8),))
    status, out, err = colorizer(capsys, "download", "madeup")
    assert (status, out.count("verified"), err.count("\n")) == (1, 3, 2)
    assert "colorizer: madeup, tried on this computer: it answers on a grid of" in err


def test_verify_tries_networks_of_the_catalog_and_of_ones_own_only_where_it_is_asked_to(folder, tmp_path, capsys):
    own = tiny_model(tmp_path / "own").paths["weights"].parent
    put_files(folder / "madeup")
    status, out, err = colorizer(capsys, "verify", "madeup", own)
    assert (status, "tried" in out, err) == (0, False, "")
    assert out.count("in no catalog") == 3
    status, out, err = colorizer(capsys, "verify", "--run", "madeup", own)
    assert (status, out.count("tried on this computer: it colours the test picture")) == (0, 2)
    np.save(own / "pts_in_hull.npy", np.zeros((7, 2)))
    status, out, err = colorizer(capsys, "verify", own, "--run")
    assert (status, "tried" in out) == (1, False)
    assert "own, tried on this computer: it gives the test picture hardly any colour" in err


def test_verify_tries_what_is_here_when_no_network_is_named(folder, capsys):
    status, out, _ = colorizer(capsys, "verify", "--run")
    assert status == 0
    assert [line.split(",")[0] for line in out.splitlines() if "tried" in line] == ["starter"]


def test_a_bar_is_drawn_on_a_terminal(folder, mirror, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    status, _, err = colorizer(capsys, "download", "madeup")
    assert status == 0
    assert NAMES["weights"] in err
    assert "from 127.0.0.1" in err


def test_one_model_that_cannot_be_had_does_not_keep_the_next_from_coming(folder, mirror, capsys):
    mirror.put("/weights", refuse(404))
    status, out, err = colorizer(capsys, "download", "madeup", "starter")
    assert status == 1
    assert "answered 404 Not Found" in err
    assert "failed" in out
    assert "starter.caffemodel" in out


def test_a_download_from_a_folder_asks_no_address(folder, mirror, tmp_path, capsys):
    put_files(tmp_path / "stick")
    assert colorizer(capsys, "download", "madeup", "--from", tmp_path / "stick")[0] == 0
    assert mirror.asked == []
    assert colorizer(capsys, "verify", "madeup")[0] == 0


def test_verify_passes_over_what_was_never_downloaded_unless_it_is_asked_for(folder, capsys):
    assert colorizer(capsys, "verify")[0] == 0
    status, out, err = colorizer(capsys, "verify", "madeup")
    assert (status, out.count("not downloaded")) == (1, 3)
    assert "colorizer models download madeup" in err


def test_verify_names_the_damaged_file_and_what_it_is(folder, capsys):
    put_files(folder / "madeup")
    path = folder / "madeup" / NAMES["weights"]
    path.write_bytes(b"?" + CONTENTS["weights"][1:])
    status, out, err = colorizer(capsys, "verify")
    assert status == 1
    assert "damaged: of the right size, but not the right file" in out
    assert str(path) in err


def test_files_are_imported_one_by_one_and_a_wrong_one_does_not_stop_the_rest(folder, tmp_path, capsys):
    put_files(tmp_path / "stick")
    (tmp_path / "stick" / "a [wrong] file").write_bytes(b"hello")
    status, out, err = colorizer(capsys, "import", *sorted((tmp_path / "stick").iterdir()))
    assert status == 1
    assert "a [wrong] file is a file of 5 bytes" in err
    assert all(f"is now {folder / 'madeup' / name}" in out for name in NAMES.values())
    assert colorizer(capsys, "verify", "madeup")[0] == 0


def test_a_model_is_removed_once(folder, capsys):
    put_files(folder / "madeup")
    assert colorizer(capsys, "remove", "madeup")[1].count("is deleted") == 3
    assert not (folder / "madeup").exists()
    assert "Nothing of madeup" in colorizer(capsys, "remove", "madeup")[1]


def test_the_bundled_model_is_not_removed(folder, capsys):
    status, _, err = colorizer(capsys, "remove", "starter")
    assert status == 1
    assert "part of this program" in err
    assert colorizer(capsys, "verify", "starter")[0] == 0


@pytest.mark.parametrize("verb", ["download", "verify", "remove"])
def test_an_unknown_name_is_one_line_and_status_1(folder, capsys, verb):
    status, _, err = colorizer(capsys, verb, "nosuch")
    assert (status, err.count("\n")) == (1, 1)
    assert "starter, eccv16, ddcolor" in err


def test_ctrl_c_keeps_what_arrived(folder, mirror, capsys, monkeypatch):
    def interrupt(_bars):
        def show(progress):
            if progress.file.role == "weights" and progress.done:
                raise KeyboardInterrupt

        return show

    monkeypatch.setattr(models, "_reporter", interrupt)
    assert colorizer(capsys, "download", "madeup")[0] == 130
    assert (folder / "madeup" / f"{NAMES['weights']}.part").stat().st_size > 0


def test_a_network_is_exported_to_where_it_is_wanted_and_replaces_nothing_unasked(capsys, tmp_path):
    target = tmp_path / "new" / "net.onnx"
    status, out, err = colorizer(capsys, "export", "starter", "-o", target)
    assert status == 0
    assert f"{target} is written, as ONNX (20.7 MB)" in out
    assert "Writing starter as ONNX" in err
    target.write_bytes(b"mine")
    status, _, err = colorizer(capsys, "export", "starter", "-o", target)
    assert status == 1
    assert "add --overwrite" in err
    assert target.read_bytes() == b"mine"
    assert colorizer(capsys, "export", "starter", "-o", target, "--overwrite")[0] == 0
    assert target.stat().st_size > 18e6


def test_what_is_no_network_is_not_exported(capsys, tmp_path):
    status, _, err = colorizer(capsys, "export", "nobody", "-o", tmp_path / "net.onnx")
    assert status == 1
    assert "There is no model called" in err
    assert not (tmp_path / "net.onnx").exists()


def test_an_export_that_finds_no_room_names_its_own_option(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("colorizer.weights.integrity.shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    assert main(["models", "export", "starter", "-o", str(tmp_path / "net.onnx")]) == 1
    said = capsys.readouterr().err
    assert "--output" in said
    assert "COLORIZER" not in said


def test_a_file_as_a_model_is_told_what_models_are(tmp_path, capsys, monkeypatch):
    (tmp_path / "st.onnx").touch()
    monkeypatch.chdir(tmp_path)
    assert main(["image", "a.jpg", "-o", "b.jpg", "--model", "st.onnx"]) == 1
    assert "st.onnx is a file. Name a model by its id, or a folder" in capsys.readouterr().err
