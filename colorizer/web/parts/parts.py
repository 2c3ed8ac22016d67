"""The studio's own page parts: comparison, gallery, contact sheet, player, paste, upload, download, live view.

What the browser gets lies beside the code of the pages that show it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parents[1]


def _text(*names: str) -> str:
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


_COMPARE = st.components.v2.component(
    "colorizer_compare",
    html=_text("pictures/compare.html"),
    css=_text("parts/split.css", "pictures/compare.css"),
    js=_text("parts/pictures.js", "parts/sliders.js", "pictures/compare.js"),
)
_GALLERY = st.components.v2.component(
    "colorizer_gallery",
    html=_text("parts/gallery.html"),
    css=_text("parts/unseen.css", "parts/gallery.css"),
    js=_text("parts/gallery.js"),
)
_PASTE = st.components.v2.component(
    "colorizer_paste",
    html=_text("pictures/paste.html"),
    css=_text("parts/button.css"),
    js=_text("parts/cookie.js", "pictures/paste.js"),
)
_DOWNLOAD = st.components.v2.component(
    "colorizer_download",
    html=_text("parts/download.html"),
    css=_text("parts/button.css"),
    js=_text("parts/save.js", "parts/download.js"),
)
_SHEET = st.components.v2.component(
    "colorizer_sheet",
    html=_text("parts/sheet.html"),
    css=_text("parts/sheet.css"),
    js=_text("parts/pictures.js", "parts/sliders.js", "parts/sheet.js"),
)
_PLAYER = st.components.v2.component(
    "colorizer_player",
    html=_text("jobs/player.html"),
    css=_text("parts/split.css", "jobs/player.css"),
    js=_text("jobs/player.js"),
)
_UPLOAD = st.components.v2.component(
    "colorizer_upload",
    html=_text("films/upload.html"),
    css=_text("parts/button.css", "parts/unseen.css", "films/upload.css"),
    js=_text("parts/cookie.js", "films/upload.js"),
)

_LIVE = st.components.v2.component(
    "colorizer_live",
    html=_text("live/live.html"),
    css=_text("parts/button.css", "live/live.css"),
    js=_text("live/webm.js", "parts/save.js", "live/live.js"),
)


def compare_view(view: Mapping[str, Any], key: str) -> None:
    """Draw a result over its original, with a line between them that mouse, finger and keyboard move."""
    _COMPARE(data=dict(view), key=key)


def gallery(cards: Sequence[Mapping[str, Any]], key: str, label: str = "Your pictures") -> tuple[str, str]:
    """Draw the cards; the ids of the one to open and of the one to remove, empty where none was chosen."""
    chosen = _GALLERY(
        data={"cards": [dict(card) for card in cards], "label": label},
        key=key,
        on_opened_change=_nothing,
        on_removed_change=_nothing,
    )
    return chosen.opened or "", chosen.removed or ""


def contact_sheet(sheet: Mapping[str, Any], key: str) -> None:
    """Draw frames of a film in their colours; pressing one shows it without."""
    _SHEET(data=dict(sheet), key=key)


def film_player(film: Mapping[str, Any], key: str) -> None:
    """Draw a finished film that plays, black and white on one side of a line that can be moved."""
    _PLAYER(data=dict(film), key=key)


def upload_area(area: Mapping[str, Any], key: str) -> str:
    """Draw the place that films are dropped on, with those that are arriving; the id of one that is here or gone."""
    changed = _UPLOAD(data=dict(area), key=key, on_changed_change=_nothing).changed
    return str(changed or "").partition(" ")[0]


def live_view(view: Mapping[str, Any], key: str) -> None:
    """Draw the live picture with the buttons that start, stop and keep it."""
    _LIVE(data=dict(view), key=key)


def paste_button(url: str, key: str) -> list[str] | None:
    """Draw the paste button, which also listens to Ctrl+V; once pictures have come, why any of them did not come in."""
    pasted = _PASTE(data={"url": url}, key=key, on_pasted_change=_nothing).pasted
    return None if pasted is None else [str(message) for message in pasted["refused"]]


def download_link(label: str, url: str, key: str, *, primary: bool = True, streamed: bool = False) -> None:
    """Draw a link to a file that is made when it is asked for. streamed: the browser takes it piece by piece."""
    _DOWNLOAD(data={"label": label, "url": url, "primary": primary, "streamed": streamed}, key=key)


def _nothing() -> None:
    """A callback that makes a component's answer exist from the first run on."""
