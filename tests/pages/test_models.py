"""The Models page, driven without a browser."""

import time
from collections import namedtuple
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.jobs.model import FilmOrder
from colorizer.network_check import checked
from colorizer.settings import settings
from colorizer.web import shutdown
from colorizer.web.jobs import state as job_state
from colorizer.web.models import state as model_state
from colorizer.web.preferences import Preferences
from colorizer.weights import catalog, integrity
from colorizer.weights.catalog import STARTER
from colorizer.weights.local_models import CHECK_NAME, locate, verify
from tests.caffe_writer import write_tiny_network
from tests.mirror import Mirror, give, refuse, serve
from tests.rows import CONTENTS, NAMES, made_up, put_files

STUDIO = Path(__file__).parents[2] / "pages" / "studio.py"


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("no_proxy", "*")
    with serve() as running:
        urls = {role: (running.put(f"/{role}", give(data)),) for role, data in CONTENTS.items()}
        monkeypatch.setattr(catalog, "CATALOG", (STARTER, made_up(urls)))
        yield running


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> Path:
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("COLORIZER_ENGINE", "auto")
    settings.cache_clear()
    return tmp_path / "models"


@pytest.fixture
def page(models: Path, mirror: Mirror) -> Iterator[AppTest]:
    yield opened()
    shutdown.close()
    st.cache_resource.clear()


def opened(path: str = "models.py") -> AppTest:
    made = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    made.switch_page(path).run()
    assert not made.exception
    return made


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def click(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label.startswith(label)).click().run()
    assert not page.exception
    return page


def box(page: AppTest, label: str) -> Any:
    return next(box for box in page.selectbox if box.label == label)


def said(page: AppTest) -> str:
    return "\n".join(
        str(part.value) for kind in ("markdown", "caption", "error", "success") for part in getattr(page, kind)
    ).replace("\\", "")


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_every_network_is_named_with_its_state_size_licence_and_source(page: AppTest) -> None:
    assert [part.value for part in page.subheader][:2] == ["Starter", "Made up"]
    assert "On this disk, verified" in said(page)
    assert "Not on this disk" in said(page)
    assert "10.4 MB · licence Apache-2.0" in said(page)
    assert "Download (206 kB)" in buttons(page)
    assert not [label for label in buttons(page) if "remove Starter" in label]


def test_a_download_ends_verified_and_is_removed_again(page: AppTest, models: Path) -> None:
    click(page, "Download (206 kB)")
    wait_until(lambda: verify(made_up()).state == "present")
    wait_until(lambda: bool(model_state.model_downloads().find("madeup").is_over))  # type: ignore[union-attr]
    page.run()
    assert "Download (206 kB)" not in buttons(page)
    assert said(page).count("On this disk, verified") == 2
    click(page, "Yes, remove Made up")
    assert "Download (206 kB)" in buttons(page)
    assert not (models / "madeup").exists()


def test_a_failed_download_is_one_line_and_can_be_tried_again(page: AppTest, mirror: Mirror) -> None:
    mirror.put("/weights", refuse(404))
    click(page, "Download (206 kB)")
    wait_until(lambda: bool(model_state.model_downloads().find("madeup").is_over))  # type: ignore[union-attr]
    page.run()
    assert "No address gave the right file" in page.error[0].value.replace("\\", "")
    assert "answered 404" in page.code[0].value
    assert "Go on (205 kB left)" in buttons(page)
    mirror.put("/weights", give(CONTENTS["weights"]))
    click(page, "Go on")
    wait_until(lambda: verify(made_up()).state == "present")


def test_why_a_download_failed_is_not_said_again_after_the_network_came_another_way(
    page: AppTest, mirror: Mirror, models: Path
) -> None:
    mirror.put("/weights", refuse(404))
    click(page, "Download (206 kB)")
    wait_until(lambda: bool(model_state.model_downloads().find("madeup").is_over))  # type: ignore[union-attr]
    page.run()
    assert len(page.error) == 1
    put_files(models / "madeup", *CONTENTS)
    page.run()
    click(page, "Yes, remove Made up")
    assert "Download (206 kB)" in buttons(page)
    assert not page.error


