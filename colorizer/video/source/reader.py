"""A film's frames, one after the other: the luma exactly as it is stored, upright, each with its exact time."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from colorizer.video.source.decoding import Decoder, FolderDecoder, frame_step
from colorizer.video.source.deinterlacing import deinterlaced
from colorizer.video.source.facts import Film
from colorizer.video.source.opening import pixel_limit
from colorizer.video.source.planes import Plane, PlaneReader

__all__ = ["FilmReader", "Frame", "Plane"]

_PICTURES_BEFORE = 3  # deinterlacing looks at the one before the first, and times may be uneven


@dataclass(frozen=True, eq=False)
class Frame:
    """One upright frame. pts and duration in the film's video time base.

    luma: (H, W), the source's code values. cb, cr: as subsampled in the source; None unless colour was asked for, and
    for grey sources. alpha: (H, W), how solid each pixel is, 0 to the most that bits allow; None where the source does
    not say. repaired: the frame did not decode and shows its neighbour's picture, or what the decoder saved.
    The planes may be views of the decoder's memory: valid as long as they are held, not to be written to.
    """

    pts: int
    duration: int | None
    luma: Plane
    cb: Plane | None = None
    cr: Plane | None = None
    alpha: Plane | None = None
    repaired: bool = False


class FilmReader:
    """The frames of a film from start (included) to end (excluded), both in seconds of the source's clock.

    A context manager, and an iterator that runs once. The stream decides where it ends, never a count.
    After the last frame: repaired (frames that did not decode), mended (times that were missing or not increasing),
    ended_early and reason (a source that stops in the middle). threads: 0 takes all cores.
    Raises SourceMissing, SourceUnreadable and SourceTooLarge on entry.
    """

    def __init__(
        self,
        path: Path,
        film: Film,
        start: Fraction | None = None,
        end: Fraction | None = None,
        *,
        keep_colour: bool = False,
        deinterlace: bool = False,
        threads: int = 0,
    ) -> None:
        self._path = path
        self._film = film
        self._start_pts = None if start is None else math.ceil(start / film.video.time_base)
        self._end_pts = None if end is None else math.ceil(end / film.video.time_base)
        self._planes = PlaneReader(film.video, keep_colour=keep_colour)
        self._deinterlace = deinterlace
        self._threads = threads
        self._stack = ExitStack()
        self._source: Decoder | FolderDecoder
        self.repaired = 0
        self.reason = ""

    @property
    def mended(self) -> int:
        """Frames whose time was missing or did not increase."""
        return self._source.mended

    @property
    def resized(self) -> int:
        """Frames of another size, which were fitted to the first one's."""
        return self._planes.resized

    @property
    def ended_early(self) -> bool:
        """Whether the source stopped before its own end; reason says how that was seen."""
        return bool(self.reason)

    def __enter__(self) -> Self:
        if self._film.container == "folder":
            self._source = FolderDecoder(self._path, pixel_limit())
        else:
            decoder = Decoder(self._path, self._film, pixel_limit(), self._threads)
            self._source = self._stack.enter_context(decoder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def __iter__(self) -> Iterator[Frame]:
        first = self._start_pts
        before = _PICTURES_BEFORE * frame_step(self._film) if self._deinterlace else 0
        pictures = self._source.pictures(None if first is None else first - before)
        if self._deinterlace:
            pictures = deinterlaced(pictures, self._film.video.time_base)
        for decoded in pictures:
            if first is not None and decoded.pts < first:
                continue
            if self._end_pts is not None and decoded.pts >= self._end_pts:
                return
            self.repaired += decoded.repaired
            luma, cb, cr = self._planes.read(decoded.picture)
            alpha = self._planes.alpha(decoded.picture) if self._film.video.has_alpha else None
            yield Frame(decoded.pts, decoded.duration, luma, cb, cr, alpha, decoded.repaired)
        self.reason = self._source.early_end()
