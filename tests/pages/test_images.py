"""The Images page, driven without a browser."""

import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.color.grade import Grade
from colorizer.errors import EngineError, ModelMissing
from colorizer.image.reading import read_picture
from colorizer.inspect import picture_reading
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.web import shutdown
from colorizer.web.models import controls as network_controls_module
from colorizer.web.models import state as model_state
from colorizer.web.pictures import page as pictures_page_module
from colorizer.web.pictures import state as picture_state
from colorizer.web.pictures.controls import GREY
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.wording import as_sentence, plain
from colorizer.weights.catalog import CATALOG
from colorizer.weights.local_models import glance

STUDIO = Path(__file__).parents[2] / "pages" / "studio.py"


@pytest.fixture
def page() -> Iterator[AppTest]:
    made = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    assert not made.exception
    yield made
    shutdown.close()
    st.cache_resource.clear()


@pytest.fixture
def network_runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    runs: list[str] = []
    real = Colorizer.chroma

    def counted(self, luma_plane, settings):  # type: ignore[no-untyped-def]
        runs.append(self.local.model.id)
        return real(self, luma_plane, settings)

    monkeypatch.setattr(Colorizer, "chroma", counted)
    return runs


def png(seed: int = 1) -> bytes:
    soft = cv2.resize(np.random.default_rng(seed).integers(0, 256, (6, 8), np.uint8), (64, 48))
    return cv2.imencode(".png", soft)[1].tobytes()


def picture_set_of(page: AppTest) -> PictureSet:
    picture_set = picture_state.picture_sets().find(page.session_state["pictures"])
    assert picture_set is not None
    return picture_set


def upload(page: AppTest, **files: bytes) -> AppTest:
    for name, data in files.items():
        page.file_uploader[0].upload(name.replace("_", "."), data)
    page.run()
    assert not page.exception
    return page


def settled(page: AppTest) -> AppTest:
    """The page once no picture is waiting any more."""
    deadline = time.monotonic() + 30
    while any(card["state"] == "waiting" for card in parts(page, "cards")[0]["cards"]):
        assert time.monotonic() < deadline, "pictures are still waiting"
        time.sleep(0.05)
        page.run()
    return page


def parts(page: AppTest, field: str) -> list[dict[str, Any]]:
    """What the page's own parts with this field were given."""
    given = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return [data for data in given if field in data]


def after(page: AppTest) -> str:
    return str(parts(page, "after")[0]["after"][-1][1])


def slider(page: AppTest, label: str) -> Any:
    return next(slider for slider in page.slider if slider.label == label)


def button(page: AppTest, label: str) -> Any:
    return next(button for button in page.button if button.label == label)


def test_an_empty_page_invites_and_promises(page: AppTest) -> None:
    assert len(page.file_uploader) == 2
    assert button(page, "Try a sample")
    assert any("Nothing leaves this computer" in caption.value for caption in page.caption)
    assert not parts(page, "after")


def test_an_uploaded_picture_is_coloured_at_once(page: AppTest, network_runs: list[str]) -> None:
    upload(page, Oma_png=png())
    view = parts(page, "after")[0]
    assert view["name"] == "Oma.png"
    assert (view["width"], view["height"], view["compare"]) == (64, 48, True)
    assert any("OpenCV, CPU" in caption.value for caption in page.caption)
    assert [link["label"] for link in parts(page, "url") if "label" in link] == ["Download"]
    assert network_runs == ["starter"]


def test_the_uploader_lets_go_of_what_it_was_given(page: AppTest) -> None:
    upload(page, a_png=png())
    assert page.file_uploader[0].value == []


def test_sliders_and_presets_change_the_picture_and_never_run_the_network(
    page: AppTest, network_runs: list[str]
) -> None:
    upload(page, a_png=png())
    looks = [after(page)]
    for label, value in (("Saturation", 2.0), ("Hue", -90.0), ("Intensity", 0.5), ("Warmth", 0.25)):
        slider(page, label).set_value(value).run()
        looks.append(after(page))
    for preset in ("Vivid", "Warm memories", "Natural"):
        page.get("pills")[0].set_value(preset).run()
        looks.append(after(page))
    assert not page.exception
    assert len(set(looks)) == 7  # "Natural" is the look it began with
    assert looks[-1] == looks[0]
    assert network_runs == ["starter"]


def test_the_sliders_follow_preset_and_reset(page: AppTest) -> None:
    upload(page, a_png=png())
    page.get("pills")[0].set_value("Vivid").run()
    assert slider(page, "Saturation").value == 1.5
    slider(page, "Hue").set_value(20.0).run()
    assert page.get("pills")[0].value is None
    button(page, "Reset").click().run()
    assert slider(page, "Saturation").value == 1.0
    assert slider(page, "Hue").value == 0.0
    assert page.get("pills")[0].value == "Natural"


