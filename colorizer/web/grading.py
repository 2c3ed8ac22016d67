"""Presets and sliders: how a grade is chosen. The desk keeps it; the page's parts only show it."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from colorizer.color.grade import GRADE_RANGES, Grade
from colorizer.web.desk import Desk, Picture

PRESETS: dict[str, Grade] = {
    "Natural": Grade(),
    "Soft": Grade(saturation=0.65),
    "Vivid": Grade(saturation=1.5),
    "Warm memories": Grade(saturation=0.85, warmth=0.45),
    "Cool morning": Grade(saturation=0.9, warmth=-0.4),
}


@dataclass(frozen=True)
class _Slider:
    label: str
    step: float
    format: str
    help: str


_SLIDERS = {
    "saturation": _Slider("Saturation", 0.05, "%.2f", "How strong the colours are. 1 is what the network said."),
    "hue": _Slider("Hue", 1.0, "%.0f°", "Turns every colour around the colour wheel."),
    "intensity": _Slider("Intensity", 0.05, "%.2f", "From the black-and-white original (0) to full colour (1)."),
    "warmth": _Slider("Warmth", 0.05, "%.2f", "Towards candlelight (above 0) or moonlight (below 0)."),
}
_PILLS = "preset"


def preset_of(grade: Grade) -> str | None:
    """The name of the preset that is this grade; None where it is none of them."""
    return next((name for name, preset in PRESETS.items() if preset == grade), None)


def grade_controls(desk: Desk, picture: Picture) -> Grade:
    """Draw presets, sliders and buttons for this picture's grade; the grade as it is now."""
    grade = desk.grade(picture.id)
    _show(_key(_PILLS, picture), preset_of(grade))
    st.pills(
        "Presets", list(PRESETS), key=_key(_PILLS, picture), on_change=_take_preset, args=(desk, picture),
    )  # fmt: skip
    for name, slider in _SLIDERS.items():
        low, high = GRADE_RANGES[name]
        _show(_key(name, picture), float(getattr(grade, name)))
        st.slider(
            slider.label, low, high, step=slider.step, format=slider.format, help=slider.help,
            key=_key(name, picture), on_change=_take_sliders, args=(desk, picture),
        )  # fmt: skip
    with st.container(horizontal=True):
        st.button(
            "Reset", icon=":material/restart_alt:", width="stretch", disabled=grade.is_identity,
            on_click=desk.set_grade, args=(picture.id, Grade()),
        )  # fmt: skip
        st.button(
            "Apply to all", icon=":material/done_all:", width="stretch", disabled=len(desk.pictures) < 2,
            on_click=desk.grade_all, args=(grade,), help="Gives every picture on this page these settings.",
        )  # fmt: skip
    return grade


def _take_preset(desk: Desk, picture: Picture) -> None:
    name = st.session_state[_key(_PILLS, picture)]
    if name is not None:
        desk.set_grade(picture.id, PRESETS[name])


def _take_sliders(desk: Desk, picture: Picture) -> None:
    desk.set_grade(picture.id, Grade(**{name: float(st.session_state[_key(name, picture)]) for name in _SLIDERS}))


def _show(key: str, value: Any) -> None:
    """Make the part with this key show the value. Where it does already, an echo would hold back a moving slider."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def _key(name: str, picture: Picture) -> str:
    return f"{name}-{picture.id}"
