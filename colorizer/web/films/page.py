"""The opened film: what it is, how it will look, how it is to be made; all films below."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.files import size_text
from colorizer.inspect.forecast import Measured, learned
from colorizer.jobs.model import FilmOrder, Job
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.video.film_settings import Range
from colorizer.web import state as resources
from colorizer.web.colouring import ColouredPicture, NetworkChoice
from colorizer.web.films.cards import Card, card_html, colour_frames, film_cards, poster, sheet_data, sheet_problem
from colorizer.web.films.controls import detail_controls, purpose_controls, read_trim, trim_controls
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.film_inspector import Findings, findings
from colorizer.web.films.film_words import Choices, estimate_text, film_order, seconds_in
from colorizer.web.grading import grade_controls
from colorizer.web.parts.parts import contact_sheet, gallery
from colorizer.web.pictures.addresses import Look
from colorizer.web.visitors import FILM, JOB, remember_job
from colorizer.web.wording import as_sentence, plain

_POLL = 0.5  # seconds between two looks at what is being found out
_SAID, _NETWORK, _UNSURE = "film_said", "film_network", "film_unsure"


def say_missing(films: Sequence[StudioFilm]) -> None:
    """Say so where the address names a film that is none of these."""
    named = st.query_params.get(FILM)
    if named and all(film.id != named for film in films):
        st.warning("This film is not here any more.", icon=":material/info:")


def films_page(films: Sequence[StudioFilm]) -> None:
    """Draw everything about these films."""
    usable = next((film for film in films if not _problem(film)), films[0])
    opened = next((film for film in films if film.id == st.query_params.get(FILM)), usable)
    for film in films:
        resources.film_inspector().look_at(film)
    _opened_film(opened, films)
    if len(films) > 1:
        _gallery(opened, films)


@st.fragment
def _opened_film(film: StudioFilm, films: Sequence[StudioFilm]) -> None:
    """Draw one film; moving a slider draws this again and nothing else."""
    found = findings(film)
    _heading(film)
    if problem := _problem(film):
        st.error(plain(problem))
        if st.button("Try again", icon=":material/refresh:", key="look-again"):
            resources.film_inspector().look_again(film)
            st.rerun()
        _others_part(film, films)
        return
    if found.facts is None or not found.frames:
        st.fragment(_until_looked_at, run_every=_POLL)(film)
        return
    view, side = st.columns([2.1, 1], gap="medium")
    with side:
        st.markdown("**Colours**")
        alone = None if settings().shared else len(films) < 2  # all films of all strangers would be all of them
        grade_controls(resources.saved_choices(), film.id, alone=alone)
        st.markdown("**Result**")
        purpose, crf = purpose_controls(resources.saved_choices(), film.id)
        trim = trim_controls(resources.saved_choices(), film, found.facts)
        with st.expander("Advanced", icon=":material/tune:"):
            choices = detail_controls(resources.saved_choices(), film, found.facts, purpose, crf)
            engine = st.empty()
    _keep_network(choices.network, films)
    with view, st.spinner("Opening the network… The first time, its engines are tried."):
        colorizer, problem = resources.opened(choices.network)
    if colorizer is None:
        view.error(plain(problem))
        return
    engine.caption(f"The preview runs on: {resources.engine_text(choices.network, colorizer)}")
    with view:
        _sheet(film, found, choices.network, colorizer)
        st.fragment(_facts, run_every=None if found.is_settled else _POLL)(film, found.is_settled)
    with side:
        if trim is not None:
            _order_part(film, films, found, choices, trim)
        else:
            _order_all(_ready(films), choices, "First mend the start and the end of this film.")


def _keep_network(network: NetworkChoice, films: Sequence[StudioFilm]) -> None:
    before = st.session_state.get(_NETWORK, network)
    st.session_state[_NETWORK] = network
    if before != network and len(films) > 1:
        st.rerun()  # the cards of all films follow


def _others_part(film: StudioFilm, films: Sequence[StudioFilm]) -> None:
    """Draw how the other films are made, all at once, where this one cannot be used."""
    ready = _ready(films)
    facts = [found.facts for found in map(findings, ready) if found.facts is not None]
    if len(facts) < 2:
        return
    with st.container(width=480):
        st.markdown("**Result of the other films**")
        purpose, crf = purpose_controls(resources.saved_choices(), film.id)
        with st.expander("Advanced", icon=":material/tune:"):
            interlaced = next((each for each in facts if each.interlaced), facts[0])
            choices = detail_controls(resources.saved_choices(), film, interlaced, purpose, crf)
        _keep_network(choices.network, films)
        _order_all(ready, choices)
        _say_added(resources.pending(film))


def _ready(films: Sequence[StudioFilm]) -> list[StudioFilm]:
    """Those of these films that can be ordered."""
    return [film for film in films if findings(film).facts is not None and not _problem(film)]


def _order_all(ready: Sequence[StudioFilm], choices: Choices, hindrance: str = "") -> None:
    """Draw the button that orders all of these films, where there are several; the hindrance is why none is now."""
    if len(ready) > 1 and st.button(
        f"Colour all {len(ready)} films", width="stretch", key="order-all", help=hindrance or _ALL_HELP,
        disabled=bool(hindrance),
    ):  # fmt: skip
        st.session_state[_SAID] = _add_all(ready, choices)


def _heading(film: StudioFilm) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(plain(film.name), width="content")
        if film.origin is not None:
            removed = st.button("Remove", icon=":material/close:", key="remove-film", type="tertiary")
        else:
            with st.popover("Remove", icon=":material/close:", key=f"removal-{film.id}", type="tertiary"):
                removed = _is_sure(film, "opened")
        if removed:
            forget(film)
            st.rerun()


def _is_sure(film: StudioFilm, place: str) -> bool:
    """Draw what is lost with a film that came through the browser, and the button that removes it all the same."""
    st.markdown(f"Remove **{plain(film.name)}**? The studio's copy of it, {size_text(film.size)}, is deleted.")
    return st.button("Yes, remove it", key=f"sure-{place}-{film.id}", type="primary")


def _until_looked_at(film: StudioFilm) -> None:
    """Say that the film is being looked at, until it was."""
    st.markdown(":material/hourglass_top: Looking at the film…")
    if _problem(film) or findings(film).frames:
        st.rerun()


def _problem(film: StudioFilm) -> str:
    return findings(film).problem or resources.film_inspector().failure(film)


def _sheet(film: StudioFilm, found: Findings, network: NetworkChoice, colorizer: Colorizer) -> None:
    coloured_frames = colour_frames(found, resources.colouring_queue(), network, colorizer)
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
    look = Look(
        network_key, resources.saved_choices().grade(film.id)
    )  # as it is now: a slider may have moved meanwhile
    contact_sheet(sheet_data(film, found, coloured_frames, look), key=f"sheet-{film.id}")
    problem = sheet_problem(coloured_frames)
    if problem:
        st.error(plain(problem))
        if st.button("Try again", icon=":material/refresh:", key="again"):
            resources.colouring_queue().forget_failures(found.frames)
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


def _order_part(film: StudioFilm, films: Sequence[StudioFilm], found: Findings, choices: Choices, trim: Range) -> None:
    """Draw the estimate and the buttons that start the work."""
    if found.facts is None:
        return
    order = film_order(film, found.facts, choices, resources.saved_choices().grade(film.id), trim)
    measured = resources.film_inspector().try_out(film, order, resources.busy())
    st.fragment(_estimate, run_every=_POLL if measured is None else None)(film, found, order, measured is None)
    if st.button("Colour this film", icon=":material/palette:", type="primary", width="stretch", key="order"):
        forecast = seconds_in(found.facts, trim, found.shots, measured) if isinstance(measured, Measured) else None
        st.session_state[_SAID] = add_jobs([replace(order, forecast=forecast)])
    _order_all(_ready(films), choices)
    _say_added(resources.pending(film))


def _say_added(waiting: Sequence[Job]) -> None:
    """Draw what became of the orders, and the way to the jobs of this film that wait."""
    said, *problems = st.session_state.get(_SAID, ("",))
    if said:
        st.success(said)
    for problem in filter(None, problems):
        st.error(plain(problem))
    if said or waiting:
        address = {JOB: waiting[-1].id} if len(waiting) == 1 else None
        st.page_link("jobs.py", label="See how far it is", icon=":material/arrow_forward:", query_params=address)


_ALL_HELP = "Each film in its own colours and with its own start and end; everything else as chosen here."


def _estimate(film: StudioFilm, found: Findings, order: FilmOrder, was_waiting: bool) -> None:
    """Draw about how long it will take and how large it will be; drawn again until that is known."""
    if found.facts is None:
        return
    measured = resources.film_inspector().try_out(film, order, resources.busy())
    shots = findings(film).shots  # they may have been counted meanwhile
    st.markdown(
        estimate_text(found.facts, order.settings.range, measured, shots, learned(resources.store().jobs())),
        help="Measured by colouring a few seconds of this film on this computer, as busy as it is now; "
        "other films that wait for their turn come on top.",
    )
    if was_waiting and measured is not None:
        st.rerun()


def _add_all(films: Sequence[StudioFilm], choices: Choices) -> tuple[str, ...]:
    """Order each film in its own colours and trim, otherwise as chosen; what `add_jobs` says, and who is left out."""
    orders, left_out, saved_choices = [], [], resources.saved_choices()
    for film in films:
        facts = findings(film).facts
        if facts is None:
            continue
        trim, problem = read_trim(
            saved_choices.value(film.id, "from") or "", saved_choices.value(film.id, "to") or "", facts
        )
        if trim is None:
            left_out.append(f"{film.name} was left out. {problem}")
        else:
            orders.append(film_order(film, facts, choices, saved_choices.grade(film.id), trim))
    return *add_jobs(orders), *left_out


def add_jobs(orders: Sequence[FilmOrder]) -> tuple[str, str]:
    """What to say once the orders are in the queue, and what went wrong, where something did."""
    added = 0
    try:
        for order in orders:
            remember_job(resources.store().add(order))
            added += 1
    except ColorizerError as error:
        return _added_text(orders[:added]), str(error)
    return _added_text(orders), ""


def _added_text(added: Sequence[FilmOrder]) -> str:
    if not added:
        return ""
    films = f"{plain(added[0].title)} is" if len(added) == 1 else f"{len(added)} films are"
    return f"{films} in the queue. You may close this page: the work goes on as long as the studio runs."


def _gallery(opened: StudioFilm, films: Sequence[StudioFilm]) -> None:
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
        st.session_state.pop(_SAID, None)
    if chosen or removed or (not was_settled and all(card["state"] != "waiting" for card in cards)):
        st.rerun()


def remove(films: Sequence[StudioFilm], removed: str) -> None:
    """Take the film with this id off the page, or have it asked for once more where it came through the browser."""
    for film in films:
        if film.id == removed and film.origin is not None:
            forget(film)
        elif film.id == removed:
            st.session_state[_UNSURE] = removed


def _ask_again(films: Sequence[StudioFilm]) -> None:
    """Draw the question whether a film is really to be removed, where it was asked for."""
    for film in (each for each in films if each.id == st.session_state.get(_UNSURE)):
        with st.container(border=True, key="film-unsure", horizontal=True, vertical_alignment="center"):
            removed = _is_sure(film, "card")
            if st.button("Keep it", key="keep-film", type="tertiary") or removed:
                del st.session_state[_UNSURE]
                if removed:
                    forget(film)
                st.rerun()


def _all_cards(opened: StudioFilm, films: Sequence[StudioFilm]) -> list[Card]:
    """A card for each film, the frame that stands for it in the making, by the network of the opened one."""
    network: NetworkChoice | None = st.session_state.get(_NETWORK)  # None as long as the opened film is not looked at
    if network is None and _problem(opened):
        network = NetworkChoice(engine=resources.default_engine())
    colorizer, problem = resources.opened(network) if network is not None else (None, "")
    for film in films:
        frame = poster(findings(film))
        if frame is not None and network is not None and colorizer is not None:
            resources.colouring_queue().soon(frame, network, colorizer)
    cards = film_cards(
        films, opened, resources.colouring_queue(), network.key if network else "", resources.saved_choices()
    )
    failed = {"state": "failed", "text": problem}
    return [card | failed if problem and card["state"] == "waiting" else card for card in cards]


def forget(film: StudioFilm) -> None:
    """Take this film off the page, with everything that was made of it here; what a job needs stays for that."""
    for frame in findings(film).frames:
        resources.colouring_queue().forget(frame)
    resources.saved_choices().forget(film.id)
    if st.query_params.get(FILM) == film.id:
        del st.query_params[FILM]
    if resources.is_needed(film):
        resources.film_folder().hide(film)
    else:
        resources.film_folder().remove(film)
