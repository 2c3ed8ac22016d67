"""Frames of a film side by side."""

from collections.abc import Mapping
from typing import Any

from colorizer.web.parts.component import page_part

_PART = page_part(__file__, "sheet.html", ["sheet.css"], ["pictures.js", "sliders.js", "sheet.js"])


def contact_sheet(sheet: Mapping[str, Any], key: str) -> None:
    """Draw frames of a film in their colours; pressing one shows it without."""
    _PART(data=dict(sheet), key=key)
