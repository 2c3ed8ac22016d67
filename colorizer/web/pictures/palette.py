"""Colours to choose from for one pin: what the network thinks likely, a library, and all that can be shown."""

import base64
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import streamlit as st

from colorizer.corrections.colours import LIBRARY, colour_disc, colour_name, hex_of
from colorizer.corrections.likely_colours import likely_colours
from colorizer.corrections.pins import Pin
from colorizer.corrections.spreading import cell_of
from colorizer.web.answer_cache import PictureAnswer
from colorizer.web.parts.component import is_new, page_part

_PART = page_part(__file__, "palette.html", ["palette.css"], ["palette.js"])
_GREY = (0.0, 0.0)
_MOST_RECENT = 8
_KEY = "palette"
_THINGS = {row.group for row in LIBRARY}


def palette(
    found: PictureAnswer,
    pin: Pin,
    number: int,
    recent: Sequence[tuple[float, float]],
    choose: Callable[[int, float, float], None],
) -> None:
    """Draw the colours to choose from for this pin.

    recent: colours that were chosen before, the latest first. choose: is told, before the page is drawn again, the
    pin's number and the a* and b* that were chosen.
    """
    level = level_at(found, pin)
    data = {
        "pin": number,
        "a": pin.a,
        "b": pin.b,
        "name": colour_name(level, pin.a, pin.b),
        "disc": png_address(colour_disc(level)),
        "groups": [
            {"title": title, "things": title in _THINGS, "swatches": [_swatch(level, *each) for each in swatches]}
            for title, swatches in _groups(found, pin, recent)
            if swatches
        ],
    }
    _PART(data=data, key=_KEY, on_chosen_change=partial(_tell, choose))


def _tell(choose: Callable[[int, float, float], None]) -> None:
    told = getattr(st.session_state.get(_KEY), "chosen", None)
    if isinstance(told, Mapping) and is_new(_KEY, told):
        choose(int(told["pin"]), float(told["a"]), float(told["b"]))


def level_at(found: PictureAnswer, pin: Pin) -> float:
    """L* of the picture where this pin stands."""
    return float(found.lightness[cell_of(pin.x, pin.y, *found.lightness.shape)])


def png_address(data: bytes) -> str:
    """A PNG as an address that needs no server."""
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def _groups(
    found: PictureAnswer, pin: Pin, recent: Sequence[tuple[float, float]]
) -> list[tuple[str, list[tuple[float, float, str]]]]:
    """Title and colours of each group: a*, b*, and what is said of them before their name."""
    likely = likely_colours(found.answer, found.centres, pin.x, pin.y) if found.centres is not None else []
    network = [(each.a, each.b, f"{each.share:.0%} likely") for each in likely]
    latest = [(a, b, "") for a, b in recent[:_MOST_RECENT]]
    library = [
        (group, [(row.a, row.b, row.name) for row in rows]) for group, rows in groupby(LIBRARY, lambda row: row.group)
    ]
    return [("The network's own ideas", [*network, (*_GREY, "no colour")]), ("Chosen before", latest), *library]


def _swatch(level: float, a: float, b: float, said: str) -> dict[str, Any]:
    name = colour_name(level, a, b)
    return {"a": a, "b": b, "colour": hex_of(level, a, b), "name": f"{said}: {name}" if said else name}
