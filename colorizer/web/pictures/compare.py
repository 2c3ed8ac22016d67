"""A picture in colour over its original, with a line between them."""

from collections.abc import Mapping
from typing import Any

from colorizer.web.parts.component import page_part

_PART = page_part(__file__, "compare.html", ["split.css", "compare.css"], ["pictures.js", "sliders.js", "compare.js"])


def compare_view(view: Mapping[str, Any], key: str) -> None:
    """Draw a result over its original, with a line between them that mouse, finger and keyboard move."""
    _PART(data=dict(view), key=key)
