"""The button that takes pictures from the clipboard."""

from colorizer.web.parts.component import nothing, page_part

_PART = page_part(__file__, "paste.html", ["button.css"], ["cookie.js", "paste.js"])


def paste_button(url: str, key: str) -> list[str] | None:
    """Draw the paste button, which also listens to Ctrl+V; once pictures have come, why any of them did not come in."""
    pasted = _PART(data={"url": url}, key=key, on_pasted_change=nothing).pasted
    return None if pasted is None else [str(message) for message in pasted["refused"]]
