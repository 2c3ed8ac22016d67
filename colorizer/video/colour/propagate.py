"""Chroma for every frame of a shot from the network's answer on a few of them, carried along the motion.

Places are carried, not colours, so that a colour is interpolated once however far it comes. A frame between two key
frames mixes both, each by its trust and its nearness, and is reduced to the working grid with that trust as the weight.
Tried and left out: filling untrusted spots from their neighbours, and a finer flow (2 % better, eight times the time).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import cv2
import numpy as np

from colorizer.color.grade import Chroma, weighted
from colorizer.color.lightness import Float32
from colorizer.color.upsample import guided_chroma
from colorizer.errors import SettingError
from colorizer.video.colour.motion import Carried, Motion, MotionFinder, carry, hold
from colorizer.video.colour.shots import Small, is_black, same_picture

LONGEST_WAIT = 16  # most frames that wait for the next key frame, whatever the settings
T = TypeVar("T")  # the luma that only key frames need: a plane, or whatever predict understands

_CELLS = 6000  # two bytes each: 12 kB a frame
_AUTO_EVERY = LONGEST_WAIT  # steadier than 12 (CDC excess 0.126e-3 for 0.150e-3) and nearer to the true colours
_LEAST_REACH = 0.2  # mean confidence of the carried chroma below which a key frame comes early
_STEADY_SPAN = 8  # frames over which `steady` is meant
_NEARLY_NOTHING = np.float32(1e-2)  # trust that is left to what cannot be followed: better than its neighbours' colour


@dataclass(frozen=True)
class Steadiness:
    """How colour is held still over time.

    key_every: 1 to LONGEST_WAIT, the network runs on every so many-th frame; None: as the motion allows.
    steady: 0 to 1, how much of the colour that flowed in from the last key frame each key frame keeps.
    key_every=1 with steady=0 is plain frame by frame.
    Raises SettingError for a value outside its range.

    >>> from colorizer import FilmSettings, Steadiness
    >>> frame_by_frame = FilmSettings(steadiness=Steadiness(key_every=1, steady=0))
    """

    key_every: int | None = None
    steady: float = 0.75

    def __post_init__(self) -> None:
        if self.key_every is not None and not 1 <= self.key_every <= LONGEST_WAIT:
            raise SettingError(f"key_every must lie between 1 and {LONGEST_WAIT}, and is {self.key_every}")
        if not 0 <= self.steady <= 1:
            raise SettingError(f"steady must lie between 0 and 1, and is {self.steady:g}")


@dataclass(frozen=True)
class Coloured:
    """One frame's colour: chroma (h, w, 2) of whole numbers that fit int8, and what it took."""

    chroma: Chroma
    is_key: bool
    network_ran: bool


@dataclass(frozen=True)
class Entry:
    """What a shot's next frames need to know of its last key frame, at most 120 kB.

    guide: (h, w) uint8. chroma: (h, w, 2) float32 on the working grid, not rounded: rounded, small changes would never
    add up. Kept bit for bit, it makes a shot in parts the same as the shot in one go.
    """

    guide: Small
    chroma: Chroma


