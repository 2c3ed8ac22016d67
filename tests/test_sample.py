"""The landscape that the program draws."""

import cv2
import numpy as np

from colorizer.network import Colorizer
from colorizer.sample import sample_luma, sample_picture
from colorizer.weights.local_models import locate


def test_the_sample_is_the_same_grey_picture_every_time() -> None:
    data = sample_picture()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert data == sample_picture()
    assert (picture == sample_luma()).all()
    assert picture.ndim == 2
    assert picture.std() > 30


def test_the_sample_shows_what_colouring_is() -> None:
    with Colorizer(locate("starter")) as colorizer:
        chroma = colorizer.chroma(sample_luma())
    assert np.linalg.norm(chroma, axis=2).mean() > 8
