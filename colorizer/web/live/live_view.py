"""The live picture with its buttons."""

from collections.abc import Mapping
from typing import Any

from colorizer.web.parts.component import page_part

_PART = page_part(__file__, "live.html", ["button.css", "live.css"], ["webm.js", "save.js", "live.js"])


def live_view(view: Mapping[str, Any], key: str) -> None:
    """Draw the live picture with the buttons that start, stop and keep it."""
    _PART(data=dict(view), key=key)
