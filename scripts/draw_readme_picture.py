"""Draws the README's picture: the studio's own sample, grey on the left and coloured by the starter network."""

from pathlib import Path

import cv2
from PIL import Image

from colorizer import Colorizer, locate, read_picture, render
from colorizer.web.drawings import sample_picture

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "before-after.png"
_WIDTH = 720  # pixels


def main() -> None:
    """Write the picture anew."""
    luma = read_picture(sample_picture()).luma
    with Colorizer(locate("starter")) as colorizer:
        rgb = render(luma, colorizer.chroma(luma))
    half = luma.shape[1] // 2
    rgb[:, :half] = luma[:, :half, None]
    rgb[:, half - 1 : half + 1] = 255
    small = cv2.resize(rgb, (_WIDTH, round(luma.shape[0] * _WIDTH / luma.shape[1])), interpolation=cv2.INTER_AREA)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(small).quantize(256).save(TARGET, optimize=True)  # a palette of its own: a third of the size


if __name__ == "__main__":
    main()
