"""The Videos page, driven without a browser."""

import json
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from colorizer.color.grade import Grade
from colorizer.errors import EngineError
from colorizer.jobs.model import Job
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.video.wanted import Encoding, Range
from colorizer.web import film_bench as film_bench_module
from colorizer.web import resources
from colorizer.web.develop import Recipe
from colorizer.web.screening import ScreeningRoom, findings
from colorizer.web.shelf import Reel
from tests.video.films import encode

STUDIO = Path(__file__).parents[2] / "pages" / "studio.py"


@pytest.fixture
def page() -> Iterator[AppTest]:
    made = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    made.switch_page("videos.py").run()
    assert not made.exception
    yield made
    resources.close()
    st.cache_resource.clear()


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
    monkeypatch.setattr(ScreeningRoom, "try_out", lambda *_: "trials are off")


def bring(page: AppTest, path: Path) -> list[Reel]:
    """The films at this path, on the page and looked at."""
    reels = resources.shelf().put_path(str(path))
    page.run()
    wait_until(lambda: all(findings(reel).is_settled for reel in reels))
    for reel in reels:
        for frame in findings(reel).frames:
            proof = resources.darkroom().find(frame, Recipe().key)
            if proof is not None:
                proof.result(30)
    page.run()
    wait_until(lambda: all(frame["after"] for frame in parts(page.run(), "frames")[0]["frames"]))
    assert not page.exception
    return reels


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 40
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def parts(page: AppTest, field: str) -> list[dict[str, Any]]:
    given = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return [data for data in given if field in data]


def looks(page: AppTest) -> list[str]:
    return [frame["after"] for frame in parts(page, "frames")[0]["frames"]]


def button(page: AppTest, label: str) -> Any:
    return next(button for button in page.button if button.label == label)


def slider(page: AppTest, label: str) -> Any:
    return next(slider for slider in page.slider if slider.label == label)


def text(page: AppTest, label: str) -> Any:
    return next(field for field in page.text_input if field.label == label)


def jobs() -> list[Job]:
    return resources.store().jobs()


def test_an_empty_page_invites_and_promises(page: AppTest) -> None:
    assert parts(page, "roomy")[0]["roomy"] is True
    assert any("Nothing leaves this computer" in caption.value for caption in page.caption)
    assert text(page, "Path")


