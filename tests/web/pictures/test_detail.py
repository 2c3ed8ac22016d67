"""Parts of pictures in all their pixels: what looking closely shows."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.image.values import SourcePicture
from colorizer.picture import render
from colorizer.web.colouring import Picture
from colorizer.web.pictures.detail import DetailViews, Part, part_after, part_before, part_luma, read_part
from colorizer.web.preview import preview_luma

HEIGHT, WIDTH = 300, 420
RNG = np.random.default_rng(3)
LUMA = cv2.resize(RNG.integers(20, 235, (15, 21), np.uint8), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
CHROMA = cv2.resize(RNG.normal(0, 15, (5, 7, 2)).astype(np.float32), (28, 20), interpolation=cv2.INTER_CUBIC)
SOURCE = SourcePicture("a.png", "PNG", LUMA)
GRADE = Grade(saturation=1.2, warmth=0.2)
EDGES = st.tuples(st.integers(0, 9), st.integers(1, 10)).filter(lambda pair: pair[0] < pair[1])


def after(part: Part) -> np.ndarray:
    return part_after(SOURCE, preview_luma(SOURCE), part=part, chroma=CHROMA, grade=GRADE).astype(int)


@given(EDGES, EDGES)
def test_a_part_is_that_part_of_the_result(across, down) -> None:
    part = Part(across[0] / 10, down[0] / 10, across[1] / 10, down[1] / 10, 4096)
    rows, columns = part.pixels(HEIGHT, WIDTH)
    whole = render(LUMA, CHROMA, GRADE).astype(int)
    difference = np.abs(after(part) - whole[rows, columns])
    assert difference.max() <= 6
    assert difference.mean() < 1


def test_a_part_has_no_more_pixels_than_are_asked_for() -> None:
    assert after(Part(0, 0, 1, 1, 100)).shape == (71, 100, 3)
    assert after(Part(0.5, 0.5, 0.5001, 0.5001, 100)).shape == (1, 1, 3)


def test_what_is_transparent_lies_on_white_and_a_tone_is_shown_as_it_was() -> None:
    alpha = np.full_like(LUMA, 255)
    alpha[:, : WIDTH // 2] = 0
    luma = part_luma(SourcePicture("a.png", "PNG", LUMA, alpha), Part(0, 0, 1, 1, 4096))
    assert (luma[:, : WIDTH // 2] == 255).all()
    assert np.array_equal(luma[:, WIDTH // 2 :], LUMA[:, WIDTH // 2 :])
    assert part_before(SOURCE, Part(0, 0, 1, 1, 4096)).ndim == 2


@pytest.mark.parametrize(
    "query",
    [{"part": "0,0,1"}, {"part": "a,0,1,1"}, {"part": "0.5,0,0.5,1"}, {"part": "0,0,1,1.1"}, {"part": "nan,0,1,1"},
     {"part": "0,0,1,1", "detail": "5"}, {"part": "0,0,1,1", "detail": "99999"}, {"part": "0,0,1,1", "detail": "x"}],
)  # fmt: skip
def test_parts_that_make_no_sense_are_refused(query) -> None:
    with pytest.raises(SettingError):
        read_part(query)


def test_an_address_without_a_part_asks_for_all() -> None:
    assert read_part({}) is None
    assert read_part({"part": "0,0.25,0.5,1", "detail": "800"}) == Part(0, 0.25, 0.5, 1, 800)


def test_the_picture_that_was_looked_at_last_is_read_once() -> None:
    reads: list[str] = []

    def read(path: Path, name: str) -> SourcePicture:
        reads.append(name)
        return SOURCE

    views = DetailViews(read)
    first, second = (Picture(name, name, "", Path(name)) for name in "ab")
    for picture in (first, first, second, second, first):
        assert views.after(picture, Part(0, 0, 0.5, 0.5, 200), CHROMA, GRADE).startswith(b"\xff\xd8")
        assert views.before(picture, Part(0, 0, 0.5, 0.5, 200)).startswith(b"\xff\xd8")
    views.close()
    assert reads == ["a", "b", "a"]
