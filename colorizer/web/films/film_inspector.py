"""What is found out about films, by processes of their own: facts, frames, shots, time and size."""

import json
import tempfile
from concurrent.futures import wait
from contextlib import suppress
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from colorizer.color.grade import Grade
from colorizer.files import write_whole
from colorizer.inspect.film_facts import PROBLEM, SHOTS
from colorizer.inspect.forecast import Measured
from colorizer.jobs.model import FilmOrder
from colorizer.video.film_settings import Range
from colorizer.web.background import BackgroundProcesses, failure_text
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.findings import Shots, findings, read_json

INSPECTION_WITHIN, TRIAL_WITHIN = 300.0, 180.0  # seconds after which a process that hangs is ended
_EXITS_WITHIN = 10.0  # seconds that a process may take to end when it has written down what it found
_TRIAL = "trial"
_FORM = 3  # counted up when what a trial writes down, or its meaning, changes


class FilmInspector(BackgroundProcesses):
    """Looks at films and tries orders out, one after the other, each in a process of its own.

    Shots are counted apart: that takes long, and the next film is to be seen before.
    """

    def __init__(self) -> None:
        super().__init__("film-look", "film-count", "film-try")

    def look_at(self, film: StudioFilm) -> None:
        """Have the film looked at, where it was not yet."""
        if findings(film).problem and self._find(film.folder) is None:
            with suppress(OSError):  # as long as it cannot be deleted, it is what there is to say
                (film.folder / PROBLEM).unlink()
        known = findings(film)
        if not known.frames and not known.problem:
            self._once("film-look", film.folder, lambda: self._inspect(film))
        elif not known.is_settled:
            self._once("film-count", film.folder / SHOTS, lambda: self._count(film))

    def look_again(self, film: StudioFilm) -> None:
        """Have the film looked at once more after a problem."""
        with self._lock:
            before = self._futures.pop(film.folder, None)
        if before is not None:
            wait([before], _EXITS_WITHIN)
        self.look_at(film)

    def failure(self, film: StudioFilm) -> str:
        """What went wrong with looking at this film where it could not be written to its folder; empty otherwise."""
        return failure_text(self._find(film.folder))

    def try_out(self, film: StudioFilm, order: FilmOrder, busy: int = 0) -> Measured | str | None:
        """How long the order takes and how large its result is; None until that is measured, a text where it cannot be.

        busy: how many films are being made; what was measured beside more of them is measured anew.
        """
        answer = film.folder / f"{_TRIAL}-{trial_key(order)}.json"
        found = _read_trial(answer)
        measured = found if isinstance(found, Measured) else None
        if found is None or (measured is not None and measured.busy > busy) or self._is_old(found, answer):
            self._forget_waiting_trials(film, answer)
            self._once("film-try", answer, lambda: self._try(film, order, answer))
            return measured or failure_text(self._find(answer)) or None
        return found

    def _forget_waiting_trials(self, film: StudioFilm, but: Path) -> None:
        """Cancel trials of this film's other settings that have not begun."""
        with self._lock:
            for answer in [path for path in self._futures if path.parent == film.folder and path != but]:
                if self._futures[answer].cancel():
                    del self._futures[answer]

    def _inspect(self, film: StudioFilm) -> None:
        log, arguments = film.folder / "inspection.log", (film.path, film.folder)
        in_time = self._run("colorizer.inspect.film_facts", *arguments, log=log, seconds=INSPECTION_WITHIN)
        known = findings(film)
        if not known.frames and not known.problem and film.folder.exists() and not self._processes.closed:
            problem = "made the reader stop without an answer. The file is damaged: copy or download it again."
            if not in_time:
                problem = "took too long to look at. Is its disk very slow? Then copy it to another one."
            _write(film.folder / PROBLEM, {"problem": f"{film.name} {problem}"})
        elif known.frames and not self._processes.closed:
            self.look_at(film)

    def _count(self, film: StudioFilm) -> None:
        log, arguments = film.folder / "shots.log", (film.path, film.folder, SHOTS)
        self._run("colorizer.inspect.film_facts", *arguments, log=log, seconds=INSPECTION_WITHIN)
        if not findings(film).is_settled and film.folder.exists() and not self._processes.closed:
            _write(film.folder / SHOTS, asdict(Shots(0, 0.0, whole=False)))

    def _try(self, film: StudioFilm, order: FilmOrder, answer: Path) -> None:
        if isinstance(_read_trial(answer), str):
            answer.unlink()
        with tempfile.TemporaryDirectory(prefix=f"{_TRIAL}-", dir=film.folder, ignore_cleanup_errors=True) as folder:
            order_path = Path(folder) / "order.json"
            order_path.write_text(order.as_json(), "utf-8")
            log = Path(folder) / "log.txt"
            in_time = self._run(
                "colorizer.inspect.trial", order_path, Path(folder), answer, log=log, seconds=TRIAL_WITHIN
            )
        if _read_trial(answer) is None and film.folder.exists() and not self._processes.closed:
            _write(answer, {"problem": f"The trial {'ended without an answer' if in_time else 'took too long'}."})


def trial_key(order: FilmOrder) -> str:
    """A short name of the settings that change time and size. The grade and the times of a trim are not among them."""
    settings = replace(order.settings, grade=Grade(), range=Range())
    asked = replace(order, title="", settings=settings, forecast=None).as_json()
    trimmed = order.settings.range != Range()  # it is encoded in another way
    return sha256(f"{_FORM} {trimmed} {asked}".encode()).hexdigest()[:16]


def _read_trial(path: Path) -> Measured | str | None:
    """What a trial wrote down: its numbers or its problem; None where it did not, or another version did."""
    try:
        found = read_json(path)
        if found is None:
            return None
        return str(found["problem"]) if "problem" in found else Measured(**found)
    except (TypeError, ValueError):
        return None


def _write(path: Path, values: dict[str, Any]) -> None:
    write_whole(path, json.dumps(values).encode(), durable=False)
