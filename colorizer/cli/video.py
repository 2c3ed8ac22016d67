"""`colorizer video` and `colorizer regrade`: films in, films out."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from colorizer.cli.options import (
    add_grade_options,
    add_network_options,
    add_output_option,
    grade,
    network_settings,
)
from colorizer.cli.sources import add_results_option, is_coloured_film, refuse_pictures, without_results
from colorizer.cli.terminal import make_folder, one_line, print_table, say
from colorizer.errors import ColorizerError, OutputError, SettingError
from colorizer.image.colorize import open_colorizer
from colorizer.plan import FILMS, SourceFile, Task, find_sources, plan_targets
from colorizer.video.colour.propagate import LONGEST_WAIT, Steadiness
from colorizer.video.film import Watch, colorize_film, gray_film, regrade_film
from colorizer.video.film_settings import Encoding, FilmSettings, Range, read_time
from colorizer.video.report import FilmProgress, FilmReport, find_track
from colorizer.video.result.codecs import CODECS, OWN_KIND, PICTURES
from colorizer.video.stopped_runs import read_stopped_run
from colorizer.video.workspace import folder_of

MakeFilm = Callable[..., FilmReport]  # of source and target, with overwrite, restart, watch and tell


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands."""
    video = subparsers.add_parser("video", help="colour films", description="Colour films.")
    video.add_argument("sources", nargs="+", metavar="SOURCE", help="film, folder or pattern such as '*.mp4'")
    add_network_options(video)
    add_grade_options(video)
    _add_steadiness_options(video)
    _add_encoding_options(video)
    _add_range_options(video)
    add_results_option(video)
    video.set_defaults(run=run_video)
    regrade = subparsers.add_parser(
        "regrade",
        help="colour a film anew, without the network",
        description="Render a coloured film in another grade.",
    )
    regrade.add_argument(
        "result", type=Path, metavar="RESULT", help="a film that this program coloured, or its .chroma file"
    )
    regrade.add_argument("--source", type=Path, metavar="FILM", help="the black-and-white film, if it has moved")
    add_grade_options(regrade)
    _add_encoding_options(regrade)
    regrade.set_defaults(run=run_regrade)


def run_video(options: argparse.Namespace) -> int:
    """Colour every film; the exit status."""
    found = find_sources(options.sources, FILMS, Path(options.output))
    refuse_pictures(found)
    found = without_results(found, is_coloured_film, options)
    if _wants_pictures(found, options):
        options.codec = OWN_KIND
    settings = FilmSettings(
        network_settings(options),
        grade(options),
        Steadiness(options.key_every, options.steady),
        encoding(options),
        Range(options.start, options.end, options.max_frames),
        options.keep_colour_shots,
        options.deinterlace,
        options.fps,
    )
    tasks = film_tasks(found, options)
    with open_colorizer(options.model, options.engine, tell=say) as colorizer:
        return run_films(tasks, partial(colorize_film, colorizer=colorizer, settings=settings), options)


def film_tasks(found: list[SourceFile], options: argparse.Namespace) -> list[Task]:
    """Which film becomes which. Raises OutputError for one film's target that says neither a folder nor what film."""
    output, codec = Path(options.output), options.codec
    _check_container(output, getattr(options, "container", None), alone=len(found) == 1)
    if codec in {*PICTURES, OWN_KIND}:  # a folder of pictures for each film
        return [Task(found[0].path, output)] if len(found) == 1 else plan_targets(found, output, "", FILMS)
    if output.suffix.lower() == ".gif" and len(found) == 1:
        return [Task(found[0].path, output)]
    container = ".gif" if codec == "gif" else getattr(options, "container", None)
    names_folder = output.is_dir() or options.output.endswith(("/", os.sep)) or output.suffix.lower() in FILMS.read
    if len(found) == 1 and [Path(name) for name in options.sources] == [found[0].path] and not names_folder:
        ending = container or (CODECS[codec].suffixes[0] if codec else FILMS.otherwise)
        raise OutputError(
            f"{output} does not say what film to write. Name it {output}{ending}, or {output}/ for a folder"
        )
    return plan_targets(found, output, container, FILMS)


