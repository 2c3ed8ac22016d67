"""What a job is, as values: what was ordered, how far it has come, and which state may follow which."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from colorizer.color.grade import Grade
from colorizer.engines.names import AUTO
from colorizer.errors import SettingError
from colorizer.network import NetworkSettings
from colorizer.plan import FILMS
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.report import Stage
from colorizer.video.result.codecs import OWN_KIND, PICTURES
from colorizer.weights.catalog import DEFAULT_MODEL

Action = Literal["colour", "regrade", "gray"]
Wish = Literal["", "cancel", "pause"]
"""What the user has asked of a running job; the worker acts on it at its next frame."""
SUFFIXES = FILMS.written | {".gif"}
_NOWHERE = Path("/nowhere").absolute()
_DOING: Mapping[Action, str] = {
    "colour": "being coloured", "regrade": "getting its new colours", "gray": "being turned grey",
}  # fmt: skip


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing can follow."""
        return not FOLLOWS[self]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more happens by itself: done, failed or cancelled."""
        return self in {State.DONE, State.FAILED, State.CANCELLED}


FOLLOWS: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.PAUSED, State.CANCELLED}),
    State.RUNNING: frozenset({State.QUEUED, State.PAUSED, State.DONE, State.FAILED, State.CANCELLED}),
    State.PAUSED: frozenset({State.QUEUED, State.CANCELLED}),
    State.FAILED: frozenset({State.QUEUED}),  # the user asks for another try
    State.CANCELLED: frozenset({State.QUEUED}),  # or has thought better of it
    State.DONE: frozenset(),
}
"""Which states may follow which. A running job becomes queued where its worker was stopped or killed."""


@dataclass(frozen=True)
class FilmOrder:
    """What is to be made.

    source: the film; it is read when the job runs. title: the user's name for it, text that never becomes a path.
    action: "colour"; "gray" takes all colour out; "regrade" renders the job `regrades` in another grade or encoding,
    without the network. suffix: of the result, such as ".mp4". model: an id of the catalog or a folder; engine: a name
    that open_engine takes. Both mean nothing where no network runs. forecast: seconds that were measured for it before
    it was ordered, without what was learned from other films; None where nothing was.
    Raises SettingError.
    """

    source: Path
    title: str
    settings: FilmSettings = FilmSettings()
    action: Action = "colour"
    suffix: str = ".mp4"
    model: str = DEFAULT_MODEL
    engine: str = AUTO
    regrades: str = ""
    forecast: float | None = None

    def __post_init__(self) -> None:
        if self.action not in get_args(Action):
            raise SettingError(f"action must be one of {', '.join(get_args(Action))}, and is {self.action!r}")
        if self.suffix not in SUFFIXES:
            raise SettingError(f"suffix must be one of {', '.join(sorted(SUFFIXES))}, and is {self.suffix!r}")
        codec = self.settings.encoding.codec
        if codec in {*PICTURES, OWN_KIND}:
            raise SettingError(
                f"codec {codec} makes a folder of pictures, and a job makes one file. Use `colorizer video`"
            )
        if (self.action == "regrade") != bool(self.regrades):
            raise SettingError(f"regrades names the job to render anew, and is {self.regrades!r} for {self.action!r}")
        if not self.source.is_absolute():
            raise SettingError(f"source must be an absolute path, and is {self.source}")

    def as_json(self) -> str:
        """The order as text; `order_from_json` gives it back exactly."""
        return json.dumps(asdict(self), default=str)


@dataclass(frozen=True)
class Job:
    """One film on its way, as the list held it when it was read.

    position: 1 is next; None unless queued. created, started, ended: UTC by the wall clock, for people: nothing is
    decided by them. started: of the last attempt. frames, expected, shots, fps: see FilmProgress in video.
    attempts: how often work began. reason: why it failed, or what else there is to say. engine: what ran the network.
    folder: of the job's own files, made when work begins. bytes: on disk, as last counted.
    wish: what was asked of it while it runs, and did not happen yet. stage: of the work, while it runs; empty until a
    frame is made. setback: what became of a worker that died over it, as the end of "the worker ...".
    """

    id: str
    order: FilmOrder
    state: State
    folder: Path
    created: datetime
    position: int | None = None
    started: datetime | None = None
    ended: datetime | None = None
    frames: int = 0
    expected: int | None = None
    shots: int = 0
    fps: float = 0.0
    attempts: int = 0
    reason: str = ""
    engine: str = ""
    bytes: int = 0
    wish: Wish = ""
    stage: Stage | Literal[""] = ""
    setback: str = ""

    @property
    def target(self) -> Path:
        """Where its result lies once it is done; the name says nothing of the user's."""
        return self.folder / f"result{self.order.suffix}"

    @property
    def result(self) -> Path | None:
        """The finished film; None before it is done, and after its files were cleared away."""
        return self.target if self.state is State.DONE and self.target.exists() else None

    @property
    def reads_source(self) -> bool:
        """Whether its source may be read again: to make it, to try it again, or for its colours in another grade."""
        return self.state is not State.DONE or self.result is not None

    @property
    def preview(self) -> Path:
        """The newest picture, a JPEG that is replaced about once a second while the job runs; it may not be there."""
        return self.folder / "preview.jpg"

    @property
    def download_name(self) -> str:
        """What a browser may call the result: the title with what was done to it, on one line and without slashes."""
        stem = Path(self.order.title.replace("\\", "/")).stem or "film"
        name = "".join(letter if letter.isprintable() else "_" for letter in stem)
        return f"{name}-{'grey' if self.order.action == 'gray' else 'colour'}{self.order.suffix}"

    @property
    def fraction(self) -> float | None:
        """How much is done, 0 to 1; None where the source does not say how long it is."""
        if self.state is State.DONE or self.stage == "joining":
            return 1.0
        return min(1.0, self.frames / self.expected) if self.expected else None

    @property
    def doing(self) -> str:
        """What happens to the film at this moment, in a few words; empty unless the job runs."""
        if self.state is not State.RUNNING:
            return ""
        if self.stage != "colouring":
            return "being put together" if self.stage else "getting ready"
        return _DOING[self.order.action]

    @property
    def note(self) -> str:
        """What there is to say of the job besides, as one sentence: the reason, or what became of its worker."""
        if self.reason or not self.setback:
            return self.reason
        went = "went" if self.state is State.DONE else "goes"
        return f"the worker {self.setback}; the film {went} on from its last finished segment"

    @property
    def seconds_left(self) -> float | None:
        """At this pace; None unless it runs and something can be said."""
        if self.state is not State.RUNNING or not self.expected or self.fps <= 0 or self.stage == "joining":
            return None
        return max(0, self.expected - self.frames) / self.fps

    def regrading(self, settings: FilmSettings, suffix: str | None = None) -> FilmOrder:
        """The order for this job's film in another grade or encoding, without the network. Raises SettingError."""
        first = self.order.regrades or self.id
        if self.order.action == "gray" or self.state is not State.DONE:
            raise SettingError(f"job {self.id} ({self.order.title}) has no colours to grade anew: {self.state}")
        order = self.order
        return FilmOrder(
            order.source, order.title, settings, "regrade", suffix or order.suffix, order.model, order.engine, first
        )


