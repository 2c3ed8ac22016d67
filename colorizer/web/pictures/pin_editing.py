"""Correcting a picture by hand on the Images page: pins on the picture, their colours beside it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from colorizer.corrections.colours import colour_name, hex_of
from colorizer.corrections.history import History
from colorizer.corrections.pins import MOST_PINS, Corrections, Pin
from colorizer.corrections.spreading import cell_of, corrected
from colorizer.web.answer_cache import PictureAnswer
from colorizer.web.colouring import Picture
from colorizer.web.pictures.doubt import doubt_address, most_doubtful
from colorizer.web.pictures.palette import level_at
from colorizer.web.pictures.picture_set import PictureSet

DOUBT = "show_doubt"  # the key of the switch that shows where the network is unsure
_RECENT = "recent_colours"
_FIRST_REACH = 0.5  # of a pin that is set here: one that goes too far is worse than one that does not go far enough
_NEW = 1.5  # colours nearer than this in ab are the same to those who choose


@dataclass(frozen=True)
class Correcting:
    """One picture that is being corrected, with what the network says of it."""

    picture_set: PictureSet
    picture: Picture
    found: PictureAnswer

    @property
    def history(self) -> History:
        """The corrections as they are, and the steps before."""
        return self.picture_set.corrections(self.picture.id)

    @property
    def selected(self) -> int | None:
        """The number of the pin whose colours are shown, from 0; None where there is none."""
        count = len(self.history.now.pins)
        return min(int(st.session_state.get(self._key, count - 1)), count - 1) if count else None

    @property
    def recent(self) -> list[tuple[float, float]]:
        """The colours that were chosen before in this tab, the latest first."""
        found: list[tuple[float, float]] = st.session_state.setdefault(_RECENT, [])
        return found

    @property
    def _key(self) -> str:
        return f"pin-{self.picture.id}"

    def name(self, pin: Pin) -> str:
        """What people call this pin's colour."""
        return colour_name(level_at(self.found, pin), pin.a, pin.b)

    def view(self) -> dict[str, Any]:
        """What the large view is given of the pins."""
        pins = [
            {
                "x": pin.x,
                "y": pin.y,
                "colour": hex_of(level_at(self.found, pin), pin.a, pin.b),
                "name": self.name(pin),
                "selected": number == self.selected,
            }
            for number, pin in enumerate(self.history.now.pins)
        ]
        return {
            "list": pins,
            "doubt": doubt_address(self.found, self.history.now) if st.session_state.get(DOUBT) else "",
        }

    def take(self, event: str, told: Mapping[str, Any]) -> None:
        """Do what the user did to the pins on the large view."""
        if event == "placed":
            self.place(float(told["x"]), float(told["y"]))
        elif event == "moved":
            self.change(int(told["number"]), x=float(told["x"]), y=float(told["y"]))
        elif event == "selected":
            self.select(int(told["number"]))
        elif event == "removed":
            self.remove(int(told["number"]))
        else:
            self.keep(self.history.undo() if event == "undone" else self.history.redo())

    def select(self, number: int) -> None:
        """Show the colours of this pin."""
        st.session_state[self._key] = number

    def keep(self, history: History) -> None:
        """Keep these corrections."""
        self.picture_set.set_corrections(self.picture.id, history)

    def place(self, x: float, y: float) -> None:
        """Set a pin here, in the colour that the place has now, and show its colours."""
        pins = self.history.now.pins
        if len(pins) < MOST_PINS:
            chroma = corrected(self.found.answer, self.found.lightness, self.history.now)
            a, b = chroma[cell_of(x, y, *chroma.shape[:2])].tolist()
            self.keep(self.history.with_pin(len(pins), Pin(x, y, a, b, _FIRST_REACH)))
            self.select(len(pins))

    def change(self, number: int, **values: float) -> None:
        """Give the pin with this number other values, where it is still there."""
        pins = self.history.now.pins
        if 0 <= number < len(pins):
            self.keep(self.history.with_pin(number, replace(pins[number], **values)))
            self.select(number)

    def choose(self, number: int, a: float, b: float) -> None:
        """Give the pin with this number this colour, and remember it among the recent ones."""
        self.change(number, a=a, b=b)
        rest = [each for each in self.recent if abs(each[0] - a) + abs(each[1] - b) > _NEW]
        st.session_state[_RECENT] = [(a, b), *rest]

    def remove(self, number: int) -> None:
        """Take this pin away."""
        if 0 <= number < len(self.history.now.pins):
            self.keep(self.history.with_pin(number, None))

    def remove_all(self) -> None:
        """Take all pins away."""
        self.keep(self.history.then(Corrections()))

    def place_in_doubt(self) -> None:
        """Set a pin where the network is least sure, away from the pins that are there."""
        place = most_doubtful(self.found.answer, self.history.now)
        if place is not None:
            self.place(*place)
