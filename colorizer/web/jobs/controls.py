"""What can be done with a job: its buttons, which the list and the view of one job share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.files import size_text
from colorizer.jobs.model import Job, State
from colorizer.settings import settings
from colorizer.web.jobs import state as job_state
from colorizer.web.visitors import JOB
from colorizer.web.wording import as_sentence, plain

_PROBLEM = "job_problem"
Action = tuple[str, str, Callable[[str], object]]


def show_problem() -> None:
    """Draw once what went wrong with the last button."""
    problem = st.session_state.pop(_PROBLEM, "")
    if problem:
        st.error(plain(problem))


@contextmanager
def saying_trouble() -> Iterator[None]:
    """A block that draws an error of the list of jobs in its place."""
    try:
        yield
    except ColorizerError as error:
        st.error(plain(as_sentence(str(error))))


def job_buttons(job: Job, waiting: int) -> None:
    """Draw the buttons of this job. waiting: how many are in line."""
    for label, icon, act in _actions(job, waiting):
        help_text = f"{label}: {plain(job.order.title)}"
        if st.button(label, icon=icon, key=f"{label}-{job.id}", type="tertiary", help=help_text):
            _do(act, job.id)
    if job.state.has_ended:
        _delete_button(job)


def _actions(job: Job, waiting: int) -> list[Action]:
    store = job_state.store()
    actions: list[Action] = []
    place = job.position or 0
    if job.state in {State.RUNNING, State.QUEUED} and not job.wish:
        if not settings().shared:  # a paused film keeps its place in the queue, and who left does not come back for it
            actions.append(("Pause", ":material/pause:", store.pause))
        actions.append(("Cancel", ":material/close:", store.cancel))
    if place > 1 and not settings().shared:  # strangers wait in line
        actions.append(("Earlier", ":material/arrow_upward:", lambda job_id: store.move(job_id, place - 1)))
    if 0 < place < waiting and not settings().shared:
        actions.append(("Later", ":material/arrow_downward:", lambda job_id: store.move(job_id, place + 1)))
    if job.state is State.PAUSED:
        actions += [("Go on", ":material/play_arrow:", store.resume), ("Cancel", ":material/close:", store.cancel)]
    if job.state is State.CANCELLED:
        actions.append(("Go on", ":material/play_arrow:", store.retry))
    if job.state is State.FAILED:
        actions.append(("Try again", ":material/refresh:", store.retry))
    return actions


def _delete_button(job: Job) -> None:
    key, icon, store = f"Delete-{job.id}", ":material/delete:", job_state.store()
    if job.result is None and not job.frames:
        if st.button("Delete", icon=icon, key=key, type="tertiary", help=f"Delete: {plain(job.order.title)}"):
            _delete(job, store.delete)
        return
    with st.popover("Delete", icon=icon, type="tertiary", key=f"ask-{job.id}"):
        made = "the coloured film and its colours" if job.result else f"the {job.frames} frames that were made"
        original = "The original stays." if job_state.keeps_source(job) else "The original, removed before, goes too."
        st.markdown(f"Delete {made}, {size_text(job.bytes)}? {original}")
        if st.button("Yes, delete it", key=key, type="primary", help=f"Delete: {plain(job.order.title)}"):
            _delete(job, store.delete)


def _delete(job: Job, act: Callable[[str], object]) -> None:
    if st.query_params.get(JOB) == job.id:
        del st.query_params[JOB]
    _do(act, job.id)


def clear_button(jobs: list[Job]) -> None:
    """Draw the button that deletes all ended jobs, after a question."""
    ended = [job for job in jobs if job.state.has_ended]
    if len(ended) < 2:
        return
    with st.popover("Clear finished", icon=":material/delete_sweep:", type="tertiary"):
        results = sum(job.result is not None for job in ended)
        taken = size_text(sum(job.bytes for job in ended))
        st.markdown(f"{len(ended)} jobs have ended, {results} of them with a coloured film: {taken} in all.")
        if st.button(f"Yes, delete all {len(ended)}", key="clear", type="primary"):
            problems = [tried(job_state.store().delete, job.id) for job in ended]
            st.session_state[_PROBLEM] = next(filter(None, problems), "")
            st.rerun()


def _do(act: Callable[[str], object], job_id: str) -> None:
    st.session_state[_PROBLEM] = tried(act, job_id)
    st.rerun()


def tried(act: Callable[[str], object], job_id: str) -> str:
    """Do this to the job; what went wrong, empty where nothing did."""
    try:
        act(job_id)
    except ColorizerError as error:
        return str(error)
    return ""
