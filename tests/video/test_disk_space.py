"""The room on the disk."""

import pytest

from colorizer.color.code_values import at_depth
from colorizer.errors import OutputError
from colorizer.speed import draw_frames
from colorizer.video import disk_space
from colorizer.video.disk_space import bytes_per_pixel, check_space
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.result.codecs import CODECS
from colorizer.video.source.probe import probe
from tests.video.films import smooth_film, write


@pytest.fixture
def film(tmp_path):
    return probe(smooth_film(tmp_path / "grey.mkv"))


def _free(monkeypatch, count):
    monkeypatch.setattr(disk_space.shutil, "disk_usage", lambda _: type("Usage", (), {"free": count}))


def test_a_short_film_needs_little_room(tmp_path, film, monkeypatch):
    _free(monkeypatch, 3 * 10**6)
    check_space(film, tmp_path / "a.mp4", FilmSettings(), 0)


def test_a_disk_without_room_is_one_line_in_a_unit_that_says_something(tmp_path, film, monkeypatch):
    _free(monkeypatch, 400_000)
    with pytest.raises(OutputError, match=r"about \d\.\d+ MB are needed for a\.mp4, and 400 kB are free") as caught:
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
    ("codec", "lossless"),
    [(codec, lossless) for codec, row in CODECS.items() for lossless in (False, row.lossless_options is not None)],
)
def test_what_is_asked_for_holds_grainy_film_and_is_no_fantasy(tmp_path, codec, lossless):
    grain = list(draw_frames(160, 120, 24))
    bits = min(CODECS[codec].formats)
    suffix = ".mov" if codec == "prores" else ".mp4"
    path = write(tmp_path / f"a{suffix}", [at_depth(luma, 8, bits) for luma in grain], range(0, 24 * 1001, 1001),
                 codec=codec, bits=bits, lossless=lossless)  # fmt: skip
    needed = bytes_per_pixel(Encoding(codec, lossless=lossless), 8) * 160 * 120 * 24
    assert path.stat().st_size < 1.3 * needed  # so small frames have more grain for their size
    assert needed < 4 * path.stat().st_size


def test_a_coarser_quality_needs_less_and_nothing_needs_more_than_all_of_it():
    sizes = [bytes_per_pixel(Encoding("h264", crf), 8) for crf in range(52)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == bytes_per_pixel(Encoding("h264", lossless=True), 8)


def test_the_best_quality_of_av1_is_the_largest_file(tmp_path):
    grain = list(draw_frames(64, 64, 6))
    paths = [write(tmp_path / f"{crf}.mp4", grain, range(0, 6006, 1001), codec="av1", lossless=False, crf=crf)
             for crf in (0, 10, 30)]  # fmt: skip
    sizes = [path.stat().st_size for path in paths]
    assert sizes == sorted(sizes, reverse=True)
