"""What the Videos page shares between tabs: films, uploads, and what is found out about films."""

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from colorizer.jobs.folders import DataFolder, remove
from colorizer.jobs.model import FilmOrder, Job
from colorizer.settings import settings
from colorizer.web.films.film_folder import FilmFolder, StudioFilm
from colorizer.web.films.film_inspector import FilmInspector
from colorizer.web.films.findings import findings
from colorizer.web.films.uploads import Uploads
from colorizer.web.jobs.state import shown_jobs, store
from colorizer.web.visitors import FILM, visitor_id

_IDLE = 1800.0  # seconds after which a stranger's film makes way for another's
SAID, NETWORK = "film_said", "film_network"


@dataclass(frozen=True)
class Said:
    """What there is to say of the last press of a button that orders films.

    added: of those that are in the queue now. problems: why others are not. queued_before: orders that were there
    already, and were not added once more.
    """

    added: str = ""
    problems: tuple[str, ...] = ()
    queued_before: tuple[FilmOrder, ...] = ()


@st.cache_resource(show_spinner=False)
def film_folder() -> FilmFolder:
    """The films that are here."""
    return FilmFolder(DataFolder(settings().data_folder).uploads, settings().allowed_folders)


@st.cache_resource(show_spinner=False)
def uploads() -> Uploads:
    """The films that are arriving."""
    return Uploads(film_folder(), settings().max_upload, settings().quota, _clear_idle_uploads)


def _clear_idle_uploads() -> None:
    """In a shared studio, delete films that nobody uses to make room; at home nothing is deleted unasked."""
    if settings().shared:
        for upload in store().unused_uploads(_IDLE):
            remove(upload)


@st.cache_resource(show_spinner=False)
def film_inspector() -> FilmInspector:
    """What looks at films, each in a process of its own."""
    return FilmInspector()


def shown_films() -> list[StudioFilm]:
    """The films that the Videos page shows: whole, and not hidden."""
    return [film for film in my_films(film_folder().films()) if film.is_whole and not film.is_hidden]


def pending(film: StudioFilm) -> list[Job]:
    """The jobs of this film that are still to be done."""
    return [job for job in shown_jobs() if job.order.source == film.path and not job.state.has_ended]


def needing(film: StudioFilm) -> list[Job]:
    """The jobs, also ended ones, that may read this film again: its file stays as long as there is one."""
    return [job for job in store().jobs() if job.order.source == film.path and job.reads_source]


def my_films(films: Iterable[StudioFilm]) -> list[StudioFilm]:
    """Those of these films that this visitor may see."""
    if not settings().shared:
        return list(films)
    visitor, named = visitor_id(), st.query_params.get(FILM)
    return [film for film in films if film.owner == visitor or film.id == named]


def problem_of(film: StudioFilm) -> str:
    """Why this film cannot be used; empty where it can, or while nobody knows."""
    return findings(film).problem or film_inspector().failure(film)
