"""PPM samples of 16 bits in colour, which Pillow would cut to 8."""

from typing import BinaryIO

import numpy as np
from PIL import ImageFile

from colorizer.color.lightness import Samples
from colorizer.image.raster import Raster

_UINT16 = np.dtype(np.uint16)


def is_deep(image: ImageFile.ImageFile) -> bool:
    """Whether this PPM, opened and not yet decoded, has 16-bit samples in colour, not written as text."""
    decoder, _, _, options = image.tile[0]
    return image.mode == "RGB" and decoder == "ppm" and isinstance(options, tuple) and options[-1] > 255


def raster(file: BinaryIO, image: ImageFile.ImageFile) -> Raster:
    """The 16-bit samples of such a PPM; its greatest sample, whatever it is, becomes 65535.

    Raises ValueError where some are missing.
    """
    _, _, offset, options = image.tile[0]
    greatest = int(options[-1]) if options else 0
    file.seek(offset)
    data = np.frombuffer(file.read(image.height * image.width * 6), ">u2")
    samples = data.reshape(image.height, image.width, 3)

    def strip(rows: slice) -> Samples:
        scaled = np.minimum(samples[rows], greatest) * (65535 / greatest)
        return np.asarray(np.rint(scaled), _UINT16)

    return Raster(image.width, image.height, _UINT16, "rgb", False, strip)
