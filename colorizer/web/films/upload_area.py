"""The place that films are dropped on, with those that are arriving."""

from collections.abc import Mapping
from typing import Any

from colorizer.web.parts.component import nothing, page_part

_PART = page_part(
    __file__,
    "upload.html",
    ["button.css", "unseen.css", "page_drop.css", "upload.css"],
    ["cookie.js", "page_drop.js", "upload.js"],
)


def upload_area(area: Mapping[str, Any], key: str) -> str:
    """Draw the place that films are dropped on, with those that are arriving; the id of one that is here or gone."""
    changed = _PART(data=dict(area), key=key, on_changed_change=nothing).changed
    return str(changed or "").partition(" ")[0]
