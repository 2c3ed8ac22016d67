"""The parts of the Models page: what the studio starts with, a card for each network, and ways to bring one."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import streamlit as st

from colorizer.engines.choose import stored
from colorizer.engines.names import AUTO
from colorizer.errors import ColorizerError, InputError
from colorizer.jobs.model import State
from colorizer.settings import settings
from colorizer.web import state as resources
from colorizer.web.models.engine_words import auto_text, engine_title, speeds_html
from colorizer.web.models.imports import take_in
from colorizer.web.models.model_downloads import ModelDownload
from colorizer.web.models.model_words import (
    damage_text,
    download_label,
    facts_text,
    failure_parts,
    missing_text,
    progress_text,
    removal_text,
    state_badge,
)
from colorizer.web.models.speed_measurements import SpeedMeasurement
from colorizer.web.wording import plain
from colorizer.weights import catalog
from colorizer.weights.catalog import DEFAULT_MODEL
from colorizer.weights.local_models import ModelStatus, local_model, remove

_POLL = 0.5  # seconds between two looks at a download or a measurement
_ROUND, _TAKEN, _REFUSED, _FAILED = "models_round", "models_taken", "models_refused", "models_failed"
_MEASURED = "models_measured"  # the networks whose speeds this tab has asked for
_PROMISE = (
    ":material/lock: Nothing leaves this computer. A download only brings files here, and each is checked, byte for "
    "byte, before it is used."
)


def models_page() -> None:
    """Draw the whole page."""
    st.markdown(
        "A network decides the colours. One comes with the studio; the others are larger and can be downloaded."
    )
    running = resources.model_downloads().running()  # asked first: what ends from now on is seen to end by its own part
    with st.spinner("Checking every byte of the networks…", show_time=False):
        found = [resources.inventory().look_at(model) for model in catalog.CATALOG]
        own = resources.own_networks()
    if settings().shared:
        st.info("This studio is shared by many: its networks are in the hands of whoever runs it.")
    else:
        _defaults({_name(status): status for status in [*found, *own] if status.state == "present"})
    _say_once(_FAILED, st.error)
    for status in [*found, *own]:
        with st.container(border=True, key=f"model-{_name(status)}"):
            _card(status, running)
    if not settings().shared:
        _lost_folders(own)
        _arrivals()
        _where_they_are()
        st.caption(_PROMISE)


def _where_they_are() -> None:
    st.caption(
        f"Networks are kept in {plain(str(settings().models_folder))}. Files that are too large for the browser "
        "may be put there by hand, or taken in with `colorizer models import FILE`."
    )


def _name(status: ModelStatus) -> str:
    """What `locate` and the preferences call it."""
    return status.model.id if status.model.in_catalog else str(status.folder)


def _defaults(here: dict[str, ModelStatus]) -> None:
    """Draw what the studio starts with."""
    chosen, engines = resources.preferences().read(), resources.engines()
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
    _attempt(lambda: resources.preferences().choose(model=str(st.session_state["default-model"])))


def _choose_engine() -> None:
    _attempt(lambda: resources.preferences().choose(engine=str(st.session_state["default-engine"])))


def _card(status: ModelStatus, running: Mapping[str, ModelDownload]) -> None:
    """Draw one network: what it is, whether it is here, and what can be done about that."""
    model, badge = status.model, state_badge(status)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(model.title), width="content", anchor=False)
        st.badge(badge.text, color=badge.color, icon=badge.icon)
    if model.note:
        st.markdown(plain(model.note))
    st.caption(facts_text(model))
    if damage_text(status):
        st.error(plain(damage_text(status)))
    if model.in_catalog and model.id in running:
        st.fragment(_progress, run_every=_POLL)(running[model.id])
        return
    if missing_text(status):
        st.caption(missing_text(status))
    model_download = resources.model_downloads().find(model.id)
    if model_download is not None and model_download.problem and model.in_catalog and status.state != "present":
        _failure(model_download.problem, arrived=status.missing < model.size)
    if model.bundled and status.state == "present":
        st.caption("Part of the program: it cannot be removed.")
    elif not model.bundled and not settings().shared:
        with st.container(horizontal=True):
            _actions(status)
    if status.state == "present":
        _speeds(status)


def _actions(status: ModelStatus) -> None:
    model = status.model
    if status.state != "present" and st.button(
        download_label(status), icon=":material/download:", type="primary", key=f"download-{model.id}"
    ):
        resources.model_downloads().order(model)
        st.rerun()
    if status.state == "not downloaded" and status.missing == model.size:
        return
    label = "Remove" if model.in_catalog else "Forget"
    with st.popover(label, icon=":material/delete:", type="tertiary", key=f"removal-{_name(status)}"):
        waiting = sum(
            job.order.model == _name(status) and not job.state.has_ended for job in resources.store().jobs()
        )  # fmt: skip
        st.markdown(removal_text(status, waiting))
        if st.button(f"Yes, {label.lower()} {plain(model.title)}", key=f"remove-{_name(status)}", type="primary"):
            _attempt(lambda: _remove(status))
            st.rerun()


def _remove(status: ModelStatus) -> None:
    resources.let_go_of_networks()
    if status.model.in_catalog:
        remove(status.model)
        resources.model_downloads().forget(
            status.model.id
        )  # why a download failed before it was brought some other way
    else:
        resources.preferences().forget_folder(status.folder)


def _progress(model_download: ModelDownload) -> None:
    """Draw how far a download is; drawn again and again while it runs."""
    if model_download.is_over:
        st.rerun()
    st.progress(min(1.0, model_download.done / model_download.model.size), progress_text(model_download))
    if st.button(
        "Cancel", icon=":material/close:", key=f"cancel-{model_download.model.id}", disabled=model_download.is_stopping,
        help="What has arrived is kept: the next download goes on from there.",
    ):  # fmt: skip
        model_download.stop()
        st.rerun(scope="fragment")


def _failure(problem: str, *, arrived: bool) -> None:
    said, details = failure_parts(problem, arrived=arrived)
    st.error(plain(said))
    if details:
        with st.expander("What each address answered"):
            st.code(details, language=None, wrap_lines=True)


def _speeds(status: ModelStatus) -> None:
    """Draw how fast each engine runs this network here."""
    measurement = resources.speed_measurements().find(_name(status))
    running, open_here = (
        measurement is not None and not measurement.is_over,
        _name(status) in st.session_state.get(_MEASURED, ()),
    )
    with st.expander("Speed on this machine", icon=":material/speed:", expanded=running or open_here):
        if measurement is not None and running:
            st.fragment(_measuring, run_every=_POLL)(measurement)
            return
        rows = stored(local_model(status)) or (measurement.rows if measurement is not None else ())
        if measurement is not None and measurement.problem:
            st.error(plain(measurement.problem))
        if rows:
            st.markdown(auto_text(rows, settings()))
            if settings().engine != AUTO:
                st.caption(f"COLORIZER_ENGINE is {plain(settings().engine)}: auto means that, whatever is measured.")
            st.html(speeds_html(rows))
            st.caption(
                "A picture at the network's own size. Off by: how far the colours are from OpenCV's, in a* and b*."
            )
        else:
            st.markdown("Not measured yet. It is measured by itself when auto is first used.")
        if resources.store().counts()[State.RUNNING]:
            st.caption(
                ":material/info: A film is being coloured at this moment: everything would seem slower than it is."
            )
        if not settings().shared and st.button(
            "Measure again" if rows else "Measure this machine", icon=":material/timer:", key=f"measure-{_name(status)}"
        ):
            resources.speed_measurements().order(_name(status))
            st.session_state[_MEASURED] = {_name(status), *st.session_state.get(_MEASURED, ())}
            st.rerun()


def _measuring(measurement: SpeedMeasurement) -> None:
    """Draw what is being measured; drawn again and again until it is."""
    if measurement.is_over:
        st.rerun()
    st.markdown(f":material/hourglass_top: {plain(measurement.said)}…")


def _lost_folders(own: list[ModelStatus]) -> None:
    """Say which networks of one's own are not where they were."""
    here = {str(status.folder) for status in own}
    for folder in resources.preferences().read().folders:
        if folder not in here:
            with st.container(border=True, key=f"lost-{folder}"):
                st.error(plain(resources.own_problem(Path(folder))))
                if st.button("Forget this folder", key=f"forget-{folder}", type="tertiary"):
                    _attempt(partial(resources.preferences().forget_folder, Path(folder)))
                    st.rerun()


