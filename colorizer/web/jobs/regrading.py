"""Other colours for a finished film: the sliders, frames of it as they will look, and the order. No network runs."""

from dataclasses import replace
from fractions import Fraction
from urllib.parse import urlencode

import streamlit as st

from colorizer.color.grade import Grade
from colorizer.errors import ColorizerError, JobMissing
from colorizer.inspect.film_facts import SHEET_SIDE
from colorizer.inspect.regrade_stills import StillPage
from colorizer.jobs.model import FilmOrder, Job
from colorizer.video.colour.track import track_path
from colorizer.video.film_settings import Encoding
from colorizer.web import state
from colorizer.web.durations import clock_text
from colorizer.web.grading import followed, grade_controls
from colorizer.web.jobs import state as job_state
from colorizer.web.jobs.routes import JOBS, stills_of
from colorizer.web.jobs.state import remember_job
from colorizer.web.looks import Look, look_query
from colorizer.web.parts.contact_sheet import contact_sheet
from colorizer.web.purposes import purpose_controls
from colorizer.web.visitors import JOB
from colorizer.web.wording import as_sentence, plain

_POLL = 0.5  # seconds between two looks at stills in the making
_PROBLEM = "regrade_problem"


def regrade_part(job: Job) -> None:
    """Draw everything about other colours for this job, or why there can be none."""
    if job.order.action == "gray":
        return
    st.subheader("Other colours")
    first, problem = first_of(job)
    if first is None:
        st.caption(plain(problem))
        return
    _other_colours(job, first)


def first_of(job: Job) -> tuple[Job | None, str]:
    """The job whose colours these are; None, with the reason, where they cannot be used any more."""
    try:
        first = job_state.store().find(job.order.regrades or job.id)
    except JobMissing:
        first = None
    if first is None or first.result is None or not track_path(first.target).exists():
        return None, "The first film of these colours was deleted, and its colours with it. Colour the film again."
    if not job.order.source.exists():
        return None, f"The black-and-white film is needed for that, and it is not at {job.order.source} any more."
    return first, ""


@st.fragment
def _other_colours(job: Job, first: Job) -> None:
    """Draw stills and sliders; moving a slider draws this again and nothing else."""
    item = f"job-{job.id}"
    state.saved_choices().begin(item, job.order.settings.grade)
    view, side = st.columns([2.1, 1], gap="medium")
    with side:
        grade = grade_controls(state.saved_choices(), item, alone=None)
        encoding, suffix = _encoding(job, item)
        st.caption("The colours are kept from the first time: no network runs, so this is quick.")
        if st.button("Render again", icon=":material/palette:", type="primary", width="stretch", key="regrade"):
            add_and_open(regraded(job, grade, encoding, suffix))
        problem = st.session_state.pop(_PROBLEM, "")
        if problem:
            st.error(plain(problem))
    with view:
        page = job_state.stills().of(first.order.source, track_path(first.target), stills_of(first))
        st.fragment(_stills, run_every=_POLL if page is None else None)(first, item, page is None)


def _encoding(job: Job, item: str) -> tuple[Encoding, str]:
    """Draw how the film is written, as before unless something else is chosen; the encoding and the suffix."""
    saved_choices = state.saved_choices()
    if not st.checkbox("Write it as another kind of file", key=saved_choices.recall(item, "another", False)):
        return job.order.settings.encoding, job.order.suffix
    purpose, crf, place = purpose_controls(saved_choices, item)
    place.caption(purpose.says)
    return Encoding(purpose.codec, crf, lossless=purpose.lossless), purpose.suffix


def regraded(job: Job, grade: Grade, encoding: Encoding, suffix: str) -> FilmOrder:
    """The order for the job's film in this grade, written like this. Raises SettingError."""
    return job.regrading(replace(job.order.settings, grade=grade, encoding=encoding), suffix)


def add_and_open(order: FilmOrder) -> None:
    """Put the order into the queue and open its job, or say why not."""
    try:
        added = job_state.store().add(order)
    except ColorizerError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    remember_job(added)
    st.query_params[JOB] = added.id
    st.rerun()


def _stills(first: Job, item: str, was_waiting: bool) -> None:
    """Draw frames of the film in the grade of this moment; drawn again until they are there."""
    page = job_state.stills().of(first.order.source, track_path(first.target), stills_of(first))
    if isinstance(page, str):
        st.caption(plain(as_sentence(page.replace(first.order.source.name, first.order.title))))
    elif page is None:
        st.markdown(":material/hourglass_top: Looking for frames of the film…")
    else:
        contact_sheet(stills_data(first, page, item, state.saved_choices().grade(item)), key=f"stills-{first.id}")
        st.caption("Frames of this film in the chosen colours. Press one to see it as it was.")
    if was_waiting and page is not None:
        st.rerun()


def stills_data(first: Job, page: StillPage, item: str, grade: Grade) -> dict[str, object]:
    """What the contact sheet is given."""
    query = urlencode({name: value for name, value in look_query(Look("", grade)).items() if name != "network"})
    side = f"side={min(SHEET_SIDE, 640)}"
    frames = [
        {
            "time": clock_text(Fraction(time)),
            "before": f"{JOBS}/{first.id}/stills/{number}/before.jpg?{side}",
            "after": f"{JOBS}/{first.id}/stills/{number}/after.jpg?{side}&{query}",
        }
        for number, time in enumerate(page.times)
    ]
    return {"width": page.width, "height": page.height, "frames": frames, "grade": followed(item)}
