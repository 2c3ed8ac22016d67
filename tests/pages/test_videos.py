"""The Videos page, driven without a browser."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from colorizer.color.grade import Grade
from colorizer.errors import EngineError
from colorizer.jobs.model import FilmOrder
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.web import state
from colorizer.web.colouring import NetworkChoice
from colorizer.web.films import film_gallery as films_gallery_module
from colorizer.web.films import state as film_state
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.findings import findings
from colorizer.web.jobs import state as job_state
from tests.pages.videos_page import STUDIO, bring, button, looks, opened, parts, slider, text, wait_until


@pytest.fixture
def page() -> Iterator[AppTest]:
    yield from opened()


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
    assert len(parts(page, "visitor")[0]["visitor"]) == 24


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


def uploaded(films: Path, name: str) -> StudioFilm:
    """A film that came through the browser, looked at."""
    data = (films / name).read_bytes()
    film = film_state.uploads().begin(name, len(data), 1)
    with film_state.uploads().piece(film, 0) as piece:
        piece.write(data)
    film_state.film_inspector().look_at(film)
    wait_until(lambda: findings(film).is_settled)
    return film


def uploaded_once_more(film: StudioFilm) -> StudioFilm:
    return film_state.uploads().begin(film.name, film.size, film.modified)


@pytest.mark.usefixtures("no_trials")
def test_an_uploaded_film_is_removed_only_when_that_is_confirmed(page: AppTest, films: Path) -> None:
    film = uploaded(films, "Oma.mkv")
    page.run()
    assert "Remove" not in [each.label for each in page.button]
    assert film.path.exists()
    button(page, "Yes, remove it").click().run()
    assert not film.path.exists()
    assert parts(page, "roomy")[0]["roomy"] is True


@pytest.mark.usefixtures("no_trials")
def test_a_removed_film_that_a_job_needs_says_so_and_goes_with_the_job(page: AppTest, films: Path) -> None:
    film = uploaded(films, "Oma.mkv")
    page.run()
    job = job_state.store().add(FilmOrder(film.path, film.name))
    page.run()
    assert any("stays, as a job needs it" in part.value for part in page.markdown)
    button(page, "Yes, remove it").click().run()
    assert film.path.exists()
    assert not job_state.keeps_source(job)
    job_state.store().delete(job.id)
    assert not film.folder.exists()


@pytest.mark.usefixtures("no_trials")
def test_a_removed_film_that_comes_once_more_stays_when_its_job_goes(page: AppTest, films: Path) -> None:
    film = uploaded(films, "Oma.mkv")
    job = job_state.store().add(FilmOrder(film.path, film.name))
    page.run()
    button(page, "Yes, remove it").click().run()
    again = uploaded_once_more(film)
    assert again.id == film.id
    job_state.store().delete(job.id)
    assert film.path.exists()


@pytest.mark.parametrize("answer", ["Yes, remove it", "Keep it"])
@pytest.mark.usefixtures("no_trials")
def test_a_cross_on_a_card_asks_before_an_uploaded_film_goes(
    page: AppTest, films: Path, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = uploaded(films, "Oma.mkv")
    (local,) = bring(page, films / "Opa.mkv")
    pressed = iter([film.id])
    monkeypatch.setattr(films_gallery_module, "gallery", lambda *_, **__: ("", next(pressed, "")))
    page.run()
    next(each for each in reversed(page.button) if each.label == answer).click().run()
    assert not page.exception
    assert [each.id for each in film_state.film_folder().films()] == [film.id, local.id][answer != "Keep it" :]
    assert not [each for each in page.button if each.label == "Keep it"]


@pytest.mark.usefixtures("no_trials")
def test_the_cards_are_coloured_by_the_network_that_was_chosen(page: AppTest, films: Path) -> None:
    bring(page, films)
    slider(page, "Network size").set_value(128).run()
    assert not page.exception
    wait_until(lambda: all(card["state"] == "ready" for card in parts(page.run(), "cards")[0]["cards"]))
    keys = {parse_qs(urlsplit(card["after"]).query)["network"][0] for card in parts(page, "cards")[0]["cards"]}
    assert keys == {parse_qs(urlsplit(look).query)["network"][0] for look in looks(page)}
    assert keys != {NetworkChoice().key}


@pytest.mark.usefixtures("no_trials")
def test_a_frame_that_found_no_colours_is_tried_again_and_nobody_waits_for_it(
    page: AppTest, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Colorizer, "chroma", lambda *_: (_ for _ in ()).throw(EngineError("no memory is left")))
        listed = film_state.film_folder().put_path(str(films))
        page.run()
        wait_until(lambda: all(findings(film).is_settled for film in listed))
        wait_until(lambda: bool(page.run().error))
        assert "no memory is left" in page.error[0].value
        wait_until(lambda: all(card["state"] == "failed" for card in parts(page.run(), "cards")[0]["cards"]))
    button(page, "Try again").click().run()
    wait_until(lambda: all(frame["after"] for frame in parts(page.run(), "frames")[0]["frames"]))
    assert not page.error


@pytest.mark.usefixtures("no_trials")
def test_a_film_that_could_not_be_read_may_be_looked_at_again(page: AppTest, films: Path) -> None:
    whole = (films / "Oma.mkv").read_bytes()
    (films / "Oma.mkv").write_bytes(b"\x1a\x45\xdf\xa3 broken")
    (film,) = film_state.film_folder().put_path(str(films / "Oma.mkv"))
    page.run()
    wait_until(lambda: bool(page.run().error))
    (films / "Oma.mkv").write_bytes(whole)
    button(page, "Try again").click().run()
    wait_until(lambda: findings(film).is_settled)
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
    state.saved_choices.clear()
    state.saved_choices().set_grade("film", Grade(hue=9))
    state.saved_choices.clear()
    assert state.saved_choices().grade("film") == (Grade() if shared else Grade(hue=9))
    assert (data_folder / "choices.json").exists() is not shared
    state.saved_choices.clear()


@pytest.mark.usefixtures("no_trials")
def test_a_broken_film_is_one_clear_line_and_the_others_work(page: AppTest, films: Path) -> None:
    (films / "broken.mkv").write_bytes(b"\x1a\x45\xdf\xa3 broken")
    film_state.film_folder().put_path(str(films / "broken.mkv"))
    page.run()
    wait_until(lambda: bool(page.run().error))
    assert "broken" in page.error[0].value
    assert "Traceback" not in page.error[0].value
    button(page, "Remove").click().run()
    assert parts(page, "roomy")[0]["roomy"] is True


def test_a_path_outside_the_allowed_folders_is_refused(page: AppTest) -> None:
    text(page, "Path").set_value("/etc/pass_wd_")
    button(page, "Add").click().run()
    assert r"pass\_wd\_ lies outside the folders" in page.error[0].value
    assert film_state.film_folder().films() == ()


@pytest.mark.usefixtures("no_trials")
def test_a_path_inside_the_allowed_folders_is_opened(page: AppTest, films: Path) -> None:
    text(page, "Path").set_value(str(films / "Oma.mkv"))
    button(page, "Add").click().run()
    assert [film.name for film in film_state.film_folder().films()] == ["Oma.mkv"]
    assert page.subheader[0].value == "Oma\\.mkv"


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
    (film,) = film_state.film_folder().put_path(str(films / "Oma.mkv"))
    page.run()
    wait_until(lambda: findings(film).is_settled)
    page.run()
    assert any("Finding the colours" in caption.value for caption in page.caption)
    gate.set()
    wait_until(lambda: all(frame["after"] for frame in parts(page.run(), "frames")[0]["frames"]))
    assert not any("Finding the colours" in caption.value for caption in page.caption)