def test_a_grade_belongs_to_its_picture_and_can_be_given_to_all(page: AppTest) -> None:
    upload(page, a_png=png(1), b_png=png(2))
    picture_set = picture_set_of(page)
    first, second = picture_set.pictures
    slider(page, "Warmth").set_value(0.5).run()
    assert (picture_set.grade(first.id), picture_set.grade(second.id)) == (Grade(warmth=0.5), Grade())
    picture_set.open(second.id)
    page.run()
    assert slider(page, "Warmth").value == 0.0
    picture_set.open(first.id)
    page.run()
    assert slider(page, "Warmth").value == 0.5
    button(page, "Apply to all").click().run()
    assert picture_set.grade(second.id) == Grade(warmth=0.5)


def test_a_broken_file_is_said_beside_its_name_and_the_others_work(page: AppTest) -> None:
    upload(page, good_png=png(), broken_jpg=b"\xff\xd8 no picture")
    settled(page)
    states = {card["name"]: card for card in parts(page, "cards")[0]["cards"]}
    assert states["good.png"]["state"] == "ready"
    assert states["broken.jpg"]["state"] == "failed"
    assert "broken.jpg" in states["broken.jpg"]["text"]
    assert parts(page, "after")[0]["name"] == "good.png"
    assert not page.exception


def test_a_broken_file_alone_leaves_a_message_and_a_way_out(page: AppTest) -> None:
    upload(page, broken_jpg=b"\xff\xd8 no picture")
    assert "broken" in page.error[0].value
    assert "Traceback" not in page.error[0].value
    button(page, "Remove").click().run()
    assert not page.error
    assert button(page, "Try a sample")


