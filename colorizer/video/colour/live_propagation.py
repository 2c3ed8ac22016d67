"""Chroma for a picture that is happening now: the last key frame's, carried forward along the motion.

The network works beside it. Its answer comes some frames late, and is first carried along what has moved meanwhile.
Nothing waits for a frame that is still to come; only the first frame of a shot waits, a moment, for its colour.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace

import cv2
import numpy as np

from colorizer.color.grade import Chroma, weighted
from colorizer.color.upsample import guided_chroma
from colorizer.video.colour.motion import Carried, Motion, MotionFinder, carry, hold
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.colour.shots import Small, is_black, same_picture, small_luma

KEY_EVERY = 6  # frames from one run of the network to the next
PATIENCE = 0.2  # seconds that the first frame of a shot waits for its colour
_LEAST_REACH = 0.2  # mean trust in the carried chroma below which the network is asked early
_NEW_PICTURE = 0.1  # mean trust in one step below which it is a cut: seen there at most 0.006, in motion at least 0.25
_STEADY_SPAN = 8  # frames over which the steadiness is meant, as in films


@dataclass(frozen=True)
class _Request:
    """A frame that the network is at work on. carried: how it got there from the key frame. since: what moved since."""

    answer: Future[Chroma]
    guide: Small
    carried: Carried
    age: int
    since: Carried


class ForwardPropagator:
    """Colours frames as they come; serves one thread.

    ask: starts the network on a frame's luma. patience: seconds. Steadiness's key_every says how often it is asked.
    """

    def __init__(
        self,
        ask: Callable[[Small], Future[Chroma]],
        settings: Steadiness = Steadiness(KEY_EVERY),
        patience: float = PATIENCE,
    ) -> None:
        self._ask = ask
        self._settings = settings
        self._patience = patience
        self._finder = MotionFinder()
        self._guide: Small | None = None  # of the last frame that differed from the one before
        self._carried = hold((1, 1))
        self._age = 0  # frames since the key frame
        self._key: Chroma | None = None
        self._pending: _Request | None = None

    def push(self, luma: Small) -> tuple[Small, Chroma | None]:
        """This frame's guide (h, w), and its chroma (h, w, 2); None for as long as the network has said nothing.

        luma: (H, W) on the full range. Raises what the network raised.
        """
        guide = small_luma(luma, 8, True)
        if is_black(guide):
            self._begin(None)
            return guide, np.zeros((*guide.shape, 2), np.float32)
        if not self._follow(guide):
            self._begin(guide)
        if self._pending is None and self._is_due():
            self._pending = _Request(self._ask(luma), guide, self._carried, self._age, hold(guide.shape))
        if self._pending is not None:
            self._take_answer(self._pending)
        return guide, None if self._key is None else self._carried.sample(self._key)

    def _begin(self, guide: Small | None) -> None:
        """Forget what was seen so far; what the network still has to say about it is not heard."""
        if self._pending is not None:
            self._pending.answer.cancel()
        self._guide, self._key, self._pending, self._age = guide, None, None, 0
        if guide is not None:
            self._carried = hold(guide.shape)

    def _follow(self, guide: Small) -> bool:
        """Whether this frame goes on from the one before; then the chroma has been carried to it."""
        before = self._guide
        if before is None or before.shape != guide.shape:
            return False
        if same_picture(before, guide):
            return True
        motion = self._finder.between(before, guide)
        if float(motion.back_trust.mean()) < _NEW_PICTURE:
            return False
        self._move(motion)
        self._guide = guide
        return True

    def _move(self, motion: Motion) -> None:
        self._age += 1
        self._carried = carry(self._carried, motion.back, motion.back_trust)
        if self._pending is not None:
            since = carry(self._pending.since, motion.back, motion.back_trust)
            self._pending = replace(self._pending, since=since)

    def _is_due(self) -> bool:
        if self._key is None or self._age >= (self._settings.key_every or KEY_EVERY):
            return True
        return float(self._carried.trust.mean()) < _LEAST_REACH

    def _take_answer(self, request: _Request) -> None:
        """Make the frame that the network was asked about the key frame, where the answer is here."""
        wait([request.answer], 0 if self._key is not None else self._patience)
        if not request.answer.done():
            return
        self._pending = None
        height, width = request.guide.shape
        fresh = guided_chroma(request.answer.result(), request.guide)
        fresh = np.asarray(cv2.resize(fresh, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)
        if self._key is not None:
            keep = self._settings.steady ** (request.age / _STEADY_SPAN)
            kept = np.float32(keep) * request.carried.trust
            fresh = weighted(request.carried.sample(self._key), kept) + weighted(fresh, 1 - kept)
        self._key, self._carried, self._age = fresh, request.since, self._age - request.age
