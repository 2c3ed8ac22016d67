"""Raw files of cameras and scanners (DNG and others), developed by LibRaw, where rawpy is installed."""

from collections.abc import Callable
from typing import BinaryIO

import numpy as np

from colorizer.color.lightness import Samples
from colorizer.filetypes import KindNotSupported
from colorizer.image.raster import Raster

_SRGB_TONES = (2.4, 12.92)  # as LibRaw wants them: the power, and the slope near black


def raster(file: BinaryIO, check: Callable[[int, int], None]) -> Raster:
    """The developed picture: upright, sRGB, 16 bit. check: hears width and height before anything is decoded.

    What a scanner has written keeps its brightness; a camera's picture is made as bright as its lightest parts allow.
    Raises KindNotSupported without rawpy, ValueError for a damaged file, and what check raises.
    """
    try:
        import rawpy
    except ImportError as error:
        raise KindNotSupported("is a raw file, which needs a package: pip install rawpy") from error
    file.seek(0)
    try:
        with rawpy.imread(file) as opened:
            check(opened.sizes.width, opened.sizes.height)
            samples = opened.postprocess(
                output_bps=16, gamma=_SRGB_TONES, use_camera_wb=True, no_auto_bright=opened.raw_pattern is None
            )
    except rawpy.LibRawError as error:
        reason = error.args[0] if error.args else ""
        words = reason.decode("ascii", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"LibRaw cannot develop this raw file: {words}") from error
    grey = samples.ndim == 2 or samples.shape[2] == 1
    samples = samples.reshape(*samples.shape[:2], 1 if grey else 3)

    def strip(rows: slice) -> Samples:
        return np.asarray(samples[rows], np.uint16)

    height, width = samples.shape[:2]
    return Raster(width, height, np.dtype(np.uint16), "grey" if grey else "rgb", False, strip)