def _wants_pictures(found: list[SourceFile], options: argparse.Namespace) -> bool:
    """Whether a folder is to be made of folders of pictures, and nothing says what film could be meant."""
    names_folder = options.output.endswith(("/", os.sep)) and not (options.codec or options.container)
    return names_folder and all(each.path.is_dir() for each in found)


def _check_container(output: Path, container: str | None, *, alone: bool) -> None:
    """Raises SettingError where one film's name and the container that is asked for are not the same."""
    named = output.suffix.lower().replace(".m4v", ".mp4")
    if alone and container and named in {*FILMS.written, ".gif"} and named != container and not output.is_dir():
        raise SettingError(f"--container {container[1:]} and the name {output} say different things. Leave one out")


def gray_films(tasks: list[Task], options: argparse.Namespace) -> int:
    """Turn every film grey; the exit status."""
    return run_films(tasks, partial(gray_film, settings=FilmSettings(encoding=encoding(options))), options)


def run_regrade(options: argparse.Namespace) -> int:
    """Render the film anew; the exit status."""
    settings = FilmSettings(grade=grade(options), encoding=encoding(options))

    def make(result: Path, target: Path, **more: Any) -> FilmReport:
        return regrade_film(find_track(result), target, settings, source=options.source, **more)

    return run_films([Task(options.result, Path(options.output))], make, options)


def run_films(tasks: list[Task], make: MakeFilm, options: argparse.Namespace) -> int:
    """Make every film, one after the other, and say what became of each; the exit status."""
    make = partial(make, overwrite=options.overwrite, restart=options.restart, tell=say)
    made: list[tuple[Task, FilmReport]] = []
    failed: list[str] = []
    for task in tasks:
        try:
            make_folder(task.target.parent)
            with _bar(task.source.name) as watch:
                made.append((task, make(task.source, task.target, watch=watch)))
        except ColorizerError as error:
            failed.append(str(error))
        except KeyboardInterrupt:
            _tell(made, failed)
            stopped = f"stopped before {len(tasks) - len(made) - len(failed)} of {len(tasks)}"
            print(one_line(f"{stopped}; {_what_stays(task.target)}"))
            raise
    return _tell(made, failed)


def _what_stays(target: Path) -> str:
    folder = folder_of(target)
    if read_stopped_run(folder) is not None:
        return f"what is finished of {target} is in {folder}: the same command goes on"
    if folder.is_dir():
        return f"nothing of {target} was finished like this; what was finished in other ways is still in {folder}"
    return f"nothing of {target} was finished, and nothing is kept"


def _tell(made: list[tuple[Task, FilmReport]], failed: list[str]) -> int:
    rows = [_row(task, report) for task, report in made]
    print_table(("film", "result", "frames", "shots", "network runs", "frames a second"), rows)
    for task, report in made:
        for note in _notes(report):
            print(one_line(f"{task.source}: {note}"))
    for reason in failed:
        print(one_line(f"colorizer: {reason}"), file=sys.stderr)
    print(f"{len(made)} made, {len(failed)} failed")
    return 1 if failed else 0


