"""One segment's frames, each with its colour; the segment ends where the film allows it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

import numpy as np

from colorizer.color.grade import Chroma
from colorizer.video.colour.propagate import Coloured, Entry, Propagator, Steadiness, grid_shape
from colorizer.video.colour.shots import LOOK_AHEAD, Small, small_luma, with_cuts
from colorizer.video.colour.track import Kept
from colorizer.video.source.facts import VideoTrack
from colorizer.video.source.reader import Frame, Plane

SHORTEST, LONGEST = Fraction(8), Fraction(12)  # seconds after which a cut, or any key frame, ends a segment
_COLOUR_SPREAD = 2.5  # standard deviation of Cb and Cr, in 8-bit steps, from which on a picture is no mere tint

Predict = Callable[[Plane], Chroma]


@dataclass(frozen=True, eq=False)
class Painted:
    """One frame with its colour, chroma (h, w, 2). own_colour: the source's colour stays. guide: its small luma."""

    frame: Frame
    guide: Small
    chroma: Chroma
    starts_shot: bool
    network_ran: bool = False
    own_colour: bool = False


@dataclass(frozen=True, eq=False)
class Seam:
    """What a segment that ends inside a shot hands to the next: its last guide, and how the shot goes on."""

    guide: Small
    entry: Entry | None
    own_colour: bool


class FrameSource:
    """The film's frames, of which the last ones taken can be given back: the next segment starts with them."""

    def __init__(self, frames: Iterable[Frame], keep: int = LOOK_AHEAD + 2) -> None:
        self._frames = iter(frames)
        self._recent: deque[Frame] = deque(maxlen=keep)
        self._returned: list[Frame] = []

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        frame = self._returned.pop() if self._returned else next(self._frames)
        self._recent.append(frame)
        return frame

    def rewind_to(self, frame: Frame) -> None:
        """Make this frame, one of the last ones taken, the next one again."""
        while self._recent:
            self._returned.append(self._recent.pop())
            if self._returned[-1] is frame:
                return
        raise ValueError("the frame was taken too long ago to be given back")

    def rewind_after(self, frame: Frame) -> None:
        """Make the frame after this one, one of the last ones taken, the next one again."""
        self.rewind_to(frame)
        self._recent.append(self._returned.pop())

    def peek(self) -> Frame | None:
        """The next frame, which stays the next one; None at the film's end."""
        frame = next(self, None)
        if frame is not None:
            self.rewind_to(frame)
        return frame


class Painter(Protocol):
    """Colours the frames of one segment. Once its frames have all come out, `seam` says how the next one begins."""

    seam: Seam | None

    def paint(self, frames: FrameSource) -> Iterator[Painted]:
        """The segment's frames in order; none where the film has ended."""


@dataclass
class NetworkPainter:
    """Colours by the network on key frames, carried along the motion between them; see Painter.

    A pure function of the frames and of the seam it starts from: the segment before it leaves no other trace.
    """

    video: VideoTrack
    predict: Predict
    steadiness: Steadiness
    keep_colour_shots: bool = False
    seam: Seam | None = None
    _waiting: "deque[tuple[Frame, Small, bool]]" = field(default_factory=deque)

    def paint(self, frames: FrameSource) -> Iterator[Painted]:
        """The segment's frames in order, from the seam on."""
        seam, self.seam = self.seam, None
        shape = self.video.upright_size[::-1]
        grey = np.zeros((*grid_shape(*shape), 2), np.float32)
        propagator = Propagator(shape, self.predict, self.steadiness, seam.entry if seam else None)
        own_colour = bool(seam and seam.own_colour)
        start: int | None = None
        for frame, guide, is_cut in self._with_cuts(frames, seam):
            starts_shot = is_cut or (start is None and seam is None)
            start = frame.pts if start is None else start
            elapsed = (frame.pts - start) * self.video.time_base
            if starts_shot:
                yield from self._settled(propagator.finish())
                if elapsed >= SHORTEST:
                    frames.rewind_to(frame)
                    return
                propagator = Propagator(shape, self.predict, self.steadiness)
                own_colour = self.keep_colour_shots and has_colour(frame, self.video.bits)
            if own_colour:
                yield Painted(frame, guide, grey, starts_shot, own_colour=True)
            else:
                self._waiting.append((frame, guide, starts_shot))
                yield from self._settled(propagator.push(guide, frame.luma))
            if elapsed >= LONGEST and not self._waiting:
                self.seam = Seam(guide, None if own_colour else propagator.entry, own_colour)
                frames.rewind_after(frame)
                return
        yield from self._settled(propagator.finish())

    def _with_cuts(self, frames: FrameSource, seam: Seam | None) -> Iterator[tuple[Frame, Small, bool]]:
        """Each frame with its guide and whether a shot starts; behind a seam the detector first sees the last guide."""

        def pairs() -> Iterator[tuple[Frame | None, Small]]:
            if seam:
                yield None, seam.guide
            for frame in frames:
                yield frame, small_luma(frame.luma, self.video.bits, self.video.is_full_range)

        for number, ((frame, guide), is_cut) in enumerate(with_cuts(pairs(), lambda pair: pair[1])):
            if frame is not None:
                yield frame, guide, is_cut and number > 0

    def _settled(self, coloured: list[Coloured]) -> Iterator[Painted]:
        for answer in coloured:
            frame, guide, starts_shot = self._waiting.popleft()
            yield Painted(frame, guide, answer.chroma, starts_shot, network_ran=answer.network_ran)


@dataclass
class TrackPainter:
    """Takes the colour of each frame from a piece of a chroma track; frames that it does not hold are left out."""

    video: VideoTrack
    colours: "dict[int, Kept]"
    last_pts: int
    seam: Seam | None = None

    def paint(self, frames: FrameSource) -> Iterator[Painted]:
        """The frames that the piece has colour for."""
        for frame in frames:
            if frame.pts > self.last_pts:
                frames.rewind_to(frame)
                return
            if frame.pts in self.colours:
                kept = self.colours[frame.pts]
                guide = small_luma(frame.luma, self.video.bits, self.video.is_full_range)
                yield Painted(frame, guide, kept.chroma, kept.starts_shot, own_colour=kept.own_colour)


@dataclass
class GreyPainter:
    """Takes all colour out."""

    video: VideoTrack
    seam: Seam | None = None

    def paint(self, frames: FrameSource) -> Iterator[Painted]:
        """The segment's frames without colour."""
        grey = np.zeros((2, 2, 2), np.float32)
        start: int | None = None
        for frame in frames:
            start = frame.pts if start is None else start
            if (frame.pts - start) * self.video.time_base >= LONGEST:
                frames.rewind_to(frame)
                return
            guide = small_luma(frame.luma, self.video.bits, self.video.is_full_range)
            yield Painted(frame, guide, grey, starts_shot=False)


def has_colour(frame: Frame, bits: int) -> bool:
    """Whether the frame has colours of its own, more than the even tint of toned or aged film."""
    if frame.cb is None or frame.cr is None:
        return False
    scale = 2.0 ** (bits - 8)
    return bool(np.hypot(frame.cb.std(), frame.cr.std()) / scale > _COLOUR_SPREAD)
