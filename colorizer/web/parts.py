"""The studio's own page parts: comparison, gallery, paste and download. What the browser gets lies in components/."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent / "components"


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_COMPARE = st.components.v2.component(
    "colorizer_compare", html=_text("compare.html"), css=_text("compare.css"), js=_text("compare.js")
)
_GALLERY = st.components.v2.component(
    "colorizer_gallery", html=_text("gallery.html"), css=_text("gallery.css"), js=_text("gallery.js")
)
_PASTE = st.components.v2.component(
    "colorizer_paste", html=_text("paste.html"), css=_text("button.css"), js=_text("paste.js")
)
_DOWNLOAD = st.components.v2.component(
    "colorizer_download", html=_text("download.html"), css=_text("button.css"), js=_text("download.js")
)


def compare_view(view: Mapping[str, Any], key: str) -> None:
    """Draw a result over its original, with a line between them that mouse, finger and keyboard move."""
    _COMPARE(data=dict(view), key=key)


def gallery(cards: Sequence[Mapping[str, Any]], key: str) -> tuple[str, str]:
    """Draw the cards; the ids of the picture to open and of the picture to remove, empty where none was chosen."""
    chosen = _GALLERY(
        data={"cards": [dict(card) for card in cards]},
        key=key,
        on_opened_change=_nothing,
        on_removed_change=_nothing,
    )
    return chosen.opened or "", chosen.removed or ""


def paste_button(url: str, key: str) -> bool:
    """Draw the paste button, which also listens to Ctrl+V; whether pictures have just come in."""
    return bool(_PASTE(data={"url": url}, key=key, on_pasted_change=_nothing).pasted)


def download_link(label: str, url: str, key: str, *, primary: bool = True, streamed: bool = False) -> None:
    """Draw a link to a file that is made when it is asked for. streamed: the browser takes it piece by piece."""
    _DOWNLOAD(data={"label": label, "url": url, "primary": primary, "streamed": streamed}, key=key)


def _nothing() -> None:
    """A callback that makes a component's answer exist from the first run on."""
