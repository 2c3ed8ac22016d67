"""Presets and sliders for a grade. A GradeKeeper remembers what is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import streamlit as st

from colorizer.color.grade import GRADE_RANGES, Grade

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
    "intensity": _Slider(
        "Intensity",
        0.05,
        "%.2f",
        "How much of the result is seen over the original as it was, sepia included: 0 is the original, 1 the result, "
        "warmth included. Saturation changes the network's colours alone.",
    ),
    "warmth": _Slider("Warmth", 0.05, "%.2f", "Towards candlelight (above 0) or moonlight (below 0)."),
}
_PILLS = "preset"


class GradeKeeper(Protocol):
    """What remembers the grade of each picture or film, by its id."""

    def grade(self, item: str, /) -> Grade:
        """The grade chosen for this one; the default where none was."""

    def set_grade(self, item: str, grade: Grade, /) -> None:
        """Keep this grade for this one."""

    def grade_all(self, grade: Grade, /) -> None:
        """Keep this grade for every one there is."""


def preset_of(grade: Grade) -> str | None:
    """The name of the preset that is this grade; None where it is none of them."""
    return next((name for name, preset in PRESETS.items() if preset == grade), None)


def followed(item: str) -> dict[str, Any]:
    """The keys of this item's sliders and the default grade, with which a view follows the sliders while they move."""
    return {"sliders": {name: f"{name}-{item}" for name in _SLIDERS}, "neutral": Grade().as_dict()}


def grade_controls(keeper: GradeKeeper, item: str, *, alone: bool | None) -> Grade:
    """Draw presets, sliders and buttons for the grade of this one; the grade as it is now.

    alone: there is no other one to give it to; None: there never is one.
    """
    grade = keeper.grade(item)
    preset = preset_of(grade)
    key = key_showing(_PILLS, item, preset)
    st.pills(
        "Presets", list(PRESETS), default=preset, key=key, on_change=_take_preset, args=(keeper, item, key), wrap=True
    )
    keys = {name: key_showing(name, item, float(getattr(grade, name))) for name in _SLIDERS}
    for name, slider in _SLIDERS.items():
        low, high = GRADE_RANGES[name]
        st.slider(
            slider.label, low, high, float(getattr(grade, name)), slider.step, format=slider.format, help=slider.help,
            key=keys[name], on_change=_take_sliders, args=(keeper, item, keys),
        )  # fmt: skip
    with st.container(horizontal=True):
        st.button(
            "Reset", icon=":material/restart_alt:", width="stretch", disabled=grade.is_identity,
            on_click=keeper.set_grade, args=(item, Grade()),
        )  # fmt: skip
        if alone is not None:
            st.button(
                "Apply to all", icon=":material/done_all:", width="stretch", disabled=alone,
                on_click=keeper.grade_all, args=(grade,), help="Gives everything on this page these colours.",
            )  # fmt: skip
    return grade


def _take_preset(keeper: GradeKeeper, item: str, key: str) -> None:
    name = st.session_state[key] if is_shown(key) else None
    if name is not None:
        keeper.set_grade(item, PRESETS[name])


def _take_sliders(keeper: GradeKeeper, item: str, keys: Mapping[str, str]) -> None:
    if all(map(is_shown, keys.values())):
        keeper.set_grade(item, Grade(**{name: float(st.session_state[key]) for name, key in keys.items()}))


def key_showing(name: str, item: str, value: object) -> str:
    """The key of the part that shows this value: a new part where the one that is there shows another.

    Telling a part another value would race against the browser, which may report the old one once more: that would
    look like a choice, and undo the change.
    """
    counter = f"{name}-{item}"
    key = f"{counter}-{st.session_state.setdefault(counter, 0)}"
    if key in st.session_state and st.session_state[key] != value:
        st.session_state[counter] += 1
        key = f"{counter}-{st.session_state[counter]}"
    return key


def is_shown(key: str) -> bool:
    """Whether this part is shown now. The browser may report a replaced part once more."""
    counter, _, number = key.rpartition("-")
    return bool(str(st.session_state.get(counter)) == number)
