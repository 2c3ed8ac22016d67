"""The frame that every page of the studio shares."""

import streamlit as st

from colorizer.web.icon import studio_icon
from colorizer.web.jobs.state import jobs_title


def _to_images() -> None:
    """Open the first page, which lies at the studio's own address, also at its name, as every other page."""
    st.switch_page(images, query_params=st.query_params.to_dict())


st.set_page_config(page_title="Colour studio", page_icon=studio_icon(), layout="wide")
images = st.Page("images.py", title="Images", icon=":material/photo_library:", url_path="", default=True)
page = st.navigation(
    [
        images,
        st.Page("videos.py", title="Videos", icon=":material/movie:"),
        st.Page("live.py", title="Live", icon=":material/videocam:"),
        st.Page("jobs.py", title=jobs_title(), icon=":material/pending_actions:"),
        st.Page("models.py", title="Models", icon=":material/neurology:"),
        st.Page(_to_images, url_path="images", visibility="hidden"),
    ],
    position="top",
)
page.run()
