"""The opened film: what it is, how it will look, how it is to be made; all films below."""

from collections.abc import Sequence
from concurrent.futures import Future

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from colorizer.inspect.film_facts import FilmFacts
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.video.film_settings import Range
from colorizer.web import state
from colorizer.web.colouring import ColouredPicture, NetworkChoice
from colorizer.web.films import state as film_state
from colorizer.web.films.cards import card_html, colour_frames, sheet_data, sheet_problem
from colorizer.web.films.controls import detail_controls, keeps_colour, own_colour_control, trim_controls, written_as
from colorizer.web.films.film_choices import Choices
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.film_gallery import films_gallery, forget, is_sure
from colorizer.web.films.findings import Findings, findings
from colorizer.web.films.ordering import keep_network, order_all, order_part, others_part, ready_films
from colorizer.web.films.state import problem_of
from colorizer.web.grading import grade_controls
from colorizer.web.looks import Look
from colorizer.web.models import state as model_state
from colorizer.web.parts.contact_sheet import contact_sheet
from colorizer.web.purposes import purpose_controls
from colorizer.web.sticky import stay_in_view
from colorizer.web.visitors import FILM
from colorizer.web.wording import as_sentence, plain

_POLL = 0.5  # seconds between two looks at what is being found out


def say_missing(films: Sequence[StudioFilm]) -> None:
    """Say so where the address names a film that is none of these."""
    named = st.query_params.get(FILM)
    if named and all(film.id != named for film in films):
        st.warning("This film is not here any more.", icon=":material/info:")


def films_page(films: Sequence[StudioFilm]) -> None:
    """Draw everything about these films."""
    usable = next((film for film in films if not problem_of(film)), films[0])
    opened = next((film for film in films if film.id == st.query_params.get(FILM)), usable)
    for film in films:
        film_state.film_inspector().look_at(film)
    _opened_film(opened, films)
    if len(films) > 1:
        films_gallery(opened, films)


@st.fragment
def _opened_film(film: StudioFilm, films: Sequence[StudioFilm]) -> None:
    """Draw one film; moving a slider draws this again and nothing else."""
    found = findings(film)
    _heading(film)
    if problem := problem_of(film):
        st.error(plain(problem))
        if st.button("Try again", icon=":material/refresh:", key="look-again"):
            film_state.film_inspector().look_again(film)
            st.rerun()
        others_part(film, films)
        return
    if found.facts is None or not found.frames:
        st.fragment(_until_looked_at, run_every=_POLL)(film)
        return
    view, side = st.columns([2.1, 1], gap="medium")
    stay_in_view(view)
    with view:
        own_colour_control(state.saved_choices(), film, found)
    with side:
        _colour_controls(film, films)
        trim, choices, engine = _result_controls(film, found, found.facts)
    keep_network(choices.network, films)
    with view, st.spinner("Opening the network… The first time, its engines are tried."):
        colorizer, problem = model_state.opened(choices.network)
    if colorizer is None:
        view.error(plain(problem))
        return
    engine.caption(f"The preview runs on: {model_state.engine_text(choices.network, colorizer)}")
    with view:
        _sheet(film, found, choices.network, colorizer)
        st.fragment(_facts, run_every=None if found.is_settled else _POLL)(film, found.is_settled)
    with side:
        if trim is not None:
            order_part(film, films, found, choices, trim)
        else:
            order_all(ready_films(films), choices, "First mend the start and the end of this film.")


def _colour_controls(film: StudioFilm, films: Sequence[StudioFilm]) -> None:
    st.markdown("**Colours**")
    alone = None if settings().shared else len(films) < 2  # all films of all strangers would be all of them
    grade_controls(state.saved_choices(), film.id, alone=alone)


def _result_controls(
    film: StudioFilm, found: Findings, facts: FilmFacts
) -> tuple[Range | None, Choices, DeltaGenerator]:
    """Draw how the film is made: the part of it, all other choices, and a place for what runs the network."""
    saved_choices = state.saved_choices()
    st.markdown("**Result**")
    purpose, crf, place = purpose_controls(saved_choices, film.id)
    trim = trim_controls(saved_choices, film, facts)
    with st.expander("Advanced", icon=":material/tune:"):
        choices = detail_controls(saved_choices, film, found, purpose, crf)
        engine = st.empty()
    with place:
        written_as(saved_choices, film, purpose, crf, choices)
    return trim, choices, engine


def _heading(film: StudioFilm) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(plain(film.name), width="content")
        if film.origin is not None:
            removed = st.button("Remove", icon=":material/close:", key="remove-film", type="tertiary")
        else:
            with st.popover("Remove", icon=":material/close:", key=f"removal-{film.id}", type="tertiary"):
                removed = is_sure(film, "opened")
        if removed:
            forget(film)
            st.rerun()


def _until_looked_at(film: StudioFilm) -> None:
    """Say that the film is being looked at, until it was."""
    st.markdown(":material/hourglass_top: Looking at the film…")
    if problem_of(film) or findings(film).frames:
        st.rerun()


def _sheet(film: StudioFilm, found: Findings, network: NetworkChoice, colorizer: Colorizer) -> None:
    coloured_frames = colour_frames(found, state.colouring_queue(), network, colorizer)
    waiting = any(not coloured.done() for coloured in coloured_frames)
    st.fragment(_frames, run_every=_POLL if waiting else None)(film, found, coloured_frames, network.key, waiting)


def _frames(
    film: StudioFilm,
    found: Findings,
    coloured_frames: Sequence[Future[ColouredPicture]],
    network_key: str,
    was_waiting: bool,
) -> None:
    """Draw the contact sheet; while frames are in the making this is drawn again and again."""
    look = Look(network_key, state.saved_choices().grade(film.id))  # as it is now: a slider may have moved meanwhile
    left = found.coloured if keeps_colour(state.saved_choices(), film) else ()
    contact_sheet(sheet_data(film, found, coloured_frames, look, left), key=f"sheet-{film.id}")
    problem = sheet_problem(coloured_frames)
    if problem:
        st.error(plain(problem))
        if st.button("Try again", icon=":material/refresh:", key="again"):
            state.colouring_queue().forget_failures(found.frames)
            st.rerun()
    if all(coloured.done() for coloured in coloured_frames):
        st.caption("Frames of this film in the chosen colours. Press one to see it as it was.")
    else:
        st.caption(":material/hourglass_top: Finding the colours…")
    if was_waiting and all(coloured.done() for coloured in coloured_frames):
        st.rerun()


def _facts(film: StudioFilm, was_settled: bool) -> None:
    """Draw what the film is; drawn again until its shots are counted."""
    found = findings(film)
    if found.facts is None:
        return
    with st.container(border=True, key="film-facts"):
        st.html(card_html(film, found))
        for note in found.facts.notes:
            st.caption(f":material/info: {plain(as_sentence(note))}")
    if found.is_settled and not was_settled:
        st.rerun()
