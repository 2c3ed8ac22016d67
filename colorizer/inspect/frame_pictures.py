"""Small pictures of a film's frames as files: the luma, and beside it the frame as it was where that is not grey."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from colorizer.color.lightness import area_mean
from colorizer.files import write_whole
from colorizer.video.colour.shots import small_luma
from colorizer.video.result.export import rgb
from colorizer.video.source.facts import VideoTrack
from colorizer.video.source.reader import Frame

_FAINT = 4  # levels of 255: channels that are no further apart are grey, with what coding has added


def original_beside(path: Path) -> Path:
    """Where the frame lies as it was, whose luma lies at this path; there is nothing where it is grey."""
    return path.with_name(f"{path.stem}-original.png")


def draw_frame(frame: Frame, video: VideoTrack, side: int, path: Path) -> None:
    """Write the frame's luma as a grey PNG, at no more than `side` pixels a side, and the frame as it was beside it.

    frame: read with its colour. The latter is written only where it is not grey.
    """
    small = small_luma(frame.luma, video.bits, video.is_full_range, side)
    height, width = small.shape
    if frame.cb is not None and frame.cr is not None:
        cb, cr = (cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA) for plane in (frame.cb, frame.cr))
        reduced = rgb(replace(frame, luma=area_mean(frame.luma, height, width), cb=cb, cr=cr), video)
        pixels = reduced if video.bits == 8 else (reduced >> 8).astype(np.uint8)
        if np.percentile(np.ptp(pixels.astype(np.int16), axis=2), 99) > _FAINT:
            bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
            write_whole(original_beside(path), cv2.imencode(".png", bgr)[1].tobytes(), durable=False)
    write_whole(path, cv2.imencode(".png", small)[1].tobytes(), durable=False)
