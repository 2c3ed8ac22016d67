"""A card for each job: what is made, how far it is, and what can be done with it."""

from html import escape

import streamlit as st

from colorizer.jobs.model import Job, State
from colorizer.web.jobs.controls import job_buttons
from colorizer.web.jobs.job_words import ICONS, note_text, order_text, progress_text, state_text
from colorizer.web.jobs.routes import JOBS
from colorizer.web.parts.download import download_link
from colorizer.web.visitors import JOB
from colorizer.web.wording import as_sentence, plain


def job_card(job: Job, waiting: int) -> None:
    """Draw one job. waiting: how many jobs are in line."""
    with st.container(border=True, key=f"job-{job.id}"):
        _row(job, waiting)


def _row(job: Job, waiting: int) -> None:
    words = st.container()
    if job.preview.exists():
        picture, words = st.columns([1, 3.2], vertical_alignment="center")
        picture.html(preview_html(job))
    with words:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link("jobs.py", label=f"**{plain(job.order.title)}**", query_params={JOB: job.id})
            st.markdown(f"{ICONS[job.state]} {plain(state_text(job))}", width="content")
            st.caption(order_text(job.order), width="content")
        progress(job)
        with st.container(horizontal=True, vertical_alignment="center"):
            if job.result is not None:
                with st.container(width=160):
                    download_link("Download", f"{JOBS}/{job.id}/result?dl=1", key=f"get-{job.id}", streamed=True)
            job_buttons(job, waiting)


def progress(job: Job) -> None:
    """Draw how far the job is, and what there is to say of it."""
    if job.state is State.RUNNING or (job.state is State.PAUSED and job.frames):
        st.progress(job.fraction or 0.0, text=progress_text(job))
    if job.state in {State.PAUSED, State.CANCELLED} and job.frames:  # fewer frames are kept than were made
        st.caption("Goes on after the last finished part; a part is about ten seconds long.")
    if note := note_text(job):
        _note(job, plain(as_sentence(note)))


def _note(job: Job, sentence: str) -> None:
    if job.state is State.FAILED:
        st.error(sentence, icon=":material/error:")
    elif job.state.has_ended:
        st.caption(sentence)
    else:
        st.warning(sentence, icon=":material/info:")


def preview_html(job: Job) -> str:
    """The newest picture of the job."""
    name = escape(job.order.title)
    address = f"{JOBS}/{job.id}/preview.jpg?at={job.frames}"
    return f'<img src="{address}" style="width: 100%; border-radius: 8px" alt="The newest frame of {name}">'
