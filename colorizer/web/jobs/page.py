"""The list of jobs: what runs, what waits and what has ended."""

from dataclasses import dataclass
from html import escape
from math import ceil

import streamlit as st

from colorizer.jobs.model import Job, State
from colorizer.settings import settings
from colorizer.web import state as resources
from colorizer.web.jobs.controls import clear_button, job_buttons, saying_trouble, show_problem
from colorizer.web.jobs.job_words import ICONS, note_text, order_text, progress_text, state_text, usage_text
from colorizer.web.jobs.routes import JOBS
from colorizer.web.parts.parts import download_link
from colorizer.web.visitors import JOB
from colorizer.web.wording import as_sentence, plain

_POLL, _IDLE_POLL = 1.0, 4.0  # seconds between two looks, while something is being made and while another tab may begin
_COUNT = 10.0  # seconds between two looks at how much of the disk is taken
_PAGE = 20  # jobs that are shown at once


@dataclass(frozen=True)
class _Shown:
    """What a page of the list shows: a change of these draws it anew."""

    title: str
    pages: int
    ended: list[Job]


@saying_trouble()
def job_list() -> None:
    """Draw a page of the jobs. What is not over is drawn again and again; the rest as soon as any tab changes it."""
    show_problem()
    jobs = resources.shown_jobs()
    rows = st.container()
    pages, page = ceil(len(jobs) / _PAGE), 1
    if pages > 1:
        page = st.pagination(pages, key="jobs-page", persist_state="session")
    shown = _Shown(resources.jobs_title(), pages, _parts(jobs, page)[1])
    busy = any(job.state in {State.RUNNING, State.QUEUED} for job in jobs)
    with rows:
        st.fragment(_under_way, run_every=_POLL if busy else _IDLE_POLL)(page, shown)
        for job in shown.ended:
            _job(job, 0)
    if jobs:
        st.fragment(_foot, run_every=_COUNT)(jobs)


def _parts(jobs: list[Job], page: int) -> tuple[list[Job], list[Job]]:
    """Those on this page that are not over, and those that are."""
    shown = jobs[(page - 1) * _PAGE : page * _PAGE]
    return [job for job in shown if not job.state.has_ended], [job for job in shown if job.state.has_ended]


@saying_trouble()
def _under_way(page: int, was: _Shown) -> None:
    jobs = resources.shown_jobs()
    under_way, ended = _parts(jobs, page)
    waiting = sum(job.state is State.QUEUED for job in jobs)
    drawn = {job.id for job in was.ended}
    for job in [*under_way, *(job for job in ended if job.id not in drawn)]:  # what has just ended must not be missed
        _job(job, waiting)
    if not jobs:
        st.markdown("Nothing is being coloured. Bring a film to the Videos page first.")
        st.page_link("videos.py", label="Videos", icon=":material/movie:")
    if _Shown(resources.jobs_title(), ceil(len(jobs) / _PAGE), ended) != was:
        st.rerun()


@saying_trouble()
def _foot(jobs: list[Job]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if not settings().shared:
            st.caption(usage_text(resources.store().usage()), width="content")
        clear_button(jobs)


def _job(job: Job, waiting: int) -> None:
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
