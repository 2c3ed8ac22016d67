"""Short stretches of a film coloured as they will be: what this machine needs for it. In a process of its own."""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from colorizer.engines.base import EngineInfo
from colorizer.engines.choose import stored
from colorizer.errors import ColorizerError, SettingError
from colorizer.files import write_whole
from colorizer.image.colorize import open_colorizer
from colorizer.inspect.forecast import Measured
from colorizer.jobs.model import FilmOrder, State, order_from_json
from colorizer.jobs.one_job import stand_back
from colorizer.jobs.store import open_store
from colorizer.lockfile import alone
from colorizer.network import Colorizer
from colorizer.video.film import sample_film
from colorizer.video.film_settings import Range, expected_frames
from colorizer.video.report import FilmProgress, FilmReport
from colorizer.video.result.containers import sound_rate
from colorizer.video.source.clock_jumps import with_one_clock
from colorizer.video.source.facts import Film
from colorizer.video.source.probe import probe
from colorizer.weights.local_models import LocalModel, locate

_FIRST = 24  # frames that are tried before anything counts: they load what the process needs once
_FEWEST, _MOST = 24, 240  # frames that are tried; with so many, a segment and its key frames are as in the whole film
_SECONDS = 6.0  # that the trial should take, where the fewest frames do not take longer
_ENOUGH = 15.0  # that the first frames may take before they have to do: somebody waits for the answer
_PLACES = 2  # of the film, where its work may differ
_FRAMES_ALONE = {"ffv1", "prores"}  # codecs that write every frame by itself
_GIVE_ALONE, _GIVE_CHANGES, _MOST_GIVE = 1.15, 1.6, 3.0
_USUAL_RATE = Fraction(24)


@dataclass(frozen=True)
class _Stretch:
    """What a stretch took. before: seconds until its first frame came; after: of joining, when all were made."""

    report: FilmReport
    before: float
    seconds: float
    after: float
    bytes: int


def try_out(order: FilmOrder, folder: Path) -> Measured:
    """What stretches of the order take; what is made of them in the folder is left there. Raises ColorizerError.

    Only what comes after a stretch's first frame grows with the film: everything before it is paid once.
    """
    film, part = with_one_clock(probe(order.source)), order.settings.range
    if stored(locate(order.model)) is None:
        with open_colorizer(order.model, order.engine):
            pass  # the engines are measured and their files prepared now: no film pays for it again
    started = time.monotonic()
    with open_colorizer(order.model, order.engine) as colorizer:
        opening = time.monotonic() - started
        first = _make(order, film, colorizer, stretches(film, part, _FIRST, 1)[0], folder / "first")
        frames = round(_SECONDS * first.report.frames / max(first.seconds, 1e-3))
        parts = stretches(film, part, max(_FEWEST, min(_MOST, frames)), _PLACES)
        made: list[_Stretch] = []
        for number, part in enumerate(parts if first.seconds < _ENOUGH else ()):
            with suppress(SettingError):  # no frame there: the file ends before it says
                made.append(_make(order, film, colorizer, part, folder / f"part-{number}"))
        made = made or [first]
        run = _run_seconds(colorizer.local, colorizer.info)
    paces = [one.seconds / one.report.frames for one in made]
    segments = [segment for one in made for segment in one.report.segments]
    frames = sum(segment.frames for segment in segments)
    return Measured(
        frames=frames,
        seconds=sum(one.seconds for one in made),
        fixed=opening + first.before + made[-1].after,
        bytes=sum(one.bytes for one in made)
        + frames / float(film.video.average_rate or _USUAL_RATE) * sound_rate(film, order.suffix),
        runs=sum(segment.network_runs for segment in segments),
        shots=sum(segment.shots for segment in segments),
        run_seconds=run,
        engine=str(colorizer.info),
        spread=max(paces) / min(paces),
        size_give=_size_give(order, [one.bytes / one.report.frames for one in made]),
    )


def _size_give(order: FilmOrder, sizes: Sequence[float]) -> float:
    """How far off the size may be. sizes: bytes a frame in each stretch.

    Codecs that write what has changed since the last frame depend on what moves in the rest of the film, and begin anew
    more often in short stretches than in a film.
    """
    alone = order.suffix != ".gif" and order.settings.encoding.codec in _FRAMES_ALONE
    give = _GIVE_ALONE if alone else _GIVE_CHANGES
    return float(min(give * (max(sizes) / max(min(sizes), 1)) ** 0.5, _MOST_GIVE))


def _run_seconds(local: LocalModel, info: EngineInfo) -> float:
    """What the engine was measured to take for one picture on this machine; 0 where it never was."""
    same = [row.run_ms for row in stored(local) or () if row.is_of(info)]
    return same[0] / 1000 if same else 0.0


def _make(order: FilmOrder, film: Film, colorizer: Colorizer, part: Range, folder: Path) -> _Stretch:
    folder.mkdir()
    first: list[float] = []
    joining: list[float] = []

    def watch(progress: FilmProgress) -> None:
        if progress.stage == "joining":
            joining.append(time.monotonic())
        elif progress.frames:
            first.append(time.monotonic())

    started = time.monotonic()
    report = sample_film(film, folder / f"a{order.suffix}", colorizer, replace(order.settings, range=part), watch)
    ended = time.monotonic()
    coloured = joining[0] if joining else ended
    size = report.target.stat().st_size
    return _Stretch(report, first[0] - started, coloured - first[0], ended - coloured, size)


def stretches(film: Film, part: Range, frames: int, places: int) -> list[Range]:
    """Stretches of the part, so many frames together, from as many places, each from the middle of its share.

    The whole part, where it has no more frames than that.
    """
    total = expected_frames(film, part)
    if total is not None and total <= frames:
        return [replace(part, max_frames=total)]
    last = film.duration or Fraction(0)
    start = part.start or Fraction(0)
    end = min(part.end, last) if part.end is not None and film.duration else part.end or last
    each = max(1, frames // places)
    length = Fraction(each) / (film.video.average_rate or _USUAL_RATE)
    share = (end - start) / places
    begins = [start + share * place + (share - length) / 2 for place in range(places)]
    return [Range(max(start, begin), part.end, each) for begin in begins]


def main(arguments: Sequence[str]) -> int:
    """Try the order, a JSON text in the first file, in the folder, and write down the answer; the exit status."""
    order_path, folder, answer = map(Path, arguments)
    stand_back()  # as the worker does: beside other programs, only what is as patient takes as long
    try:
        store = open_store()
        with alone(store.data.trial_lock):  # counting shots waits meanwhile
            busy = store.counts()[State.RUNNING]
            measured = try_out(order_from_json(order_path.read_text("utf-8")), folder)
        _write(answer, asdict(replace(measured, busy=max(busy, store.counts()[State.RUNNING]))))
    except ColorizerError as error:
        _write(answer, {"problem": str(error)})
        return 1
    return 0


def _write(path: Path, values: dict[str, Any]) -> None:
    write_whole(path, json.dumps(values).encode(), durable=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
