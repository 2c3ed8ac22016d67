"""The button that takes pictures from the clipboard, and the page that takes those that are dropped on it."""

from colorizer.plan import PICTURES
from colorizer.web.parts.component import nothing, page_part

_PART = page_part(__file__, "paste.html", ["button.css", "page_drop.css"], ["cookie.js", "page_drop.js", "paste.js"])


def paste_button(url: str, key: str) -> list[str] | None:
    """Draw the paste button, which also listens to Ctrl+V and to drops; once pictures have come, why some did not."""
    pasted = _PART(data={"url": url, "suffixes": sorted(PICTURES.read)}, key=key, on_pasted_change=nothing).pasted
    return None if pasted is None else [str(message) for message in pasted["refused"]]
