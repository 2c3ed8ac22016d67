"""What is found out about the films on the shelf, by processes of their own: facts, frames, shots, time and size."""

import json
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from colorizer.color.grade import Grade
from colorizer.jobs.children import Children
from colorizer.jobs.inspection import FACTS, PROBLEM, SHEET, SHOTS, FilmFacts
from colorizer.jobs.model import Order
from colorizer.jobs.stills import StillPage, read_stills
from colorizer.jobs.trial import Measured
from colorizer.video.wanted import Range
from colorizer.web.desk import Picture, write_whole
from colorizer.web.shelf import Reel

_INSPECTION_WITHIN, _TRIAL_WITHIN = 300.0, 180.0  # seconds after which a process that hangs is ended
_TRIAL = "trial"


@dataclass(frozen=True)
class Shots:
    """How many shots were found, in the first so many seconds, and whether that is the whole film."""

    shots: int
    seconds: float
    whole: bool


@dataclass(frozen=True)
class Findings:
    """What is known of a film so far. problem: why it cannot be used; empty where it can."""

    facts: FilmFacts | None = None
    frames: tuple[Picture, ...] = ()
    times: tuple[Fraction, ...] = ()
    shots: Shots | None = None
    problem: str = ""

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will be found out."""
        return bool(self.problem) or self.shots is not None


def findings(reel: Reel) -> Findings:
    """What is known of the film at this moment."""
    problem = _read(reel.folder / PROBLEM)
    if problem:
        return Findings(problem=str(problem["problem"]).replace(reel.path.name, reel.name))
    facts, sheet, shots = (_read(reel.folder / name) for name in (FACTS, SHEET, SHOTS))
    times = tuple(map(Fraction, sheet["times"])) if sheet else ()
    return Findings(
        FilmFacts.from_dict(facts) if facts else None,
        tuple(frame_of(reel, number) for number in range(len(times))),
        times,
        Shots(**shots) if shots else None,
    )


def frame_of(reel: Reel, number: int) -> Picture:
    """The frame of the contact sheet with this number, as a picture that can be developed."""
    return Picture(f"{reel.id}-{number}", reel.name, "", reel.folder / f"frame-{number}.png")


class ScreeningRoom:
    """Looks at films and tries orders out, one after the other, each in a process of its own.

    What was found out lies in the film's folder: it is found out once, also when the studio was stopped meanwhile.
    """

    def __init__(self) -> None:
        self._children = Children()
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="screening-look")
        self._trying = ThreadPoolExecutor(1, thread_name_prefix="screening-try")
        self._reviewing = ThreadPoolExecutor(1, thread_name_prefix="screening-review")
        self._asked: dict[Path, Future[None]] = {}
        self._lock = Lock()

    def look_at(self, reel: Reel) -> None:
        """Have the film looked at, where it was not yet."""
        if not findings(reel).is_settled:
            self._once(self._looking, reel.folder, lambda: self._inspect(reel))

    def try_out(self, reel: Reel, order: Order) -> Measured | str | None:
        """What the order needs, once that is known; None until then, and the reason where it cannot be known."""
        answer = reel.folder / f"{_TRIAL}-{_trial_key(order)}.json"
        found = _read(answer)
        if found is None:
            self._forget_waiting_trials(reel, answer)
            whole = replace(order, settings=replace(order.settings, range=Range()))
            self._once(self._trying, answer, lambda: self._try(reel, whole, answer))
            return None
        if "problem" in found:
            return str(found["problem"])
        return Measured(**found)

    def review(self, source: Path, track: Path, folder: Path) -> StillPage | str | None:
        """Stills of a finished film in this folder, once they are drawn; the reason where there are none."""
        found = read_stills(folder)
        if found is None:
            self._once(self._reviewing, folder, lambda: self._draw_stills(source, track, folder))
        return found

    def close(self) -> None:
        """End what is going on."""
        self._children.close()
        for threads in (self._looking, self._trying, self._reviewing):
            threads.shutdown(wait=True, cancel_futures=True)

    def _once(self, threads: ThreadPoolExecutor, key: Path, work: Callable[[], None]) -> None:
        with self._lock:
            known = self._asked.get(key)
            if known is None or known.done():
                self._asked[key] = threads.submit(work)

    def _forget_waiting_trials(self, reel: Reel, but: Path) -> None:
        """Other settings of the same film that were to be tried are of no interest any more."""
        with self._lock:
            for answer in [path for path in self._asked if path.parent == reel.folder and path != but]:
                if self._asked[answer].cancel():
                    del self._asked[answer]

    def _inspect(self, reel: Reel) -> None:
        log = reel.folder / "inspection.log"
        self._children.run(
            "colorizer.jobs.inspection", reel.path, reel.folder, log=log, seconds=_INSPECTION_WITHIN
        )  # fmt: skip
        known = findings(reel)
        if known.is_settled or not reel.folder.exists() or self._children.closed:
            return
        if known.frames:  # it was only counting shots
            _write(reel.folder / SHOTS, asdict(Shots(0, 0.0, whole=False)))
            return
        problem = f"{reel.name} made the reader stop without an answer. The file is damaged: copy or download it again."
        _write(reel.folder / PROBLEM, {"problem": problem})

    def _draw_stills(self, source: Path, track: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "stills.log"
        self._children.run("colorizer.jobs.stills", source, track, folder, log=log, seconds=_TRIAL_WITHIN)
        if read_stills(folder) is None and folder.exists() and not self._children.closed:
            _write(
                folder / PROBLEM, {"problem": "The film's pictures cannot be read: the reader ended without an answer."}
            )

    def _try(self, reel: Reel, order: Order, answer: Path) -> None:
        with tempfile.TemporaryDirectory(prefix=f"{_TRIAL}-", dir=reel.folder, ignore_cleanup_errors=True) as folder:
            wanted = Path(folder) / "order.json"
            wanted.write_text(order.as_json(), "utf-8")
            log = Path(folder) / "log.txt"
            self._children.run("colorizer.jobs.trial", wanted, Path(folder), answer, log=log, seconds=_TRIAL_WITHIN)
        if not answer.exists() and reel.folder.exists() and not self._children.closed:
            _write(answer, {"problem": "The trial ended without an answer."})


def _trial_key(order: Order) -> str:
    """A short name of all that decides about time and size; another grade, or another part of the film, does not."""
    settings = replace(order.settings, grade=Grade(), range=Range())
    return sha256(replace(order, title="", settings=settings).as_json().encode()).hexdigest()[:16]


def _read(path: Path) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return values


def _write(path: Path, values: dict[str, Any]) -> None:
    write_whole(path, json.dumps(values).encode())
