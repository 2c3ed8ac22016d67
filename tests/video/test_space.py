"""The room on the disk."""

import pytest

from colorizer.errors import OutputError
from colorizer.video import space
from colorizer.video.probe import probe
from colorizer.video.space import check_space, size
from colorizer.video.wanted import FilmSettings, Range
from tests.video.films import smooth_film


@pytest.fixture
def film(tmp_path):
    return probe(smooth_film(tmp_path / "grey.mkv"))


def _free(monkeypatch, count):
    monkeypatch.setattr(space.shutil, "disk_usage", lambda _: type("Usage", (), {"free": count}))


def test_a_short_film_needs_little_room(tmp_path, film, monkeypatch):
    _free(monkeypatch, 3 * 10**6)
    check_space(film, tmp_path / "a.mp4", FilmSettings(), 0)


def test_a_disk_without_room_is_one_line_in_a_unit_that_says_something(tmp_path, film, monkeypatch):
    _free(monkeypatch, 400_000)
    with pytest.raises(OutputError, match=r"about \d\.\d MB are needed for a\.mp4, and 0\.4 MB are free") as caught:
        check_space(film, tmp_path / "a.mp4", FilmSettings(), 0)
    assert "kept" not in str(caught.value)


def test_what_is_finished_already_needs_no_more_room(tmp_path, film, monkeypatch):
    asked = []
    for done in (0, 20, 40):
        _free(monkeypatch, 0)
        with pytest.raises(OutputError) as caught:
            check_space(film, tmp_path / "a.mp4", FilmSettings(), done)
        asked.append(float(str(caught.value).split()[1]))
    assert asked == sorted(asked, reverse=True)
    assert asked[0] > asked[-1]
    _free(monkeypatch, 1_200_000)
    check_space(film, tmp_path / "a.mp4", FilmSettings(range=Range(max_frames=3)), 0)


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0.0 MB"), (45_000_000, "45 MB"), (2_340_000, "2.3 MB"), (1_260_000_000, "1.3 GB")]
)
def test_sizes_are_told_in_the_unit_that_suits_them(count, words):
    assert size(count) == words
