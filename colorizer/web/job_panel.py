"""The list of jobs: what runs, what waits and what has ended."""

from html import escape

import streamlit as st

from colorizer.jobs.model import Job, State
from colorizer.settings import settings
from colorizer.web import resources
from colorizer.web.job_actions import clear_button, job_buttons, show_problem
from colorizer.web.job_routes import JOBS
from colorizer.web.job_words import ICONS, order_text, progress_text, state_text, usage_text
from colorizer.web.parts import download_link
from colorizer.web.visits import JOB
from colorizer.web.workbench import as_sentence, plain

_POLL, _IDLE_POLL = 1.0, 4.0  # seconds between two looks, while something is being made and while another tab may begin


def job_list() -> None:
    """Draw all jobs; they are drawn again and again, so that every tab shows the same."""
    busy = any(job.state in {State.RUNNING, State.QUEUED} for job in resources.jobs())
    st.fragment(_jobs, run_every=_POLL if busy else _IDLE_POLL)(resources.jobs_title())


def _jobs(was_title: str) -> None:
    jobs = resources.jobs()
    show_problem()
    if jobs:
        waiting = sum(job.state is State.QUEUED for job in jobs)
        for job in jobs:
            with st.container(border=True, key=f"job-{job.id}"):
                _job(job, waiting)
        _foot(jobs)
    else:
        st.markdown("Nothing is being coloured. Bring a film to the Videos page first.")
        st.page_link("videos.py", label="Videos", icon=":material/movie:")
    if resources.jobs_title() != was_title:
        st.rerun()


def _foot(jobs: list[Job]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if not settings().shared:
            st.caption(usage_text(resources.store().usage()), width="content")
        clear_button(jobs)


def _job(job: Job, waiting: int) -> None:
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
    if job.reason:
        st.caption(plain(as_sentence(job.reason.replace(job.order.source.name, job.order.title))))


def preview_html(job: Job) -> str:
    """The newest picture of the job."""
    name = escape(job.order.title)
    address = f"{JOBS}/{job.id}/preview.jpg?at={job.frames}"
    return f'<img src="{address}" style="width: 100%; border-radius: 8px" alt="The newest frame of {name}">'
