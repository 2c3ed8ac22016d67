import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from colorizer.color.grade import Grade
from colorizer.image.reading import read_picture
from colorizer.image.values import SourcePicture
from colorizer.web.preview import (
    PREVIEW_SIDE,
    jpeg_of,
    keep_preview,
    preview_luma,
    shrink,
    stored_luma,
    stored_original,
)


def decoded(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_preview_has_8_bits_and_no_more_pixels_than_it_needs(dtype: type) -> None:
    top = 1.0 if dtype is np.float32 else np.iinfo(dtype).max
    luma = np.full((500, 3000), top, dtype)
    small = preview_luma(SourcePicture("a", "PNG", luma))
    assert small.dtype == np.uint8
    assert small.shape == (round(500 * PREVIEW_SIDE / 3000), PREVIEW_SIDE)
    assert small.min() == 255


def test_a_small_picture_stays_as_it_is() -> None:
    luma = np.arange(12, dtype=np.uint8).reshape(3, 4)
    np.testing.assert_array_equal(preview_luma(SourcePicture("a", "PNG", luma)), luma)


def test_transparent_parts_are_shown_on_white() -> None:
    luma, alpha = np.zeros((4, 4), np.uint8), np.zeros((4, 4), np.uint8)
    alpha[0] = 255
    shown = preview_luma(SourcePicture("a", "PNG", luma, alpha))
    assert shown[0].max() == 0
    assert shown[1:].min() == 255


@pytest.mark.parametrize(
    ("shape", "shown"),
    [((1, 1), (1, 1)), ((1, 5000), (1, 360)), ((5000, 1), (360, 1)), ((33, 57), (33, 57)), ((500, 720), (250, 360))],
)
def test_any_shape_can_be_shown(shape: tuple[int, int], shown: tuple[int, int]) -> None:
    luma = shrink(np.full(shape, 90, np.uint8), PREVIEW_SIDE)
    chroma = np.full((8, 8, 2), 20, np.float32)
    assert decoded(jpeg_of(luma, 360)).shape == shown
    assert decoded(jpeg_of(luma, 360, chroma)).shape == (*shown, 3)


def test_the_grade_changes_the_picture_and_zero_intensity_is_grey() -> None:
    luma = np.full((40, 60), 128, np.uint8)
    chroma = np.full((8, 8, 2), 25, np.float32)
    plain = decoded(jpeg_of(luma, 360, chroma)).astype(int)
    assert plain[..., 2].mean() > plain[..., 0].mean() + 20  # red above blue: a* and b* are positive
    grey = decoded(jpeg_of(luma, 360, chroma, Grade(intensity=0))).astype(int)
    assert abs(grey - 128).max() <= 2


def test_a_toned_picture_is_shown_as_it_was_and_comes_through_below_full_intensity(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    grey = cv2.resize(rng.integers(60, 200, (6, 9), np.uint8), (900, 600), interpolation=cv2.INTER_CUBIC)
    sepia = np.clip(grey[..., None] * np.float32([1.1, 1, 0.8]), 0, 255).astype(np.uint8)
    source = read_picture(cv2.imencode(".png", sepia[..., ::-1])[1].tobytes(), "a.png")
    keep_preview(source, tmp_path / "a.npz")
    luma, own = stored_luma(tmp_path / "a.npz"), stored_original(tmp_path / "a.npz")
    assert own is not None
    assert np.abs(own.astype(int) - sepia).mean() < 1
    before = decoded(jpeg_of(luma, 640, own=own))[..., ::-1].astype(int)
    assert before[..., 0].mean() - before[..., 2].mean() > 20
    chroma = np.full((8, 8, 2), 25, np.float32)
    faint = decoded(jpeg_of(luma, 640, chroma, Grade(intensity=0), own))[..., ::-1]
    assert np.abs(faint - before).mean() < 1
    keep_preview(SourcePicture("b", "PNG", grey), tmp_path / "b.npz")
    assert stored_original(tmp_path / "b.npz") is None


def test_a_view_that_is_made_again_where_it_is_lost_waits_for_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[int] = []
    monkeypatch.setattr(os, "fsync", waited.append)
    luma = np.full((40, 60), 128, np.uint8)
    keep_preview(SourcePicture("a", "PNG", luma), tmp_path / "a.npy")
    np.testing.assert_array_equal(stored_luma(tmp_path / "a.npy"), luma)
    assert not waited
