"""Chroma carried forward: what a live picture shows while the network is still at work."""

from concurrent.futures import Future

import cv2
import numpy as np
import pytest

from colorizer.color.grade import Chroma
from colorizer.errors import EngineError
from colorizer.video.colour.live_propagation import KEY_EVERY, ForwardPropagator
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.colour.shots import Small

HEIGHT, WIDTH = 96, 128


def scene(seed: int = 1) -> Small:
    soft = np.random.default_rng(seed).integers(40, 220, (HEIGHT // 8, WIDTH // 4), np.uint8)
    return np.asarray(cv2.resize(soft, (2 * WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.uint8)


def view(of: Small, left: int) -> Small:
    return np.ascontiguousarray(of[:, left : left + WIDTH])


def halves(boundary: int) -> Chroma:
    """Red left of the boundary, blue right of it."""
    chroma = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    chroma[:, :boundary], chroma[:, boundary:] = (50, 30), (10, -50)
    return chroma


def share_of_red(chroma: Chroma) -> float:
    return float((chroma[..., 1] > 0).mean())


class Network:
    """Answers when it is told to."""

    def __init__(self, *ready: Chroma) -> None:
        self.asked: list[Future[Chroma]] = []
        self._ready = list(ready)

    def __call__(self, luma: Small) -> Future[Chroma]:
        answer: Future[Chroma] = Future()
        self.asked.append(answer)
        if self._ready:
            answer.set_result(self._ready.pop(0))
        return answer


def shown(propagator: ForwardPropagator, luma: Small) -> Chroma:
    guide, chroma = propagator.push(luma)
    assert chroma is not None
    assert chroma.shape == (*guide.shape, 2)
    return chroma


def test_colour_moves_with_the_picture_while_the_network_rests() -> None:
    network = Network(halves(64))
    propagator, film = ForwardPropagator(network), scene()
    assert share_of_red(shown(propagator, view(film, 0))) == pytest.approx(0.5, abs=0.03)
    for step in range(1, KEY_EVERY):
        moved = shown(propagator, view(film, 4 * step))
        assert share_of_red(moved) == pytest.approx((64 - 4 * step) / WIDTH, abs=0.04)
    assert len(network.asked) == 1


def test_a_late_answer_is_carried_along_what_moved_meanwhile() -> None:
    network = Network()
    propagator, film = ForwardPropagator(network, Steadiness(1, 0), patience=0), scene()
    for step in range(5):
        assert propagator.push(view(film, 4 * step))[1] is None
    network.asked[0].set_result(halves(64))
    late = shown(propagator, view(film, 20))
    assert share_of_red(late) == pytest.approx(44 / WIDTH, abs=0.04)
    assert len(network.asked) == 1, "one question at a time"


def test_the_network_is_asked_again_after_so_many_frames_and_never_twice_at_once() -> None:
    network = Network(halves(64))
    propagator, film = ForwardPropagator(network, Steadiness(3)), scene()
    for step in range(10):
        shown(propagator, view(film, 2 * step))
    assert len(network.asked) == 2
    network.asked[1].set_result(halves(64))
    for step in range(10, 12):
        shown(propagator, view(film, 2 * step))
    assert len(network.asked) == 3


def test_each_key_frame_keeps_part_of_the_colour_that_came_with_the_motion() -> None:
    red, blue = halves(WIDTH), halves(0)
    network = Network(red, blue)
    propagator, film = ForwardPropagator(network, Steadiness(2, 0.8)), scene()
    first = [shown(propagator, view(film, 2 * step)) for step in range(3)]
    assert -50 < float(first[2][..., 1].mean()) < 30
    network = Network(red, blue)
    propagator = ForwardPropagator(network, Steadiness(2, 0))
    second = [shown(propagator, view(film, 2 * step)) for step in range(3)]
    assert float(second[2][..., 1].mean()) == pytest.approx(-50, abs=2)


def test_a_cut_lets_go_of_every_colour_and_of_the_answer_that_is_still_to_come() -> None:
    network = Network(halves(WIDTH))
    propagator = ForwardPropagator(network, Steadiness(1), patience=0)
    shown(propagator, view(scene(1), 0))
    shown(propagator, view(scene(1), 4))
    assert len(network.asked) == 2
    assert propagator.push(view(scene(2), 0))[1] is None
    assert network.asked[1].cancelled()
    network.asked[2].set_result(halves(0))
    assert share_of_red(shown(propagator, view(scene(2), 4))) == 0


def test_another_shape_is_another_picture() -> None:
    network = Network(halves(WIDTH), halves(0)[:, :90])
    propagator = ForwardPropagator(network)
    shown(propagator, view(scene(), 0))
    assert share_of_red(shown(propagator, view(scene(), 0)[:, :90])) == 0


def test_a_picture_that_stands_still_needs_neither_flow_nor_network() -> None:
    network = Network(halves(64))
    propagator = ForwardPropagator(network)
    first = shown(propagator, view(scene(), 0))
    for _ in range(3 * KEY_EVERY):
        np.testing.assert_array_equal(shown(propagator, view(scene(), 0)), first)
    assert len(network.asked) == 1


def test_black_frames_have_no_colour_and_run_no_network() -> None:
    network = Network(halves(64), halves(0))
    propagator = ForwardPropagator(network)
    assert not shown(propagator, np.zeros((HEIGHT, WIDTH), np.uint8)).any()
    assert not network.asked
    shown(propagator, view(scene(), 0))
    assert not shown(propagator, np.zeros((HEIGHT, WIDTH), np.uint8)).any()
    assert share_of_red(shown(propagator, view(scene(), 0))) == 0, "what comes after black begins anew"


def test_the_first_frame_waits_a_moment_for_its_colour() -> None:
    pool_answer: Future[Chroma] = Future()
    propagator = ForwardPropagator(lambda _: pool_answer, patience=0.05)
    assert propagator.push(view(scene(), 0))[1] is None
    pool_answer.set_result(halves(64))
    shown(propagator, view(scene(), 2))


def test_what_the_network_raises_reaches_the_caller_and_the_next_frame_asks_again() -> None:
    network = Network()
    propagator = ForwardPropagator(network, patience=0)
    propagator.push(view(scene(), 0))
    network.asked[0].set_exception(EngineError("no device"))
    with pytest.raises(EngineError, match="no device"):
        propagator.push(view(scene(), 2))
    propagator.push(view(scene(), 4))
    assert len(network.asked) == 2
