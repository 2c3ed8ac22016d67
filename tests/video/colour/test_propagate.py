"""Colour carried along the motion: the same however it is cut up, steady, and never where it does not belong."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.errors import SettingError
from colorizer.video.colour.propagate import LONGEST_WAIT, Propagator, Steadiness, grid_shape, propagate
from colorizer.video.colour.shots import small_luma

SHAPE = (90, 160)
GRID = grid_shape(*SHAPE)
GROUND, BALL = (-20.0, 30.0), (50.0, 20.0)
_tried = settings(max_examples=8)


def scene(frames, seed=0, speed=3.0):
    """Luma and true chroma of a ball that rolls over textured ground."""
    rng = np.random.default_rng(seed)
    ground = cv2.resize(rng.uniform(70, 170, (23, 40)).astype(np.float32), SHAPE[::-1], interpolation=cv2.INTER_CUBIC)
    spots = cv2.resize(rng.uniform(180, 250, (12, 12)).astype(np.float32), (41, 41), interpolation=cv2.INTER_CUBIC)
    disc = cv2.circle(np.zeros((41, 41), np.float32), (20, 20), 17, 1.0, -1)
    pictures = []
    for number in range(frames):
        luma, mask = ground.copy(), np.zeros(SHAPE, np.float32)
        left = int(8 + number * speed) % (SHAPE[1] - 41)
        luma[25:66, left : left + 41] = disc * spots + (1 - disc) * luma[25:66, left : left + 41]
        mask[25:66, left : left + 41] = disc
        chroma = (mask[..., None] * np.float32(BALL) + (1 - mask[..., None]) * np.float32(GROUND)).astype(np.float32)
        pictures.append((np.clip(luma, 0, 255).astype(np.uint8), chroma))
    return pictures


def still(frames):
    return [scene(1)[0]] * frames


def network(error=0.0, seed=0):
    """Predicts the true chroma on a 24 x 42 grid, off by another constant each time it is asked; counts its runs."""
    rng = np.random.default_rng(seed)

    def predict(pair):
        predict.runs += 1
        return cv2.resize(pair[1], (42, 24), interpolation=cv2.INTER_AREA) + rng.normal(0, error, 2).astype(np.float32)

    predict.runs = 0
    return predict


def coloured(pictures, predict=None, steadiness=Steadiness()):
    frames = ((small_luma(luma, 8, True), (luma, chroma)) for luma, chroma in pictures)
    return list(propagate(frames, SHAPE, predict or network(), steadiness))


def true_grid(chroma):
    return cv2.resize(chroma, GRID[::-1], interpolation=cv2.INTER_AREA)


def mean_error(results, pictures):
    pairs = zip(results, pictures, strict=True)
    return np.mean([np.linalg.norm(one.chroma - true_grid(chroma), axis=-1).mean() for one, (_, chroma) in pairs])


def unrest(results):
    return np.mean([np.abs(one.chroma - other.chroma).mean() for one, other in pairwise(results)])


@_tried
@given(seed=st.integers(0, 1000), frames=st.integers(1, 30), every=st.sampled_from([None, 1, 3, 8]))
def test_every_frame_gets_whole_numbers_of_one_byte_on_the_working_grid(seed, frames, every):
    results = coloured(scene(frames, seed), steadiness=Steadiness(every))
    assert len(results) == frames
    for one in results:
        assert one.chroma.shape == (*GRID, 2)
        assert (one.chroma.astype(np.int8) == one.chroma).all()


def test_every_frame_on_its_own_is_what_the_network_says_of_it():
    pictures = scene(6)
    predict = network(error=8)
    together = coloured(pictures, predict, Steadiness(1, 0))
    again = network(error=8)
    alone = [coloured([picture], again)[0] for picture in pictures]
    assert predict.runs == 6
    assert all((one.chroma == other.chroma).all() and one.is_key for one, other in zip(together, alone, strict=True))


def test_every_frame_on_its_own_means_repeated_frames_too():
    predict = network()
    coloured(still(5), predict, Steadiness(1, 0))
    assert predict.runs == 5


@pytest.mark.parametrize("every", [None, 1, 4, 7])
def test_a_shot_processed_in_parts_is_the_shot_processed_in_one_go_bit_for_bit(every):
    pictures = scene(25) + still(3)
    steadiness = Steadiness(every, 0.6)
    whole = coloured(pictures, steadiness=steadiness)
    parts, propagator = [], Propagator(SHAPE, network(), steadiness)
    for luma, chroma in pictures:
        parts += propagator.push(small_luma(luma, 8, True), (luma, chroma))
        if propagator.waiting == 0:
            propagator = Propagator(SHAPE, network(), steadiness, propagator.entry)
    parts += propagator.finish()
    assert len(parts) == len(whole)
    for one, other in zip(parts, whole, strict=True):
        assert (one.chroma == other.chroma).all()
        assert (one.is_key, one.network_ran) == (other.is_key, other.network_ran)


@pytest.mark.parametrize("every", [2, 5, 8])
def test_the_network_runs_on_every_so_many_th_frame_and_the_last(every):
    predict = network()
    results = coloured(scene(20), predict, Steadiness(every))
    keys = [number for number, one in enumerate(results) if one.is_key]
    assert keys == sorted({*range(0, 20, every), 19})
    assert predict.runs == len(keys) == sum(one.network_ran for one in results)


def test_carried_colour_follows_what_moves():
    pictures = scene(33)
    every_frame = mean_error(coloured(pictures, steadiness=Steadiness(1, 0)), pictures)
    carried = mean_error(coloured(pictures, steadiness=Steadiness(8, 0.6)), pictures)
    not_carried = np.mean(
        [
            np.linalg.norm(true_grid(pictures[n - n % 8][1]) - true_grid(pictures[n][1]), axis=-1).mean()
            for n in range(33)
        ]
    )
    assert carried < every_frame + 0.25 * not_carried


def test_colour_is_steadier_than_the_network_and_steadier_still_when_asked():
    pictures = scene(41, speed=0.5)
    plain, loose, steady = (
        unrest(coloured(pictures, network(error=8), wish))
        for wish in (Steadiness(1, 0), Steadiness(8, 0), Steadiness(8, 0.9))
    )
    assert loose < 0.5 * plain
    assert steady < 0.6 * loose


@pytest.mark.parametrize("every", [1, 4])
def test_colour_that_was_kept_comes_to_agree_with_the_network_in_the_end(every):
    red, green = (np.full((*SHAPE, 2), level, np.float32) for level in ((60, 40), (20, 10)))
    pictures = [(luma, red if number == 0 else green) for number, (luma, _) in enumerate(scene(90, speed=0.4))]
    results = coloured(pictures, steadiness=Steadiness(every, 0.75))
    assert np.abs(results[0].chroma - (60, 40)).max() <= 1
    assert np.abs(results[8].chroma - (60, 40)).mean() < np.abs(results[8].chroma - (20, 10)).mean()
    assert np.abs(results[-1].chroma - (20, 10)).mean() < 4


def test_motion_that_cannot_be_followed_brings_the_next_key_frame_early():
    first, second = scene(8), scene(8, seed=99)
    turned = [(luma[::-1].copy(), -chroma[::-1]) for luma, chroma in second]
    results = coloured(first + turned)
    assert results[8].is_key
    assert mean_error(results, first + turned) < 4


def test_frames_never_wait_longer_than_promised():
    propagator = Propagator(SHAPE, network())
    for luma, chroma in scene(60, speed=0.2):
        propagator.push(small_luma(luma, 8, True), (luma, chroma))
        assert propagator.waiting < LONGEST_WAIT


def test_a_picture_that_stands_still_is_coloured_once():
    predict = network(error=8)
    results = coloured(still(40), predict)
    assert predict.runs == 1
    assert all((one.chroma == results[0].chroma).all() for one in results)


def test_black_frames_stay_without_colour_and_without_the_network():
    black = (np.full(SHAPE, 3, np.uint8), np.full((*SHAPE, 2), 90, np.float32))
    predict = network()
    results = coloured([black] * 20, predict)
    assert predict.runs == 0
    assert not any(one.chroma.any() or one.network_ran for one in results)


def test_a_picture_after_black_has_its_full_colour():
    black = (np.full(SHAPE, 3, np.uint8), np.zeros((*SHAPE, 2), np.float32))
    pictures = [black] * 3 + scene(9)
    results = coloured(pictures)
    assert mean_error(results[3:], pictures[3:]) < 4


@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (33, 33), (700, 1), (20, 300)])
def test_frames_of_any_size_can_be_coloured(shape):
    rng = np.random.default_rng(0)
    guides = [rng.integers(100, 256, shape).astype(np.uint8) for _ in range(6)]
    frames = [(small_luma(guide, 8, True), None) for guide in guides]
    results = list(propagate(frames, shape, lambda _: np.full((2, 3, 2), 20, np.float32), Steadiness(3)))
    assert len(results) == 6
    assert all((one.chroma == 20).all() for one in results)


@given(height=st.integers(1, 20000), width=st.integers(1, 20000))
def test_the_working_grid_never_takes_more_than_twelve_kilobytes(height, width):
    rows, columns = grid_shape(height, width)
    assert 1 <= rows <= height
    assert 1 <= columns <= width
    assert 2 * rows * columns <= 12_000


def test_nothing_in_gives_nothing_out():
    assert coloured([]) == []


@pytest.mark.parametrize(
    ("key_every", "steady"), [(0, 0.5), (LONGEST_WAIT + 1, 0.5), (None, -0.1), (None, float("nan"))]
)
def test_settings_outside_their_range_are_refused_by_name(key_every, steady):
    with pytest.raises(SettingError, match="must lie between"):
        Steadiness(key_every, steady)
