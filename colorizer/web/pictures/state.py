"""What the Images page shares between tabs: picture sets and results in the making."""

import streamlit as st

from colorizer.web.pictures.picture_set import PictureSet, PictureSets
from colorizer.web.pictures.results import ResultQueue

_PICTURES, _CAME_BY_ADDRESS = "pictures", "pictures_by_address"


@st.cache_resource(show_spinner=False)
def picture_sets() -> PictureSets:
    """The pictures of every tab."""
    return PictureSets()


@st.cache_resource(show_spinner=False)
def result_queue() -> ResultQueue:
    """The results at full size that are being made."""
    return ResultQueue()


def my_picture_set() -> PictureSet:
    """The pictures of this tab. Their token is in the address, so that reloading the page loses nothing."""
    mine = st.session_state.get(_PICTURES, "")
    given = st.query_params.get(_PICTURES) or mine
    picture_set = picture_sets().find(given) or picture_sets().new()
    if picture_set.token not in {mine, st.session_state.get(_CAME_BY_ADDRESS)}:
        st.session_state[_CAME_BY_ADDRESS] = given if picture_set.token == given else ""
    st.session_state[_PICTURES] = picture_set.token
    if st.query_params.get(_PICTURES) != picture_set.token:  # also after another page, whose link has no token
        st.query_params[_PICTURES] = picture_set.token
    return picture_set


def came_by_address(picture_set: PictureSet) -> bool:
    """Whether this tab came to these pictures by an address that somebody else may have, too."""
    return bool(st.session_state.get(_CAME_BY_ADDRESS) == picture_set.token)


def leave_picture_set() -> None:
    """Give this tab an empty picture set of its own."""
    st.session_state[_PICTURES] = st.query_params[_PICTURES] = picture_sets().new().token


def max_upload() -> int:
    """The most bytes that a picture may have."""
    return int(st.get_option("server.maxUploadSize")) * 2**20
