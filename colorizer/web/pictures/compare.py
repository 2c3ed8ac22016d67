"""A picture in colour over its original, with a line between them, and the pins that correct it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from colorizer.web.parts.component import is_new, page_part

_PART = page_part(
    __file__,
    "compare.html",
    ["split.css", "compare.css", "pins.css"],
    ["pictures.js", "sliders.js", "pins.js", "zoom.js", "compare.js"],
)
_EVENTS = ("placed", "moved", "selected", "removed", "undone", "redone")
Take = Callable[[str, Mapping[str, Any]], None]


def compare_view(view: Mapping[str, Any], key: str, take: Take) -> None:
    """Draw a result over its original, with a line between them that mouse, finger and keyboard move.

    take: is told, before the page is drawn again, what the user did with the pins: "placed", "moved", "selected",
    "removed", "undone" or "redone", with "number", "x" and "y" where it has them.
    """
    callbacks: dict[str, Any] = {f"on_{event}_change": partial(_tell, key, event, take) for event in _EVENTS}
    _PART(data=dict(view), key=key, **callbacks)


def _tell(key: str, event: str, take: Take) -> None:
    told = getattr(st.session_state.get(key), event, None)
    if isinstance(told, Mapping) and is_new(key, told):
        take(event, told)