def test_an_unexpected_error_is_logged_and_does_not_kill_the_page(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = picture_reading.read_picture

    def fails_once(path: Path, name: str) -> Any:
        if name == "cursed.png":
            raise ZeroDivisionError("secret detail")
        return real(path, name)

    monkeypatch.setattr(picture_reading, "read_picture", fails_once)
    with caplog.at_level(logging.ERROR):
        upload(page, cursed_png=png(1), good_png=png(2))
        settled(page)
    assert "ZeroDivisionError" in page.error[0].value
    assert "secret detail" not in page.error[0].value
    assert "secret detail" in caplog.text
    assert {card["name"]: card["state"] for card in parts(page, "cards")[0]["cards"]}["good.png"] == "ready"


def test_what_went_wrong_once_may_be_tried_again_and_a_broken_file_may_not(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Colorizer, "chroma", lambda *_: (_ for _ in ()).throw(EngineError("no memory is left")))
        upload(page, a_png=png())
        assert "no memory is left" in page.error[0].value
    page.run()
    assert "no memory is left" in page.error[0].value
    button(page, "Try again").click().run()
    assert not page.error
    assert parts(page, "after")
    upload(page, broken_png=b"no picture")
    assert page.error
    assert "Try again" not in [each.label for each in page.button]


def test_strangers_are_told_of_an_address_that_others_have(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORIZER_SHARED", "1")
    monkeypatch.setenv("COLORIZER_ALLOWED_FOLDERS", "")
    settings.cache_clear()
    upload(page, a_png=png())
    given = picture_set_of(page)

    def told(page: AppTest) -> bool:
        assert not page.exception
        return any("came with the page's address" in part.value for part in page.markdown)

    assert not told(page.run())
    other = AppTest.from_file(str(STUDIO), default_timeout=60)
    other.query_params["pictures"] = given.token
    assert told(other.run())
    assert told(other.run())
    button(other, "Start an empty page").click().run()
    assert not told(other)
    assert picture_set_of(other).pictures == ()
    assert len(given.pictures) == 1


def test_a_refused_name_full_of_markup_is_only_a_name(page: AppTest) -> None:
    page.file_uploader[0].upload("a_b_c.mp4", b"\0\0\0\x18ftypisom" + bytes(3000))
    page.run()
    assert r"a\_b\_c\.mp4 is a film" in page.error[0].value


def test_what_was_decided_while_reading_is_said(page: AppTest) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (40, 50, 3), np.uint8)
    data = cv2.imencode(".png", picture)[1].tobytes()
    notes = read_picture(data, "a.png").notes
    upload(page, a_png=data)
    assert notes
    for note in notes:
        assert any(plain(as_sentence(note)) in caption.value for caption in page.caption)


def test_the_sample_is_there_for_someone_without_a_picture(page: AppTest) -> None:
    button(page, "Try a sample").click().run()
    assert parts(page, "after")[0]["name"] == "Sample landscape.png"


def test_black_and_white_runs_no_network(page: AppTest, network_runs: list[str]) -> None:
    page.session_state["mode"] = GREY
    upload(page, a_png=png())
    view = parts(page, "after")[0]
    assert not view["compare"]
    assert "network=grey" in after(page)
    assert network_runs == []


def test_another_temperature_runs_the_network_again_and_the_first_is_remembered(
    page: AppTest, network_runs: list[str]
) -> None:
    upload(page, a_png=png())
    first = after(page)
    slider(page, "Temperature").set_value(0.6).run()
    assert after(page) != first
    slider(page, "Temperature").set_value(0.38).run()
    assert after(page) == first
    assert network_runs == ["starter", "starter"]


def test_networks_that_are_not_here_are_named_with_the_way_to_get_them(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(network_controls_module, "glance", lambda model: glance(model, tmp_path))
    upload(page, a_png=png())
    told = [caption.value for caption in page.caption if "colorizer models download" in caption.value]
    absent = [model.id for model in CATALOG if not model.bundled]
    assert [text.split("download ")[1].split("`")[0] for text in told] == absent
    assert next(box for box in page.selectbox if box.label == "Network").options == ["Starter"]


def test_a_network_that_cannot_be_opened_is_said_and_asked_for_again(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Any:
        raise ModelMissing(f"The model {name} is not on this disk.")

    with monkeypatch.context() as patched:
        patched.setattr(model_state, "locate", missing)
        upload(page, a_png=png())
        assert page.error[0].value == plain("The model starter is not on this disk.")
    page.run()
    assert not page.error
    assert parts(page, "after")


def test_all_results_can_be_had_in_one_archive(page: AppTest) -> None:
    settled(upload(page, a_png=png(1), b_png=png(2)))
    page.run()
    links = {link["label"]: link for link in parts(page, "url") if "label" in link}
    assert list(links) == ["Download", "Download all 2 as zip"]
    assert links["Download all 2 as zip"]["streamed"]


def test_the_last_picture_to_finish_brings_the_whole_page_up_to_date(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled(upload(page, a_png=png(1), b_png=png(2)))
    real, looks = pictures_page_module.gallery_cards, []

    def late(*args: Any) -> list[dict[str, Any]]:
        looks.append(args)
        late_state = {"state": "waiting"} if len(looks) == 1 else {}
        return [card | late_state for card in real(*args)]

    monkeypatch.setattr(pictures_page_module, "gallery_cards", late)
    page.run()
    assert "Download all 2 as zip" in [link.get("label") for link in parts(page, "url")]


def test_the_chosen_format_is_in_the_address(page: AppTest) -> None:
    upload(page, a_png=png())
    next(box for box in page.selectbox if box.label == "Save as").set_value("WEBP").run()
    link = next(link for link in parts(page, "url") if "label" in link)
    assert "format=webp" in link["url"]


def test_removing_all_takes_the_files_off_the_disk(page: AppTest) -> None:
    settled(upload(page, a_png=png(1), b_png=png(2)))
    folder = picture_set_of(page).pictures[0].path.parent
    button(page, "Yes, remove all 2").click().run()
    assert list(folder.iterdir()) == []
    assert button(page, "Try a sample")


def test_reloading_the_page_loses_nothing(page: AppTest) -> None:
    upload(page, a_png=png())
    slider(page, "Warmth").set_value(0.5).run()
    again = AppTest.from_file(str(STUDIO), default_timeout=60)
    again.query_params["pictures"] = page.query_params["pictures"]
    again.run()
    assert parts(again, "after")[0]["name"] == "a.png"
    assert slider(again, "Warmth").value == 0.5


def test_another_tab_has_pictures_of_its_own(page: AppTest) -> None:
    upload(page, a_png=png())
    other = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    assert not parts(other, "after")
    assert other.session_state["pictures"] != page.session_state["pictures"]


def test_a_name_full_of_markup_is_only_a_name(page: AppTest) -> None:
    name = '<script>alert("ü")</script> **x** :red[y].png'
    page.file_uploader[0].upload(name, png()).run()
    assert not page.exception
    assert picture_set_of(page).pictures[0].name == "script> **x** :red[y].png"
    assert not any("<script" in str(element.value) for element in page.html)


def test_going_to_another_page_and_back_keeps_the_pictures_in_the_address(page: AppTest) -> None:
    upload(page, a_png=png())
    token = picture_set_of(page).token
    page.switch_page("videos.py").run()
    page.query_params.clear()  # as the browser's link does
    page.switch_page("images.py").run()
    assert parts(page, "after")
    assert page.query_params["pictures"] == token


def test_pictures_that_came_with_the_address_stay_with_the_tab(page: AppTest) -> None:
    upload(page, a_png=png())
    again = AppTest.from_file(str(STUDIO), default_timeout=60)
    again.query_params["pictures"] = page.query_params["pictures"]
    again.run()
    again.query_params.clear()
    again.run()
    assert parts(again, "after")[0]["name"] == "a.png"
    assert again.query_params["pictures"] == page.query_params["pictures"]
