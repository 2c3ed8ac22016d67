"""The times of the frames: strictly increasing, and a slot for every frame that was sent, decoded or not."""

import heapq
from dataclasses import dataclass, field

_WATCHFUL_FRAMES = 32  # more than any decoder delays or reorders


@dataclass
class Clock:
    """Hears of every packet that goes into the decoder and every frame that comes out; says when each is shown.

    trust_pts=False (AVI stores no times, only an order): frames take the packets' decoding times, in order.
    """

    step: int
    trust_pts: bool = True
    mended: int = 0
    _watchful: int = 0
    _slots: list[int] = field(default_factory=list)
    _last: int | None = None

    def damaged(self) -> None:
        """Something did not decode: for a while, a slot that no frame comes for is a lost frame."""
        self._watchful = _WATCHFUL_FRAMES

    def sent(self, pts: int | None, dts: int | None) -> None:
        """A packet with these times went to the decoder."""
        slot = pts if self.trust_pts and pts is not None else dts
        if slot is not None:
            heapq.heappush(self._slots, slot)

    def begins_at(self, time: int) -> None:
        """The first frame after a seek is shown at this time or later: earlier slots belong to dropped frames."""
        while self._slots and self._slots[0] < time:
            heapq.heappop(self._slots)

    def shown(self, pts: int | None) -> tuple[list[int], int]:
        """The slots that were lost before this frame, and the time of the frame itself."""
        if not self.trust_pts or pts is None:
            time = heapq.heappop(self._slots) if self._slots else None
            self.mended += self.trust_pts and time is not None
        else:
            time = pts
        lost = self._lost_before(time) if time is not None else []
        last = self._last
        if time is None or (last is not None and time <= last):
            self.mended += 1
            is_near = time is not None and last is not None and last - time <= _WATCHFUL_FRAMES * self.step
            time = 0 if last is None else last + (1 if is_near else self.step)  # else it is another clock
        self._last = time
        return lost, time

    def rest(self) -> list[int]:
        """The slots that no frame came for, at the end of the stream, where decoding went wrong."""
        return self._lost_before(None)

    def _lost_before(self, time: int | None) -> list[int]:
        lost: list[int] = []
        while self._slots and (time is None or self._slots[0] <= time):
            slot = heapq.heappop(self._slots)
            if self._watchful and self._stands_alone(slot, lost, time):
                lost.append(slot)
        self._watchful = max(0, self._watchful - 1)
        return lost

    def _stands_alone(self, slot: int, lost: list[int], time: int | None) -> bool:
        """Whether a frame belongs here: half a frame from its neighbours or more (hidden frames have slots too)."""
        before = lost[-1] if lost else self._last
        near = self.step // 2 + 1 if self.step > 1 else 1
        return (before is None or slot - before >= near) and (time is None or time - slot >= near)
