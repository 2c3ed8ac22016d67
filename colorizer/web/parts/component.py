"""How a page part is made that has HTML, styles and scripts of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

_SHARED = Path(__file__).parent
_REMEMBERED = 20


def page_part(code: str, html: str, css: Sequence[str], js: Sequence[str]) -> ComponentRenderer:
    """What draws this part. Its files lie beside its code; those that several parts share lie in this folder.

    code: the `__file__` of the part. html: its page, by whose name the browser knows the part, too.
    """
    own = Path(code).parent

    def text(name: str) -> str:
        folder = own if (own / name).exists() else _SHARED
        return (folder / name).read_text(encoding="utf-8")

    return st.components.v2.component(
        f"colorizer_{html.removesuffix('.html')}",
        html=text(html),
        css="\n".join(map(text, css)),
        js="\n".join(map(text, js)),
    )


def nothing() -> None:
    """A callback that makes a part's answer exist from the first run on."""


def is_new(key: str, told: Mapping[str, Any]) -> bool:
    """Whether what a part told, with the "time" it did, is told for the first time.

    Streamlit tells what happened once more where the run that was told of it was cut short, though it may have done it.
    """
    known: list[float] = st.session_state.setdefault(f"{key}-told", [])
    if told["time"] in known:
        return False
    st.session_state[f"{key}-told"] = [*known, told["time"]][-_REMEMBERED:]
    return True
