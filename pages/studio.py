"""The frame that every page of the studio shares."""

import streamlit as st

from colorizer.web.icon import studio_icon
from colorizer.web.jobs.state import jobs_title

st.set_page_config(page_title="Colour studio", page_icon=studio_icon(), layout="wide")
page = st.navigation(
    [
        st.Page("images.py", title="Images", icon=":material/photo_library:", default=True),
        st.Page("videos.py", title="Videos", icon=":material/movie:"),
        st.Page("live.py", title="Live", icon=":material/videocam:"),
        st.Page("jobs.py", title=jobs_title(), icon=":material/pending_actions:"),
        st.Page("models.py", title="Models", icon=":material/neurology:"),
    ],
    position="top",
)
page.run()
