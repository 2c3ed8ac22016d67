"""Controls of the Images page: colour or black and white, and downloads of one picture or all."""

import streamlit as st

from colorizer.image.values import WRITE_FORMATS, SaveOptions
from colorizer.web.colouring import Picture
from colorizer.web.looks import Look
from colorizer.web.parts.download import download_link
from colorizer.web.pictures.addresses import archive_url, result_url
from colorizer.web.pictures.picture_set import PictureSet

_AS_ORIGINAL = "As original"
_SHOWN = {"WEBP": "WebP"}
_WITH_QUALITY = ("JPEG", "WEBP")


def save_controls(picture_set: PictureSet, picture: Picture, look: Look, ready: int) -> None:
    """Draw the choice of format and the links to this result and, where there are several, to all."""
    save = _options()
    download_link("Download", result_url(picture_set, picture, look, save), key=f"download-{picture.id}")
    if ready > 1:
        which = "all" if ready == len(picture_set.pictures) else "the finished"
        label = f"Download {which} {ready} as zip"
        download_link(
            label, archive_url(picture_set, look.network_key, save), key="archive", primary=False, streamed=True
        )


def _options() -> SaveOptions:
    line = st.container(horizontal=True, vertical_alignment="bottom")
    chosen = line.selectbox("Save as", [_AS_ORIGINAL, *WRITE_FORMATS], format_func=_format_name, key="format")
    written = next((name for name in WRITE_FORMATS if name == chosen), None)
    quality = SaveOptions().quality
    with line.popover("Options"):
        if written is None or written in _WITH_QUALITY:
            quality = st.slider("Quality of JPEG and WebP", 1, 100, quality, key="quality")
        strip = st.checkbox(
            "Leave out place, date and camera", key="strip",
            help="Descriptions and comments go, too. The resolution (DPI) stays, and the file still says that its "
            "colours were made by a program.",
        )  # fmt: skip
    return SaveOptions(written, quality, strip)


def _format_name(name: str) -> str:
    return _SHOWN.get(name, name)


COLOUR, GREY = "Colour", "Black and white"


def mode_control() -> str:
    """Draw the choice between colour and black and white; what is chosen."""
    return str(
        st.segmented_control(
            "Result", [COLOUR, GREY], default=COLOUR, required=True, key="mode", label_visibility="collapsed",
            width="stretch",
        )
    )  # fmt: skip
