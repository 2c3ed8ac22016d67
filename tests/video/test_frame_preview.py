"""The small picture of a film on its way."""

import numpy as np
import pytest

from colorizer.color.grade import Grade
from colorizer.network import Colorizer
from colorizer.video.film import colorize_film, gray_film
from colorizer.video.film_settings import Encoding, FilmSettings
from tests.models import tiny_model
from tests.video.films import SMOOTH, smooth_film


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return smooth_film(tmp_path_factory.mktemp("film") / "grey.mkv", count=8)


@pytest.fixture(scope="module")
def colorizer(tmp_path_factory):
    with Colorizer(tiny_model(tmp_path_factory.mktemp("network")), "opencv:cpu") as opened:
        yield opened


def _pictures(side):
    found = []

    def watch(progress):
        if progress.picture is not None:
            found.append(progress.picture(side))

    return found, watch


def test_every_new_frame_can_be_drawn_as_it_will_look(source, tmp_path, colorizer):
    pictures, watch = _pictures(200)
    colorize_film(source, tmp_path / "c.mkv", colorizer, FilmSettings(encoding=Encoding("ffv1")), watch=watch)
    assert len(pictures) == 8
    for number, picture in enumerate(pictures):
        assert (picture.shape, picture.dtype) == ((64, 96, 3), np.uint8)
        assert np.ptp(picture.astype(int), axis=2).max() > 10  # it has colour
        luma = (np.roll(SMOOTH, number % 7, axis=1)[:64, :96].astype(float) - 16) * 255 / 219
        grey = picture @ np.array([0.2126, 0.7152, 0.0722])  # as the film is tagged, BT.709
        inside = ((picture > 0) & (picture < 255)).all(axis=2)
        assert np.abs(grey - luma)[inside].max() < 1


def test_it_is_as_small_as_asked_and_follows_the_grade(source, tmp_path, colorizer):
    pictures, watch = _pictures(48)
    settings = FilmSettings(grade=Grade(intensity=0.0))
    colorize_film(source, tmp_path / "c.mp4", colorizer, settings, watch=watch)
    gray_film(source, tmp_path / "g.mp4", watch=watch)
    assert len(pictures) == 16
    assert {picture.shape for picture in pictures} == {(32, 48, 3)}
    assert all(np.ptp(picture.astype(int), axis=2).max() <= 1 for picture in pictures)
