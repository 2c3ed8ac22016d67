from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.inspect.film_facts import FilmFacts
from colorizer.inspect.forecast import Measured
from colorizer.video.film_settings import Range, read_time
from colorizer.video.result.codecs import check_combination
from colorizer.web.durations import about_text, clock_text, duration_text, span_text
from colorizer.web.films.film_choices import Choices, beyond_text, film_order, frames_in, seconds_in, trimmed
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.film_words import about_size_text, estimate_text, fact_rows, size_span_text
from colorizer.web.films.findings import Shots
from colorizer.web.purposes import PURPOSES

FACTS = FilmFacts(
    720, 576, 1024, 576, "100", "25", 2500, "h264", 10, interlaced=True, variable_rate=False,
    sound=("AAC, stereo",), subtitles=("eng",), chapters=3, notes=(),
)  # fmt: skip
FILM = StudioFilm("0" * 24, "Oma.mkv", 5_000_000, 1, Path("/uploads/0"))


@given(st.integers(0, 10**6))
def test_a_time_that_is_shown_can_be_typed(tenths: int) -> None:
    assert read_time(clock_text(Fraction(tenths, 10))) == Fraction(tenths, 10)


def test_a_trim_counts_from_the_first_picture() -> None:
    assert trimmed("", "", FACTS) == Range()
    assert trimmed("0", "1:40", FACTS) == Range()
    assert trimmed("10", "", FACTS) == Range(Fraction(10))
    assert trimmed("", "0:20.5", FACTS) == Range(None, Fraction(41, 2))


def test_an_end_behind_the_films_own_is_said() -> None:
    assert beyond_text("9:00", FACTS) == "The film is 1:40 long: it is made to its end."
    assert [beyond_text(end, FACTS) for end in ("", "1:39", "1:40", "1:40.04")] == [""] * 4
    assert not beyond_text("9:00", replace(FACTS, seconds=""))


@pytest.mark.parametrize(("start", "end"), [("1:40", ""), ("200", ""), ("30", "20"), ("30", "30"), ("", "0")])
def test_a_trim_that_leaves_nothing_is_said(start: str, end: str) -> None:
    with pytest.raises(SettingError):
        trimmed(start, end, FACTS)


def test_a_trim_of_a_film_of_unknown_length_is_taken_as_it_is() -> None:
    assert trimmed("500", "600", replace(FACTS, seconds="")) == Range(Fraction(500), Fraction(600))


@pytest.mark.parametrize(("start", "end", "frames"), [("", "", 2500), ("50", "", 1250), ("10", "0:20", 250)])
def test_the_estimate_follows_the_trim(start: str, end: str, frames: int) -> None:
    assert frames_in(FACTS, trimmed(start, end, FACTS)) == frames


MEASURED = Measured(
    frames=50, seconds=2.0, fixed=3.0, bytes=1e6, runs=5, shots=1, run_seconds=0.1, engine="opencv on cpu (f32)"
)  # fmt: skip


def test_an_estimate_is_said_in_words() -> None:
    assert estimate_text(FACTS, Range(), MEASURED) == "About **75 seconds to 2 minutes** and **50 MB**."
    assert estimate_text(FACTS, trimmed("", "0:10", FACTS), MEASURED) == "About **10 to 15 seconds** and **5 MB**."
    assert "and **31 to 80 MB**" in estimate_text(FACTS, Range(), replace(MEASURED, size_give=1.6))
    assert size_span_text(1_000_000, 2.0) == "500 kB to 2 MB"
    assert "Measuring" in estimate_text(FACTS, Range(), None)
    assert r"a\_b\_c" in estimate_text(FACTS, Range(), "a_b_c")
    assert "25 frames a second" in estimate_text(replace(FACTS, frames=None), Range(), MEASURED)


