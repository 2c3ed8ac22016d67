"""Networks that are on some disk already: their files, or folders of one's own."""

from functools import partial
from pathlib import Path

import streamlit as st

from colorizer.errors import InputError
from colorizer.settings import settings
from colorizer.web.allowed_folders import AllowedFolders
from colorizer.web.models import state as model_state
from colorizer.web.models.imports import take_in
from colorizer.web.models.state import attempt, say_once
from colorizer.web.wording import plain
from colorizer.weights.local_models import ModelStatus

_ROUND, _TAKEN, _REFUSED = "models_round", "models_taken", "models_refused"


def lost_folders(own: list[ModelStatus]) -> None:
    """Draw the networks of one's own that are no longer where they were."""
    here = {str(status.folder) for status in own}
    for folder in model_state.preferences().read().folders:
        if folder not in here:
            with st.container(border=True, key=f"lost-{folder}"):
                st.error(plain(model_state.own_problem(Path(folder))))
                if st.button("Forget this folder", key=f"forget-{folder}", type="tertiary"):
                    attempt(partial(model_state.preferences().forget_folder, Path(folder)))
                    st.rerun()


def bring_files() -> None:
    """Draw the ways to bring a network that is on some disk already."""
    round_ = st.session_state.setdefault(_ROUND, 0)
    st.subheader("Bring the files yourself", anchor=False)
    files = st.file_uploader(
        "Drop files of the networks above here, under any name: they are known by their content",
        accept_multiple_files=True, key=f"network-files-{round_}",
    )  # fmt: skip
    if files:
        with st.spinner("Checking every byte…"):
            st.session_state[_TAKEN], st.session_state[_REFUSED] = take_in(files)
        model_state.let_go_of_networks()
        st.session_state[_ROUND] = round_ + 1  # a new uploader: the old one lets go of its copy in memory
        st.rerun()
    say_once(_TAKEN, st.success)
    say_once(_REFUSED, st.error)
    if settings().allowed_folders:
        with st.popover("A network of your own", icon=":material/folder_open:"):
            _own_form()


def _own_form() -> None:
    st.caption(
        "A folder on this computer with one .prototxt, one .caffemodel and one .npy with the colour centres, or with "
        "one .onnx. It stays where it is."
    )
    with st.form("own-network", border=False, clear_on_submit=True):
        text = st.text_input("Folder", placeholder="/home/me/networks/mine")
        if st.form_submit_button("Add") and text.strip():
            with st.spinner("Reading its files…"):
                attempt(lambda: _add_own(text))
            st.rerun()


def _add_own(text: str) -> None:
    folder = AllowedFolders(settings().allowed_folders).checked(text)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name the folder that the network's files lie in.")
    model_state.inventory().own(folder)
    model_state.preferences().add_folder(folder)
