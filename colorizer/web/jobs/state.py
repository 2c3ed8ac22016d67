"""What the Jobs page shares between tabs: the list of jobs."""

from collections import Counter
from collections.abc import Iterable

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.jobs.folders import is_put_away
from colorizer.jobs.model import Job, State
from colorizer.jobs.store import Store, open_store
from colorizer.settings import settings
from colorizer.web.jobs.film_stills import FilmStills
from colorizer.web.visitors import JOB

_ORDERED = "visitor_jobs"


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The list of jobs."""
    return open_store()


@st.cache_resource(show_spinner=False)
def stills() -> FilmStills:
    """Stills of finished films."""
    return FilmStills()


def shown_jobs() -> list[Job]:
    """The jobs that the Jobs page shows, in their order."""
    return my_jobs(store().jobs())


def jobs_title() -> str:
    """The name of the Jobs page, with the number of films that are still to be done."""
    try:
        counts = Counter(job.state for job in shown_jobs()) if settings().shared else store().counts()
    except ColorizerError:  # every page shows this name, and the Jobs page says what is wrong
        return "Jobs"
    number = counts[State.RUNNING] + counts[State.QUEUED]
    return f"Jobs ({number})" if number else "Jobs"


def busy() -> int:
    """How many films are being made, whoever ordered them."""
    return store().counts()[State.RUNNING]


def keeps_source(job: Job) -> bool:
    """Whether the film that the job was made of stays when the job is deleted."""
    upload = store().data.upload_of(job.order.source)
    if upload is None or not is_put_away(upload):
        return True
    return any(
        other.reads_source and other.order.source == job.order.source for other in store().jobs() if other != job
    )


def remember_job(job: Job) -> None:
    """Remember that this visitor ordered this job."""
    st.session_state.setdefault(_ORDERED, set()).add(job.id)


def my_jobs(jobs: Iterable[Job]) -> list[Job]:
    """Those of these jobs that this visitor may see."""
    if not settings().shared:
        return list(jobs)
    seen = st.session_state.get(_ORDERED, set()) | {st.query_params.get(JOB)}
    return [job for job in jobs if job.id in seen]