def test_a_full_disk_is_one_clear_line(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(integrity.shutil, "disk_usage", lambda _: usage(10**6, 10**6, 1000))
    click(page, "Download (206 kB)")
    wait_until(lambda: bool(model_state.model_downloads().find("madeup").is_over))  # type: ignore[union-attr]
    assert "1 kB of free space" in said(page.run())


def test_a_damaged_network_is_said_and_offered_again(page: AppTest, models: Path) -> None:
    put_files(models / "madeup")
    (models / "madeup" / NAMES["weights"]).write_bytes(b"<html>")
    page.run()
    assert "net.caffemodel is an HTML page" in page.error[0].value.replace("\\", "")
    assert "Download again (205 kB)" in buttons(page)
    assert box(page, "Network").options == ["Starter"]


def test_files_that_are_brought_are_taken_in_or_refused(page: AppTest) -> None:
    for role, content in CONTENTS.items():
        page.file_uploader[0].upload(f"{role}.bin", content)
    page.file_uploader[0].upload("letter.caffemodel", b"Dear network")
    page.run()
    assert not page.exception
    assert len(page.success) == 3
    assert "letter.caffemodel is a file of 12 bytes that the catalog does not have" in said(page)
    assert verify(made_up()).state == "present"


def test_what_the_studio_starts_with_is_kept_and_used(page: AppTest, models: Path) -> None:
    put_files(models / "madeup")
    page.run()
    box(page, "Network").set_value("madeup").run()
    box(page, "Engine").set_value("opencv:cpu").run()
    assert model_state.preferences().read() == Preferences("madeup", "opencv:cpu")
    assert [box(opened(), label).value for label in ("Network", "Engine")] == ["madeup", "opencv:cpu"]
    click(page, "Yes, remove Made up")
    assert "madeup was chosen and is not here" in said(page)
    images = opened("images.py")
    click(images, "Try a sample")
    assert [box(images, label).value for label in ("Network", "Engine")] == ["starter", "opencv:cpu"]
    assert "Runs on: OpenCV, CPU, f32" in said(images)


def test_choosing_one_thing_leaves_the_other_as_it_was_chosen(page: AppTest) -> None:
    model_state.preferences().choose("madeup", "auto")  # its files are not here at this moment
    box(page.run(), "Engine").set_value("opencv:cpu").run()
    assert model_state.preferences().read() == Preferences("madeup", "opencv:cpu")


def test_auto_and_every_engine_of_this_machine_can_be_chosen_for_pictures(page: AppTest) -> None:
    images = opened("images.py")
    click(images, "Try a sample")
    assert box(images, "Engine").options[0] == "auto: the best one here"
    assert len(box(images, "Engine").options) == len(model_state.engines()) > 2
    assert "chosen by auto" in said(images)
    assert " ms a picture" in said(images)


def test_the_environment_wins_and_the_page_says_so(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> None:
    model_state.preferences().choose("starter", "openvino:cpu:f32")
    monkeypatch.setenv("COLORIZER_ENGINE", "opencv:cpu")
    settings.cache_clear()
    page.run()
    field = next(field for field in page.text_input if field.label == "Engine")
    assert (field.value, field.disabled) == ("opencv:cpu", True)
    assert "COLORIZER_ENGINE says so, and wins" in said(page)
    images = opened("images.py")
    click(images, "Try a sample")
    assert "chosen by COLORIZER_ENGINE" in said(images)


def test_measuring_shows_each_engine_and_what_auto_takes(page: AppTest) -> None:
    click(page, "Measure")
    wait_until(lambda: bool(model_state.speed_measurements().find("starter").is_over))  # type: ignore[union-attr]
    page.run()
    assert "**auto** takes" in said(page)
    table = next(part.value for part in page.html if "engine-speeds" in str(part.value))
    assert "OpenCV, CPU" in table
    assert "Measure again" in buttons(page)


def test_a_network_of_ones_own_is_added_told_lost_and_forgotten(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "films" / "starter"  # its name is that of a network of the catalog
    write_tiny_network(folder)
    next(field for field in page.text_input if field.label == "Folder").set_value(str(folder))
    click(page, "Add")
    assert "not checked by anybody" in said(page)
    assert box(page, "Network").options == ["Starter", "starter"]
    next(folder.glob("*.npy")).unlink()
    page.run()
    assert "has no whole network" in said(page)
    click(page, "Forget this folder")
    assert "has no whole network" not in said(page)
    assert folder.exists()


@pytest.mark.parametrize(
    ("path", "why"),
    [("/etc", "outside the folders"), ("nowhere", "nothing at"), ("~nobody-of-this-name", "cannot be read")],
)
def test_a_folder_that_cannot_be_read_is_refused(page: AppTest, tmp_path: Path, path: str, why: str) -> None:
    field = next(field for field in page.text_input if field.label == "Folder")
    field.set_value(str(tmp_path / "films" / path) if path == "nowhere" else path)
    click(page, "Add")
    assert why in said(page)
    assert model_state.preferences().read().folders == ()


def test_removing_says_which_films_wait_for_it(page: AppTest, models: Path) -> None:
    put_files(models / "madeup")
    job_state.store().add(FilmOrder(models / "film.mkv", "Film", model="madeup"))
    assert "A film in the queue needs it and will fail" in said(page.run())


def test_strangers_who_share_a_studio_can_look_and_change_nothing(
    page: AppTest, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_files(models / "madeup", "weights")
    monkeypatch.setenv("COLORIZER_SHARED", "1")
    settings.cache_clear()
    page.run()
    assert not page.exception
    assert [part.value for part in page.subheader] == ["Starter", "Made up"]
    assert (buttons(page), len(page.selectbox), len(page.file_uploader), len(page.text_input)) == ([], 0, 0, 0)


# Networks tried


def tried(page: AppTest, name: str = "madeup") -> str:
    """What the page says when the network has been tried."""
    checks = model_state.network_checks()
    wait_until(lambda: any(task.is_over for (known, _), task in checks._tasks.items() if known == name))
    return said(page.run())


def test_a_network_that_arrives_is_tried_though_nobody_looks(page: AppTest, models: Path) -> None:
    model_state.model_downloads().order(catalog.CATALOG[1])
    assert "Tried on this computer: it colours the test picture as it should" in tried(page)
    assert (models / "madeup" / CHECK_NAME).is_file()
    assert not page.error
    assert "Try again" not in buttons(page)


def test_a_network_that_lies_there_untried_is_tried_once(
    page: AppTest, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_files(models / "madeup")
    page.run()
    assert not page.exception
    assert "Tried on this computer: it colours" in tried(page)
    model_state.network_checks.clear()  # as in a studio that starts anew
    assert "Tried on this computer: it colours" in said(page.run())
    assert not model_state.network_checks()._tasks


def test_a_network_that_does_not_work_is_said_with_what_to_do_and_tried_again(
    page: AppTest, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "CATALOG", (STARTER, replace(catalog.CATALOG[1], cell=8)))
    put_files(models / "madeup")
    page.run()
    assert "Tried on this computer: it answers on a grid of" in tried(page)
    assert "Use another network" in page.error[0].value
    monkeypatch.setattr(catalog, "CATALOG", (STARTER, replace(catalog.CATALOG[1], cell=4)))
    click(page, "Try again")
    assert "Tried on this computer: it colours" in tried(page)
    assert not page.error


def test_a_network_of_ones_own_is_tried_and_its_folder_left_as_it_was(page: AppTest, tmp_path: Path) -> None:
    folder = tmp_path / "films" / "mine"
    write_tiny_network(folder)
    np.save(folder / "pts_in_hull.npy", np.zeros((313, 2)))
    before = sorted(folder.iterdir())
    next(field for field in page.text_input if field.label == "Folder").set_value(str(folder))
    click(page, "Add")
    assert "hardly any colour" in tried(page, str(folder))
    assert "Look at how its files were made" in page.error[0].value
    assert sorted(folder.iterdir()) == before


def test_the_network_of_the_program_is_not_tried_unasked_and_what_came_out_is_said(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLORIZER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("COLORIZER_ENGINE", "opencv:cpu")
    settings.cache_clear()
    page.run()
    assert "Tried on" not in said(page)
    assert not model_state.network_checks()._tasks
    checked(locate("starter"))
    assert "Tried on this computer: it colours" in said(page.run())
