"""Where the network guesses, as a veil over the picture, and the next place to look at."""

import cv2
import numpy as np

from colorizer.answer import Answer
from colorizer.corrections.likely_colours import doubt
from colorizer.corrections.pins import Corrections
from colorizer.corrections.spreading import belonging, cell_of, nearness, standardised
from colorizer.web.answer_cache import PictureAnswer
from colorizer.web.pictures.palette import png_address

_TINT = (200, 30, 220)  # blue, green, red: hardly anything in a photograph has this colour
_STRONGEST = 150  # opacity, 0 to 255, where the network is least sure
_APART = 0.15  # how far a new place lies from every pin, in sides of a square of the picture's area


def doubt_address(found: PictureAnswer, corrections: Corrections) -> str:
    """A veil that is thickest where the network is least sure, as the address of a PNG; empty without bins.

    What belongs to a pin is doubtful no more.
    """
    unsure = doubt(found.answer)
    if unsure is None:
        return ""
    low, high = np.percentile(unsure, (70, 99))  # what it is surer of stays clear
    share = np.clip((unsure - low) / max(high - low, 1e-6), 0, 1)
    features = None if found.answer.features is None else standardised(found.answer.features)
    for pin in corrections.pins:
        share = share * (1 - np.minimum(1, 2 * belonging(pin, features, found.lightness)))
    pixels = np.zeros((*unsure.shape, 4), np.uint8)
    pixels[..., :3] = _TINT
    pixels[..., 3] = np.rint(_STRONGEST * share)
    return png_address(bytes(cv2.imencode(".png", pixels)[1]))


def most_doubtful(answer: Answer, corrections: Corrections) -> tuple[float, float] | None:
    """The place, x and y, where the network is least sure, away from the pins; None without bins, or where all is done.

    A whole region counts, not one cell.
    """
    found = doubt(answer)
    if found is None:
        return None
    height, width = found.shape
    region = cv2.GaussianBlur(found, (0, 0), max(1, min(height, width) / 20))
    for pin in corrections.pins:
        region[nearness(height, width, *cell_of(pin.x, pin.y, height, width), _APART) > 0] = -1
    row, column = np.unravel_index(int(region.argmax()), region.shape)
    if region[row, column] < 0:
        return None
    return (float(column) + 0.5) / width, (float(row) + 0.5) / height
