"""The Videos page, driven without a browser: what is ordered there, and what is said of an order before it is made."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from colorizer.color.grade import Grade
from colorizer.video.film_settings import Encoding, Range
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter
from colorizer.web import state
from colorizer.web.films import state as film_state
from colorizer.web.films.findings import findings
from tests.pages.videos_page import STUDIO, bring, button, jobs, opened, parts, slider, text, wait_until


@pytest.fixture
def page() -> Iterator[AppTest]:
    yield from opened()


@pytest.mark.usefixtures("no_trials")
def test_an_order_carries_all_that_was_chosen(page: AppTest, films: Path) -> None:
    (film,) = bring(page, films / "Oma.mkv")
    slider(page, "Warmth").set_value(0.5).run()
    text(page, "From").set_value("0:00.5").run()
    text(page, "To").set_value("2").run()
    slider(page, "Steadiness").set_value(0.2).run()
    button(page, "Colour this film").click().run()
    assert not page.exception
    (job,) = jobs()
    order = job.order
    assert (order.source, order.title, order.suffix) == (film.path, "Oma.mkv", ".mp4")
    assert order.settings.grade == Grade(warmth=0.5)
    assert order.settings.range == Range(Fraction(1, 2), Fraction(2))
    assert order.settings.encoding == Encoding("h264", 18)
    assert order.settings.steadiness.steady == 0.2
    assert "in the queue" in page.success[0].value


@pytest.mark.usefixtures("no_trials")
def test_a_second_press_says_that_the_film_is_queued_already_and_offers_another(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    button(page, "Colour this film").click().run()
    button(page, "Colour this film").click().run()
    assert not page.exception
    assert len(jobs()) == 1
    assert "Oma\\.mkv is in the queue already" in page.info[0].value
    button(page, "Colour it once more").click().run()
    assert len(jobs()) == 2
    assert not page.info
    slider(page, "Warmth").set_value(0.5).run()
    button(page, "Colour this film").click().run()
    assert len(jobs()) == 3  # other colours are another film
    assert not page.info


@pytest.mark.usefixtures("no_trials")
def test_films_that_are_queued_already_are_left_out_when_all_are_ordered(page: AppTest, films: Path) -> None:
    bring(page, films)
    button(page, "Colour this film").click().run()
    button(page, "Colour all 2 films").click().run()
    assert [job.order.title for job in jobs()] == ["Oma.mkv", "Opa.mkv"]
    assert "Oma\\.mkv is in the queue already" in page.info[0].value
    assert "Opa\\.mkv is in the queue" in page.success[0].value


@pytest.mark.usefixtures("no_trials")
def test_a_film_that_is_in_colour_says_so_and_its_colours_can_be_left(page: AppTest, films: Path) -> None:
    spec = VideoSpec(64, 48, Fraction(1, 24), codec="ffv1", lossless=True)
    slope = np.asarray(128 + 60 * np.linspace(-1, 1, 32) + np.zeros((24, 1)), np.uint8)
    with SegmentWriter(films / "Colour.mkv", spec) as writer:
        for number in range(12):
            writer.write(number, np.full((48, 64), 90 + number, np.uint8), slope, slope)
    (film,) = bring(page, films / "Colour.mkv")
    assert any("This film is in colour already" in part.value for part in page.markdown)
    assert all(frame["after"] != frame["before"] for frame in parts(page, "frames")[0]["frames"])
    assert not [each for each in page.checkbox if "have colour already" in each.label]
    page.session_state[f"keep-colour-{film.id}-0"] = True
    page.run()
    assert not page.exception
    assert all(frame["after"] == frame["before"] for frame in parts(page, "frames")[0]["frames"])
    button(page, "Colour this film").click().run()
    assert jobs()[0].order.settings.keep_colour_shots


@pytest.mark.parametrize(("purpose", "suffix", "codec"), [("Archive", ".mkv", "ffv1"), ("Edit", ".mov", "prores")])
@pytest.mark.usefixtures("no_trials")
def test_plain_words_choose_codec_and_container(
    page: AppTest, films: Path, purpose: str, suffix: str, codec: str
) -> None:
    (film,) = bring(page, films / "Oma.mkv")
    page.session_state[f"purpose-{film.id}-0"] = purpose
    page.run()
    button(page, "Colour this film").click().run()
    (job,) = jobs()
    assert (job.order.suffix, job.order.settings.encoding.codec) == (suffix, codec)


@pytest.mark.usefixtures("no_trials")
def test_what_advanced_changes_is_said_beside_the_purpose_with_the_way_back(page: AppTest, films: Path) -> None:
    (film,) = bring(page, films / "Oma.mkv")
    assert any("An MP4 that plays" in caption.value for caption in page.caption)
    next(each for each in page.selectbox if each.label == "Codec").set_value("ffv1").run()
    for again in (page, AppTest.from_file(str(STUDIO), default_timeout=60).run()):  # Advanced is closed in the other
        if again is not page:
            again.switch_page("videos.py").run()
        assert "Written as FFV1 (lossless), MKV" in again.warning[0].value
        assert not any("An MP4 that plays" in caption.value for caption in again.caption)
    button(page, "Back to Share").click().run()
    assert not page.exception
    assert not page.warning
    assert next(each for each in page.selectbox if each.label == "Codec").value == "As chosen above"
    button(page, "Colour this film").click().run()
    order = jobs()[0].order
    assert (order.suffix, order.settings.encoding) == (".mp4", Encoding("h264", 18))
    assert film.path == order.source


@pytest.mark.usefixtures("no_trials")
def test_a_trim_that_makes_no_sense_is_said_and_cannot_be_ordered(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    text(page, "From").set_value("half past two").run()
    assert "is no time" in page.error[0].value
    assert not [each for each in page.button if each.label.startswith("Colour")]
    text(page, "From").set_value("").run()
    assert button(page, "Colour this film")


@pytest.mark.usefixtures("no_trials")
def test_an_end_behind_the_films_own_is_said_and_taken_as_its_end(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    text(page, "To").set_value("9:00").run()
    assert any("long: it is made to its end" in caption.value for caption in page.caption)
    button(page, "Colour this film").click().run()
    assert jobs()[0].order.settings.range == Range()


@pytest.mark.usefixtures("no_trials")
def test_all_films_are_ordered_at_once_each_in_its_own_colours(page: AppTest, films: Path) -> None:
    second = bring(page, films)[1]
    state.saved_choices().set_grade(second.id, Grade(hue=20))
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
    listed = film_state.film_folder().put_path(str(films))
    page.run()
    wait_until(lambda: all(findings(film).is_settled for film in listed))
    page.run()
    assert page.subheader[0].value == "Oma\\.mkv"
    broken = next(film.id for film in listed if film.name == "A broken.mkv")
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
        state.saved_choices().recall(second.id, name, "")
        state.saved_choices()._choices[second.id][name] = value
    button(page, "Colour all 2 films").click().run()
    assert [job.order.title for job in jobs()] == ["Oma.mkv"]
    assert "Opa\\.mkv was left out" in page.error[0].value
    assert "must lie after the start" in page.error[0].value


@pytest.mark.usefixtures("no_trials")
def test_a_folder_of_numbered_pictures_is_offered_and_ordered_as_one_film(page: AppTest, films: Path) -> None:
    folder = films / "Oma 1958"
    folder.mkdir()
    for number in range(12):
        cv2.imwrite(str(folder / f"frame_{number:04d}.png"), np.full((48, 64), 60 + number, np.uint8))
    (film,) = bring(page, folder)
    assert page.subheader[0].value == "Oma 1958"
    facts = findings(film).facts
    assert facts is not None
    assert (facts.frames, facts.width, facts.height) == (12, 64, 48)
    button(page, "Colour this film").click().run()
    assert not page.exception
    (job,) = jobs()
    assert (job.order.source, job.order.title) == (folder, "Oma 1958")


@pytest.mark.usefixtures("no_trials")
def test_removing_a_film_that_a_job_needs_only_puts_it_away(page: AppTest, films: Path) -> None:
    bring(page, films / "Oma.mkv")
    button(page, "Colour this film").click().run()
    button(page, "Remove").click().run()
    assert [film.is_hidden for film in film_state.film_folder().films()] == [True]
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
