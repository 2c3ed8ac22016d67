"""How fast frames come at the moment."""

import time
from collections import deque
from collections.abc import Callable

_SECONDS = 30.0  # over which a pace is taken: longer than a segment needs to be closed, shorter than a load lasts
_LEAST = 2.0  # seconds before which the first frame, which comes late, would say too much
_APART = 0.1  # seconds between two moments that are kept


class Pace:
    """Counts frames. clock: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = clock()
        self._frames = 0
        self._moments: deque[tuple[float, int]] = deque()  # when, and how many frames there were

    def count(self) -> None:
        """One more frame is there."""
        self._frames += 1
        now = self._clock()
        if not self._moments or now - self._moments[-1][0] >= _APART:
            self._moments.append((now, self._frames))
        while now - self._moments[0][0] > _SECONDS and len(self._moments) > 1:
            self._moments.popleft()

    @property
    def per_second(self) -> float:
        """Frames a second lately; in the beginning of all the time there was, and 0 before the first frame."""
        now = self._clock()
        since, frames = self._moments[0] if self._moments else (now, 0)
        if now - since >= _LEAST and self._frames > frames:
            return (self._frames - frames) / (now - since)
        return self._frames / (now - self._begun) if now > self._begun else 0.0
