"""The frame that every page of the studio shares."""

import streamlit as st

from colorizer.web.drawings import studio_icon

st.set_page_config(page_title="Colour studio", page_icon=studio_icon(), layout="wide")
page = st.navigation(
    [st.Page("images.py", title="Images", icon=":material/photo_library:", default=True)],
    position="top",
)
page.run()
