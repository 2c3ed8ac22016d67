"""Every state that corrections went through, so that each step can be taken back."""

from dataclasses import dataclass, replace

from colorizer.corrections.pins import Corrections, Pin

_MOST_STEPS = 200
_START = (Corrections(),)


@dataclass(frozen=True)
class History:
    """The states of one picture's corrections, and which of them is shown. Nothing changes in place."""

    states: tuple[Corrections, ...] = _START
    place: int = 0

    @property
    def now(self) -> Corrections:
        """The corrections as they are."""
        return self.states[self.place]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self.place > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step that was taken back."""
        return self.place < len(self.states) - 1

    def then(self, corrections: Corrections) -> "History":
        """The next state; what was taken back before is forgotten. The same one again is no step."""
        if corrections == self.now:
            return self
        states = (*self.states[: self.place + 1], corrections)[-_MOST_STEPS:]
        return History(states, len(states) - 1)

    def undo(self) -> "History":
        """One step back, where there is one."""
        return replace(self, place=max(0, self.place - 1))

    def redo(self) -> "History":
        """One step forward again, where there is one."""
        return replace(self, place=min(len(self.states) - 1, self.place + 1))

    def with_pin(self, number: int, pin: Pin | None) -> "History":
        """The state in which the pin with this number, from 0, is another one, is gone (None), or comes in the end."""
        pins = self.now.pins
        rest = pins[number + 1 :]
        return self.then(replace(self.now, pins=(*pins[:number], *([pin] if pin else []), *rest)))
