"""A small view of a picture, or of one frame of a film, before and after: what moves with the sliders."""

import logging
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from colorizer.color.grade import Chroma, Grade
from colorizer.color.lightness import Samples, from_unit, to_unit
from colorizer.errors import SourceUnreadable
from colorizer.image.reading import read_picture
from colorizer.network import Colorizer
from colorizer.notebook.tasks import is_film
from colorizer.picture import render
from colorizer.video.colour.shots import small_luma
from colorizer.video.source.clock_jumps import with_one_clock
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader, Frame

SIDE = 640
_MOST_PIXELS = 50_000_000  # of a picture whose own colour is shown: it is decoded once more for that
_QUALITY = 88
_LOG = logging.getLogger(__name__)
_EIGHT_BIT = np.dtype(np.uint8)

Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """luma: (h, w) 8 bit, at most SIDE a side. own: (h, w, 3) RGB as the source has it. chroma: the network's."""

    luma: Bytes
    own: Bytes
    chroma: Chroma

    def before(self, *, in_colour: bool) -> bytes:
        """A JPEG of the source: its luma alone, or with the colour that it has."""
        return _jpeg(self.own if in_colour else self.luma)

    def after(self, grade: Grade | None) -> bytes:
        """A JPEG of the result: in colour with this grade, grey without one. No network runs."""
        return _jpeg(self.luma if grade is None else np.asarray(render(self.luma, self.chroma, grade), np.uint8))


def open_before_after(source: Path, colorizer: Colorizer) -> BeforeAfter:
    """The two views of a picture, or of a frame from the first third of a film; the network runs here, once.

    Raises InputError or EngineError.
    """
    luma, own = _film_frame(source) if is_film(source) else _picture(source)
    return BeforeAfter(luma, own, colorizer.chroma(luma))


def _picture(source: Path) -> tuple[Bytes, Bytes]:
    picture = read_picture(source)  # first: it refuses what is too large or no picture
    luma = np.asarray(from_unit(to_unit(_shrunk(picture.luma)), _EIGHT_BIT), np.uint8)
    if picture.had_colour and picture.luma.size <= _MOST_PIXELS:
        try:
            with Image.open(source) as image:
                upright = ImageOps.exif_transpose(image).convert("RGB").resize(luma.shape[::-1], Image.Resampling.BOX)
            return luma, np.asarray(upright, np.uint8)
        except (OSError, ValueError) as problem:  # deep TIFFs, which Pillow alone cannot read
            _LOG.debug("%s is shown in grey: %s", source, problem)
    return luma, np.repeat(luma[..., None], 3, axis=2)


def _film_frame(source: Path) -> tuple[Bytes, Bytes]:
    film = with_one_clock(probe(source))
    third = film.video.start_pts * film.video.time_base + (film.duration or Fraction(0)) / 3
    for start in (third, None):
        with FilmReader(source, film, start, keep_colour=True) as frames:
            frame = next(iter(frames), None)
        if frame is not None:
            luma = small_luma(frame.luma, film.video.bits, film.video.is_full_range, SIDE)
            return luma, _in_colour(frame, luma, film.video.bits)
    raise SourceUnreadable(f"{source} has no frame that can be read. Is it whole?")


def _in_colour(frame: Frame, luma: Bytes, bits: int) -> Bytes:
    """The frame as RGB, (h, w, 3). For a small view, BT.601 at limited range is near enough for every film."""
    if frame.cb is None or frame.cr is None:
        return np.repeat(luma[..., None], 3, axis=2)
    size = luma.shape[::-1]
    cb, cr = (
        cv2.resize(plane, size, interpolation=cv2.INTER_AREA) // 2 ** (bits - 8) for plane in (frame.cb, frame.cr)
    )
    return np.asarray(cv2.cvtColor(np.dstack([luma, cr, cb]).astype(np.uint8), cv2.COLOR_YCrCb2RGB), np.uint8)


def _shrunk(plane: Samples) -> Samples:
    height, width = plane.shape
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), plane.dtype)


def _jpeg(pixels: Bytes) -> bytes:
    shown = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not encoded:
        raise ValueError(f"OpenCV could not encode a view of {pixels.shape}")
    return data.tobytes()
