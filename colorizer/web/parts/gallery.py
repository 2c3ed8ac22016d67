"""Cards of pictures or films: one is opened, any is removed."""

from collections.abc import Mapping, Sequence
from typing import Any

from colorizer.web.parts.component import nothing, page_part

_PART = page_part(__file__, "gallery.html", ["unseen.css", "gallery.css"], ["gallery.js"])


def gallery(cards: Sequence[Mapping[str, Any]], key: str, label: str = "Your pictures") -> tuple[str, str]:
    """Draw the cards; the ids of the one to open and of the one to remove, empty where none was chosen."""
    chosen = _PART(
        data={"cards": [dict(card) for card in cards], "label": label},
        key=key,
        on_opened_change=nothing,
        on_removed_change=nothing,
    )
    return chosen.opened or "", chosen.removed or ""
