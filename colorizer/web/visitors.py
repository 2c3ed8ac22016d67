"""Whose films are whose in a studio that strangers share; at home everything is everybody's."""

import logging
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread

import streamlit as st

from colorizer.errors import ColorizerError, JobError
from colorizer.jobs.folders import remove
from colorizer.jobs.model import Job
from colorizer.jobs.store import Store
from colorizer.settings import settings
from colorizer.web.films.film_folder import StudioFilm

JOB, FILM = "job", "film"  # what an address may name: its id cannot be guessed, so whoever knows it may see it
KEPT_HOURS = 3  # of what strangers brought and had made
_VISITOR, _PLACED = "visitor", "visitor_jobs"
_DELETE_EVERY = 600.0
_LOG = logging.getLogger(__name__)


def visitor_id() -> str:
    """What the films of this visitor are marked with; empty at home."""
    if not settings().shared:
        return ""
    token: str = st.session_state.setdefault(_VISITOR, secrets.token_hex(12))
    return token


def remember_job(job: Job) -> None:
    """This visitor ordered this job."""
    st.session_state.setdefault(_PLACED, set()).add(job.id)


def my_films(films: Iterable[StudioFilm]) -> list[StudioFilm]:
    """Those of these films that this visitor may see."""
    if not settings().shared:
        return list(films)
    visitor, named = visitor_id(), st.query_params.get(FILM)
    return [film for film in films if film.owner == visitor or film.id == named]


def my_jobs(jobs: Iterable[Job]) -> list[Job]:
    """Those of these jobs that this visitor may see."""
    if not settings().shared:
        return list(jobs)
    seen = st.session_state.get(_PLACED, set()) | {st.query_params.get(JOB)}
    return [job for job in jobs if job.id in seen]


def delete_expired(store: Store, now: float | None = None) -> None:
    """Forget what strangers had made a few hours ago, and what they brought; where nobody is one, nothing."""
    if not settings().shared:
        return
    age = KEPT_HOURS * 3600.0
    for job in _ended_before(store.jobs(), (time.time() if now is None else now) - age):
        with suppress(JobError):  # somebody else deletes it, or tries it again, at this moment
            store.delete(job.id)
    for upload in store.unused_uploads(age):
        remove(upload)


@contextmanager
def deleting_expired(store: Store, every: float = _DELETE_EVERY) -> Iterator[None]:
    """A block during which `tidy` is done every so many seconds, whether anybody comes or not."""
    stop = Event()

    def work() -> None:
        while True:
            try:
                delete_expired(store)
            except (ColorizerError, OSError) as error:  # the next time may fare better
                _LOG.warning("what strangers left could not be cleared away: %s", error)
            if stop.wait(every):
                return

    thread = Thread(target=work, name="delete-expired")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _ended_before(jobs: Sequence[Job], moment: float) -> list[Job]:
    """These jobs that ended before, those first that are graded from others."""
    old = [job for job in jobs if job.ended is not None and job.ended.timestamp() < moment]
    needed = {job.order.regrades for job in jobs if not job.state.has_ended}
    return [job for job in old if job.id not in needed]