@contextmanager
def _bar(name: str) -> Iterator[Watch]:
    """Something to call with the progress of a film; a bar on a terminal, nothing in a pipe."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[stage]}"),
        TextColumn("{task.completed}/{task.total} frames, {task.fields[fps]:.1f} fps, shot {task.fields[shot]}, left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        line: TaskID = bar.add_task(one_line(name), total=None, stage="", fps=0.0, shot=0)

        def watch(progress: FilmProgress) -> None:
            bar.update(
                line, completed=progress.frames, total=progress.expected, stage=progress.stage, fps=progress.fps,
                shot=progress.shots,
            )  # fmt: skip

        yield watch


def _row(task: Task, report: FilmReport) -> tuple[str, ...]:
    said = report.as_dict()
    numbers = (said["frames"], said["shots"], said["network_runs"], f"{said['fps'] or 0:.1f}")
    return (str(task.source), str(report.target), *(str(number) for number in numbers))


def _notes(report: FilmReport) -> Iterator[str]:
    yield from report.notes
    for track in report.mux.tracks:
        if track.action != "copied":
            what = f"{track.kind} track {track.index} ({track.codec})"
            became = f"converted to {track.result_codec}" if track.result_codec else "left out"
            yield f"{what} was {became}: {track.reason}"


def _add_steadiness_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("steadiness")
    group.add_argument(
        "--key-every", type=int, metavar="N",
        help=f"1 to {LONGEST_WAIT}, run the network on every N-th frame (default: auto)",
    )  # fmt: skip
    group.add_argument(
        "--steady", type=float, default=Steadiness().steady, metavar="F",
        help=f"0 to 1, how firmly colours are held over time (default: {Steadiness().steady:g})",
    )  # fmt: skip
    group.add_argument("--keep-colour-shots", action="store_true", help="leave shots alone that have colour already")


def _add_encoding_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("result")
    add_output_option(group)
    add_encoding_options(group)
    group.add_argument("--overwrite", action="store_true", help="replace a result that is there already")


def add_encoding_options(group: "argparse._ArgumentGroup") -> None:
    """Options for how a film is encoded, and whether a stopped one is gone on with."""
    group.add_argument(
        "--codec",
        choices=[*sorted(CODECS), "gif", *PICTURES],
        help="default: h264, which plays everywhere; png, tiff, dpx: a folder",
    )
    group.add_argument(
        "--crf", type=float, metavar="N",
        help="quality, 0 to 51 or (av1, vp9) 63: lower is better and larger; none for prores, ffv1, gif and png",
    )  # fmt: skip
    group.add_argument("--preset", metavar="P", help="effort, such as fast or slow, for av1 and vp9 a number")
    group.add_argument("--lossless", action="store_true", help="keep every value exactly; large files")
    group.add_argument("--restart", action="store_true", help="begin anew instead of going on with a stopped run")


def _add_range_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("range")
    time = "seconds, or hours:minutes:seconds, from the film's first picture"
    group.add_argument("--start", type=seconds, metavar="T", help=time)
    group.add_argument("--end", type=seconds, metavar="T", help=time)
    group.add_argument("--max-frames", type=int, metavar="N", help="stop after so many frames")
    group.add_argument("--deinterlace", action="store_true", help="turn fields into frames")
    group.add_argument(
        "--container", type=_suffix, choices=sorted(FILMS.written), metavar="SUFFIX",
        help="of results in a folder: mkv, mov, mp4 or webm",
    )  # fmt: skip
    group.add_argument(
        "--fps", type=_rate, metavar="F",
        help="pictures a second of a folder of numbered ones, such as 25 or 24000/1001 (default: 24)",
    )  # fmt: skip


def _suffix(text: str) -> str:
    return "." + text.lower().removeprefix(".")


def _rate(text: str) -> Fraction:
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no frame rate. Write 25, 23.976 or 24000/1001") from error


def encoding(options: argparse.Namespace) -> Encoding:
    """How films are to be encoded. Raises SettingError for two options that exclude each other."""
    if options.lossless and options.crf is not None:
        raise SettingError("--lossless keeps every value, and --crf says how many to lose. Leave one of them out")
    return Encoding(options.codec, options.crf, options.preset, options.lossless)


def seconds(text: str) -> Fraction:
    """Exact seconds from "90", "1:30", "0:01:30.5". Raises ArgumentTypeError."""
    try:
        return read_time(text)
    except SettingError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
