"""The player of a finished film."""

from collections.abc import Mapping
from typing import Any

from colorizer.web.parts.component import page_part

_PART = page_part(__file__, "player.html", ["split.css", "player.css"], ["player.js"])


def film_player(film: Mapping[str, Any], key: str) -> None:
    """Draw a finished film that plays, black and white on one side of a line that can be moved."""
    _PART(data=dict(film), key=key)
