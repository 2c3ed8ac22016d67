"""The Images page: the opened picture in the big view, its controls beside it, all pictures below."""

from collections.abc import Sequence

import streamlit as st

from colorizer.network import Colorizer
from colorizer.web import state
from colorizer.web.colouring import ColouredPicture, NetworkChoice, Picture, failure_text, may_pass
from colorizer.web.grading import grade_controls
from colorizer.web.looks import Look
from colorizer.web.models import state as model_state
from colorizer.web.models.controls import network_controls
from colorizer.web.parts.gallery import gallery
from colorizer.web.pictures.cards import Card, ask_for_all, compare_data, count_states, facts_line, gallery_cards
from colorizer.web.pictures.compare import compare_view
from colorizer.web.pictures.controls import COLOUR, mode_control, save_controls
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.wording import as_sentence, plain

_POLL = 0.6  # seconds between two looks at pictures in the making


@st.fragment
def pictures_page(picture_set: PictureSet) -> None:
    """Draw everything about these pictures; moving a slider draws this again and nothing else."""
    picture = picture_set.opened
    if picture is None:
        return
    view, side = st.columns([2.4, 1], gap="medium")
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
    with view:
        coloured = _colour_opened(picture_set, picture, network, colorizer)
    ask_for_all(picture_set, state.colouring_queue(), network, colorizer)
    cards = gallery_cards(picture_set, state.colouring_queue(), network.key)  # looked at once, so that all parts agree
    running = model_state.engine_text(network, colorizer) if colorizer else ""
    engine.caption(f"Runs on: {running}" if colorizer else "Black and white needs no network.")
    if coloured is not None:
        look = Look(
            network.key, picture_set.grade(picture.id)
        )  # a slider's change is in it: callbacks come before the drawing
        with view:  # first, so that the browser asks for the picture while the rest is drawn
            _draw_picture(picture_set, picture, coloured, look, running)
        with upper:
            if colour:
                grade_controls(picture_set, picture.id, alone=len(picture_set.pictures) < 2)
            save_controls(picture_set, picture, look, next(count_states(cards)))
    if len(cards) > 1:
        waiting = any(card["state"] == "waiting" for card in cards)
        st.fragment(_gallery, run_every=_POLL if waiting else None)(picture_set, network, waiting)


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


def _draw_picture(
    picture_set: PictureSet, picture: Picture, coloured: ColouredPicture, look: Look, engine: str
) -> None:
    compare_view(compare_data(picture_set, picture, coloured, look), key="compare")
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(f"**{plain(picture.name)}** · {facts_line(coloured, engine)}", width="content")
        _remove_button(picture_set, picture)
    for note in coloured.notes:
        st.caption(f":material/info: {plain(as_sentence(note))}")


def _remove_button(picture_set: PictureSet, picture: Picture) -> None:
    if st.button("Remove", icon=":material/close:", key="remove", type="tertiary"):
        forget(picture_set, [picture])
        st.rerun()


def _gallery(picture_set: PictureSet, network: NetworkChoice, was_waiting: bool) -> None:
    """Draw all pictures; while some are in the making this is drawn again and again."""
    cards = gallery_cards(picture_set, state.colouring_queue(), network.key)
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
