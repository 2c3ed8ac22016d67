"""`colorizer bench`: how fast this machine is, engine by engine, and from file to file."""

import argparse
import platform
from collections.abc import Sequence

from colorizer import __version__
from colorizer.cli.terminal import print_table, say
from colorizer.engines.choose import measured, pick
from colorizer.engines.machine import cores, processor
from colorizer.engines.measure import Measurement
from colorizer.engines.registry import runtimes
from colorizer.network import Colorizer
from colorizer.speed import RATE, film_speed, picture_speed
from colorizer.weights import catalog
from colorizer.weights.local_models import LocalModel, glance, locate

MEASURED = ("ms a picture", "ms to start", "ab difference")
_LONGEST = 3600
_MEGAPIXELS = (2, 12)
_FILMS = ((854, 480), (1920, 1080))


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    about = "Measure how fast this machine is: every engine with every network that is here, then pictures and films."
    parser = subparsers.add_parser("bench", help="measure how fast this machine is", description=about)
    parser.add_argument("models", nargs="*", metavar="MODEL", help="an id or a folder; without one, all that are here")
    parser.add_argument("--seconds", type=_seconds, default=4.0, metavar="S", help="of each film (default: 4)")
    parser.set_defaults(run=run)


def _seconds(text: str) -> float:
    """How long each film is to be. Raises ArgumentTypeError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 / RATE <= seconds <= _LONGEST:
        raise argparse.ArgumentTypeError(f"must lie between {1 / RATE:.2f} and {_LONGEST} seconds, and is {text!r}")
    return seconds


def run(options: argparse.Namespace) -> int:
    """Print every table; the exit status."""
    here = [model.id for model in catalog.CATALOG if glance(model).state == "present"]
    print(f"colorizer {__version__}, Python {platform.python_version()}, {platform.platform()}")
    print(f"{processor()}, {cores()} cores; " + ", ".join(f"{name} {found}" for name, found in runtimes().items()))
    for name in options.models or here:
        local = locate(name)
        print()
        _engines(local)
        print()
        _work(local, options.seconds)
    return 0


def _engines(local: LocalModel) -> None:
    rows = measured(local, fresh=True, tell=say)
    headings = (f"engine with {local.model.id}", "device", "precision", *MEASURED, "")
    print_table(headings, engine_rows(rows))


def engine_rows(rows: Sequence[Measurement]) -> list[tuple[str, ...]]:
    """A line for each engine: name, device, precision, the three numbers of MEASURED, and what auto does with it."""
    usable = [row for row in rows if not row.problem]
    few, many = (pick(rows, 1).engine, pick(rows).engine) if usable else ("", "")
    return [(row.engine, row.device, row.precision, *numbers(row), _remark(row, few, many)) for row in rows]


def numbers(row: Measurement) -> tuple[str, str, str]:
    """Milliseconds for a picture and to start, and the mean difference in ab; empty where nothing was measured."""
    if not row.run_ms:
        return "", "", ""
    return f"{row.run_ms:.1f}", f"{row.start_ms:.0f}", f"{row.mean_difference:.2f}"


def _remark(row: Measurement, few: str, many: str) -> str:
    uses = [use for use, engine in (("one picture", few), ("films", many)) if engine == row.engine]
    return row.problem or (f"auto, for {' and '.join(uses)}" if uses else "")


def _work(local: LocalModel, seconds: float) -> None:
    with Colorizer(local) as colorizer:
        speeds = [picture_speed(colorizer, megapixels) for megapixels in _MEGAPIXELS]
        speeds += [film_speed(colorizer, width, height, seconds) for width, height in _FILMS]
        print_table(
            (f"file to file, {colorizer.info}", "seconds", "speed"),
            [(speed.what, f"{speed.seconds:.2f}", f"{speed.rate:.1f} {speed.unit}") for speed in speeds],
        )
