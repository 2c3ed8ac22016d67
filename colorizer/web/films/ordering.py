"""How the opened film, or all films, become jobs: the estimate, the buttons, and what is said of it."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.inspect.forecast import Measured, learned
from colorizer.jobs.model import FilmOrder, Job
from colorizer.video.film_settings import Range
from colorizer.web import state
from colorizer.web.colouring import NetworkChoice
from colorizer.web.films import state as film_state
from colorizer.web.films.controls import detail_controls, keeps_colour, read_trim, written_as
from colorizer.web.films.film_choices import Choices, film_order, seconds_in
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.film_words import estimate_text
from colorizer.web.films.findings import Findings, findings
from colorizer.web.films.state import NETWORK, SAID, Said, problem_of
from colorizer.web.jobs import state as job_state
from colorizer.web.jobs.state import remember_job
from colorizer.web.purposes import purpose_controls
from colorizer.web.visitors import JOB
from colorizer.web.wording import plain

_POLL = 0.5  # seconds between two looks at what is being found out


def keep_network(network: NetworkChoice, films: Sequence[StudioFilm]) -> None:
    """Remember which network colours these films, so that all their cards follow it."""
    before = st.session_state.get(NETWORK, network)
    st.session_state[NETWORK] = network
    if before != network and len(films) > 1:
        st.rerun()  # the cards of all films follow


def others_part(film: StudioFilm, films: Sequence[StudioFilm]) -> None:
    """Draw the controls and the button for all other films, where this one cannot be used."""
    ready = ready_films(films)
    if len(ready) < 2:
        return
    with st.container(width=480):
        st.markdown("**Result of the other films**")
        purpose, crf, place = purpose_controls(state.saved_choices(), film.id)
        with st.expander("Advanced", icon=":material/tune:"):
            known = sorted(map(findings, ready), key=lambda found: found.facts is None or not found.facts.interlaced)
            choices = detail_controls(state.saved_choices(), film, replace(known[0], coloured=()), purpose, crf)
        with place:
            written_as(state.saved_choices(), film, purpose, crf, choices)
        keep_network(choices.network, films)
        order_all(ready, choices)
        _say_added(film_state.pending(film))


def ready_films(films: Sequence[StudioFilm]) -> list[StudioFilm]:
    """Those of these films that can be ordered."""
    return [film for film in films if findings(film).facts is not None and not problem_of(film)]


def order_all(ready: Sequence[StudioFilm], choices: Choices, hindrance: str = "") -> None:
    """Draw the button that orders all of these films, where there are several. hindrance: why it is disabled."""
    if len(ready) > 1 and st.button(
        f"Colour all {len(ready)} films", width="stretch", key="order-all", help=hindrance or _ALL_HELP,
        disabled=bool(hindrance),
    ):  # fmt: skip
        st.session_state[SAID] = _add_all(ready, choices)


def order_part(film: StudioFilm, films: Sequence[StudioFilm], found: Findings, choices: Choices, trim: Range) -> None:
    """Draw the estimate and the buttons that start the work."""
    if found.facts is None:
        return
    order = film_order(film, found.facts, choices, state.saved_choices().grade(film.id), trim)
    measured = film_state.film_inspector().try_out(film, order, job_state.busy())
    st.fragment(_estimate, run_every=_POLL if measured is None else None)(film, found, order, measured is None)
    if st.button("Colour this film", icon=":material/palette:", type="primary", width="stretch", key="order"):
        forecast = seconds_in(found.facts, trim, found.shots, measured) if isinstance(measured, Measured) else None
        st.session_state[SAID] = add_new_jobs([replace(order, forecast=forecast)])
    order_all(ready_films(films), choices)
    _say_added(film_state.pending(film))


def _say_added(waiting: Sequence[Job]) -> None:
    """Draw what became of the orders, and the way to the jobs of this film that wait."""
    said: Said = st.session_state.get(SAID, Said())
    if said.queued_before:
        st.info(f"{films_text(said.queued_before)} in the queue already, just as you chose.")
        again = "Colour it once more" if len(said.queued_before) == 1 else "Colour them once more"
        st.button(
            again, icon=":material/add:", width="stretch", key="order-again", on_click=_order_again, args=(said,)
        )  # fmt: skip
    if said.added:
        st.success(said.added)
    for problem in said.problems:
        st.error(plain(problem))
    if said != Said() or waiting:
        address = {JOB: waiting[-1].id} if len(waiting) == 1 else None
        st.page_link("jobs.py", label="See how far it is", icon=":material/arrow_forward:", query_params=address)


def _order_again(said: Said) -> None:
    st.session_state[SAID] = replace(add_jobs(said.queued_before), problems=said.problems)


_ALL_HELP = "Each film in its own colours and with its own start and end; everything else as chosen here."


def _estimate(film: StudioFilm, found: Findings, order: FilmOrder, was_waiting: bool) -> None:
    """Draw about how long it will take and how large it will be; drawn again until that is known."""
    if found.facts is None:
        return
    measured = film_state.film_inspector().try_out(film, order, job_state.busy())
    shots = findings(film).shots  # they may have been counted meanwhile
    st.markdown(
        estimate_text(found.facts, order.settings.range, measured, shots, learned(job_state.store().jobs())),
        help="Measured by colouring a few seconds of this film on this computer, as busy as it is now; "
        "other films that wait for their turn come on top.",
    )
    if was_waiting and measured is not None:
        st.rerun()


def _add_all(films: Sequence[StudioFilm], choices: Choices) -> Said:
    """Order each film in its own colours and trim, otherwise as chosen; what came of it, and what is left out."""
    orders, left_out, saved_choices = [], [], state.saved_choices()
    for film in films:
        facts, coloured = findings(film).facts, findings(film).coloured
        if facts is None:
            continue
        keep = keeps_colour(saved_choices, film) if any(coloured) else choices.keep_colour_shots
        own = replace(choices, keep_colour_shots=keep)
        trim, problem = read_trim(
            saved_choices.value(film.id, "from") or "", saved_choices.value(film.id, "to") or "", facts
        )
        if trim is None:
            left_out.append(f"{film.name} was left out. {problem}")
        else:
            orders.append(film_order(film, facts, own, saved_choices.grade(film.id), trim))
    said = add_new_jobs(orders)
    return replace(said, problems=(*said.problems, *left_out))


def add_new_jobs(orders: Sequence[FilmOrder]) -> Said:
    """Add those of the orders to the queue that are not there already; what came of it."""
    try:
        waiting = [replace(job.order, forecast=None) for job in job_state.shown_jobs() if not job.state.has_ended]
    except ColorizerError as error:
        return Said(problems=(str(error),))
    before = [order for order in orders if replace(order, forecast=None) in waiting]
    return replace(add_jobs([order for order in orders if order not in before]), queued_before=tuple(before))


def add_jobs(orders: Sequence[FilmOrder]) -> Said:
    """Add the orders to the queue; what came of it."""
    added = 0
    try:
        for order in orders:
            remember_job(job_state.store().add(order))
            added += 1
    except ColorizerError as error:
        return Said(_added_text(orders[:added]), (str(error),))
    return Said(_added_text(orders))


def _added_text(added: Sequence[FilmOrder]) -> str:
    if not added:
        return ""
    return f"{films_text(added)} in the queue. You may close this page: the work goes on as long as the studio runs."


def films_text(orders: Sequence[FilmOrder]) -> str:
    """The film of the one order, or how many films there are, with the verb of a sentence about them."""
    return f"{plain(orders[0].title)} is" if len(orders) == 1 else f"{len(orders)} films are"
