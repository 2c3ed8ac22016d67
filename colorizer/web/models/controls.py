"""The Advanced part: which network colours the pictures, on what, and how."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from colorizer.engines.names import AUTO
from colorizer.files import size_text
from colorizer.network import LARGEST_SIZE, SIZE_STEP, SMALLEST_SIZE, NetworkSettings
from colorizer.settings import settings
from colorizer.web.colouring import NetworkChoice
from colorizer.web.models import state as model_state
from colorizer.web.models.engine_words import engine_title
from colorizer.web.models.inventory import files_print
from colorizer.weights.catalog import CATALOG, DEFAULT_MODEL, Model, find_model
from colorizer.weights.local_models import ModelStatus, glance

_KEPT, _SQUARE = "As the picture", "Square"
_CALMEST, _STEP = 1.0, 0.02  # of the temperature's slider; beyond 1 nearly all colour is gone
_DEFAULTS = NetworkSettings()


def network_controls() -> NetworkChoice:
    """Draw the choice of network, engine and settings; what is chosen."""
    states = [glance(model) for model in CATALOG]
    chosen = model_state.preferences().read()
    here = {status.model.id: status.model for status in states if status.state == "present"}
    own = {str(status.folder): status for status in model_state.own_networks()}
    here |= {folder: status.model for folder, status in own.items()}
    names = list(here) or [DEFAULT_MODEL]
    name = str(st.selectbox("Network", names, _place(chosen.model, names), format_func=_title(here), key="model"))
    model = here.get(name) or find_model(name)
    if model.note:
        st.caption(model.note)
    engine = _engine_control()
    network = _network_controls(model)
    for status in states:
        if status.state != "present":
            st.caption(absence_text(status))
    st.page_link("models.py", label="All models", icon=":material/arrow_forward:")
    return NetworkChoice(name, engine, network, files_print(own[name]) if name in own else "")


def absence_text(status: ModelStatus) -> str:
    """What to say about a network that is not on this disk: how large it is and how to get it."""
    model = status.model
    if model.bundled:
        return f"**{model.title}** is {status.state}, though it is part of this program: install it again."
    return (
        f"**{model.title}** ({size_text(status.missing)}): {status.state}. Get it on the Models page, or with "
        f"`colorizer models download {model.id}`."
    )


def _engine_control() -> str:
    engines = model_state.engines()
    fixed = settings().engine
    start = engines.index(model_state.default_engine())

    def title(name: str) -> str:
        return f"{fixed} (COLORIZER_ENGINE)" if name == AUTO != fixed else engine_title(name)

    return str(st.selectbox("Engine", engines, start, format_func=title, key="engine"))


def _place(wanted: str, names: Sequence[str]) -> int:
    """Where it is among the names; the first place where it is not."""
    return names.index(wanted) if wanted in names else 0


def _network_controls(model: Model) -> NetworkSettings:
    size = model.default_size
    if model.fixed_size is None:
        size = st.slider(
            "Network size", SMALLEST_SIZE, LARGEST_SIZE, model.default_size, SIZE_STEP, key=f"size-{model.id}",
            help="How large the network sees the picture. Smaller: calmer areas of one colour. Larger: finer detail.",
        )  # fmt: skip
    aspect = st.segmented_control(
        "Shape the network sees", [_KEPT, _SQUARE], default=_KEPT if _DEFAULTS.keep_aspect else _SQUARE, required=True,
        key="aspect",
    )  # fmt: skip
    temperature = _DEFAULTS.temperature
    if model.runs_on == "caffe":
        temperature = st.slider(
            "Temperature", _STEP * 3, _CALMEST, _DEFAULTS.temperature, _STEP, key="temperature",
            help="How the network decides between possible colours. Low: bold. High: an average of all, calm and pale.",
        )  # fmt: skip
    chosen_size = None if size == model.default_size else size
    return NetworkSettings(chosen_size, aspect == _KEPT, round(temperature, 2))


def _title(here: Mapping[str, Model]) -> Callable[[str], str]:
    return lambda name: here[name].title if name in here else name
