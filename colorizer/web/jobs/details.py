"""One job: its film as it plays, what became of it, and what else can be made of its colours."""

from html import escape
from typing import Any

import streamlit as st

from colorizer.errors import JobMissing
from colorizer.jobs.model import Job, State
from colorizer.video.colour.track import track_path
from colorizer.web.jobs import state as job_state
from colorizer.web.jobs.cards import preview_html, progress
from colorizer.web.jobs.controls import job_buttons, saying_trouble, show_problem
from colorizer.web.jobs.job_words import ICONS, read_report, report_rows, state_text
from colorizer.web.jobs.player import film_player
from colorizer.web.jobs.regrading import regrade_part
from colorizer.web.jobs.routes import JOBS
from colorizer.web.parts.download import download_link
from colorizer.web.visitors import JOB
from colorizer.web.wording import as_sentence, plain

_POLL, _IDLE_POLL = 1.0, 4.0  # seconds between two looks
_NEVER_PLAYS = {"prores": "ProRes", "ffv1": "FFV1"}
_STYLE = """<style>
.job-report dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); gap: 12px 24px;
  margin: 0; padding: 0; }
.job-report dt { font-size: 0.8125rem; opacity: 0.7; }
.job-report dd { margin: 0; padding: 0; overflow-wrap: anywhere; }
</style>"""


@saying_trouble()
def job_view(job_id: str) -> None:
    """Draw the job of this id, or that there is none."""
    st.page_link("jobs.py", label="All jobs", icon=":material/arrow_back:")
    show_problem()
    job = find(job_id)
    if job is None:
        st.error("There is no such job any more: it was deleted, or its address is incomplete.")
        return
    st.title(plain(job.order.title))
    st.fragment(_standing, run_every=_IDLE_POLL if job.state.has_ended else _POLL)(job.id, job.state)
    if job.result is not None:
        _result(job)
    elif job.state is State.DONE:
        st.info("The film's files were cleared away. Colour it again from the Videos page.")


def find(job_id: str) -> Job | None:
    """The job of this id; None where there is none."""
    try:
        return job_state.store().find(job_id)
    except JobMissing:
        return None


@saying_trouble()
def _standing(job_id: str, was: State) -> None:
    """Draw where the job stands and its buttons; drawn again until nothing changes any more."""
    job = find(job_id)
    if job is None or job.state is not was:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{ICONS[job.state]} {plain(state_text(job))}", width="content")
        job_buttons(job, job_state.store().counts()[State.QUEUED])
    progress(job)
    if not job.state.has_ended and job.preview.exists():
        with st.container(width=720):
            st.html(preview_html(job))


def _result(job: Job) -> None:
    report = read_report(job)
    view, side = st.columns([2.1, 1], gap="medium")
    with view:
        _film(job, report)
    with side:
        one = f"{JOBS}/{job.id}"
        download_link("Download", f"{one}/result?dl=1", key="get-film", streamed=True)
        if track_path(job.target).exists():
            download_link("Its colours (chroma track)", f"{one}/track", key="get-track", primary=False, streamed=True)
        if report is not None:
            download_link("Report (JSON)", f"{one}/report", key="get-report", primary=False, streamed=True)
        if job.order.regrades:
            st.page_link(
                "jobs.py", label="The film these colours come from", icon=":material/history:",
                query_params={JOB: job.order.regrades},
            )  # fmt: skip
    if report is not None:
        with st.container(border=True, key="job-report"):
            st.html(report_html(job, report))
            for note in report["notes"]:
                st.caption(f":material/info: {plain(as_sentence(note))}")
    regrade_part(job)


def _film(job: Job, report: dict[str, Any] | None) -> None:
    codec = job.order.settings.encoding.codec
    if report is not None:
        codec = report["made_with"].get("settings", {}).get("encoding", {}).get("codec", codec)
    is_gif = job.order.suffix == ".gif"
    if codec in _NEVER_PLAYS and not is_gif:
        st.info(f"Browsers do not play {_NEVER_PLAYS[codec]}. Download the film: players such as VLC show it.")
        return
    unplayable = "This browser cannot play this film. Download it: players such as VLC show it."
    film = {"url": f"{JOBS}/{job.id}/result", "name": job.order.title, "moving": not is_gif, "unplayable": unplayable}
    film_player(film, key=f"player-{job.id}")


def report_html(job: Job, report: dict[str, Any]) -> str:
    """The report in words and numbers."""
    rows = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in report_rows(job, report)
    )
    return f'{_STYLE}<div class="job-report"><dl>{rows}</dl></div>'