def grid_shape(height: int, width: int) -> tuple[int, int]:
    """Height and width of the working grid for a frame of this size: its aspect, 6000 cells or a few less."""
    scale = min(1.0, (_CELLS / (height * width)) ** 0.5)
    rows = min(max(1, round(height * scale)), _CELLS)
    return rows, min(max(1, round(width * scale)), _CELLS // rows)


@dataclass(frozen=True)
class _Waiting:
    """A frame after the last key frame: the motion since the frame before, and the way back to the key frame."""

    guide: Small
    motion: Motion
    carried: Carried


class Propagator(Generic[T]):
    """Colours one shot as its frames come in; frames wait until the next key frame, then come out together.

    shape: height and width of the frames. entry: where an earlier part of the same shot ended.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        predict: Callable[[T], Chroma],
        settings: Steadiness = Steadiness(),
        entry: Entry | None = None,
    ) -> None:
        self._grid = grid_shape(*shape)
        self._predict = predict
        self._settings = settings
        self._finder = MotionFinder()
        self._waiting: list[_Waiting] = []
        self._key = entry
        self._luma: tuple[T] | None = None  # of the frame pushed last, in a box: None is a luma too

    @property
    def waiting(self) -> int:
        """How many frames were pushed and not given back yet; 0 after a key frame: the place to end a segment."""
        return len(self._waiting)

    @property
    def entry(self) -> Entry | None:
        """What the rest of the shot needs, once nothing waits; None before the first frame."""
        return self._key

    def push(self, guide: Small, luma: T) -> list[Coloured]:
        """The frames that are settled by this one, in order: none, or all that waited and this one.

        luma is held only until the next push.
        """
        if self._key is None:
            self._key = Entry(guide, _resized(self._network(guide, luma), self._grid))
            return [Coloured(_whole(self._key.chroma), is_key=True, network_ran=not is_black(guide))]
        if not self._waiting and self._settings.key_every != 1 and same_picture(self._key.guide, guide):
            return [Coloured(_whole(self._key.chroma), is_key=False, network_ran=False)]
        self._wait(self._key, guide)
        self._luma = (luma,)
        return self.finish() if self._is_due() else []

    def finish(self) -> list[Coloured]:
        """The frames that still wait: the last one becomes a key frame."""
        if self._key is None or not self._waiting or self._luma is None:
            return []
        waited, before, last = self._waiting[:-1], self._key, self._waiting[-1]
        start = _detailed(before)
        keep = self._settings.steady ** (len(self._waiting) / _STEADY_SPAN)
        kept = np.float32(keep) * last.carried.trust
        fresh = self._network(last.guide, *self._luma)
        blend = fresh if keep == 0 else weighted(last.carried.sample(start), kept) + weighted(fresh, 1 - kept)
        self._key = Entry(last.guide, _resized(blend, self._grid))
        between = self._between(waited, start, last)
        self._waiting, self._luma = [], None
        return [*between, Coloured(_whole(self._key.chroma), is_key=True, network_ran=not is_black(last.guide))]

    def _wait(self, key: Entry, guide: Small) -> None:
        if self._waiting:
            before, carried = self._waiting[-1].guide, self._waiting[-1].carried
        else:
            before, carried = key.guide, _held(key.guide)
        motion = self._finder.between(before, guide)
        self._waiting.append(_Waiting(guide, motion, carry(carried, motion.back, motion.back_trust)))

    def _is_due(self) -> bool:
        """Whether the frame pushed last must be a key frame."""
        if self._settings.key_every is not None:
            return len(self._waiting) >= self._settings.key_every
        return len(self._waiting) >= _AUTO_EVERY or float(self._waiting[-1].carried.trust.mean()) < _LEAST_REACH

    def _network(self, guide: Small, luma: T) -> Chroma:
        """The network's colours with the guide's detail, at the guide's size; none for a black frame."""
        if is_black(guide):
            return np.zeros((*guide.shape, 2), np.float32)
        return _resized(guided_chroma(self._predict(luma), guide), guide.shape)

    def _between(self, waited: list[_Waiting], start: Chroma, last: _Waiting) -> list[Coloured]:
        """The frames between two key frames, from both."""
        if not waited or self._key is None:
            return []
        end, gap = _detailed(self._key), len(waited) + 1
        carried, motion, backwards = _held(last.guide), last.motion, []
        for place in range(len(waited) - 1, -1, -1):
            frame = waited[place]
            carried = carry(carried, motion.ahead, motion.ahead_trust)
            motion = frame.motion
            time = (place + 1) / gap
            past = np.float32(1 - time) * frame.carried.trust + _NEARLY_NOTHING
            coming = np.float32(time) * carried.trust + _NEARLY_NOTHING
            both = weighted(frame.carried.sample(start), past) + weighted(carried.sample(end), coming)
            chroma = weighted(_resized(both, self._grid), np.float32(1) / _resized(past + coming, self._grid))
            backwards.append(Coloured(_whole(chroma), is_key=False, network_ran=False))
        return backwards[::-1]


def propagate(
    frames: Iterable[tuple[Small, T]],
    shape: tuple[int, int],
    predict: Callable[[T], Chroma],
    settings: Steadiness = Steadiness(),
    entry: Entry | None = None,
) -> Iterator[Coloured]:
    """The colour of every frame of one shot, in order; frames are pairs of guide and luma."""
    propagator = Propagator(shape, predict, settings, entry)
    for guide, luma in frames:
        yield from propagator.push(guide, luma)
    yield from propagator.finish()


def _detailed(key: Entry) -> Chroma:
    """A key frame's chroma with its guide's detail, at the guide's size."""
    return _resized(guided_chroma(key.chroma, key.guide), key.guide.shape)


def _whole(chroma: Chroma) -> Chroma:
    return np.asarray(np.clip(np.rint(chroma), -127, 127), np.float32)


def _held(guide: Small) -> Carried:
    return hold(guide.shape, trust=0.0 if is_black(guide) else 1.0)


def _resized(plane: Float32, shape: tuple[int, ...]) -> Float32:
    if plane.shape[:2] == shape:
        return plane
    shrinks = shape[0] <= plane.shape[0] and shape[1] <= plane.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(plane, (shape[1], shape[0]), interpolation=how), np.float32)
