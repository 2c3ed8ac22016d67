"""The Images page: the opened picture in the big view, its controls beside it, all pictures below."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from colorizer.network import Colorizer
from colorizer.web import state
from colorizer.web.colouring import ColouredPicture, NetworkChoice, Picture, failure_text, may_pass
from colorizer.web.grading import grade_controls
from colorizer.web.looks import Look
from colorizer.web.models import state as model_state
from colorizer.web.models.controls import network_controls
from colorizer.web.parts.gallery import gallery
from colorizer.web.pictures.cards import (
    Card,
    ask_for_all,
    compare_data,
    count_states,
    facts_line,
    gallery_cards,
    own_choice,
)
from colorizer.web.pictures.compare import compare_view
from colorizer.web.pictures.controls import COLOUR, mode_control, save_controls
from colorizer.web.pictures.correction_controls import correction_controls, correction_switch, is_correcting
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.pictures.pin_editing import Correcting
from colorizer.web.sticky import stay_in_view
from colorizer.web.wording import as_sentence, plain

_POLL = 0.6  # seconds between two looks at pictures in the making


@st.fragment
def pictures_page(picture_set: PictureSet) -> None:
    """Draw everything about these pictures; moving a slider draws this again and nothing else."""
    picture = picture_set.opened
    if picture is None:
        return
    view, side = st.columns([2.4, 1], gap="medium")
    stay_in_view(view)
    with side:
        colour = mode_control() == COLOUR
        upper = st.container()
        with st.expander("Advanced", icon=":material/tune:"):
            network = network_controls() if colour else NetworkChoice(model=None)
            engine = st.empty()
    with view, st.spinner("Opening the network… The first time, its engines are tried."):
        colorizer, problem = model_state.opened(network)
    if problem:
        view.error(plain(problem))
        return
    own = own_choice(picture_set, picture, network)
    with view:
        coloured = _colour_opened(picture_set, picture, own, colorizer)
    ask_for_all(picture_set, state.colouring_queue(), network, colorizer)
    cards = gallery_cards(picture_set, state.colouring_queue(), network)  # looked at once, so that all parts agree
    running = model_state.engine_text(network, colorizer) if colorizer else ""
    engine.caption(f"Runs on: {running}" if colorizer else "Black and white needs no network.")
    if coloured is not None:
        look = Look(own.key, picture_set.grade(picture.id))  # a change is in it: callbacks come before the drawing
        correcting = None
        if colorizer is not None and is_correcting(picture_set.corrections(picture.id)):
            correcting = Correcting(picture_set, picture, state.colouring_queue().answer(picture, network, colorizer))
        with view:  # first, so that the browser asks for the picture while the rest is drawn
            pins = correcting.view() if correcting is not None else None
            take = correcting.take if correcting is not None else _no_pins
            compare_view(compare_data(picture_set, picture, coloured, look) | {"pins": pins}, key="compare", take=take)
            _below_picture(picture_set, picture, coloured, running)
        with upper:
            _draw_controls(picture_set, picture, look, next(count_states(cards)), correcting, colour=colour)
    if len(cards) > 1:
        waiting = any(card["state"] == "waiting" for card in cards)
        st.fragment(_gallery, run_every=_POLL if waiting else None)(picture_set, network, waiting)


def _draw_controls(
    picture_set: PictureSet, picture: Picture, look: Look, ready: int, correcting: Correcting | None, *, colour: bool
) -> None:
    """Draw what changes the opened picture's colours, and the ways to save it."""
    if colour:
        correction_switch()
        if correcting is not None:
            correction_controls(correcting)
        grade_controls(picture_set, picture.id, alone=len(picture_set.pictures) < 2)
    save_controls(picture_set, picture, look, ready)


def _colour_opened(
    picture_set: PictureSet, picture: Picture, network: NetworkChoice, colorizer: Colorizer | None
) -> ColouredPicture | None:
    """The opened picture in colour; None, with the reason on the page, where there is none."""
    with st.spinner("Colouring…" if colorizer else "Reading…"):
        future = state.colouring_queue().now(picture, network, colorizer)
    if future.cancelled():  # removed meanwhile, in another tab with the same pictures
        st.rerun()
    error = future.exception()
    if error is not None:
        st.subheader(f":material/broken_image: {plain(picture.name)}")
        st.error(plain(failure_text(error)))
        if may_pass(error) and st.button("Try again", icon=":material/refresh:", key="again"):
            state.colouring_queue().forget_failures(picture_set.pictures)
            st.rerun()
        _remove_button(picture_set, picture)
        return None
    return future.result()


def _below_picture(picture_set: PictureSet, picture: Picture, coloured: ColouredPicture, engine: str) -> None:
    """Draw what is to say of the opened picture, and the button that removes it."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"**{plain(picture.name)}** · {facts_line(coloured, engine)}", width="content")
        _remove_button(picture_set, picture)
    for note in coloured.notes:
        st.caption(f":material/info: {plain(as_sentence(note))}")


def _no_pins(event: str, told: Mapping[str, Any]) -> None:
    """Nothing is done to pins where none are shown."""


def _remove_button(picture_set: PictureSet, picture: Picture) -> None:
    if st.button("Remove", icon=":material/close:", key="remove", type="tertiary"):
        forget(picture_set, [picture])
        st.rerun()


def _gallery(picture_set: PictureSet, network: NetworkChoice, was_waiting: bool) -> None:
    """Draw all pictures; while some are in the making this is drawn again and again."""
    cards = gallery_cards(picture_set, state.colouring_queue(), network)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**{summary(cards)}**", width="content")
        with st.popover("Remove all", icon=":material/delete:", type="tertiary"):
            if st.button(f"Yes, remove all {len(cards)}", key="clear", type="primary"):
                forget(picture_set, picture_set.pictures)
                st.rerun()
    opened, removed = gallery(cards, key="gallery")
    if removed:
        forget(picture_set, [picture for picture in picture_set.pictures if picture.id == removed])
    if opened:
        picture_set.open(opened)
    if opened or removed or (was_waiting and not any(card["state"] == "waiting" for card in cards)):
        st.rerun()


def forget(picture_set: PictureSet, pictures: Sequence[Picture]) -> None:
    """Remove these pictures, with everything that was made of them."""
    for picture in pictures:
        picture_set.remove(picture.id)
        state.colouring_queue().forget(picture)


def summary(cards: Sequence[Card]) -> str:
    """How far all pictures are, in a few words."""
    _, waiting, failed = count_states(cards)
    words = [f"{len(cards)} picture{'s' if len(cards) != 1 else ''}"]
    if waiting:
        words.append(f"{waiting} still waiting")
    if failed:
        words.append(f"{failed} with a problem")
    return " · ".join(words)
