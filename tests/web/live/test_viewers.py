"""Live frames: what is read, what is made of them, and how many may look."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.color.lightness import luma
from colorizer.errors import InputError, SourceTooLarge, SourceUnreadable
from colorizer.network import Colorizer
from colorizer.picture import render
from colorizer.web.live import viewers as live_module
from colorizer.web.live.viewers import LONGEST_SIDE, NoRoom, Viewers, read_frame
from tests.web.conftest import drawn_png


def drawn_luma(height: int = 96, width: int = 128) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(drawn_png(height, width), np.uint8), cv2.IMREAD_GRAYSCALE)


def jpeg(pixels: np.ndarray, quality: int = 95) -> bytes:
    return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


FRAME = jpeg(drawn_luma())


@pytest.fixture
def viewers() -> Iterator[Viewers]:
    made = Viewers()
    yield made
    made.close()


def test_a_frame_is_read_as_its_luma_whatever_its_colours() -> None:
    grey = drawn_luma()
    assert np.abs(read_frame(jpeg(grey)).astype(int) - grey).mean() < 1
    tinted = cv2.merge([grey // 2, grey, 255 - grey])
    expected = luma(np.ascontiguousarray(tinted[..., ::-1]))
    assert np.abs(read_frame(jpeg(tinted)).astype(int) - expected).mean() < 2


@given(st.binary(max_size=300), st.integers(0, len(FRAME)))
def test_whatever_comes_in_is_read_or_refused(noise: bytes, cut: int) -> None:
    for data in (noise, FRAME[:cut], FRAME[:cut] + noise):
        try:
            frame = read_frame(data)
        except InputError:
            continue
        assert frame.dtype == np.uint8
        assert max(frame.shape) <= LONGEST_SIDE


def test_a_frame_cut_short_is_damaged_and_a_png_is_no_frame() -> None:
    for data in (FRAME[: len(FRAME) // 2], drawn_png(), b""):
        with pytest.raises(SourceUnreadable):
            read_frame(data)


def test_a_large_frame_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(SourceTooLarge, match="640 pixels a side, not 641"):
        read_frame(jpeg(np.zeros((8, LONGEST_SIDE + 1), np.uint8)))
    bomb = bytearray(jpeg(np.zeros((8, 8), np.uint8)))
    at = bomb.index(b"\xff\xc0") + 5
    bomb[at : at + 4] = b"\xff\xdc\xff\xdc"
    with pytest.raises(InputError):
        read_frame(bytes(bomb))


def test_a_viewer_sees_colour_that_the_grade_changes_at_once(viewers: Viewers, colorizer: Colorizer) -> None:
    viewer = viewers.viewer(colorizer)
    viewer.colours(FRAME, Grade())  # the first one may be grey on a slow computer
    viewer._propagator._patience = 30
    coloured = cv2.imdecode(np.frombuffer(viewer.colours(FRAME, Grade()), np.uint8), cv2.IMREAD_COLOR)
    assert coloured.shape == (96, 128, 3)
    grey = cv2.imdecode(np.frombuffer(viewer.colours(FRAME, Grade(intensity=0)), np.uint8), cv2.IMREAD_COLOR)
    assert np.ptp(coloured, axis=2).mean() > 3
    assert np.ptp(grey, axis=2).max() <= 1


@pytest.mark.parametrize("grade", [Grade(), Grade(saturation=1.6, hue=40), Grade(warmth=0.5, intensity=0.7)])
def test_it_is_the_picture_that_every_other_view_makes(grade: Grade) -> None:
    guide = drawn_luma()
    chroma = np.random.default_rng(3).normal(0, 30, (*guide.shape, 2)).astype(np.float32)
    np.testing.assert_array_equal(live_module._rendered(guide, chroma, grade), render(guide, chroma, grade))


def test_there_are_so_many_seats_and_one_that_is_left_is_free_again() -> None:
    viewers = Viewers(most=2)
    with viewers.slot():
        with viewers.slot(), pytest.raises(NoRoom, match="2 live pictures"), viewers.slot():
            pass
        with viewers.slot():
            pass
    viewers.close()
