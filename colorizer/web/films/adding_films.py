"""How films come in: dropped, chosen, or named by their path on this computer."""

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.files import size_text
from colorizer.plan import FILMS
from colorizer.settings import settings
from colorizer.web.films import state as film_state
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.state import my_films
from colorizer.web.films.upload_area import upload_area
from colorizer.web.films.upload_routes import UPLOADS
from colorizer.web.visitors import FILM, KEPT_HOURS, visitor_id
from colorizer.web.wording import plain

_PROMISE = (
    ":material/lock: Nothing leaves this computer. Films are kept in the studio's own folder until you remove them."
)
_SHARED_PROMISE = (
    ":material/public: This is a demonstration: your film goes to its server. Nobody else sees it unless you pass its "
    f"address on, and about {KEPT_HOURS} hours later it is deleted."
)
_REFUSED, _ROUND = "films_refused", "films_round"


def adding_films(*, roomy: bool) -> None:
    """Draw every way for films to come in."""
    uploads = film_state.uploads()
    waiting = [
        {"id": film.id, "name": film.name, "size": film.size, "sent": film.received}
        for film in my_films(uploads.unfinished())
    ]
    area = {"url": UPLOADS, "roomy": roomy, "suffixes": sorted(FILMS.read), "waiting": waiting, "visitor": visitor_id()}
    changed = upload_area(area, key="films")
    if changed:
        arrived = uploads.film_folder.find(changed)
        if arrived is not None and arrived.is_whole:
            st.query_params[FILM] = arrived.id
        st.rerun()
    with st.container(horizontal_alignment="center" if roomy else "left"):
        if settings().allowed_folders:
            round_ = st.session_state.setdefault(_ROUND, 0)
            with st.popover("A film on this computer", icon=":material/hard_drive:", key=f"path-{round_}"):
                _path_form(round_)
        limit = f" A film may have {size_text(uploads.max_bytes)}." if uploads.max_bytes is not None else ""
        promise = _SHARED_PROMISE if settings().shared else _PROMISE
        st.caption(promise + limit, text_alignment="center" if roomy else "left")


def _path_form(round_: int) -> None:
    st.caption(
        "Large films need not be copied: say where the film, or a folder of films or of numbered pictures, lies on "
        "this computer."
    )
    with st.form("path", border=False):
        text = st.text_input("Path", placeholder="/home/me/Videos/holiday-1958.avi", key=f"path-text-{round_}")
        refused, message = st.session_state.get(_REFUSED, ("", ""))
        if message and refused == text:
            st.error(plain(message))
        st.caption(f"Inside {plain(film_state.film_folder().allowed.text)}")
        given = st.form_submit_button("Add", icon=":material/add:", type="primary")
    if given:
        films, message = take_path(text)
        st.session_state[_REFUSED] = text, message
        if films:
            st.query_params[FILM] = films[0].id
            st.session_state[_ROUND] = round_ + 1  # a new popover, empty and closed: the old one would cover the film
        st.rerun()


def take_path(text: str) -> tuple[list[StudioFilm], str]:
    """The films at this path, in the list now; what to say where there is none."""
    try:
        return film_state.film_folder().put_path(text, visitor_id()), ""
    except ColorizerError as error:
        return [], str(error)


def films_welcome() -> None:
    """Draw the page without films: what this is, and one large place to drop them."""
    with st.container(horizontal_alignment="center"), st.container(width=760, horizontal_alignment="center"):
        st.title("Old films, in colour", text_alignment="center")
        st.markdown(
            "Give black-and-white films steady colours. The sound, the subtitles and every frame stay.",
            text_alignment="center",
        )
        adding_films(roomy=True)
