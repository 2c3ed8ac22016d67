"""Cuts are found to the frame, and nothing else is taken for one."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.video.colour.shots import LOOK_AHEAD, ShotDetector, is_black, same_picture, small_luma, with_cuts

SHAPE = (72, 128)
_tried = settings(max_examples=15)


def shot(seed, frames, speed=1.5, low=30, high=220):
    """A drawn scene that the camera pans over, with a shape moving the other way."""
    rng = np.random.default_rng(seed)
    margin = int(speed * frames) + 8
    coarse = rng.uniform(low, high, (7, 12)).astype(np.float32)
    scene = cv2.resize(coarse, (SHAPE[1] + margin, SHAPE[0]), interpolation=cv2.INTER_CUBIC)
    level = float(rng.uniform(low, high))
    pictures = []
    for number in range(frames):
        left = int(number * speed)
        picture = scene[:, left : left + SHAPE[1]] + rng.normal(0, 2, SHAPE)
        cv2.circle(picture, (100 - 2 * number % 90, 40), 9, level, -1)
        pictures.append(np.clip(picture, 0, 255).astype(np.uint8))
    return pictures


def found(pictures):
    marked = list(with_cuts(enumerate(pictures), lambda pair: pair[1]))
    assert [number for (number, _), _ in marked] == list(range(len(pictures)))
    return [number for (number, _), is_first in marked if is_first]


@_tried
@given(seed=st.integers(0, 2**20), lengths=st.lists(st.integers(4, 15), min_size=1, max_size=5))
def test_every_cut_is_found_at_its_frame_and_nothing_else(seed, lengths):
    pictures, starts = [], []
    for number, length in enumerate(lengths):
        starts.append(len(pictures))
        pictures += shot(seed * 10 + number, length)
    assert found(pictures) == starts


@pytest.mark.parametrize("at", [1, 2, 10, 11])
def test_a_cut_after_the_first_frame_and_before_the_last_is_found(at):
    pictures = shot(1, at) + shot(2, 12 - at)
    assert found(pictures) == [0, at]


def test_a_cut_between_two_dark_shots_is_found():
    assert found(shot(3, 10, low=4, high=30) + shot(4, 10, low=4, high=30)) == [0, 10]


@pytest.mark.parametrize("length", [1, LOOK_AHEAD])
def test_a_flash_is_not_a_cut(length):
    pictures = shot(5, 24)
    for number in range(10, 10 + length):
        pictures[number] = np.full(SHAPE, 250, np.uint8)
    assert found(pictures) == [0]


def test_the_flicker_and_grain_of_old_film_are_not_cuts():
    rng = np.random.default_rng(6)
    pictures = [
        np.clip(picture * rng.uniform(0.6, 1.1) + rng.normal(0, 8, SHAPE), 0, 255).astype(np.uint8)
        for picture in shot(6, 60)
    ]
    assert found(pictures) == [0]


def test_a_fade_out_and_in_is_not_cut_while_the_picture_can_be_seen():
    pictures = shot(7, 60)
    faded = [
        (picture * np.clip(abs(number - 30) / 25, 0, 1)).astype(np.uint8) for number, picture in enumerate(pictures)
    ]
    assert all(is_black(faded[number]) or faded[number].max() < 60 for number in found(faded)[1:])


def test_fast_pans_are_not_cuts():
    assert found(shot(8, 40, speed=6)) == [0]


@given(count=st.integers(0, 8))
def test_every_frame_is_answered_once_and_no_more_than_the_look_ahead_late(count):
    detector, answers = ShotDetector(), []
    for number, picture in enumerate(shot(9, count)):
        answers += detector.push(picture)
        assert number + 1 - len(answers) <= LOOK_AHEAD
    answers += detector.finish()
    assert answers == [True, *[False] * (count - 1)][:count]


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (33, 33)])
def test_frames_of_any_size_can_be_looked_at(shape):
    pictures = [np.full(shape, level, np.uint8) for level in (0, 10, 20, 30, 40)]
    assert found(pictures)[0] == 0


def test_a_size_that_changes_on_the_way_is_no_error():
    pictures = shot(10, 8) + [cv2.resize(picture, (90, 90)) for picture in shot(11, 8)]
    assert found(pictures)[0] == 0


@given(level=st.integers(0, 219), side=st.integers(1, 300))
def test_small_luma_says_the_same_for_every_depth_and_range(level, side):
    truth = round(level * 255 / 219)
    plane = np.full((40, 60), 16 + level, np.uint8)
    small = small_luma(plane, 8, full_range=False, side=side)
    assert max(small.shape) == min(side, 60)
    assert (small == truth).all()
    assert (small_luma(plane.astype(np.uint16) * 4, 10, full_range=False, side=side) == truth).all()
    assert (small_luma(np.full((40, 60), truth, np.uint8), 8, full_range=True, side=side) == truth).all()


def test_codes_beyond_black_and_white_stay_in_range():
    plane = np.array([[0, 255]], np.uint8)
    assert small_luma(plane, 8, full_range=False).tolist() == [[0, 255]]


def test_black_is_black_with_noise_and_dust_but_not_with_a_lit_face():
    rng = np.random.default_rng(0)
    black = rng.integers(0, 20, SHAPE).astype(np.uint8)
    assert is_black(black)
    black[10, 10] = 255
    assert is_black(black)
    cv2.circle(black, (40, 40), 6, 120, -1)
    assert not is_black(black)


def test_the_grey_black_of_old_film_is_black_but_a_night_scene_is_not():
    rng = np.random.default_rng(0)
    film = np.clip(rng.normal(28, 3, SHAPE), 0, 255).astype(np.uint8)
    assert is_black(film)
    assert not is_black(small_luma(shot(14, 1, low=2, high=45)[0], 8, True))


def test_the_same_picture_survives_coding_noise_but_not_motion():
    rng = np.random.default_rng(0)
    picture = shot(12, 1)[0].astype(int)
    noisy = np.clip(picture + rng.integers(-1, 2, SHAPE) * (rng.random(SHAPE) < 0.5), 0, 255).astype(np.uint8)
    assert same_picture(picture.astype(np.uint8), noisy)
    first, second = shot(13, 2, speed=0)
    assert not same_picture(first, second)
    assert not same_picture(first, first[:-1])
