"""The bench: the opened picture in the big view, its controls beside it, all pictures below."""

from collections.abc import Sequence

import streamlit as st

from colorizer.network import Colorizer
from colorizer.web import state as resources
from colorizer.web.colouring import Proof, Recipe, failure_text, may_pass
from colorizer.web.grading import grade_controls
from colorizer.web.models.controls import COLOUR, mode_control, recipe_controls
from colorizer.web.parts.parts import compare_view, gallery
from colorizer.web.pictures.addresses import Look
from colorizer.web.pictures.cards import Card, ask_for_all, compare_data, count_states, facts_line, gallery_cards
from colorizer.web.pictures.controls import save_controls
from colorizer.web.pictures.picture_set import Desk, Picture
from colorizer.web.wording import as_sentence, plain

_POLL = 0.6  # seconds between two looks at pictures in the making


@st.fragment
def bench(desk: Desk) -> None:
    """Draw everything about the pictures on this desk; moving a slider draws this again and nothing else."""
    picture = desk.opened
    if picture is None:
        return
    view, side = st.columns([2.4, 1], gap="medium")
    with side:
        colour = mode_control() == COLOUR
        upper = st.container()
        with st.expander("Advanced", icon=":material/tune:"):
            recipe = recipe_controls() if colour else Recipe(model=None)
            engine = st.empty()
    with view, st.spinner("Opening the network… The first time, its engines are tried."):
        colorizer, problem = resources.opened(recipe)
    if problem:
        view.error(plain(problem))
        return
    with view:
        proof = _developed(desk, picture, recipe, colorizer)
    ask_for_all(desk, resources.darkroom(), recipe, colorizer)
    cards = gallery_cards(desk, resources.darkroom(), recipe.key)  # looked at once, so that all parts agree
    running = resources.engine_text(recipe, colorizer) if colorizer else ""
    engine.caption(f"Runs on: {running}" if colorizer else "Black and white needs no network.")
    if proof is not None:
        look = Look(recipe.key, desk.grade(picture.id))  # a slider's change is in it: callbacks come before the drawing
        with view:  # first, so that the browser asks for the picture while the rest is drawn
            _draw_picture(desk, picture, proof, look, running)
        with upper:
            if colour:
                grade_controls(desk, picture.id, alone=len(desk.pictures) < 2)
            save_controls(desk, picture, look, next(count_states(cards)))
    if len(cards) > 1:
        waiting = any(card["state"] == "waiting" for card in cards)
        st.fragment(_gallery, run_every=_POLL if waiting else None)(desk, recipe, waiting)


def _developed(desk: Desk, picture: Picture, recipe: Recipe, colorizer: Colorizer | None) -> Proof | None:
    """The proof of the opened picture; None, with the reason on the page, where there is none."""
    with st.spinner("Colouring…" if colorizer else "Reading…"):
        future = resources.darkroom().now(picture, recipe, colorizer)
    if future.cancelled():  # removed meanwhile, in another tab with the same desk
        st.rerun()
    error = future.exception()
    if error is not None:
        st.subheader(f":material/broken_image: {plain(picture.name)}")
        st.error(plain(failure_text(error)))
        if may_pass(error) and st.button("Try again", icon=":material/refresh:", key="again"):
            resources.darkroom().forget_failures(desk.pictures)
            st.rerun()
        _remove_button(desk, picture)
        return None
    return future.result()


def _draw_picture(desk: Desk, picture: Picture, proof: Proof, look: Look, engine: str) -> None:
    compare_view(compare_data(desk, picture, proof, look), key="compare")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"**{plain(picture.name)}** · {facts_line(proof, engine)}", width="content")
        _remove_button(desk, picture)
    for note in proof.notes:
        st.caption(f":material/info: {plain(as_sentence(note))}")


def _remove_button(desk: Desk, picture: Picture) -> None:
    if st.button("Remove", icon=":material/close:", key="remove", type="tertiary"):
        forget(desk, [picture])
        st.rerun()


def _gallery(desk: Desk, recipe: Recipe, was_waiting: bool) -> None:
    """Draw all pictures; while some are in the making this is drawn again and again."""
    cards = gallery_cards(desk, resources.darkroom(), recipe.key)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{summary(cards)}**", width="content")
        with st.popover("Remove all", icon=":material/delete:", type="tertiary"):
            if st.button(f"Yes, remove all {len(cards)}", key="clear", type="primary"):
                forget(desk, desk.pictures)
                st.rerun()
    opened, removed = gallery(cards, key="gallery")
    if removed:
        forget(desk, [picture for picture in desk.pictures if picture.id == removed])
    if opened:
        desk.open(opened)
    if opened or removed or (was_waiting and not any(card["state"] == "waiting" for card in cards)):
        st.rerun()


def forget(desk: Desk, pictures: Sequence[Picture]) -> None:
    """Take these pictures off the desk, with everything that was made of them."""
    for picture in pictures:
        desk.remove(picture.id)
        resources.darkroom().forget(picture)


def summary(cards: Sequence[Card]) -> str:
    """How far all pictures are, in a few words."""
    _, waiting, failed = count_states(cards)
    words = [f"{len(cards)} picture{'s' if len(cards) != 1 else ''}"]
    if waiting:
        words.append(f"{waiting} still waiting")
    if failed:
        words.append(f"{failed} with a problem")
    return " · ".join(words)
