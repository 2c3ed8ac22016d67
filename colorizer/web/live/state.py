"""What the Live page shares between tabs: the viewers of live pictures."""

import streamlit as st

from colorizer.web.live.viewers import Viewers


@st.cache_resource(show_spinner=False)
def viewers() -> Viewers:
    """The viewers of live pictures."""
    return Viewers()
