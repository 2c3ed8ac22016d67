"""One frame of a film on its way, small, as it will look: for a preview."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.video.colour.paint import Painted
from colorizer.video.result.export import rgb
from colorizer.video.segment import Rendering, planes


def draw_preview(painted: Painted, rendering: Rendering, side: int) -> NDArray[np.uint8]:
    """The frame as it will look on a screen, (h, w, 3) RGB with at most `side` pixels a side."""
    spec, frame = rendering.spec, painted.frame
    width, height = float(spec.width * spec.sample_aspect), float(spec.height)
    scale = min(1.0, side / max(width, height))
    columns, rows = max(1, round(width * scale)), max(1, round(height * scale))
    # ffv1 takes frames of any size; nothing is encoded here.
    small = replace(spec, width=columns, height=rows, codec="ffv1", crf=None, preset=None, lossless=False)
    luma = cv2.resize(frame.luma, (columns, rows), interpolation=cv2.INTER_AREA)
    reduced = replace(painted, frame=replace(frame, luma=luma))
    luma, cb, cr = planes(reduced, replace(rendering, spec=small))
    encoded = replace(
        rendering.video, bits=small.bits, full_range=small.full_range, is_rgb=False, tagged_matrix=small.matrix
    )
    picture = rgb(replace(frame, luma=luma, cb=cb, cr=cr), encoded)
    return picture.astype(np.uint8) if small.bits == 8 else (picture >> 8).astype(np.uint8)
