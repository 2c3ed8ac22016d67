"""The frame that every page of the studio shares."""

from typing import Any, Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from colorizer.web.icon import studio_icon
from colorizer.web.jobs.state import jobs_title
from colorizer.web.visitors import JOB


def _to_images() -> None:
    """Open the first page, which lies at the studio's own address, also at its name, as every other page."""
    st.switch_page(images, query_params=st.query_params.to_dict())


def _to_jobs() -> None:
    """Open the list of jobs."""
    st.switch_page("jobs.py")


def _jobs_pages() -> list[StreamlitPage]:
    """The Jobs page, and one that leads to it. While a job is shown, the latter is the link in the top bar.

    A link to the page that is open keeps the address, and with it the job.
    """
    about: dict[str, Any] = {"title": jobs_title(), "icon": ":material/pending_actions:"}
    shown: list[Literal["visible", "hidden"]] = ["visible", "hidden"]
    own, other = reversed(shown) if st.query_params.get(JOB) else shown
    return [
        st.Page("jobs.py", visibility=own, **about),
        st.Page(_to_jobs, url_path="all-jobs", visibility=other, **about),
    ]


st.set_page_config(page_title="Colour studio", page_icon=studio_icon(), layout="wide")
images = st.Page("images.py", title="Images", icon=":material/photo_library:", url_path="", default=True)
page = st.navigation(
    [
        images,
        st.Page("videos.py", title="Videos", icon=":material/movie:"),
        st.Page("live.py", title="Live", icon=":material/videocam:"),
        *_jobs_pages(),
        st.Page("models.py", title="Models", icon=":material/neurology:"),
        st.Page(_to_images, url_path="images", visibility="hidden"),
    ],
    position="top",
)
page.run()
