"""The opened film: what it is, how it will look, how it is to be made; all films below."""

from collections.abc import Sequence
from concurrent.futures import Future

import streamlit as st

from colorizer.errors import ColorizerError
from colorizer.jobs.model import Order
from colorizer.network import Colorizer
from colorizer.settings import settings
from colorizer.video.wanted import Range
from colorizer.web import resources
from colorizer.web.addresses import Look
from colorizer.web.develop import Proof, Recipe
from colorizer.web.film_choices import detail_controls, purpose_controls, read_trim, trim_controls
from colorizer.web.film_views import Card, card_html, develop_frames, film_cards, poster, sheet_data, sheet_problem
from colorizer.web.grading import grade_controls
from colorizer.web.orders import Choices, estimate_text, order_of
from colorizer.web.parts import contact_sheet, gallery
from colorizer.web.screening import Findings, findings
from colorizer.web.shelf import Reel
from colorizer.web.visits import FILM, JOB, remember
from colorizer.web.workbench import as_sentence, plain

_POLL = 0.5  # seconds between two looks at what is being found out
_SAID = "film_said"


def say_missing(reels: Sequence[Reel]) -> None:
    """Say so where the address names a film that is none of these."""
    named = st.query_params.get(FILM)
    if named and all(reel.id != named for reel in reels):
        st.warning("This film is not here any more.", icon=":material/info:")


def film_bench(reels: Sequence[Reel]) -> None:
    """Draw everything about these films."""
    opened = next((reel for reel in reels if reel.id == st.query_params.get(FILM)), reels[0])
    for reel in reels:
        resources.screening().look_at(reel)
    _opened_film(opened, reels)
    if len(reels) > 1:
        _gallery(opened, reels)


@st.fragment
def _opened_film(reel: Reel, reels: Sequence[Reel]) -> None:
    """Draw one film; moving a slider draws this again and nothing else."""
    found = findings(reel)
    _heading(reel)
    if found.problem:
        st.error(plain(found.problem))
        return
    if found.facts is None or not found.frames:
        st.fragment(_until_looked_at, run_every=_POLL)(reel)
        return
    view, side = st.columns([2.1, 1], gap="medium")
    with side:
        st.markdown("**Colours**")
        alone = None if settings().shared else len(reels) < 2  # all films of all strangers would be all of them
        grade_controls(resources.memory(), reel.id, alone=alone)
        st.markdown("**Result**")
        purpose, crf = purpose_controls(resources.memory(), reel.id)
        wanted = trim_controls(resources.memory(), reel, found.facts)
        with st.expander("Advanced", icon=":material/tune:"):
            choices = detail_controls(resources.memory(), reel, found.facts, purpose, crf)
            engine = st.empty()
    colorizer, problem = _open(choices.recipe)
    if colorizer is None:
        view.error(problem)
        return
    engine.caption(f"The preview runs on: {resources.engine_text(choices.recipe, colorizer)}")
    with view:
        _sheet(reel, found, choices.recipe, colorizer)
        st.fragment(_facts, run_every=None if found.is_settled else _POLL)(reel, found.is_settled)
    if wanted is not None:
        with side:
            _order_part(reel, reels, found, choices, wanted)


def _heading(reel: Reel) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(plain(reel.name), width="content")
        if st.button("Remove", icon=":material/close:", key="remove-film", type="tertiary"):
            forget(reel)
            st.rerun()


def _until_looked_at(reel: Reel) -> None:
    """Say that the film is being looked at, until it was."""
    st.markdown(":material/hourglass_top: Looking at the film…")
    found = findings(reel)
    if found.problem or found.frames:
        st.rerun()


def _sheet(reel: Reel, found: Findings, recipe: Recipe, colorizer: Colorizer) -> None:
    proofs = develop_frames(found, resources.darkroom(), recipe, colorizer)
    waiting = any(not proof.done() for proof in proofs)
    st.fragment(_frames, run_every=_POLL if waiting else None)(reel, found, proofs, recipe.key, waiting)


def _frames(reel: Reel, found: Findings, proofs: Sequence[Future[Proof]], recipe_key: str, was_waiting: bool) -> None:
    """Draw the contact sheet; while frames are in the making this is drawn again and again."""
    look = Look(recipe_key, resources.memory().grade(reel.id))  # as it is now: a slider may have moved meanwhile
    contact_sheet(sheet_data(reel, found, proofs, look), key=f"sheet-{reel.id}")
    problem = sheet_problem(proofs)
    if problem:
        st.error(plain(problem))
    if all(proof.done() for proof in proofs):
        st.caption("Frames of this film in the chosen colours. Press one to see it as it was.")
    else:
        st.caption(":material/hourglass_top: Finding the colours…")
    if was_waiting and all(proof.done() for proof in proofs):
        st.rerun()


def _facts(reel: Reel, was_settled: bool) -> None:
    """Draw what the film is; drawn again until its shots are counted."""
    found = findings(reel)
    if found.facts is None:
        return
    with st.container(border=True, key="film-facts"):
        st.html(card_html(reel, found))
        for note in found.facts.notes:
            st.caption(f":material/info: {plain(as_sentence(note))}")
    if found.is_settled and not was_settled:
        st.rerun()


