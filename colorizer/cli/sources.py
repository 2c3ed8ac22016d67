"""Sources that the command is not meant for, told before the work: the other kind, and what was coloured already."""

import argparse
import json
import mmap
from collections.abc import Callable, Sequence
from pathlib import Path
from shlex import quote

from colorizer.cli.terminal import say
from colorizer.errors import SourceMissing, SourceUnreadable
from colorizer.filetypes import film_kind, head_of, is_picture
from colorizer.image.xmp import says_coloured
from colorizer.plan import PICTURES, SourceFile
from colorizer.video.report import report_path

_SHOWN = 5  # names of results that are left alone; the rest are counted


def add_results_option(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """The option that takes results of this program as sources, too."""
    parser.add_argument(
        "--include-results", action="store_true",
        help="colour what this program coloured before, too (it is left alone unless it is the only name given)",
    )  # fmt: skip


def without_results(
    found: Sequence[SourceFile], is_result: Callable[[Path], bool], options: argparse.Namespace
) -> list[SourceFile]:
    """The sources that are no results of this program; the others are named on standard error.

    All of them, where --include-results asks for it or the one source is a file named by itself.
    Raises SourceMissing where nothing is left.
    """
    named = [Path(name) for name in options.sources]
    if options.include_results or (len(named) == 1 and named == [each.path for each in found]):
        return list(found)
    results = [each for each in found if is_result(each.path)]
    if not results:
        return list(found)
    names = ", ".join(str(each.path) for each in results[:_SHOWN])
    more = f" and {len(results) - _SHOWN} more" if len(results) > _SHOWN else ""
    if len(results) == len(found):
        raise SourceMissing(f"{names}{more}: this program coloured all of these. --include-results colours them again")
    say(f"left alone, as this program coloured them (--include-results takes them, too): {names}{more}")
    return [each for each in found if each not in results]


def is_coloured_picture(path: Path) -> bool:
    """Whether the picture says in its XMP that this program made its colours."""
    if not path.is_file():  # a pipe would keep us waiting
        return False
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return says_coloured(data)
    except (OSError, ValueError):  # gone, or empty: told when its turn comes
        return False


def is_coloured_film(path: Path) -> bool:
    """Whether the report beside the film says that this program made its colours."""
    try:
        return "model" in json.loads(report_path(path).read_text("utf-8"))["made_with"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def refuse_films(found: Sequence[SourceFile]) -> None:
    """Raise SourceUnreadable where all of these are films; one among pictures is told beside them, when its turn comes.

    A GIF counts as a picture.
    """
    if found and all(film_kind(head_of(each.path)) not in {"", "GIF"} for each in found):
        raise SourceUnreadable(f"{found[0].path} is a film, not a picture: use `{_command('video', found)}`")


def refuse_pictures(found: Sequence[SourceFile]) -> None:
    """Raise SourceUnreadable where all of these are pictures that stand still."""
    if found and all(_is_named_a_picture(each) and is_picture(head_of(each.path)) for each in found):
        raise SourceUnreadable(f"{found[0].path} is a picture, not a film: use `{_command('image', found)}`")


def _is_named_a_picture(source: SourceFile) -> bool:
    return source.path.suffix.lower() in PICTURES.read  # a raw stream of JPEGs begins as one, and is a film


def _command(verb: str, found: Sequence[SourceFile]) -> str:
    return f"colorizer {verb} {quote(str(found[0].path))}" + (" ..." if len(found) > 1 else "")
