"""What the Images page shares between tabs: picture sets and results in the making."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from colorizer.errors import InputError
from colorizer.jobs.folders import DataFolder
from colorizer.settings import settings
from colorizer.web.jobs.state import store
from colorizer.web.pictures.detail import DetailViews
from colorizer.web.pictures.picture_limits import PictureRoom, limits_for
from colorizer.web.pictures.picture_set import PictureSet, PictureSets
from colorizer.web.pictures.results import ResultQueue
from colorizer.web.repeating import repeating
from colorizer.web.state import picture_reader
from colorizer.web.visitors import KEPT_HOURS
from colorizer.web.wording import plain

_END_EVERY = 600.0  # seconds
_PICTURES, _CAME_BY_ADDRESS = "pictures", "pictures_by_address"


@st.cache_resource(show_spinner=False)
def picture_sets() -> PictureSets:
    """The pictures of every tab. Where there is a quota, they lie where it counts them."""
    quota = settings().quota
    limits = limits_for(quota, shared=settings().shared, kept_seconds=KEPT_HOURS * 3600.0)
    if quota is None:
        return PictureSets(PictureRoom(limits))
    data = DataFolder(settings().data_folder)
    data.pictures.mkdir(parents=True, exist_ok=True)
    return PictureSets(PictureRoom(limits, _left_by_films), data.pictures)


def _left_by_films() -> int | None:
    """Bytes of the quota that films and uploads have not taken; None where there is no quota."""
    usage = store().usage()
    return None if usage.quota is None else usage.quota - usage.jobs - usage.uploads


@contextmanager
def ending_unused_sets(every: float = _END_EVERY) -> Iterator[None]:
    """A block during which, among strangers, sets that nobody uses end, whether anybody comes or not."""
    if not settings().shared:
        yield
        return
    with repeating(lambda: picture_sets().end_unused(), every, "end-unused-pictures"):
        yield


@st.cache_resource(show_spinner=False)
def result_queue() -> ResultQueue:
    """The results at full size that are being made."""
    return ResultQueue(picture_reader().read)


@st.cache_resource(show_spinner=False)
def detail_views() -> DetailViews:
    """Parts of pictures in all their pixels."""
    return DetailViews(picture_reader().read)


def my_picture_set() -> PictureSet:
    """The pictures of this tab. Their token is in the address, so that reloading the page loses nothing.

    Where no more visitors fit in, the page says so and ends there.
    """
    mine = st.session_state.get(_PICTURES, "")
    given = st.query_params.get(_PICTURES) or mine
    try:
        picture_set = picture_sets().find(given) or picture_sets().new()
    except InputError as error:
        st.error(plain(str(error)))
        st.stop()
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
    """Give this tab an empty picture set of its own, where one more fits in."""
    try:
        st.session_state[_PICTURES] = st.query_params[_PICTURES] = picture_sets().new().token
    except InputError as error:
        st.toast(plain(str(error)))


def max_upload() -> int:
    """The most bytes that a picture may have."""
    return int(st.get_option("server.maxUploadSize")) * 2**20
