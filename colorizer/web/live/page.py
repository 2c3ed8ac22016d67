"""The Live page: the picture and its controls beside it."""

import streamlit as st

from colorizer.color.grade import Grade
from colorizer.errors import ColorizerError
from colorizer.settings import settings
from colorizer.web.colouring import NetworkChoice
from colorizer.web.grading import grade_controls
from colorizer.web.live.live_view import live_view
from colorizer.web.live.routes import LIVE
from colorizer.web.looks import Look, look_query
from colorizer.web.models import state as model_state
from colorizer.weights.catalog import CATALOG, DEFAULT_MODEL, find_model
from colorizer.weights.local_models import glance

_ITEM = "live"
_GRADE = "live_grade"


class _OwnGrade:
    """The grade of this tab's live picture."""

    def grade(self, _item: str, /) -> Grade:
        """What was chosen in this tab; the default where nothing was."""
        chosen: Grade = st.session_state.get(_GRADE, Grade())
        return chosen

    def set_grade(self, _item: str, grade: Grade, /) -> None:
        """Keep it."""
        st.session_state[_GRADE] = grade

    def grade_all(self, grade: Grade, /) -> None:
        """Keep it: there is one picture only."""
        self.set_grade(_ITEM, grade)


@st.fragment
def live_page() -> None:
    """Draw everything; moving a slider draws this again and nothing else."""
    view, side = st.columns([2.4, 1], gap="medium")
    with side:
        st.markdown("**Colours**")
        grade = grade_controls(_OwnGrade(), _ITEM, alone=None)
        network = NetworkChoice(_model_control(), model_state.default_engine())
        with st.spinner("Opening the network…"):
            problem, engine = _open(network)
        if engine:
            st.caption(f"Runs on: {engine}")
    with view:
        if problem:
            st.error(problem)
            return
        live_view({"url": LIVE, "model": network.model, "grade": look_query(Look("", grade))}, key="live")
        promise = (
            ":material/public: The picture goes to this studio's server and back."
            if settings().shared
            else ":material/lock: Nothing leaves this computer."
        )
        st.caption(
            f"{promise} The camera is on from the moment you press its button until "
            "you press Stop or leave this page, and only what you save is kept."
        )


def _model_control() -> str:
    """Draw the choice of network, where there is one; its id."""
    here = [model.id for model in CATALOG if glance(model).state == "present"] or [DEFAULT_MODEL]
    if len(here) == 1:
        return here[0]
    chosen = model_state.preferences().read().model
    start = here.index(chosen) if chosen in here else 0
    return str(
        st.selectbox("Network", here, start, format_func=lambda model: find_model(model).title, key="live-model")
    )


def _open(network: NetworkChoice) -> tuple[str, str]:
    """What went wrong with the network, where something did, and what it runs on."""
    try:
        colorizer = model_state.colorizer_for(network)
    except ColorizerError as error:
        return str(error), ""
    return "", model_state.engine_text(network, colorizer) if colorizer else ""
