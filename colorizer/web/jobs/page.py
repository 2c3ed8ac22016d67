"""The list of jobs: what runs, what waits and what has ended."""

from dataclasses import dataclass
from math import ceil

import streamlit as st

from colorizer.jobs.model import Job, State
from colorizer.settings import settings
from colorizer.web.jobs import state as job_state
from colorizer.web.jobs.cards import job_card
from colorizer.web.jobs.controls import clear_button, saying_trouble, show_problem
from colorizer.web.jobs.job_words import usage_text

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
    """Draw a page of the jobs. Jobs that run or wait are drawn again and again, the others when one of them changes."""
    show_problem()
    jobs = job_state.shown_jobs()
    rows = st.container()
    pages, page = ceil(len(jobs) / _PAGE), 1
    if pages > 1:
        page = st.pagination(pages, key="jobs-page", persist_state="session")
    shown = _Shown(job_state.jobs_title(), pages, _parts(jobs, page)[1])
    busy = any(job.state in {State.RUNNING, State.QUEUED} for job in jobs)
    with rows:
        st.fragment(_under_way, run_every=_POLL if busy else _IDLE_POLL)(page, shown)
        for job in shown.ended:
            job_card(job, 0)
    if jobs:
        st.fragment(_foot, run_every=_COUNT)(jobs)


def _parts(jobs: list[Job], page: int) -> tuple[list[Job], list[Job]]:
    """Those on this page that are not over, and those that are."""
    shown = jobs[(page - 1) * _PAGE : page * _PAGE]
    return [job for job in shown if not job.state.has_ended], [job for job in shown if job.state.has_ended]


@saying_trouble()
def _under_way(page: int, was: _Shown) -> None:
    jobs = job_state.shown_jobs()
    under_way, ended = _parts(jobs, page)
    waiting = sum(job.state is State.QUEUED for job in jobs)
    drawn = {job.id for job in was.ended}
    for job in [*under_way, *(job for job in ended if job.id not in drawn)]:  # what has just ended must not be missed
        job_card(job, waiting)
    if not jobs:
        st.markdown("Nothing is being coloured. Bring a film to the Videos page first.")
        st.page_link("videos.py", label="Videos", icon=":material/movie:")
    if _Shown(job_state.jobs_title(), ceil(len(jobs) / _PAGE), ended) != was:
        st.rerun()


@saying_trouble()
def _foot(jobs: list[Job]) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        if not settings().shared:
            st.caption(usage_text(job_state.store().usage()), width="content")
        clear_button(jobs)
