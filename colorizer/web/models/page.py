"""The Models page: what the studio starts with, a card for each network, and ways to bring one."""

import streamlit as st

from colorizer.engines.names import AUTO
from colorizer.settings import settings
from colorizer.web.models import state as model_state
from colorizer.web.models.adding_models import bring_files, lost_folders
from colorizer.web.models.cards import model_card
from colorizer.web.models.engine_words import engine_title
from colorizer.web.models.state import FAILED, attempt, name_of, say_once
from colorizer.web.wording import plain
from colorizer.weights import catalog
from colorizer.weights.catalog import DEFAULT_MODEL
from colorizer.weights.local_models import ModelStatus

_PROMISE = (
    ":material/lock: Nothing leaves this computer. A download only brings files here, and each is checked, byte for "
    "byte, before it is used."
)


def models_page() -> None:
    """Draw the whole page."""
    st.markdown(
        "A network decides the colours. One comes with the studio; the others are larger and can be downloaded."
    )
    running = model_state.model_downloads().running()  # asked first: what ends from now on, its own part sees end
    with st.spinner("Checking every byte of the networks…", show_time=False):
        found = [model_state.inventory().look_at(model) for model in catalog.CATALOG]
        own = model_state.own_networks()
    if settings().shared:
        st.info("This studio is shared by many: its networks are in the hands of whoever runs it.")
    else:
        _defaults({name_of(status): status for status in [*found, *own] if status.state == "present"})
    say_once(FAILED, st.error)
    for status in [*found, *own]:
        with st.container(border=True, key=f"model-{name_of(status)}"):
            model_card(status, running)
    if not settings().shared:
        lost_folders(own)
        bring_files()
        _where_they_are()
        st.caption(_PROMISE)


def _where_they_are() -> None:
    st.caption(
        f"Networks are kept in {plain(str(settings().models_folder))}. Files that are too large for the browser "
        "may be put there by hand, or taken in with `colorizer models import FILE`."
    )


def _defaults(here: dict[str, ModelStatus]) -> None:
    """Draw what the studio starts with."""
    chosen, engines = model_state.preferences().read(), model_state.engines()
    names = list(here) or [DEFAULT_MODEL]
    with st.container(border=True, key="model-defaults"):
        st.markdown("**The studio starts with**")
        left, right = st.columns(2)
        left.selectbox(
            "Network", names, names.index(chosen.model) if chosen.model in names else 0, key="default-model",
            format_func=lambda name: here[name].model.title if name in here else name, on_change=_choose_model,
        )  # fmt: skip
        fixed = settings().engine
        if fixed != AUTO:
            right.text_input("Engine", fixed, disabled=True, key="fixed-engine")
            right.caption("COLORIZER_ENGINE says so, and wins over what is chosen here.")
        else:
            right.selectbox(
                "Engine", engines, engines.index(chosen.engine) if chosen.engine in engines else 0,
                key="default-engine", format_func=engine_title, on_change=_choose_engine,
            )  # fmt: skip
        if chosen.model not in names:
            st.caption(
                f":material/info: {plain(chosen.model)} was chosen and is not here; the first one takes its place."
            )
        if fixed == AUTO and chosen.engine not in engines:
            st.caption(f":material/info: {plain(chosen.engine)} was chosen and cannot run here; auto takes its place.")
        st.caption("Pictures and films may still be given another one, under Advanced.")


def _choose_model() -> None:
    attempt(lambda: model_state.preferences().choose(model=str(st.session_state["default-model"])))


def _choose_engine() -> None:
    attempt(lambda: model_state.preferences().choose(engine=str(st.session_state["default-engine"])))
