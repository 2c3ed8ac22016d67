import cv2
import numpy as np

from colorizer.network import Colorizer
from colorizer.web.icon import studio_icon
from colorizer.web.pictures.sample import sample_picture


def test_the_sample_is_the_same_grey_picture_every_time() -> None:
    data = sample_picture()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert data == sample_picture()
    assert picture.ndim == 2
    assert picture.std() > 30


def test_the_sample_shows_what_colouring_is(colorizer: Colorizer) -> None:
    picture = cv2.imdecode(np.frombuffer(sample_picture(), np.uint8), cv2.IMREAD_GRAYSCALE)
    chroma = colorizer.chroma(picture)
    assert np.linalg.norm(chroma, axis=2).mean() > 8


def test_the_icon_is_half_grey_and_half_in_colour() -> None:
    icon = np.asarray(studio_icon()).astype(int)
    assert np.ptp(icon[32, 20, :3]) == 0
    assert np.ptp(icon[32, 44, :3]) > 50
    assert icon[0, 0, 3] == 0
