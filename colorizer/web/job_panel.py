"""The list of jobs: what runs, what waits, what is finished, and what can be done with each."""

from collections.abc import Callable
from html import escape

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.integrity import size_text
from colorizer.jobs.folders import Usage
from colorizer.jobs.model import Job, State
from colorizer.web import resources
from colorizer.web.job_routes import JOBS
from colorizer.web.orders import duration_text
from colorizer.web.parts import download_link
from colorizer.web.workbench import as_sentence, plain

_POLL = 1.0  # seconds between two looks at what is being made
_OPENED = "job"
_PROBLEM = "job_problem"
_ICONS = {
    State.RUNNING: ":material/autoplay:", State.QUEUED: ":material/schedule:", State.PAUSED: ":material/pause_circle:",
    State.DONE: ":material/check_circle:", State.FAILED: ":material/error:", State.CANCELLED: ":material/cancel:",
}  # fmt: skip
_WORDS = {
    State.RUNNING: "being coloured", State.QUEUED: "waiting", State.PAUSED: "paused", State.DONE: "finished",
    State.FAILED: "could not be finished", State.CANCELLED: "cancelled",
}  # fmt: skip


def job_list() -> None:
    """Draw all jobs; while something runs or waits, this is drawn again every second."""
    busy = is_busy(resources.store().jobs())
    st.fragment(_jobs, run_every=_POLL if busy else None)(busy)


def is_busy(jobs: list[Job]) -> bool:
    """Whether something may change by itself."""
    return any(job.state in {State.RUNNING, State.QUEUED} for job in jobs)


def _jobs(was_busy: bool) -> None:
    jobs = resources.store().jobs()
    if not jobs:
        st.markdown("Nothing is being coloured. Bring a film to the Videos page first.")
        st.page_link("videos.py", label="Videos", icon=":material/movie:")
        return
    problem = st.session_state.pop(_PROBLEM, "")
    if problem:
        st.error(plain(problem))
    opened = st.query_params.get(_OPENED)
    for job in sorted(jobs, key=lambda job: job.id != opened):  # the one of the address first
        with st.container(border=True, key=f"job-{job.id}"):
            _job(job)
    st.caption(usage_text(resources.store().usage()))
    if was_busy and not is_busy(jobs):
        st.rerun()


def _job(job: Job) -> None:
    picture, words = st.columns([1, 3.2], vertical_alignment="center")
    with words:
        st.markdown(f"{_ICONS[job.state]} **{plain(job.order.title)}** · {plain(state_text(job))}")
        if job.state in {State.RUNNING, State.PAUSED}:
            st.progress(job.fraction or 0.0, text=progress_text(job))
        if job.reason:
            st.caption(plain(as_sentence(job.reason.replace(job.order.source.name, job.order.title))))
        with st.container(horizontal=True, vertical_alignment="center"):
            if job.result is not None:
                with st.container(width=160):
                    download_link("Download", f"{JOBS}/{job.id}/result?dl=1", key=f"get-{job.id}", streamed=True)
            _buttons(job)
    if job.preview.exists():
        name = escape(job.order.title)
        address = f"{JOBS}/{job.id}/preview.jpg?at={job.frames}"
        picture.html(f'<img src="{address}" style="width: 100%; border-radius: 8px" alt="The newest frame of {name}">')


def _buttons(job: Job) -> None:
    store = resources.store()
    actions: list[tuple[str, str, Callable[[str], object]]] = []
    if job.state in {State.RUNNING, State.QUEUED} and not job.wish:
        actions += [("Pause", ":material/pause:", store.pause), ("Cancel", ":material/close:", store.cancel)]
    if job.state is State.QUEUED and (job.position or 1) > 1:
        actions.append(("Next", ":material/vertical_align_top:", lambda job_id: store.move(job_id, 1)))
    if job.state is State.PAUSED:
        actions += [("Go on", ":material/play_arrow:", store.resume), ("Cancel", ":material/close:", store.cancel)]
    if job.state is State.FAILED:
        actions.append(("Try again", ":material/refresh:", store.retry))
    if job.state.has_ended:
        actions.append(("Delete", ":material/delete:", store.delete))
    for label, icon, act in actions:
        key = f"{label}-{job.id}"
        if st.button(label, icon=icon, key=key, type="tertiary", help=f"{label}: {job.order.title}"):
            st.session_state[_PROBLEM] = tried(act, job.id)
            st.rerun()


def tried(act: Callable[[str], object], job_id: str) -> str:
    """What went wrong when this was done to the job; empty where nothing did."""
    try:
        act(job_id)
    except ColorizerError as error:
        return str(error)
    return ""


def state_text(job: Job) -> str:
    """Where a job stands, in a few words."""
    if job.wish:
        return {"cancel": "is being cancelled", "pause": "is being paused"}[job.wish]
    if job.state is State.QUEUED and job.position is not None:
        return "next in line" if job.position == 1 else f"number {job.position} in line"
    if job.state is State.DONE and job.bytes:
        return f"{_WORDS[job.state]}, {size_text(job.bytes)}"
    return _WORDS[job.state]


def progress_text(job: Job) -> str:
    """How far a job is: frames, how many a second, and the time that is left."""
    words = [f"{job.frames:,} of about {job.expected:,} frames" if job.expected else f"{job.frames:,} frames"]
    if job.fps > 0:
        words.append(f"{job.fps:.1f} a second")
    if job.seconds_left is not None and job.frames:
        words.append(f"about {duration_text(job.seconds_left)} left")
    return " · ".join(words)


def usage_text(usage: Usage) -> str:
    """How much of the disk films and results take."""
    quota = f" of {size_text(usage.quota)}" if usage.quota is not None else ""
    taken = f"Films and results take {size_text(usage.jobs + usage.uploads)}{quota}"
    return f"{taken}; {size_text(usage.free)} are free. They are kept until you delete them."
