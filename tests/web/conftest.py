"""Picture sets, and pictures drawn for the tests."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from colorizer.network import Colorizer
from colorizer.web.colouring import ColouringQueue
from colorizer.web.pictures.picture_set import PictureSet, PictureSets
from colorizer.weights.local_models import locate


def drawn_png(height: int = 48, width: int = 64, seed: int = 1) -> bytes:
    soft = cv2.resize(np.random.default_rng(seed).integers(0, 256, (6, 8), np.uint8), (width, height))
    return cv2.imencode(".png", soft)[1].tobytes()


@pytest.fixture
def png() -> bytes:
    return drawn_png()


@pytest.fixture
def picture_sets() -> Iterator[PictureSets]:
    made = PictureSets()
    yield made
    made.close()


@pytest.fixture
def picture_set(picture_sets: PictureSets) -> PictureSet:
    return picture_sets.new()


@pytest.fixture
def colouring_queue() -> Iterator[ColouringQueue]:
    made = ColouringQueue()
    yield made
    made.close()


@pytest.fixture(scope="session")
def colorizer() -> Iterator[Colorizer]:
    with Colorizer(locate("starter")) as made:
        yield made
