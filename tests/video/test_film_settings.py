"""What may be asked of a film."""

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from colorizer.errors import SettingError
from colorizer.video.film_settings import Range, read_time
from colorizer.video.source.probe import probe
from tests.video.films import read, smooth_film


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1:30", 90), ("0:01:30.5", Fraction(181, 2)), ("2,5", Fraction(5, 2)),
     (" 1:00:00 ", 3600), ("0", 0), ("1:02.04", Fraction(1551, 25))],
)  # fmt: skip
def test_times_are_read_exactly(text, seconds):
    assert read_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", " ", "x", "1:2:3:4", "-1", "1:-2", "1.5:00", ":", "1:", "1e3", "½", "1/2", "٣", "nan", "1.2.3"]
)
def test_what_is_no_time_is_said(text):
    with pytest.raises(SettingError, match="is no time"):
        read_time(text)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return probe(smooth_film(tmp_path_factory.mktemp("film") / "grey.mkv", count=3))


PARTS = st.lists(st.text("0123456789.,:eE-+ x", max_size=30) | st.integers(0, 10**25).map(str), min_size=1, max_size=4)


@given(PARTS.map(":".join))
@example("999999999999999")
@example("99999999999999999999:00:00")
@example("9" * 5000)
@example("1" + "0" * 400)
def test_any_text_is_a_part_of_the_film_or_one_line(film, text):
    refusal = ""
    try:
        start = read_time(text)
        wanted = Range(start, start + 1)
    except SettingError as error:
        refusal = str(error)
    assert len(refusal.splitlines()) <= 1
    assert len(refusal) < 200
    if not refusal:
        frames, _ = read(film, wanted.start, wanted.end)
        assert len(frames) == (3 if not start else sum(start <= Fraction(n, 10) for n in range(3)))


@given(st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30), st.integers(-(10**30), 10**30))
def test_wild_ranges_are_refused_in_one_line(start, end, frames):
    refusal = ""
    try:
        Range(Fraction(start), Fraction(end), frames)
    except SettingError as error:
        refusal = str(error)
    assert len(refusal.splitlines()) <= 1
    assert refusal or (0 <= start < end and frames > 0)
