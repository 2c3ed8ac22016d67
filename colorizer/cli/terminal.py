"""Tables, progress bars, and the folder for what is made."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar
from unicodedata import category

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from colorizer.errors import OutputError

_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode's controls, formats, lone surrogates and separators of lines
Item = TypeVar("Item")


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headings on standard output; long names fold, none is cut."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    rows = list(rows)
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))  # Text: brackets in a name are no markup
    if not rows:
        return
    console = Console(soft_wrap=False) if sys.stdout.isatty() else Console(width=200)
    console.print(table)


def one_line(text: str) -> str:
    """The text with what would break a line, or steer a terminal, written as an escape: a file's name may hold it.

    A byte of a name that is no UTF-8 is written as such: \\xfc.
    """
    return "".join(_escaped(letter) if category(letter) in _UNSEEN else letter for letter in text)


def _escaped(letter: str) -> str:
    byte = ord(letter) - 0xDC00  # how Python keeps it, see PEP 383
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else letter.encode("unicode_escape").decode()


def progress(items: Sequence[Item], what: str) -> Iterator[Item]:
    """The items, with a bar on standard error while they are worked through; silent in a pipe or for one item."""
    if len(items) < 2 or not sys.stderr.isatty():
        return iter(items)
    return iter(track(items, description=what, console=Console(stderr=True), transient=True))


def say(line: str) -> None:
    """Print a line about what goes on, on standard error."""
    print(one_line(f"colorizer: {line}"), file=sys.stderr, flush=True)


def make_folder(folder: Path) -> None:
    """Make the folder for a result, with those above it. Raises OutputError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made ({error.strerror}). Choose another one") from error
