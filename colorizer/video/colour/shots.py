"""Shots: where one ends and the next begins, and which frames need no work at all."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.lightness import area_mean

Small = NDArray[np.uint8]
"""(h, w) luma on the full 8-bit range, 0 black to 255 white, whatever the source's depth and range."""

GUIDE_SIDE = 256  # long side of the luma that shots and motion are found in
LOOK_AHEAD = 2  # frames after a change that tell a cut from a flash
T = TypeVar("T")

_BLACK_LEVEL, _DARK_LEVEL, _FLAT, _BLACK_SHARE = 24, 48, 5.0, 0.998  # levels, levels, levels, share of the pixels
_SAME_MEAN, _SAME_ANYWHERE = 0.5, 6.0
_STANDS_OUT, _LEAST_CHANGE = 3.0, 15.0  # times the changes around it, and levels of a frame of medium contrast
_SAME_SHOT = 0.5  # share of a change below which two frames show the same
_THUMB_SIDE = 16
_MEDIUM_CONTRAST, _MOST_GAIN = 48.0, 4.0


def small_luma(plane: NDArray[Any], bits: int, full_range: bool, side: int = GUIDE_SIDE) -> Small:
    """The luma plane reduced to `side` pixels on the long side (never enlarged), the aspect kept.

    plane: (H, W) uint8 or uint16 code values of `bits` bits. Returns the guide that shots and motion are found in.
    """
    rows, columns = plane.shape
    scale = min(1.0, side / max(rows, columns))
    reduced = area_mean(plane, max(1, round(rows * scale)), max(1, round(columns * scale)))
    if full_range and bits == 8:
        return np.ascontiguousarray(reduced, np.uint8)
    black, white = (0, (1 << bits) - 1) if full_range else (16 << (bits - 8), 235 << (bits - 8))
    level = (reduced.astype(np.float32) - black) * np.float32(255 / (white - black))
    return np.asarray(np.rint(np.clip(level, 0, 255)), np.uint8)


def is_black(small: Small) -> bool:
    """Whether nothing can be seen in this frame, so that it needs no colour: black, or the flat dark grey of film."""
    darkest, dark = (float(np.mean(small <= level)) >= _BLACK_SHARE for level in (_BLACK_LEVEL, _DARK_LEVEL))
    return bool(darkest or (dark and float(small.std()) <= _FLAT))


def same_picture(one: Small, other: Small) -> bool:
    """Whether two frames are the same picture, apart from what coding adds: the chroma can be used again.

    Nothing moved anywhere: no spot of 5 x 5 pixels differs by more than noise.
    """
    if one.shape != other.shape:
        return False
    difference = cv2.absdiff(one, other)
    return float(difference.mean()) <= _SAME_MEAN and float(cv2.blur(difference, (5, 5)).max()) <= _SAME_ANYWHERE


class ShotDetector:
    """Tells of each frame, LOOK_AHEAD frames late, whether it is the first of a shot.

    A cut is a change that stands out from those around it (PySceneDetect's adaptive detector) and lasts: when the
    picture from before is back within LOOK_AHEAD frames, it was a flash. Every frame is brought to the same brightness
    and contrast first, so that flicker and fades are no change, and a cut between two dark shots is one.
    """

    def __init__(self) -> None:
        from scenedetect.detectors import AdaptiveDetector  # here, because it takes a third of a second

        self._detector = AdaptiveDetector(
            _STANDS_OUT, min_scene_len=1, window_width=LOOK_AHEAD, min_content_val=_LEAST_CHANGE, luma_only=True
        )
        self._recent: deque[Small] = deque(maxlen=2 * LOOK_AHEAD + 2)
        self._fed = 0

    def push(self, small: Small) -> list[bool]:
        """The answers that are settled by this frame, none or one, in the order of the frames pushed."""
        levelled = _levelled(small)
        if not self._recent:
            for _ in range(LOOK_AHEAD):  # a still picture before the first frame, so that a cut can follow at once
                self._feed(levelled)
        elif levelled.shape != self._recent[-1].shape:
            levelled = np.asarray(cv2.resize(levelled, self._recent[-1].shape[::-1]), np.uint8)
        return self._feed(levelled)

    def finish(self) -> list[bool]:
        """The answers still owed once the last frame is in."""
        return [answer for _ in range(LOOK_AHEAD) if self._recent for answer in self._feed(self._recent[-1])]

    def _feed(self, levelled: Small) -> list[bool]:
        stands_out = bool(self._detector.process_frame(self._fed, cv2.cvtColor(levelled, cv2.COLOR_GRAY2BGR)))
        self._recent.append(levelled)
        self._fed += 1
        settled = self._fed - 1 - 2 * LOOK_AHEAD  # one look-ahead of real frames, one of stills before the first
        if settled < 0:
            return []
        return [settled == 0 or (stands_out and self._lasts())]

    def _lasts(self) -> bool:
        """Whether no frame shortly after the change looks like one shortly before it."""
        *before, first, second, third = self._recent
        change = _distance(before[-1], first)
        return all(_distance(old, new) > _SAME_SHOT * change for old in before for new in (first, second, third))


def with_cuts(frames: Iterable[T], small: Callable[[T], Small]) -> Iterator[tuple[T, bool]]:
    """Each frame with whether it is the first of a shot; holds back LOOK_AHEAD frames, no more."""
    detector, held = ShotDetector(), deque[T]()
    for frame in frames:
        held.append(frame)
        for is_first in detector.push(small(frame)):
            yield held.popleft(), is_first
    for is_first in detector.finish():
        yield held.popleft(), is_first


def _levelled(small: Small) -> Small:
    """The frame at 16 pixels, where motion hardly shows, at medium brightness and contrast.

    What is nearly flat is not stretched into noise.
    """
    thumb = small_luma(small, 8, True, _THUMB_SIDE)
    mean, spread = (float(value[0, 0]) for value in cv2.meanStdDev(thumb))
    gain = min(_MEDIUM_CONTRAST / max(spread, 1e-3), _MOST_GAIN)
    levels = (np.arange(256) - mean) * gain + 128
    return np.asarray(cv2.LUT(thumb, np.rint(np.clip(levels, 0, 255)).astype(np.uint8)), np.uint8)


def _distance(one: Small, other: Small) -> float:
    return float(cv2.absdiff(one, other).mean())