def test_a_shared_studio_promises_only_what_is_true(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORIZER_SHARED", "1")
    monkeypatch.setenv("COLORIZER_ALLOWED_FOLDERS", "")
    settings.cache_clear()
    for name in ("videos.py", "images.py"):
        page.switch_page(name).run()
        assert not page.exception
        assert not any("Nothing leaves this computer" in caption.value for caption in page.caption)
        assert any("This is a demonstration" in caption.value for caption in page.caption)
    page.switch_page("videos.py").run()
    assert not page.text_input  # no path on the server
    assert len(parts(page, "visit")[0]["visit"]) == 24


@pytest.mark.usefixtures("no_trials")
def test_a_film_shows_its_facts_and_frames_and_the_network_runs_once_for_each(
    page: AppTest, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []
    real = Colorizer.chroma

    def counted(self, luma_plane, settings):  # type: ignore[no-untyped-def]
        runs.append(1)
        return real(self, luma_plane, settings)

    monkeypatch.setattr(Colorizer, "chroma", counted)
    bring(page, films / "Oma.mkv")
    assert page.subheader[0].value == "Oma\\.mkv"
    card = next(part.value for part in page.html if "film-card" in str(part.value))
    assert "64 × 48" in card
    assert "<dt>Shots</dt><dd>1</dd>" in card
    first = looks(page)
    assert 3 <= len(first) <= 6
    for label, value in (("Saturation", 2.0), ("Hue", -90.0), ("Intensity", 0.5), ("Warmth", 0.25)):
        slider(page, label).set_value(value).run()
    assert not set(looks(page)) & set(first)
    assert len(runs) == len(first)


@pytest.mark.usefixtures("no_trials")
def test_an_order_carries_all_that_was_chosen(page: AppTest, films: Path) -> None:
    (reel,) = bring(page, films / "Oma.mkv")
    slider(page, "Warmth").set_value(0.5).run()
    text(page, "From").set_value("0:00.5").run()
    text(page, "To").set_value("2").run()
    slider(page, "Steadiness").set_value(0.2).run()
    button(page, "Colour this film").click().run()
    assert not page.exception
    (job,) = jobs()
    order = job.order
    assert (order.source, order.title, order.suffix) == (reel.path, "Oma.mkv", ".mp4")
    assert order.settings.grade == Grade(warmth=0.5)
    assert order.settings.range == Range(Fraction(1, 2), Fraction(2))
    assert order.settings.encoding == Encoding("h264", 18)
    assert order.settings.steadiness.steady == 0.2
    assert "in the queue" in page.success[0].value


@pytest.mark.parametrize(("purpose", "suffix", "codec"), [("Archive", ".mkv", "ffv1"), ("Edit", ".mov", "prores")])
@pytest.mark.usefixtures("no_trials")
def test_plain_words_choose_codec_and_container(
    page: AppTest, films: Path, purpose: str, suffix: str, codec: str
) -> None:
    (reel,) = bring(page, films / "Oma.mkv")
    page.session_state[f"purpose-{reel.id}-0"] = purpose
    page.run()
    button(page, "Colour this film").click().run()
    (job,) = jobs()
    assert (job.order.suffix, job.order.settings.encoding.codec) == (suffix, codec)


@pytest.mark.usefixtures("no_trials")
def test_a_trim_that_makes_no_sense_is_said_and_cannot_be_ordered(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    text(page, "From").set_value("half past two").run()
    assert "is no time" in page.error[0].value
    assert not [each for each in page.button if each.label.startswith("Colour")]
    text(page, "From").set_value("").run()
    assert button(page, "Colour this film")


@pytest.mark.usefixtures("no_trials")
def test_all_films_are_ordered_at_once_each_in_its_own_colours(page: AppTest, films: Path) -> None:
    second = bring(page, films)[1]
    resources.memory().set_grade(second.id, Grade(hue=20))
    button(page, "Colour all 2 films").click().run()
    assert [(job.order.title, job.order.settings.grade) for job in jobs()] == [
        ("Oma.mkv", Grade()), ("Opa.mkv", Grade(hue=20)),
    ]  # fmt: skip


@pytest.mark.usefixtures("no_trials")
def test_beside_a_trim_that_makes_no_sense_the_button_for_all_films_says_why_it_waits(
    page: AppTest, films: Path
) -> None:
    bring(page, films)
    text(page, "From").set_value("half past two").run()
    assert button(page, "Colour all 2 films").disabled
    assert "mend the start" in button(page, "Colour all 2 films").help
    text(page, "From").set_value("").run()
    assert not button(page, "Colour all 2 films").disabled


@pytest.mark.usefixtures("no_trials")
def test_a_broken_film_beside_others_is_not_opened_unasked_and_never_keeps_them_from_being_ordered(
    page: AppTest, films: Path
) -> None:
    (films / "A broken.mkv").write_bytes(b"\x1a\x45\xdf\xa3 broken")
    reels = resources.shelf().put_path(str(films))
    page.run()
    wait_until(lambda: all(findings(reel).is_settled for reel in reels))
    page.run()
    assert page.subheader[0].value == "Oma\\.mkv"
    broken = next(reel.id for reel in reels if reel.name == "A broken.mkv")
    page.query_params["film"] = broken
    page.run()
    assert "broken" in page.error[0].value
    page.session_state[f"purpose-{broken}-0"] = "Archive"
    page.run()
    button(page, "Colour all 2 films").click().run()
    assert not page.exception
    assert [(job.order.title, job.order.suffix) for job in jobs()] == [("Oma.mkv", ".mkv"), ("Opa.mkv", ".mkv")]
    assert "2 films are in the queue" in page.success[0].value


@pytest.mark.usefixtures("no_trials")
def test_a_film_whose_trim_makes_no_sense_is_left_out_and_said(page: AppTest, films: Path) -> None:
    second = bring(page, films)[1]
    for name, value in (("from", "2"), ("to", "1")):
        resources.memory().recall(second.id, name, "")
        resources.memory()._values[second.id][name] = value
    button(page, "Colour all 2 films").click().run()
    assert [job.order.title for job in jobs()] == ["Oma.mkv"]
    assert "Opa\\.mkv was left out" in page.error[0].value
    assert "must lie after the start" in page.error[0].value


def uploaded(films: Path, name: str) -> Reel:
    """A film that came through the browser, looked at."""
    data = (films / name).read_bytes()
    reel = resources.uploads().begin(name, len(data), 1)
    with resources.uploads().piece(reel, 0) as piece:
        piece.write(data)
    resources.screening().look_at(reel)
    wait_until(lambda: findings(reel).is_settled)
    return reel


@pytest.mark.usefixtures("no_trials")
def test_an_uploaded_film_is_removed_only_when_that_is_confirmed(page: AppTest, films: Path) -> None:
    reel = uploaded(films, "Oma.mkv")
    page.run()
    assert "Remove" not in [each.label for each in page.button]
    assert reel.path.exists()
    button(page, "Yes, remove it").click().run()
    assert not reel.path.exists()
    assert parts(page, "roomy")[0]["roomy"] is True


@pytest.mark.parametrize("answer", ["Yes, remove it", "Keep it"])
@pytest.mark.usefixtures("no_trials")
def test_a_cross_on_a_card_asks_before_an_uploaded_film_goes(
    page: AppTest, films: Path, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reel = uploaded(films, "Oma.mkv")
    (local,) = bring(page, films / "Opa.mkv")
    pressed = iter([reel.id])
    monkeypatch.setattr(film_bench_module, "gallery", lambda *_, **__: ("", next(pressed, "")))
    page.run()
    next(each for each in reversed(page.button) if each.label == answer).click().run()
    assert not page.exception
    assert [each.id for each in resources.shelf().reels()] == [reel.id, local.id][answer != "Keep it" :]
    assert not [each for each in page.button if each.label == "Keep it"]


@pytest.mark.usefixtures("no_trials")
def test_the_cards_are_coloured_by_the_network_that_was_chosen(page: AppTest, films: Path) -> None:
    bring(page, films)
    slider(page, "Network size").set_value(128).run()
    assert not page.exception
    wait_until(lambda: all(card["state"] == "ready" for card in parts(page.run(), "cards")[0]["cards"]))
    keys = {parse_qs(urlsplit(card["after"]).query)["recipe"][0] for card in parts(page, "cards")[0]["cards"]}
    assert keys == {parse_qs(urlsplit(look).query)["recipe"][0] for look in looks(page)}
    assert keys != {Recipe().key}


@pytest.mark.usefixtures("no_trials")
def test_a_frame_that_found_no_colours_is_tried_again_and_nobody_waits_for_it(
    page: AppTest, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Colorizer, "chroma", lambda *_: (_ for _ in ()).throw(EngineError("no memory is left")))
        reels = resources.shelf().put_path(str(films))
        page.run()
        wait_until(lambda: all(findings(reel).is_settled for reel in reels))
        wait_until(lambda: bool(page.run().error))
        assert "no memory is left" in page.error[0].value
        wait_until(lambda: all(card["state"] == "failed" for card in parts(page.run(), "cards")[0]["cards"]))
    button(page, "Try again").click().run()
    wait_until(lambda: all(frame["after"] for frame in parts(page.run(), "frames")[0]["frames"]))
    assert not page.error


@pytest.mark.usefixtures("no_trials")
def test_a_film_that_could_not_be_read_may_be_looked_at_again(page: AppTest, films: Path) -> None:
    film = (films / "Oma.mkv").read_bytes()
    (films / "Oma.mkv").write_bytes(b"\x1a\x45\xdf\xa3 broken")
    (reel,) = resources.shelf().put_path(str(films / "Oma.mkv"))
    page.run()
    wait_until(lambda: bool(page.run().error))
    (films / "Oma.mkv").write_bytes(film)
    button(page, "Try again").click().run()
    wait_until(lambda: findings(reel).is_settled)
    assert [each.value for each in page.run().error] == []


@pytest.mark.usefixtures("no_trials")
def test_what_was_chosen_outlives_a_reload(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    slider(page, "Warmth").set_value(0.5).run()
    text(page, "To").set_value("2").run()
    again = AppTest.from_file(str(STUDIO), default_timeout=60).run()
    again.switch_page("videos.py").run()
    assert slider(again, "Warmth").value == 0.5
    assert text(again, "To").value == "2"


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.usefixtures("no_trials")
def test_what_was_chosen_outlives_the_studio_unless_strangers_share_it(
    data_folder: Path, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shared:
        monkeypatch.setenv("COLORIZER_SHARED", "1")
        settings.cache_clear()
    resources.memory.clear()
    resources.memory().set_grade("film", Grade(hue=9))
    resources.memory.clear()
    assert resources.memory().grade("film") == (Grade() if shared else Grade(hue=9))
    assert (data_folder / "choices.json").exists() is not shared
    resources.memory.clear()


@pytest.mark.usefixtures("no_trials")
def test_a_broken_film_is_one_clear_line_and_the_others_work(page: AppTest, films: Path) -> None:
    (films / "broken.mkv").write_bytes(b"\x1a\x45\xdf\xa3 broken")
    resources.shelf().put_path(str(films / "broken.mkv"))
    page.run()
    wait_until(lambda: bool(page.run().error))
    assert "broken" in page.error[0].value
    assert "Traceback" not in page.error[0].value
    button(page, "Remove").click().run()
    assert parts(page, "roomy")[0]["roomy"] is True


@pytest.mark.usefixtures("no_trials")
def test_removing_a_film_that_a_job_needs_only_puts_it_away(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    button(page, "Colour this film").click().run()
    button(page, "Remove").click().run()
    assert [reel.is_hidden for reel in resources.shelf().reels()] == [True]
    assert parts(page, "roomy")[0]["roomy"] is True
    assert len(jobs()) == 1


def test_time_and_size_are_measured_on_this_machine(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")

    def said() -> bool:
        return any("About" in part.value for part in page.run().markdown)

    wait_until(said)
    estimate = next(part.value for part in page.markdown if "About" in part.value)
    assert "second" in estimate
    assert "kB" in estimate or "MB" in estimate


def test_a_path_outside_the_allowed_folders_is_refused(page: AppTest) -> None:
    text(page, "Path").set_value("/etc/pass_wd_")
    button(page, "Add").click().run()
    assert r"pass\_wd\_ lies outside the folders" in page.error[0].value
    assert resources.shelf().reels() == ()


@pytest.mark.usefixtures("no_trials")
def test_a_folder_of_numbered_pictures_is_offered_and_ordered_as_one_film(page: AppTest, films: Path) -> None:
    folder = films / "Oma 1958"
    folder.mkdir()
    for number in range(12):
        cv2.imwrite(str(folder / f"frame_{number:04d}.png"), np.full((48, 64), 60 + number, np.uint8))
    (reel,) = bring(page, folder)
    assert page.subheader[0].value == "Oma 1958"
    facts = findings(reel).facts
    assert facts is not None
    assert (facts.frames, facts.width, facts.height) == (12, 64, 48)
    button(page, "Colour this film").click().run()
    assert not page.exception
    (job,) = jobs()
    assert (job.order.source, job.order.title) == (folder, "Oma 1958")


@pytest.mark.usefixtures("no_trials")
def test_a_path_inside_the_allowed_folders_is_opened(page: AppTest, films: Path) -> None:
    text(page, "Path").set_value(str(films / "Oma.mkv"))
    button(page, "Add").click().run()
    assert [reel.name for reel in resources.shelf().reels()] == ["Oma.mkv"]
    assert page.subheader[0].value == "Oma\\.mkv"


@pytest.mark.usefixtures("no_trials")
def test_an_end_behind_the_films_own_is_said_and_taken_as_its_end(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    text(page, "To").set_value("9:00").run()
    assert any("long: it is made to its end" in caption.value for caption in page.caption)
    button(page, "Colour this film").click().run()
    assert jobs()[0].order.settings.range == Range()


@pytest.mark.usefixtures("no_trials")
def test_an_address_of_a_film_that_is_gone_is_said_until_another_one_is_opened(page: AppTest, films: Path) -> None:
    page.query_params["film"] = "zzz"
    first, second = bring(page, films)
    assert page.warning[0].value == "This film is not here any more."
    page.query_params["film"] = second.id
    page.run()
    assert not page.warning
    button(page, "Remove").click().run()
    assert page.subheader[0].value == first.name.replace(".", "\\.")
    assert not page.warning


@pytest.mark.usefixtures("no_trials")
def test_the_presets_break_into_lines(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    assert page.get("pills")[0].proto.wrap


def test_a_path_that_was_taken_closes_its_form_and_a_refused_one_stays_beside_its_reason(
    page: AppTest, films: Path
) -> None:
    for path, rounds in ((films / "nothing.mkv", 0), (films / "Oma.mkv", 1)):
        text(page, "Path").set_value(str(path))
        button(page, "Add").click().run()
        assert not page.exception
        assert page.session_state["films_round"] == rounds
        assert text(page, "Path").value == ("" if rounds else str(path))
        assert [bool(form.error) for form in page.get("form")] == [not rounds]


@pytest.mark.usefixtures("no_trials")
def test_frames_without_colour_say_that_it_is_being_found(
    page: AppTest, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, gate = Colorizer.chroma, Event()

    def held(self, luma_plane, settings):  # type: ignore[no-untyped-def]
        assert gate.wait(30)
        return real(self, luma_plane, settings)

    monkeypatch.setattr(Colorizer, "chroma", held)
    (reel,) = resources.shelf().put_path(str(films / "Oma.mkv"))
    page.run()
    wait_until(lambda: findings(reel).is_settled)
    page.run()
    assert any("Finding the colours" in caption.value for caption in page.caption)
    gate.set()
    wait_until(lambda: all(frame["after"] for frame in parts(page.run(), "frames")[0]["frames"]))
    assert not any("Finding the colours" in caption.value for caption in page.caption)
