"""Viewers of live pictures: how many there may be, and what each one's last frames looked like in colour."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from threading import BoundedSemaphore

import cv2
import numpy as np
from PIL import Image

from colorizer.color.grade import Chroma, Grade, apply_grade
from colorizer.color.lightness import Samples, from_unit, to_unit
from colorizer.color.merge import merge
from colorizer.errors import ColorizerError, SourceTooLarge, SourceUnreadable
from colorizer.network import Colorizer
from colorizer.video.colour.live_propagation import ForwardPropagator
from colorizer.video.colour.shots import Small

MOST_VIEWERS = 4
LONGEST_SIDE = 640  # pixels of a frame that comes in; the page sends half of it
_ENCODING = [
    cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444,
]  # fmt: skip


class NoRoom(ColorizerError):
    """As many live pictures run as this computer can serve."""


class Viewer:
    """One live picture, frame after frame; for one thread at a time."""

    def __init__(self, colorizer: Colorizer, network: ThreadPoolExecutor) -> None:
        self._propagator = ForwardPropagator(lambda luma: network.submit(colorizer.chroma, luma))

    def colours(self, frame: bytes, grade: Grade) -> bytes:
        """The colours of a frame (a JPEG), as a small JPEG; grey, as long as the network has said nothing.

        Raises SourceUnreadable or SourceTooLarge for the frame, EngineError where the network cannot run.
        """
        guide, chroma = self._propagator.push(read_frame(frame))
        return _jpeg(guide if chroma is None else _rendered(guide, chroma, grade))


class Viewers:
    """All viewers of this process, and the thread that runs the network for them."""

    def __init__(self, most: int = MOST_VIEWERS) -> None:
        self._most = most
        self._slots = BoundedSemaphore(most)
        self._network = ThreadPoolExecutor(1, thread_name_prefix="live-network")

    @contextmanager
    def slot(self) -> Iterator[None]:
        """A block during which one more viewer is served. Raises NoRoom."""
        if not self._slots.acquire(blocking=False):
            raise NoRoom(
                f"{self._most} live pictures are running already, and this computer can serve no more. "
                "Press the button again when one of them has stopped."
            )
        try:
            yield
        finally:
            self._slots.release()

    def viewer(self, colorizer: Colorizer) -> Viewer:
        """A new viewer, who has seen no frame yet."""
        return Viewer(colorizer, self._network)

    def close(self) -> None:
        """End the thread."""
        self._network.shutdown(wait=True, cancel_futures=True)


def read_frame(data: bytes) -> Small:
    """The luma (H, W) of a frame in a JPEG. Raises SourceUnreadable or SourceTooLarge before anything large is made."""
    try:
        with Image.open(BytesIO(data), formats=["JPEG"]) as image:
            if max(image.size) > LONGEST_SIDE:
                raise SourceTooLarge(f"A live frame has at most {LONGEST_SIDE} pixels a side, not {max(image.size)}.")
            image.draft("L", image.size)  # only the luma is decoded
            return np.asarray(image.convert("L"), np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise SourceUnreadable("This frame is damaged, or is no JPEG.") from error


def _rendered(guide: Small, chroma: Chroma, grade: Grade) -> Samples:
    """What picture.render makes, (h, w, 3), of chroma that has the guide's size already: a third of the work."""
    return from_unit(merge(to_unit(guide), apply_grade(chroma, grade), grade.intensity), guide.dtype)


def _jpeg(pixels: Samples) -> bytes:
    """The grey (H, W) or RGB (H, W, 3) picture with all of its colour detail."""
    shown = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    encoded, data = cv2.imencode(".jpg", shown, _ENCODING)
    if not encoded:
        raise ValueError(f"OpenCV could not encode a live frame of {pixels.shape}")
    return data.tobytes()
