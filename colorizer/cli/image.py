"""`colorizer image` and `colorizer gray`: pictures in, pictures out; one bad file does not stop the rest."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from colorizer.cli.options import (
    add_corrections_option,
    add_grade_options,
    add_network_options,
    add_output_option,
    add_saving_options,
    corrections,
    grade,
    network_settings,
    save_options,
)
from colorizer.cli.sources import add_results_option, is_coloured_picture, refuse_films, without_results
from colorizer.cli.terminal import make_folder, one_line, print_table, progress, say
from colorizer.cli.video import add_encoding_options, encoding, film_tasks, gray_films
from colorizer.errors import ColorizerError, SettingError
from colorizer.image.colorize import Finished, colorize_file, gray_file, open_colorizer
from colorizer.image.values import SaveOptions
from colorizer.image.writing import not_written_note, suffix_of
from colorizer.plan import EITHER, FILMS, SourceFile, Task, find_sources, plan_targets
from colorizer.video.film_settings import Encoding

MakePicture = Callable[[Path, Path], Finished]


@dataclass(frozen=True)
class Outcome:
    """What became of one picture: the result, or what went wrong."""

    task: Task
    seconds: float
    finished: Finished | None
    error: str = ""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands."""
    colour = subparsers.add_parser("image", help="colour pictures", description="Colour pictures.")
    _add_files(colour, "picture, folder or pattern such as '*.jpg'")
    add_network_options(colour)
    add_grade_options(colour)
    add_corrections_option(colour)
    add_saving_options(colour)
    add_results_option(colour)
    colour.set_defaults(run=run_image)
    gray = subparsers.add_parser(
        "gray",
        help="turn pictures and films grey",
        description="Turn pictures and films grey. A moving GIF is a film where TARGET ends in .gif or as films do.",
    )
    _add_files(gray, "picture, film, folder or pattern such as '*.jpg'")
    add_saving_options(gray)
    add_encoding_options(gray.add_argument_group("films"))
    gray.set_defaults(run=run_gray)


def run_image(options: argparse.Namespace) -> int:
    """Colour every source; the exit status."""
    network, chosen_grade, save = network_settings(options), grade(options), save_options(options)
    by_hand = corrections(options)
    found = find_sources(options.sources, target=Path(options.output))
    refuse_films(found)
    found = without_results(found, is_coloured_picture, options)
    if by_hand and len(found) > 1:
        raise SettingError(f"--corrections are for one picture, and {len(found)} were named. Name one")
    tasks = _picture_tasks(found, options)
    with open_colorizer(options.model, options.engine, runs=len(tasks), tell=say) as colorizer:
        local = colorizer.local
        if not local.model.in_catalog:
            print(f"{local.model.id}: {local.model.note}", file=sys.stderr)
        make = partial(
            colorize_file, grade=chosen_grade, network=network, corrections=by_hand, save=save,
            overwrite=options.overwrite, strict=options.strict, colorizer=colorizer,
        )  # fmt: skip
        return _run(tasks, make, f"model {local.model.id}, {colorizer.info}")


def run_gray(options: argparse.Namespace) -> int:
    """Turn every picture and every film grey; the exit status."""
    found = find_sources(options.sources, EITHER, Path(options.output))
    kinds = FILMS.read | {".gif"} if Path(options.output).suffix.lower() in FILMS.read | {".gif"} else FILMS.read
    films = [source for source in found if source.path.suffix.lower() in kinds]
    pictures = [source for source in found if source not in films]
    if films:
        _check_for_films(options, pictures=bool(pictures))
    elif encoding(options) != Encoding():
        raise SettingError("--codec, --crf, --preset and --lossless are for films. Leave them out")
    status = 0
    if pictures:
        make = partial(gray_file, save=save_options(options), overwrite=options.overwrite, strict=options.strict)
        status = _run(_picture_tasks(pictures, options), make, "")
    if films:
        status = max(status, gray_films(film_tasks(films, options), options))
    return status


def _check_for_films(options: argparse.Namespace, *, pictures: bool) -> None:
    """Say that a film takes no option for pictures. Raises SettingError where there is nothing else it could be for."""
    if save_options(options) == SaveOptions():
        return
    words = "--format, --quality and --strip-metadata are for pictures; a film's container follows from TARGET's ending"
    if not pictures:
        raise SettingError(f"{words}. Leave them out")
    print(f"{words}. The films are made without them", file=sys.stderr)


def _add_files(parser: argparse.ArgumentParser, sources: str) -> None:
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=sources)
    add_output_option(parser)
    parser.add_argument(
        "--strict", action="store_true", help="refuse pictures that are damaged or cut short, and make no part of them"
    )


def _picture_tasks(found: list[SourceFile], options: argparse.Namespace) -> list[Task]:
    chosen = save_options(options).format
    return plan_targets(found, Path(options.output), suffix_of(chosen) if chosen else None)


def _run(tasks: list[Task], make: MakePicture, made_with: str) -> int:
    outcomes: list[Outcome] = []
    try:
        for task in progress(tasks, "pictures"):
            outcomes.append(_attempt(task, make))  # noqa: PERF401  what is done is told even after Ctrl-C
    except KeyboardInterrupt:
        _tell(outcomes, made_with)
        print(f"stopped before {len(tasks) - len(outcomes)} of {len(tasks)}")
        raise
    return _tell(outcomes, made_with)


def _tell(outcomes: list[Outcome], made_with: str) -> int:
    print_table(("picture", "result", "pixels", "seconds"), [_row(outcome) for outcome in outcomes])
    for outcome in outcomes:
        for note in outcome.finished.notes if outcome.finished else ():
            print(one_line(f"{outcome.task.source}: {note}"))
    failed = [outcome for outcome in outcomes if outcome.finished is None]
    for outcome in failed:
        print(one_line(f"colorizer: {outcome.task.source}: {outcome.error}"), file=sys.stderr)
    print(f"{len(outcomes) - len(failed)} made, {len(failed)} failed" + (f" ({made_with})" if made_with else ""))
    return 1 if failed else 0


def _attempt(task: Task, make: MakePicture) -> Outcome:
    start = time.perf_counter()
    try:
        make_folder(task.target.parent)
        finished, error = make(task.source, task.target), ""
        if task.converted:
            note = not_written_note(task.source.suffix[1:].upper(), "PNG")
            finished = replace(finished, notes=(*finished.notes, note))
    except ColorizerError as problem:
        finished, error = None, str(problem)
    return Outcome(task, time.perf_counter() - start, finished, error)


def _row(outcome: Outcome) -> tuple[str, str, str, str]:
    done = outcome.finished
    if done is None:
        return str(outcome.task.source), "failed", "", f"{outcome.seconds:.2f}"
    return str(outcome.task.source), str(done.target), f"{done.width} x {done.height}", f"{outcome.seconds:.2f}"
