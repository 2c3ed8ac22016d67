"""A short stretch of a film coloured as it will be: what this machine needs for it. In a process of its own."""

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from colorizer.errors import ColorizerError
from colorizer.image.colorize import open_colorizer
from colorizer.jobs.model import Order, order_from_json
from colorizer.video.facts import Film
from colorizer.video.film import colorize_film
from colorizer.video.probe import probe
from colorizer.video.wanted import Range

_FEWEST, _MOST = 24, 96  # frames that are tried
_PIXELS = 40_000_000  # of all frames that are tried, together


@dataclass(frozen=True)
class Measured:
    """What a trial took: so many frames, in so many seconds and bytes, on this engine."""

    frames: int
    seconds: float
    bytes: int
    engine: str

    def seconds_for(self, frames: int) -> float:
        """What so many frames will take, about."""
        return frames * self.seconds / self.frames

    def bytes_for(self, frames: int) -> int:
        """What so many frames will weigh, about."""
        return frames * self.bytes // self.frames


def try_out(order: Order, folder: Path) -> Measured:
    """What a stretch from the middle of the order takes; what it makes in the folder is left there.

    Raises ColorizerError.
    """
    film = probe(order.source)
    settings = replace(order.settings, range=stretch(film, order.settings.range))
    with open_colorizer(order.model, order.engine) as colorizer:
        engine, started = str(colorizer.info), time.monotonic()
        report = colorize_film(order.source, folder / f"trial{order.suffix}", colorizer, settings)
        seconds = time.monotonic() - started
    size = report.target.stat().st_size
    return Measured(report.frames, seconds, size, engine)


def stretch(film: Film, wanted: Range) -> Range:
    """The part that is tried out: a few seconds from the middle of what is wanted."""
    width, height = film.video.upright_size
    frames = max(_FEWEST, min(_MOST, _PIXELS // (width * height)))
    if wanted.max_frames is not None:
        frames = min(frames, wanted.max_frames)
    base = film.video.start_pts * film.video.time_base
    end = wanted.end if wanted.end is not None else base + (film.duration or 0)
    start = wanted.start if wanted.start is not None else base
    rate = film.video.average_rate or Fraction(24)
    middle = (start + end) / 2 - Fraction(frames) / rate / 2
    return Range(max(start, middle, Fraction(0)), wanted.end, frames)


def main(arguments: Sequence[str]) -> int:
    """Try the order, a JSON text in the first file, in the folder, and write down the answer; the exit status."""
    wanted, folder, answer = map(Path, arguments)
    if hasattr(os, "nice"):
        os.nice(5)  # the page that waits for it comes first
    try:
        _write(answer, asdict(try_out(order_from_json(wanted.read_text("utf-8")), folder)))
    except ColorizerError as error:
        _write(answer, {"problem": str(error)})
        return 1
    return 0


def _write(path: Path, values: dict[str, Any]) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(values), "utf-8")
    part.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
