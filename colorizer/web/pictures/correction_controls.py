"""The controls of corrections by hand: the pins of the opened picture, their colours, and their file."""

import streamlit as st

from colorizer.corrections.history import History
from colorizer.corrections.pins import LARGEST_REACH, SMALLEST_REACH, Corrections
from colorizer.errors import CorrectionsInvalid
from colorizer.web.grading import is_shown, key_showing
from colorizer.web.pictures.palette import palette
from colorizer.web.pictures.pin_editing import DOUBT, Correcting
from colorizer.web.wording import plain

_SWITCH, _KEPT = "correcting", "correcting-kept"
_FILE, _READ = "corrections-file", "corrections-read"


def is_correcting(history: History) -> bool:
    """Whether pins are shown: as the switch says, also after it was out of sight; else where there are some."""
    return bool(st.session_state.setdefault(_SWITCH, st.session_state.get(_KEPT, bool(history.now))))


def correction_switch() -> None:
    """Draw the switch that turns corrections on and off."""
    st.session_state[_KEPT] = st.toggle(
        "Correct colours by hand", key=_SWITCH,
        help="Press on the picture where a colour is wrong and choose another one. What belongs together takes it.",
    )  # fmt: skip


def correction_controls(correcting: Correcting) -> None:
    """Draw the pins of the opened picture, and the colours of the selected one."""
    history = correcting.history
    if correcting.found.answer.features is None:
        st.caption("This network does not tell what belongs together: lightness and distance decide alone.")
    number = correcting.selected
    if number is None:
        st.caption(":material/touch_app: Press on the picture where a colour is wrong.")
    else:
        _pin_controls(correcting, number)
    with st.container(horizontal=True):
        st.button(
            "Undo", icon=":material/undo:", key="undo", disabled=not history.can_undo, help="Ctrl+Z",
            on_click=lambda: correcting.keep(correcting.history.undo()),
        )  # fmt: skip
        st.button(
            "Redo", icon=":material/redo:", key="redo", disabled=not history.can_redo, help="Ctrl+Y",
            on_click=lambda: correcting.keep(correcting.history.redo()),
        )  # fmt: skip
        st.button(
            "Remove all", icon=":material/delete_sweep:", key="unpin-all", disabled=not history.now,
            on_click=correcting.remove_all,
        )  # fmt: skip
    if correcting.found.answer.bins is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.toggle("Show where the network is unsure", key=DOUBT)
            st.button(
                "Pin the next unsure place", icon=":material/explore:", key="unsure",
                on_click=correcting.place_in_doubt,
            )  # fmt: skip
    _file_controls(correcting)


def _pin_controls(correcting: Correcting, number: int) -> None:
    """Draw the choice between the pins, and colours and reach of the selected one."""
    pins = correcting.history.now.pins
    pin = pins[number]
    counter = f"pins-{correcting.picture.id}-{len(pins)}-{number}"  # a new part where another one is selected elsewhere
    st.pills(
        "Pins", range(len(pins)), default=number, required=True, key=counter, wrap=True,
        format_func=lambda place: f"{place + 1} · {correcting.name(pins[place])}" if place < len(pins) else "",
        on_change=lambda: correcting.select(st.session_state[counter]),
    )  # fmt: skip
    palette(correcting.found, pin, number, correcting.recent, correcting.choose)
    reach = key_showing(f"reach-{number}", correcting.picture.id, pin.reach)
    st.slider(
        "Reach", SMALLEST_REACH, LARGEST_REACH, pin.reach, 0.05, key=reach,
        help="How far this pin's colour may go. 1 is about as far as the picture is wide.",
        on_change=lambda: correcting.change(number, reach=float(st.session_state[reach])) if is_shown(reach) else None,
    )  # fmt: skip
    st.button(
        f"Remove pin {number + 1}", icon=":material/close:", key="unpin", on_click=correcting.remove, args=(number,)
    )


def _file_controls(correcting: Correcting) -> None:
    """Draw the ways to take the corrections along and to bring them back."""
    with st.popover("Corrections as a file", icon=":material/save:", type="tertiary"):
        st.download_button(
            "Save", correcting.history.now.as_json(), f"{correcting.picture.name}.corrections.json",
            "application/json", key="corrections-save", on_click="ignore", disabled=not correcting.history.now,
            help="For another computer, or for the command line: colorizer image … --corrections FILE, "
            "with the --engine that Advanced names",
        )  # fmt: skip
        given = st.file_uploader("Load", "json", key=_FILE, max_upload_size=1)
        if given is None or st.session_state.get(_READ) == given.file_id:
            return
        st.session_state[_READ] = given.file_id
        try:
            correcting.keep(correcting.history.then(Corrections.from_json(given.getvalue())))
        except CorrectionsInvalid as error:
            st.error(plain(str(error)))
        else:
            st.rerun(scope="fragment")
