"""Colour pictures in, luma and chroma out."""

import io
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.lightness import luma
from training.data import SIDE, Pictures, lightness_table, load, small, to_luma_ab


def colour_picture(seed: int, height: int = 30, width: int = 40) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (3, 4, 3), np.uint8)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def png(picture: np.ndarray) -> bytes:
    return cv2.imencode(".png", picture)[1].tobytes()


@given(st.integers(0, 2**32 - 1))
def test_luma_is_the_one_the_program_makes(seed: int) -> None:
    bgr = colour_picture(seed)
    assert np.array_equal(to_luma_ab(bgr)[..., 0], luma(bgr[..., ::-1]))


def test_lightness_rises_from_black_to_white() -> None:
    table = lightness_table()
    assert table[0] == pytest.approx(0, abs=1e-3)
    assert table[255] == pytest.approx(100, abs=1e-3)
    assert (np.diff(table) > 0).all()


@given(st.integers(1, 600), st.integers(1, 600))
def test_pictures_are_reduced_to_144_on_the_short_side_and_never_enlarged(height: int, width: int) -> None:
    result = small(np.zeros((height, width, 3), np.uint8))
    assert min(result.shape[:2]) == min(height, width, SIDE)


def test_folder_and_tar_give_the_same_pictures_and_the_cache_gives_them_again(tmp_path: Path) -> None:
    loose, packed = tmp_path / "loose ü", tmp_path / "packed"
    loose.mkdir()
    packed.mkdir()
    with tarfile.open(packed / "one.tar", "w") as tar:
        for seed in range(3):
            data = png(colour_picture(seed))
            (loose / f"{seed}.png").write_bytes(data)
            member = tarfile.TarInfo(f"{seed}.png")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    first, second = load(loose, tmp_path / "a"), load(packed, tmp_path / "b")
    again = load(tmp_path / "no longer there", tmp_path / "a")
    for index in range(3):
        expected = to_luma_ab(colour_picture(index))
        for pictures in (first, second, again):
            plane, chroma = pictures.picture(index)
            assert np.array_equal(plane, expected[..., 0])
            assert np.array_equal(chroma, expected[..., 1:])


def test_grey_and_broken_pictures_are_left_out_and_sets_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "colour.png").write_bytes(png(colour_picture(0)))
    (folder / "grey.png").write_bytes(png(np.full((20, 20, 3), 90, np.uint8)))
    (folder / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "index.tsv").write_text("file\tset\ncolour.png\tstreets\n", encoding="utf-8")
    pictures = load(folder, tmp_path / "cache", tmp_path / "index.tsv")
    assert len(pictures) == 1
    assert pictures.sets.tolist() == ["streets"]


def test_a_source_without_colour_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no colour picture"):
        load(tmp_path, tmp_path / "cache")
    assert not (tmp_path / "cache" / "index.npz").exists()


def test_held_out_pictures_are_never_trained_on() -> None:
    count = 500
    pictures = Pictures(
        np.zeros(3 * count, np.uint8), np.arange(0, 3 * count + 1, 3), np.ones((count, 2), int), np.full(count, "")
    )
    train, held = pictures.split()
    assert sorted([*train, *held]) == list(range(count))
    assert 0 < len(held) < count / 40


def test_a_cache_that_was_cut_short_is_refused() -> None:
    with pytest.raises(ValueError, match="delete it"):
        Pictures(np.zeros(5, np.uint8), np.array([0, 6]), np.ones((1, 2), int), np.array([""]))
