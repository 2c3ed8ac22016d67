"""A card for each network: what it is, whether it is here, how fast it runs, and what can be done about that."""

from collections.abc import Mapping

import streamlit as st

from colorizer.engines.choose import stored
from colorizer.engines.exported import digest
from colorizer.engines.measure import Measurement
from colorizer.engines.names import AUTO
from colorizer.jobs.model import State
from colorizer.network_check import NetworkCheck, stored_check
from colorizer.settings import settings
from colorizer.web.jobs import state as job_state
from colorizer.web.models import state as model_state
from colorizer.web.models.engine_words import auto_text, speeds_html
from colorizer.web.models.model_downloads import ModelDownload
from colorizer.web.models.model_words import (
    check_text,
    damage_text,
    download_label,
    facts_text,
    failure_parts,
    missing_text,
    progress_text,
    removal_text,
    state_badge,
)
from colorizer.web.models.network_tasks import NetworkTask
from colorizer.web.models.state import attempt, name_of
from colorizer.web.wording import plain
from colorizer.weights.local_models import ModelStatus, local_model, remove

_POLL = 0.5  # seconds between two looks at a download or a measurement
_MEASURED = "models_measured"  # the networks whose speeds this tab has asked for


def model_card(status: ModelStatus, running: Mapping[str, ModelDownload]) -> None:
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
    model_download = model_state.model_downloads().find(model.id)
    if model_download is not None and model_download.problem and model.in_catalog and status.state != "present":
        _failure(model_download.problem, arrived=status.missing < model.size)
    if status.state == "present":
        _tried(status)
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
        model_state.model_downloads().order(model)
        st.rerun()
    if status.state == "not downloaded" and status.missing == model.size:
        return
    label = "Remove" if model.in_catalog else "Forget"
    with st.popover(label, icon=":material/delete:", type="tertiary", key=f"removal-{name_of(status)}"):
        waiting = sum(
            job.order.model == name_of(status) and not job.state.has_ended for job in job_state.store().jobs()
        )  # fmt: skip
        st.markdown(removal_text(status, waiting))
        if st.button(f"Yes, {label.lower()} {plain(model.title)}", key=f"remove-{name_of(status)}", type="primary"):
            attempt(lambda: _remove(status))
            st.rerun()


def _remove(status: ModelStatus) -> None:
    model_state.let_go_of_networks()
    if status.model.in_catalog:
        remove(status.model)
        model_state.model_downloads().forget(
            status.model.id
        )  # why a download failed before it was brought some other way
    else:
        model_state.preferences().forget_folder(status.folder)


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


def _tried(status: ModelStatus) -> None:
    """Draw whether this network works on this computer; one that is no part of the program is tried once, unasked."""
    local, name, checks = local_model(status), name_of(status), model_state.network_checks()
    files, check = digest(local), stored_check(local)
    task = checks.find(name, files)
    if task is None and check is None and not status.model.bundled:
        task = checks.order(name, files)
    if task is not None and not task.is_over:
        st.fragment(_trying, run_every=_POLL)(task)
        return
    check = task.result if task is not None and task.result is not None else check
    problem = task.problem if task is not None else ""
    if not problem and check is not None and check.problems:
        problem = check_text(check)
    if problem:
        st.error(plain(problem))
        if not settings().shared and st.button("Try again", icon=":material/refresh:", key=f"try-{name}"):
            checks.order(name, files)
            st.rerun()
    elif check is not None:
        st.caption(plain(check_text(check)))


def _trying(task: NetworkTask[NetworkCheck]) -> None:
    """Draw that a network is being tried; drawn again and again until it is."""
    if task.is_over:
        st.rerun()
    st.caption(f":material/hourglass_top: {plain(task.said)}…")


def _speeds(status: ModelStatus) -> None:
    """Draw how fast each engine runs this network here."""
    measurement = model_state.speed_measurements().find(name_of(status))
    running, open_here = (
        measurement is not None and not measurement.is_over,
        name_of(status) in st.session_state.get(_MEASURED, ()),
    )
    with st.expander("Speed on this machine", icon=":material/speed:", expanded=running or open_here):
        if measurement is not None and running:
            st.fragment(_measuring, run_every=_POLL)(measurement)
            return
        rows = stored(local_model(status)) or (measurement.result if measurement is not None else None)
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
        if job_state.store().counts()[State.RUNNING]:
            st.caption(
                ":material/info: A film is being coloured at this moment: everything would seem slower than it is."
            )
        if not settings().shared and st.button(
            "Measure again" if rows else "Measure this machine",
            icon=":material/timer:",
            key=f"measure-{name_of(status)}",
        ):
            model_state.speed_measurements().order(name_of(status))
            st.session_state[_MEASURED] = {name_of(status), *st.session_state.get(_MEASURED, ())}
            st.rerun()


def _measuring(measurement: NetworkTask[tuple[Measurement, ...]]) -> None:
    """Draw what is being measured; drawn again and again until it is."""
    if measurement.is_over:
        st.rerun()
    st.markdown(f":material/hourglass_top: {plain(measurement.said)}…")
