"""What is known of a film: facts, frames and shots, read from the files that its inspection wrote."""

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from colorizer.inspect.film_facts import FACTS, PROBLEM, SHEET, SHOTS, FilmFacts
from colorizer.web.colouring import Picture
from colorizer.web.films.film_folder import StudioFilm

_KNOWN = 1000  # films whose findings are remembered
_Print = tuple[int, int, int] | None  # what changes when a file does; None where it is not there


@dataclass(frozen=True)
class Shots:
    """How many shots were found, in the first so many seconds, and whether that is the whole film."""

    shots: int
    seconds: float
    whole: bool


@dataclass(frozen=True)
class Findings:
    """What is known of a film so far. problem: why it cannot be used; empty where it can.

    coloured: of each frame, whether it has colours of its own, more than the even tint of toned film.
    """

    facts: FilmFacts | None = None
    frames: tuple[Picture, ...] = ()
    times: tuple[Fraction, ...] = ()
    coloured: tuple[bool, ...] = ()
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
        problem = read_json(film.folder / PROBLEM)
        if problem:
            return Findings(problem=str(problem["problem"]).replace(film.path.name, film.name))
        facts, sheet, shots = (read_json(film.folder / name) for name in (FACTS, SHEET, SHOTS))
        times = tuple(map(Fraction, sheet["times"])) if sheet is not None else ()
        coloured = tuple(map(bool, sheet["coloured"])) if sheet is not None else ()
        return Findings(
            FilmFacts.from_dict(facts) if facts is not None else None,
            tuple(frame_of(film, number) for number in range(len(times))),
            times,
            coloured,
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


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in this JSON file; None where there is no such file. Raises ValueError for no JSON."""
    try:
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    return values
