"""Measuring from file to file."""

import pytest

from colorizer.network import Colorizer
from colorizer.speed import draw_frames, film_speed, picture_speed
from colorizer.weights.local_models import locate
from tests.caffe_writer import write_tiny_network
from tests.mobile import write_mobile


@pytest.fixture(scope="module", params=[write_tiny_network, write_mobile])
def colorizer(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("net")
    request.param(folder)
    with Colorizer(locate(folder)) as opened:
        yield opened


def test_a_picture_and_a_film_take_time(colorizer):
    picture, film = picture_speed(colorizer, 1), film_speed(colorizer, 128, 96, 0.5)
    assert picture.seconds > 0
    assert picture.rate == pytest.approx(1 / picture.seconds)
    assert film.rate == pytest.approx(12 / film.seconds)


def test_the_drawn_film_moves_and_is_the_same_every_time():
    first, second = (list(draw_frames(64, 48, 3)) for _ in range(2))
    assert all((one == other).all() for one, other in zip(first, second, strict=True))
    assert (first[0] != first[1]).any()
