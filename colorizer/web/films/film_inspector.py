"""What is found out about films, by processes of their own: facts, frames, shots, time and size."""

import json
import logging
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from colorizer.color.grade import Grade
from colorizer.files import write_whole
from colorizer.inspect.child_processes import ChildProcesses
from colorizer.inspect.film_facts import FACTS, PROBLEM, SHEET, SHOTS, FilmFacts
from colorizer.inspect.forecast import Measured
from colorizer.inspect.stills import StillPage, read_stills
from colorizer.jobs.model import FilmOrder
from colorizer.video.film_settings import Range
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.pictures.picture_set import Picture

INSPECTION_WITHIN, TRIAL_WITHIN = 300.0, 180.0  # seconds after which a process that hangs is ended
_LAST_WORDS = 10.0  # seconds that a process may take to end when it has written down what it found
_TRIAL = "trial"
_FORM = 2  # counted up when what a trial writes down, or its meaning, changes
_KNOWN = 1000  # films whose findings are remembered
_LOG = logging.getLogger(__name__)

_Print = tuple[int, int, int] | None  # what changes when a file does; None where it is not there


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


def findings(film: StudioFilm) -> Findings:
    """What is known of the film at this moment."""
    problem, *prints = (_print(film.folder / name) for name in (PROBLEM, FACTS, SHEET, SHOTS))
    if problem is not None or None in prints:
        return _read_findings(film)  # not remembered: a file may come between this look and the reading
    return _settled_findings(film, tuple(prints))


@lru_cache(maxsize=_KNOWN)
def _settled_findings(film: StudioFilm, _: tuple[_Print, ...]) -> Findings:
    """What the film's files say, read again when they change."""
    return _read_findings(film)


def _read_findings(film: StudioFilm) -> Findings:
    """What the film's files say; nothing where another version wrote them."""
    try:
        problem = _read(film.folder / PROBLEM)
        if problem:
            return Findings(problem=str(problem["problem"]).replace(film.path.name, film.name))
        facts, sheet, shots = (_read(film.folder / name) for name in (FACTS, SHEET, SHOTS))
        times = tuple(map(Fraction, sheet["times"])) if sheet is not None else ()
        return Findings(
            FilmFacts.from_dict(facts) if facts is not None else None,
            tuple(frame_of(film, number) for number in range(len(times))),
            times,
            Shots(**shots) if shots is not None else None,
        )
    except (KeyError, TypeError, ValueError):
        return Findings()


def _print(path: Path) -> _Print:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def frame_of(film: StudioFilm, number: int) -> Picture:
    """The frame of the contact sheet with this number, as a picture that can be coloured."""
    return Picture(f"{film.id}-{number}", film.name, "", film.folder / f"frame-{number}.png")


