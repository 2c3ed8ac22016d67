"""What every tab shares: open networks, the darkroom, and the desks behind their tokens."""

import streamlit as st

from colorizer.assets import locate
from colorizer.network import Colorizer
from colorizer.web.desk import Desk, Desks
from colorizer.web.develop import Darkroom, Recipe
from colorizer.web.results import Press

_DESK = "desk"
_OPEN_NETWORKS = 2


@st.cache_resource(show_spinner=False)
def desks() -> Desks:
    """The desks of this process."""
    return Desks()


@st.cache_resource(show_spinner=False)
def darkroom() -> Darkroom:
    """The darkroom of this process."""
    return Darkroom()


@st.cache_resource(show_spinner=False)
def press() -> Press:
    """The press of this process."""
    return Press()


def my_desk() -> Desk:
    """The desk of this tab. Its token is in the address, so that reloading the page loses nothing."""
    token = st.query_params.get(_DESK) or st.session_state.get(_DESK, "")
    desk = desks().find(token) or desks().new()
    if desk.token != token:
        st.session_state[_DESK] = st.query_params[_DESK] = desk.token
    return desk


def colorizer_for(recipe: Recipe) -> Colorizer | None:
    """The open network of this recipe; None in black and white. Raises ModelError or EngineError."""
    if recipe.model is None:
        return None
    return _open(recipe.model, recipe.engine, recipe.network.temperature)


# Networks that fall out are not closed but left to the garbage collector: a picture in the making may still need one.
@st.cache_resource(show_spinner=False, max_entries=_OPEN_NETWORKS)
def _open(model: str, engine: str, temperature: float) -> Colorizer:
    return Colorizer(locate(model), engine, temperature)


def max_upload() -> int:
    """The most bytes that a picture may have."""
    return int(st.get_option("server.maxUploadSize")) * 2**20


def close() -> None:
    """End what was going on and delete every picture; called when the server stops."""
    darkroom().close()
    press().close()
    desks().close()