@lru_cache(maxsize=2048)  # the list is read every second
def order_from_json(text: str) -> FilmOrder:
    """The order that `FilmOrder.as_json` described; what an older program did not know takes its default.

    Raises SettingError for any other text.
    """
    try:
        values = json.loads(text)
        return FilmOrder(**{**values, "source": Path(values["source"]), "settings": _settings_from(values["settings"])})
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise SettingError(
            f"an order cannot be read ({error}). Where a newer program wrote it, install that one, "
            "or set COLORIZER_DATA_DIR to another folder"
        ) from error


def what_is_left(text: str) -> FilmOrder:
    """The order with nothing but the film and its title, from a text that `order_from_json` cannot read."""
    try:
        values = json.loads(text)
        return FilmOrder(Path(values["source"]), str(values["title"]))
    except (ValueError, KeyError, TypeError):
        return FilmOrder(_NOWHERE, "unknown film")


def _settings_from(values: Mapping[str, Any]) -> FilmSettings:
    range_values = values.get("range", {})
    parts = {
        "network": NetworkSettings(**values.get("network", {})),
        "grade": Grade(**values.get("grade", {})),
        "steadiness": Steadiness(**values.get("steadiness", {})),
        "encoding": Encoding(**values.get("encoding", {})),
        "range": Range(
            **{**range_values, "start": _fraction(range_values.get("start")), "end": _fraction(range_values.get("end"))}
        ),
        "folder_rate": _fraction(values.get("folder_rate")),
    }
    return FilmSettings(**{**values, **parts})


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def outcome(state: State, wish: Wish) -> State:
    """What becomes of a running job that its worker lets go in this state, with what the user wished meanwhile."""
    if wish == "cancel":
        return State.CANCELLED
    return State.PAUSED if wish == "pause" and state is State.QUEUED else state
