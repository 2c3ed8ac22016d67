"""All films below the opened one, and how a film is removed."""

from collections.abc import Sequence

import streamlit as st

from colorizer.files import size_text
from colorizer.web import state
from colorizer.web.colouring import NetworkChoice
from colorizer.web.films import state as film_state
from colorizer.web.films.cards import Card, film_cards, poster
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.findings import findings
from colorizer.web.films.state import NETWORK, SAID, problem_of
from colorizer.web.models import state as model_state
from colorizer.web.parts.gallery import gallery
from colorizer.web.visitors import FILM
from colorizer.web.wording import plain

_POLL = 0.5  # seconds between two looks at what is being found out


def is_sure(film: StudioFilm, place: str) -> bool:
    """Ask whether this film is to be removed; whether the answer is yes. place: where on the page it is asked."""
    st.markdown(f"Remove **{plain(film.name)}**? {_fate(film)}")
    return st.button("Yes, remove it", key=f"sure-{place}-{film.id}", type="primary")


def _fate(film: StudioFilm) -> str:
    """What becomes of the studio's copy of the film."""
    copy, jobs = f"The studio's copy of it, {size_text(film.size)}", len(film_state.needing(film))
    if not jobs:
        return f"{copy}, is deleted."
    needed = "a job needs it" if jobs == 1 else f"{jobs} jobs need it"
    last = "that one" if jobs == 1 else "the last of them"
    return f"It goes from this page. {copy}, stays, as {needed}: delete {last} on the Jobs page, and the copy goes too."


def films_gallery(opened: StudioFilm, films: Sequence[StudioFilm]) -> None:
    """Draw a card for each film; pressing one opens it."""
    settled = all(card["state"] != "waiting" for card in _all_cards(opened, films))
    st.fragment(_cards, run_every=None if settled else _POLL)(opened, films, settled)


def _cards(opened: StudioFilm, films: Sequence[StudioFilm], was_settled: bool) -> None:
    """Draw all films; drawn again until each was looked at."""
    cards = _all_cards(opened, films)
    st.markdown(f"**{len(films)} films**")
    _ask_again(films)
    chosen, removed = gallery(cards, key="films-gallery", label="Your films")
    remove(films, removed)
    if chosen:
        st.query_params[FILM] = chosen
        st.session_state.pop(SAID, None)
    if chosen or removed or (not was_settled and all(card["state"] != "waiting" for card in cards)):
        st.rerun()


def remove(films: Sequence[StudioFilm], removed: str) -> None:
    """Remove the film with this id; one that came through the browser only after a question, as its file is deleted."""
    for film in films:
        if film.id == removed and film.origin is not None:
            forget(film)
        elif film.id == removed:
            st.session_state[_UNSURE] = removed


def _ask_again(films: Sequence[StudioFilm]) -> None:
    """Draw the question whether a film is really to be removed, where it was asked for."""
    for film in (each for each in films if each.id == st.session_state.get(_UNSURE)):
        with st.container(border=True, key="film-unsure", horizontal=True, vertical_alignment="center"):
            removed = is_sure(film, "card")
            if st.button("Keep it", key="keep-film", type="tertiary") or removed:
                del st.session_state[_UNSURE]
                if removed:
                    forget(film)
                st.rerun()


def _all_cards(opened: StudioFilm, films: Sequence[StudioFilm]) -> list[Card]:
    """A card for each film. The frame that stands for a film is coloured by the opened film's network."""
    network: NetworkChoice | None = st.session_state.get(NETWORK)  # None as long as the opened film is not looked at
    if network is None and problem_of(opened):
        network = NetworkChoice(engine=model_state.default_engine())
    colorizer, problem = model_state.opened(network) if network is not None else (None, "")
    for film in films:
        frame = poster(findings(film))
        if frame is not None and network is not None and colorizer is not None:
            state.colouring_queue().soon(frame, network, colorizer)
    cards = film_cards(films, opened, state.colouring_queue(), network.key if network else "", state.saved_choices())
    failed = {"state": "failed", "text": problem}
    return [card | failed if problem and card["state"] == "waiting" else card for card in cards]


def forget(film: StudioFilm) -> None:
    """Remove this film and its preview. Where a job needs its file it is hidden, and goes with that job."""
    for frame in findings(film).frames:
        state.colouring_queue().forget(frame)
    state.saved_choices().forget(film.id)
    if st.query_params.get(FILM) == film.id:
        del st.query_params[FILM]
    if film_state.needing(film):
        film_state.film_folder().hide(film)
    else:
        film_state.film_folder().remove(film)


_UNSURE = "film_unsure"
