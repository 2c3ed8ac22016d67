"""The icon of the studio's browser tab."""

import cv2
import numpy as np
from PIL import Image


def studio_icon() -> Image.Image:
    """A round picture of 64 x 64 pixels, half grey and half in colour, on a transparent ground."""
    icon = np.zeros((64, 64, 4), np.uint8)
    cv2.circle(icon, (32, 32), 28, (150, 150, 150, 255), -1, cv2.LINE_AA)
    colours = np.array([(70, 130, 200), (214, 150, 60), (80, 140, 70)], np.uint8)  # sky, sun, grass
    icon[:, 32:, :3] = np.repeat(colours, (24, 16, 24), axis=0)[:, None]
    return Image.fromarray(icon)