def test_an_estimate_knows_of_shots_of_earlier_films_and_of_films_in_the_making() -> None:
    assert seconds_in(FACTS, Range(), None, MEASURED) == pytest.approx(103)
    assert seconds_in(FACTS, Range(), Shots(150, 60.0, whole=False), MEASURED) == pytest.approx(103)
    assert seconds_in(FACTS, Range(), Shots(150, 100.0, whole=True), MEASURED) == pytest.approx(113)
    assert seconds_in(FACTS, trimmed("50", "", FACTS), Shots(150, 100.0, whole=True), MEASURED) == pytest.approx(58)
    assert seconds_in(replace(FACTS, frames=None), Range(), None, MEASURED) is None
    assert "**2 to 4 minutes**" in estimate_text(FACTS, Range(), MEASURED, None, 1.7)
    assert "**60 seconds to 3 minutes**" in estimate_text(FACTS, Range(), replace(MEASURED, spread=2.0))
    assert "**50 seconds to 3 minutes**" in estimate_text(FACTS, Range(), replace(MEASURED, spread=99.0))
    assert "**40 seconds to 2 minutes**" in estimate_text(FACTS, Range(), replace(MEASURED, busy=1))


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_span_is_said_in_round_numbers_that_are_near(one: float, other: float) -> None:
    least, most = sorted((one, other))
    units = {"second": 1, "minute": 60, "hour": 3600}
    words = span_text(least, most).replace(" to ", " ").split()
    ends: list[float] = []
    unit = 0
    for word in reversed(words):
        if word.isdigit():
            ends.insert(0, int(word) * unit)
        else:
            unit = units[word.removesuffix("s")]
    assert ends == sorted(ends)
    for said, meant in ((ends[0], least), (ends[-1], most)):
        most_off = 1.5 if meant < 2 else 1.34
        assert said == 1 if meant < 1 else 1 / most_off <= said / meant <= most_off


@given(st.integers(1, 9 * 10**11))
def test_a_size_is_said_with_two_digits(count: int) -> None:
    text = about_size_text(count)
    assert len(text.split()[0].replace(".", "").strip("0")) <= 2
    assert about_text(200) == "3 minutes"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 second"), (60, "60 seconds"), (100, "2 minutes"), (5400, "1 hour 30 minutes"), (7200, "2 hours"),
     (40 * 3600 + 600, "40 hours")],
)  # fmt: skip
def test_durations_are_said_in_words(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize("purpose", PURPOSES.values(), ids=PURPOSES)
def test_every_purpose_has_a_codec_that_its_container_holds(purpose) -> None:  # type: ignore[no-untyped-def]
    check_combination(purpose.codec, purpose.suffix)
    assert not purpose.qualities or "Good" in dict(purpose.qualities)


def test_an_order_says_all_that_was_chosen() -> None:
    order = film_order(FILM, FACTS, Choices(deinterlace=True, keep_colour_shots=True), Grade(hue=5), Range(Fraction(3)))
    assert (order.source, order.title, order.suffix) == (FILM.path, "Oma.mkv", ".mp4")
    assert order.settings.grade == Grade(hue=5)
    assert order.settings.range == Range(Fraction(3))
    assert order.settings.deinterlace
    assert not film_order(
        FILM, replace(FACTS, interlaced=False), Choices(deinterlace=True), Grade()
    ).settings.deinterlace


def test_a_card_says_what_the_film_is() -> None:
    said = dict(fact_rows(FILM, FACTS, Shots(12, 60.0, whole=False)))
    assert said == {
        "Length": "1:40", "Picture": "720 × 576, shown as 1024 × 576", "Frames": "25 a second",
        "File": "5 MB, H264, 10 bit", "Sound": "AAC, stereo", "Subtitles": "eng", "Chapters": "3",
        "Shots": "12 in the first 1:00",
    }  # fmt: skip
    bare = replace(FACTS, seconds="", rate="", sound=(), subtitles=(), chapters=0)
    assert dict(fact_rows(FILM, bare, None))["Shots"] == "counting…"
    assert dict(fact_rows(FILM, bare, Shots(0, 0.0, whole=False)))["Shots"] == "not counted"