def _arrivals() -> None:
    """Draw the ways to bring a network that is on some disk already."""
    round_ = st.session_state.setdefault(_ROUND, 0)
    st.subheader("Bring the files yourself", anchor=False)
    files = st.file_uploader(
        "Drop files of the networks above here, under any name: they are known by their content",
        accept_multiple_files=True, key=f"network-files-{round_}",
    )  # fmt: skip
    if files:
        with st.spinner("Checking every byte…"):
            st.session_state[_TAKEN], st.session_state[_REFUSED] = take_in(files)
        resources.let_go_of_networks()
        st.session_state[_ROUND] = round_ + 1  # a new uploader: the old one lets go of its copy in memory
        st.rerun()
    _say_once(_TAKEN, st.success)
    _say_once(_REFUSED, st.error)
    if settings().allowed_folders:
        with st.popover("A network of your own", icon=":material/folder_open:"):
            _own_form()


def _own_form() -> None:
    st.caption(
        "A folder on this computer with one .prototxt, one .caffemodel and one .npy with the colour centres, or with "
        "one .onnx. It stays where it is."
    )
    with st.form("own-network", border=False, clear_on_submit=True):
        text = st.text_input("Folder", placeholder="/home/me/networks/mine")
        if st.form_submit_button("Add") and text.strip():
            with st.spinner("Reading its files…"):
                _attempt(lambda: _add_own(text))
            st.rerun()


def _add_own(text: str) -> None:
    folder = resources.film_folder().checked(text)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder. Name the folder that the network's files lie in.")
    resources.inventory().own(folder)
    resources.preferences().add_folder(folder)


def _attempt(act: Callable[[], object]) -> None:
    """Do it; what goes wrong is said when the page is drawn next."""
    try:
        act()
    except ColorizerError as error:
        st.session_state[_FAILED] = [str(error)]


def _say_once(key: str, say: Callable[[str], object]) -> None:
    for message in st.session_state.pop(key, ()):
        say(plain(message))