def _order_part(reel: Reel, reels: Sequence[Reel], found: Findings, choices: Choices, wanted: Range) -> None:
    """Draw the estimate and the buttons that start the work."""
    if found.facts is None:
        return
    order = order_of(reel, found.facts, choices, resources.memory().grade(reel.id), wanted)
    measured = resources.screening().try_out(reel, order)
    st.fragment(_estimate, run_every=_POLL if measured is None else None)(reel, found, order, measured is None)
    if st.button("Colour this film", icon=":material/palette:", type="primary", width="stretch", key="order"):
        st.session_state[_SAID] = place([order])
    ready = [each for each in reels if findings(each).facts is not None and not findings(each).problem]
    if len(ready) > 1 and st.button(f"Colour all {len(ready)} films", width="stretch", key="order-all", help=_ALL_HELP):
        st.session_state[_SAID] = place(orders_for(ready, choices))
    said, problem = st.session_state.get(_SAID, ("", ""))
    if said:
        st.success(said)
    if problem:
        st.error(problem)
    waiting = resources.pending(reel)
    if said or waiting:
        address = {JOB: waiting[-1].id} if len(waiting) == 1 else None
        st.page_link("jobs.py", label="See how far it is", icon=":material/arrow_forward:", query_params=address)


_ALL_HELP = "Each film in its own colours and with its own start and end; everything else as chosen here."


def _estimate(reel: Reel, found: Findings, order: Order, was_waiting: bool) -> None:
    """Draw about how long it will take and how large it will be; drawn again until that is known."""
    if found.facts is None:
        return
    measured = resources.screening().try_out(reel, order)
    st.markdown(
        estimate_text(found.facts, order.settings.range, measured),
        help="Measured by colouring a few seconds from the middle of this film on this computer.",
    )
    if was_waiting and measured is not None:
        st.rerun()


def orders_for(reels: Sequence[Reel], choices: Choices) -> list[Order]:
    """An order for each film, in its own colours and trim, otherwise as chosen."""
    orders, memory = [], resources.memory()
    for reel in reels:
        facts = findings(reel).facts
        if facts is not None:
            wanted, _ = read_trim(memory.value(reel.id, "from") or "", memory.value(reel.id, "to") or "", facts)
            orders.append(order_of(reel, facts, choices, memory.grade(reel.id), wanted or Range()))
    return orders


def place(orders: Sequence[Order]) -> tuple[str, str]:
    """What to say once the orders are in the queue, and what went wrong, where something did."""
    placed = 0
    try:
        for order in orders:
            remember(resources.store().add(order))
            placed += 1
    except ColorizerError as error:
        return _placed_text(placed), str(error)
    return _placed_text(placed), ""


def _placed_text(placed: int) -> str:
    if not placed:
        return ""
    films = "The film is" if placed == 1 else f"{placed} films are"
    return f"{films} in the queue. You may close this page: the work goes on as long as the studio runs."


def _gallery(opened: Reel, reels: Sequence[Reel]) -> None:
    settled = all(card["state"] != "waiting" for card in _all_cards(opened, reels))
    st.fragment(_cards, run_every=None if settled else _POLL)(opened, reels, settled)


def _cards(opened: Reel, reels: Sequence[Reel], was_settled: bool) -> None:
    """Draw all films; drawn again until each was looked at."""
    cards = _all_cards(opened, reels)
    st.markdown(f"**{len(reels)} films**")
    chosen, removed = gallery(cards, key="films-gallery", label="Your films")
    if removed:
        forget(next(reel for reel in reels if reel.id == removed))
    if chosen:
        st.query_params[FILM] = chosen
        st.session_state.pop(_SAID, None)
    if chosen or removed or (not was_settled and all(card["state"] != "waiting" for card in cards)):
        st.rerun()


def _all_cards(opened: Reel, reels: Sequence[Reel]) -> list[Card]:
    """A card for each film, the frame that stands for it in the making."""
    recipe = Recipe()
    colorizer, _ = _open(recipe)
    for reel in reels:
        frame = poster(findings(reel))
        if frame is not None and colorizer is not None:
            resources.darkroom().soon(frame, recipe, colorizer)
    return film_cards(reels, opened, resources.darkroom(), recipe.key, resources.memory())


def _open(recipe: Recipe) -> tuple[Colorizer | None, str]:
    """The network of this recipe, and what to say where it cannot be opened."""
    try:
        return resources.colorizer_for(recipe), ""
    except ColorizerError as error:
        return None, str(error)


def forget(reel: Reel) -> None:
    """Take this film off the page, with everything that was made of it here; what a job needs stays for that."""
    for frame in findings(reel).frames:
        resources.darkroom().forget(frame)
    resources.memory().forget(reel.id)
    if st.query_params.get(FILM) == reel.id:
        del st.query_params[FILM]
    if resources.is_needed(reel):
        resources.shelf().hide(reel)
    else:
        resources.shelf().remove(reel)