class FilmInspector:
    """Looks at films and tries orders out, one after the other, each in a process of its own.

    Shots are counted apart: that takes long, and the next film is to be seen before.

    What was found out lies in the film's folder: it is found out once, also when the studio was stopped meanwhile.
    What could not be found out may have been for want of memory, room or a network: the next studio tries once more.
    """

    def __init__(self) -> None:
        self._children = ChildProcesses()
        self._looking = ThreadPoolExecutor(1, thread_name_prefix="film-look")
        self._counting = ThreadPoolExecutor(1, thread_name_prefix="film-count")
        self._trying = ThreadPoolExecutor(1, thread_name_prefix="film-try")
        self._reviewing = ThreadPoolExecutor(1, thread_name_prefix="film-review")
        self._asked: dict[Path, Future[None]] = {}
        self._lock = Lock()

    def look_at(self, film: StudioFilm) -> None:
        """Have the film looked at, where it was not yet."""
        if findings(film).problem and self._find(film.folder) is None:
            with suppress(OSError):  # as long as it cannot be deleted, it is what there is to say
                (film.folder / PROBLEM).unlink()
        known = findings(film)
        if not known.frames and not known.problem:
            self._once(self._looking, film.folder, lambda: self._inspect(film))
        elif not known.is_settled:
            self._once(self._counting, film.folder / SHOTS, lambda: self._count(film))

    def look_again(self, film: StudioFilm) -> None:
        """Have the film looked at once more after a problem."""
        with self._lock:
            before = self._asked.pop(film.folder, None)
        if before is not None:
            wait([before], _LAST_WORDS)
        self.look_at(film)

    def failure(self, film: StudioFilm) -> str:
        """Why nothing could be found out about the film, where not even that could be written down; else empty."""
        return _failure_text(self._find(film.folder))

    def try_out(self, film: StudioFilm, order: FilmOrder, busy: int = 0) -> Measured | str | None:
        """What the order needs, once that is known; None until then, and the reason where it cannot be known.

        busy: how many films are being made; what was measured beside more of them is measured anew.
        """
        answer = film.folder / f"{_TRIAL}-{trial_key(order)}.json"
        found = _read_trial(answer)
        measured = found if isinstance(found, Measured) else None
        if found is None or (measured is not None and measured.busy > busy) or self._is_old(found, answer):
            self._forget_waiting_trials(film, answer)
            self._once(self._trying, answer, lambda: self._try(film, order, answer))
            return measured or _failure_text(self._find(answer)) or None
        return found

    def review(self, source: Path, track: Path, folder: Path) -> StillPage | str | None:
        """Stills of a finished film in this folder, once they are drawn; the reason where there are none."""
        found = read_stills(folder)
        if found is None or self._is_old(found, folder):
            self._once(self._reviewing, folder, lambda: self._draw_stills(source, track, folder))
            return _failure_text(self._find(folder)) or None
        return found

    def close(self) -> None:
        """End what is going on."""
        self._children.close()
        for threads in (self._looking, self._counting, self._trying, self._reviewing):
            threads.shutdown(wait=True, cancel_futures=True)

    def _once(self, threads: ThreadPoolExecutor, key: Path, work: Callable[[], None]) -> None:
        with self._lock:
            known = self._asked.get(key)
            if known is None or (known.done() and not _failure_text(known)):
                future = self._asked[key] = threads.submit(work)
                future.add_done_callback(partial(_log_the_unexpected, key))

    def _find(self, key: Path) -> Future[None] | None:
        with self._lock:
            return self._asked.get(key)

    def _is_old(self, answer: object, key: Path) -> bool:
        """Whether the answer is a problem that an earlier studio met."""
        asked = self._find(key)
        return isinstance(answer, str) and (asked is None or not asked.done())

    def _forget_waiting_trials(self, film: StudioFilm, but: Path) -> None:
        """Other settings of the same film that were to be tried are of no interest any more."""
        with self._lock:
            for answer in [path for path in self._asked if path.parent == film.folder and path != but]:
                if self._asked[answer].cancel():
                    del self._asked[answer]

    def _inspect(self, film: StudioFilm) -> None:
        log, arguments = film.folder / "inspection.log", (film.path, film.folder)
        in_time = self._run("colorizer.inspect.film_facts", *arguments, log=log, seconds=INSPECTION_WITHIN)
        known = findings(film)
        if not known.frames and not known.problem and film.folder.exists() and not self._children.closed:
            problem = "made the reader stop without an answer. The file is damaged: copy or download it again."
            if not in_time:
                problem = "took too long to look at. Is its disk very slow? Then copy it to another one."
            _write(film.folder / PROBLEM, {"problem": f"{film.name} {problem}"})
        elif known.frames and not self._children.closed:
            self.look_at(film)

    def _count(self, film: StudioFilm) -> None:
        log, arguments = film.folder / "shots.log", (film.path, film.folder, SHOTS)
        self._run("colorizer.inspect.film_facts", *arguments, log=log, seconds=INSPECTION_WITHIN)
        if not findings(film).is_settled and film.folder.exists() and not self._children.closed:
            _write(film.folder / SHOTS, asdict(Shots(0, 0.0, whole=False)))

    def _draw_stills(self, source: Path, track: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "stills.log"
        (folder / PROBLEM).unlink(missing_ok=True)
        in_time = self._run("colorizer.inspect.stills", source, track, folder, log=log, seconds=TRIAL_WITHIN)
        if read_stills(folder) is None and folder.exists() and not self._children.closed:
            reason = "the reader ended without an answer" if in_time else "it took too long"
            _write(folder / PROBLEM, {"problem": f"The film's pictures cannot be read: {reason}."})

    def _try(self, film: StudioFilm, order: FilmOrder, answer: Path) -> None:
        if isinstance(_read_trial(answer), str):
            answer.unlink()
        with tempfile.TemporaryDirectory(prefix=f"{_TRIAL}-", dir=film.folder, ignore_cleanup_errors=True) as folder:
            wanted = Path(folder) / "order.json"
            wanted.write_text(order.as_json(), "utf-8")
            log = Path(folder) / "log.txt"
            in_time = self._run("colorizer.inspect.trial", wanted, Path(folder), answer, log=log, seconds=TRIAL_WITHIN)
        if _read_trial(answer) is None and film.folder.exists() and not self._children.closed:
            _write(answer, {"problem": f"The trial {'ended without an answer' if in_time else 'took too long'}."})

    def _run(self, module: str, *arguments: Path | str, log: Path, seconds: float) -> bool:
        """Whether the module, run with these arguments, ended in time."""
        started = time.monotonic()
        self._children.run(module, *arguments, log=log, seconds=seconds)
        return time.monotonic() - started < seconds


def trial_key(order: FilmOrder) -> str:
    """A short name of all that decides about time and size; another grade, or where a film is trimmed, does not."""
    settings = replace(order.settings, grade=Grade(), range=Range())
    asked = replace(order, title="", settings=settings, forecast=None).as_json()
    trimmed = order.settings.range != Range()  # it is encoded in another way
    return sha256(f"{_FORM} {trimmed} {asked}".encode()).hexdigest()[:16]


def _failure_text(future: Future[None] | None) -> str:
    """What to say of work that ended unexpectedly; empty of any other."""
    error = future.exception() if future is not None and future.done() and not future.cancelled() else None
    if error is None:
        return ""
    if isinstance(error, OSError) and error.strerror:
        return f"The studio's own folder cannot be written ({error.strerror}). Make some room on its disk."
    return f"Something unexpected went wrong ({type(error).__name__}). The studio's log has the details."


def _log_the_unexpected(key: Path, future: Future[None]) -> None:
    error = None if future.cancelled() else future.exception()
    folder = key.parent if key.suffix else key
    if error is not None and folder.exists():  # where it is gone, the film was removed meanwhile
        _LOG.error("%s could not be made", key, exc_info=error)


def _read_trial(path: Path) -> Measured | str | None:
    """What a trial wrote down: its numbers or its problem; None where it did not, or another version did."""
    try:
        found = _read(path)
        if found is None:
            return None
        return str(found["problem"]) if "problem" in found else Measured(**found)
    except (TypeError, ValueError):
        return None


def _read(path: Path) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return values


def _write(path: Path, values: dict[str, Any]) -> None:
    write_whole(path, json.dumps(values).encode())
