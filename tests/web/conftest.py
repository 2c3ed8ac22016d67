"""Desks, and pictures drawn for the tests."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from colorizer.network import Colorizer
from colorizer.web.desk import Desk, Desks
from colorizer.web.develop import Darkroom
from colorizer.weights.local_models import locate


def drawn_png(height: int = 48, width: int = 64, seed: int = 1) -> bytes:
    soft = cv2.resize(np.random.default_rng(seed).integers(0, 256, (6, 8), np.uint8), (width, height))
    return cv2.imencode(".png", soft)[1].tobytes()


@pytest.fixture
def png() -> bytes:
    return drawn_png()


@pytest.fixture
def desks() -> Iterator[Desks]:
    made = Desks()
    yield made
    made.close()


@pytest.fixture
def desk(desks: Desks) -> Desk:
    return desks.new()


@pytest.fixture
def darkroom() -> Iterator[Darkroom]:
    made = Darkroom()
    yield made
    made.close()


@pytest.fixture(scope="session")
def colorizer() -> Iterator[Colorizer]:
    with Colorizer(locate("starter")) as made:
        yield made
