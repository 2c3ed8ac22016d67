"""A link to a file that is made when it is asked for."""

from colorizer.web.parts.component import page_part

_PART = page_part(__file__, "download.html", ["button.css"], ["save.js", "download.js"])


def download_link(label: str, url: str, key: str, *, primary: bool = True, streamed: bool = False) -> None:
    """Draw a link to a file that is made when it is asked for. streamed: the browser takes it piece by piece."""
    _PART(data={"label": label, "url": url, "primary": primary, "streamed": streamed}, key=key)
