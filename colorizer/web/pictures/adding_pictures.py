"""How pictures come in: dropped, chosen, pasted, or drawn as a sample."""

from collections.abc import Iterable, Sequence

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.filetypes import HEAD, film_kind
from colorizer.plan import PICTURES
from colorizer.sample import SAMPLE_NAME, sample_picture
from colorizer.settings import settings
from colorizer.web.pictures import state as picture_state
from colorizer.web.pictures.addresses import upload_url
from colorizer.web.pictures.paste import paste_button
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.visitors import KEPT_HOURS
from colorizer.web.wording import UploadedFile, display_name, plain

# Streamlit has no setting for how tall the drop area is, or for what is written in it.
_DROP_AREA = """<style>
.st-key-drop [data-testid=stFileUploaderDropzone] {
  border-style: dashed;
  border-width: 2px;
}
.st-key-drop-roomy [data-testid=stFileUploaderDropzone] {
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: 12px;
  min-height: 240px;
  border-style: dashed;
  border-width: 2px;
}
.st-key-drop-roomy [data-testid=stFileUploaderDropzone] > * {
  flex: 0 0 auto;
}
.st-key-drop-roomy [data-testid=stFileUploaderDropzone]::before {
  content: "Drop pictures here";
  font-size: 1.25rem;
  font-weight: 600;
}
</style>"""
_PROMISE = (
    ":material/lock: Nothing leaves this computer. Pictures are coloured here, kept in a temporary folder, "
    "and deleted when the studio stops."
)
_SHARED_PROMISE = (
    ":material/public: This is a demonstration: your pictures go to its server. Nobody else sees them unless you pass "
    f"this page's address on, and they are deleted once nobody has looked at them for {KEPT_HOURS} hours."
)

_ROUND = "arrivals_round"
_REFUSED = "arrivals_refused"


def adding_pictures(picture_set: PictureSet) -> None:
    """Draw every way for pictures to come in, and take in what has come."""
    round_ = st.session_state.setdefault(_ROUND, 0)
    st.html(_DROP_AREA)
    with st.container(key="drop" if picture_set.pictures else "drop-roomy"):
        files = st.file_uploader(
            "Drop pictures here", accept_multiple_files=True, key=f"files-{round_}", label_visibility="collapsed"
        )
    with st.container(horizontal=True, horizontal_alignment="left" if picture_set.pictures else "center"):
        if st.button("Try a sample", icon=":material/landscape:", key="sample"):
            picture_set.open(picture_set.add(SAMPLE_NAME, sample_picture()).id)
            st.rerun()
        with st.container(width=170):
            pasted = paste_button(upload_url(picture_set), key="paste")
        with st.popover("A whole folder", icon=":material/folder_open:"):
            folder = st.file_uploader(
                "Choose a folder with pictures", accept_multiple_files="directory", key=f"folder-{round_}"
            )
    if files or folder:
        st.session_state[_REFUSED] = take_in(picture_set, [*(files or []), *only_pictures(folder or [])])
        st.session_state[_ROUND] = round_ + 1  # a new uploader: the old one lets go of its copy in memory
        st.rerun()
    if pasted is not None:
        st.session_state[_REFUSED] = pasted
        st.rerun()
    for message in st.session_state.get(_REFUSED, ()):
        st.error(plain(message))
    promise = _SHARED_PROMISE if settings().shared else _PROMISE
    st.caption(promise, text_alignment="left" if picture_set.pictures else "center")


def say_shared_address(picture_set: PictureSet) -> None:
    """Say among strangers that these pictures came with the page's address, and offer an empty page."""
    if not (settings().shared and picture_state.came_by_address(picture_set) and picture_set.pictures):
        return
    with st.container(border=True, horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(":material/public: These pictures came with the page's address: whoever has it sees what you add.")
        st.button("Start an empty page", key="leave-pictures", on_click=picture_state.leave_picture_set)


def take_in(picture_set: PictureSet, uploads: Sequence[UploadedFile]) -> list[str]:
    """Add the files to the pictures and open the first; what to say about films, and about those that found no room."""
    refused: list[str] = []
    first = ""
    for upload in uploads:
        name, data = upload.name.replace("%22", '"'), upload.getvalue()  # how browsers send a quote
        if film_kind(data[:HEAD]) not in {"", "GIF"}:
            refused.append(f"{display_name(name)} is a film, not a picture. Bring it to the Videos page.")
            continue
        try:
            picture = picture_set.add(name, data)
        except ColorizerError as error:
            refused.append(str(error))
            continue
        first = first or picture.id
    if first:
        picture_set.open(first)
    return refused


def only_pictures(uploads: Iterable[UploadedFile]) -> list[UploadedFile]:
    """Those files of a folder whose names say that they are pictures."""
    return [upload for upload in uploads if upload.name.lower().endswith(tuple(PICTURES.read))]


def pictures_welcome(picture_set: PictureSet) -> None:
    """Draw the page without pictures: what this is, and one large place to drop pictures."""
    with st.container(horizontal_alignment="center"), st.container(width=760, horizontal_alignment="center"):
        st.title("Old photographs, in colour", text_alignment="center")
        st.markdown(
            "Give black-and-white pictures their colours, at once, and decide how strong and how warm they are.",
            text_alignment="center",
        )
        adding_pictures(picture_set)
