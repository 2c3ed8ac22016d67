"""What the Live page shares between tabs: who looks at something live."""

import streamlit as st

from colorizer.web.live.viewers import Viewers


@st.cache_resource(show_spinner=False)
def viewers() -> Viewers:
    """Those who look at something live."""
    return Viewers()
