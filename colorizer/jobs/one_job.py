"""One job from its order to its files."""

import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.errors import JobError, SettingError
from colorizer.files import write_whole
from colorizer.image.colorize import open_colorizer
from colorizer.jobs.folders import remove
from colorizer.jobs.model import Job, State
from colorizer.jobs.room import demand_room
from colorizer.jobs.store import Store
from colorizer.video.colour.track import track_path
from colorizer.video.film import Watch, colorize_film, gray_film, regrade_film
from colorizer.video.report import FilmProgress, FilmReport, Stage, report_path

_NICENESS = 10
_BEAT_SECONDS = 0.4
_PREVIEW_SECONDS = 1.2
_PREVIEW_SIDE = 640  # pixels


class Left(Exception):
    """The work on a job was left off, and the job becomes this state."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.state = state


class Watcher:
    """Tells the list how a job comes on, draws its preview, and hears what the user wants of it.

    stop: set when the worker is to end. max_frames: more of them than the studio takes; None takes any number.
    """

    def __init__(self, store: Store, job: Job, stop: Event, max_frames: int | None) -> None:
        self._store, self._job, self._stop, self._max_frames = store, job, stop, max_frames
        self._next_beat = self._next_preview = 0.0
        self._stage: Stage | None = None

    def __call__(self, progress: FilmProgress) -> None:
        """Hear of one more frame. Raises Left where the work is to end here, SettingError for a film too long."""
        self._check_length(progress)
        if self._stop.is_set():
            raise Left(State.QUEUED)
        now = time.monotonic()
        if now >= self._next_beat or progress.stage != self._stage:
            self._next_beat, self._stage = now + _BEAT_SECONDS, progress.stage
            self._beat(progress)
        if now >= self._next_preview and progress.picture is not None:
            self._next_preview = now + _PREVIEW_SECONDS
            self._draw(progress.picture(_PREVIEW_SIDE))

    def _beat(self, progress: FilmProgress) -> None:
        wish = ""
        with suppress(JobError):  # a list that cannot be written for a while must not cost the film
            wish = self._store.beat(self._job.id, progress)
        if wish:
            raise Left(State.CANCELLED if wish == "cancel" else State.PAUSED)

    def _draw(self, rgb: NDArray[np.uint8]) -> None:
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
        with suppress(OSError):  # a picture for looking at; where the disk is full the film itself will say so
            write_whole(self._job.preview, jpeg, durable=False)

    def _check_length(self, progress: FilmProgress) -> None:
        frames = max(progress.frames, progress.expected or 0)
        if self._max_frames is not None and frames > self._max_frames:
            raise SettingError(
                f"{self._job.order.title} has about {frames} frames, and MAX_VIDEO_FRAMES takes {self._max_frames}. "
                "Trim it, or raise that limit"
            )


def stand_back() -> None:
    """Let the studio come first, in this process: whoever calls this gets the same share of a busy machine."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    if hasattr(os, "setsid"):
        with suppress(PermissionError):  # it leads a session already
            os.setsid()  # Linux shares out its time among sessions first, and by niceness only within each


def make(job: Job, store: Store, watch: Watch) -> None:
    """The job's film, track and report in its folder; goes on where an earlier attempt stopped.

    Raises whatever the film or `watch` raises.
    """
    if not report_path(job.target).exists():  # it is written last: if it is there, a worker died before it could tell
        demand_room(store, job)
        job.folder.mkdir(parents=True, exist_ok=True)
        remove_partial(job.folder)
        _maker(job, store)(overwrite=True, watch=watch)
    told = json.loads(report_path(job.target).read_text("utf-8"))
    with suppress(JobError):  # the film is made, whatever the list says
        store.beat(job.id, FilmProgress(told["frames"], told["frames"], told["shots"], 0.0, stage="joining"))


def _maker(job: Job, store: Store) -> Callable[..., FilmReport]:
    order = job.order

    def colour(**options: Any) -> FilmReport:
        with open_colorizer(order.model, order.engine) as colorizer:
            _say(store, job, str(colorizer.info))
            report = colorize_film(order.source, job.target, colorizer, order.settings, **options)
            _say(store, job, report.made_with["engine"])  # that of an earlier attempt may have gone on
            return report

    def gray(**options: Any) -> FilmReport:
        return gray_film(order.source, job.target, order.settings, **options)

    def regrade(**options: Any) -> FilmReport:
        track = track_path(store.find(order.regrades).target)
        return regrade_film(track, job.target, order.settings, source=order.source, **options)

    return {"colour": colour, "gray": gray, "regrade": regrade}[order.action]


def _say(store: Store, job: Job, engine: str) -> None:
    """Write down what runs the network; a list that cannot be written for a while must not cost the film."""
    with suppress(JobError):
        store.beat(job.id, engine=engine)


def remove_partial(folder: Path) -> None:
    """Delete the half-written files of a process that was killed; finished segments stay."""
    for path in folder.rglob("*.part*"):
        if path.is_file() or not path.name.endswith(".parts"):
            remove(path)
