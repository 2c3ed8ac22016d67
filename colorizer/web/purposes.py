"""What a coloured film is for: each purpose with its file format, and the control that chooses one."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from colorizer.web.saved_choices import SavedChoices


@dataclass(frozen=True)
class Purpose:
    """What a result is for, and how it is written. qualities: names of the crf that one may choose from."""

    title: str
    suffix: str
    codec: str
    says: str
    qualities: tuple[tuple[str, float], ...] = ()
    lossless: bool = False


SHARE = Purpose(
    "Share", ".mp4", "h264", "An MP4 that plays on telephones, televisions and the web.",
    (("Small file", 24), ("Good", 18), ("Finest", 14)),
)  # fmt: skip


ARCHIVE = Purpose(
    "Archive", ".mkv", "ffv1", "An MKV that keeps every detail of the original. Large files.", lossless=True
)


EDIT = Purpose("Edit", ".mov", "prores", "A MOV for cutting programs. Large files.")


CODEC_TITLES = {
    "h264": "H.264", "hevc": "H.265 (HEVC)", "av1": "AV1", "vp9": "VP9", "prores": "ProRes", "ffv1": "FFV1 (lossless)",
}  # fmt: skip


PURPOSES = {purpose.title: purpose for purpose in (SHARE, ARCHIVE, EDIT)}


def purpose_controls(saved_choices: SavedChoices, item: str) -> tuple[Purpose, float | None, DeltaGenerator]:
    """Draw what the result is for and, where there is a choice, how good it is to be.

    The purpose, the crf, and an empty place for what is to be said of the file: others may have more to say of it.
    """
    title = st.segmented_control(
        "What for", list(PURPOSES), key=saved_choices.recall(item, "purpose", SHARE.title), required=True,
        width="stretch",
    )  # fmt: skip
    purpose = PURPOSES[str(title)]
    place = st.container()
    if not purpose.qualities:
        return purpose, None, place
    qualities = dict(purpose.qualities)
    quality = st.segmented_control(
        "Quality", list(qualities), key=saved_choices.recall(item, "quality", "Good"), required=True, width="stretch"
    )
    return purpose, qualities[str(quality)], place
