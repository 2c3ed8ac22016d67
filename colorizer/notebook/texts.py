"""What the notebook says and shows, as HTML; everything that comes from outside is escaped."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from mimetypes import guess_type
from pathlib import Path

from colorizer.files import size_text
from colorizer.notebook.run import Status
from colorizer.notebook.tasks import Made

INLINE_BYTES = 20 * 10**6
"""Larger results are named, not put into the page: the notebook would carry them along when it is saved."""
INLINE_BYTES_TOGETHER = 100 * 10**6
"""What the results of one start may have in the page."""

_LINK = "color: var(--jp-content-link-color, #1565c0); text-decoration: underline"
_ERROR = "color: var(--jp-error-color0, #b3261e)"


def progress_line(status: Status) -> str:
    """The timer, and the file or frame in hand."""
    parts = [clock(status.seconds)]
    if status.current is not None:
        number = len(status.made) + len(status.failed) + 1
        parts.append(status.current.source.name + (f" ({number} of {status.total})" if status.total > 1 else ""))
    if status.film is not None:
        whole = f" of {status.film.expected}" if status.film.expected else ""
        parts.append(f"frame {status.film.frames}{whole}")
        parts.append(f"{status.film.fps:.1f} frames a second")
        if status.film.seconds_left:
            parts.append(f"about {clock(status.film.seconds_left)} left")
    return " · ".join(parts)


def share_done(status: Status) -> float:
    """From 0 to 1, of all files; a film counts by its frames."""
    done = float(len(status.made) + len(status.failed))
    if status.film is not None and status.film.expected:
        done += min(1.0, status.film.frames / status.film.expected)
    return min(1.0, done / status.total)


def closing_line(status: Status) -> str:
    """What became of it."""
    counts = f"{len(status.made)} made" + (f", {len(status.failed)} failed" if status.failed else "")
    said = f"{counts} in {clock(status.seconds)}."
    if status.was_stopped and len(status.made) + len(status.failed) < status.total:
        said += " Stopped: of a film, what was finished is kept, and Start goes on from there."
    return said


def errors(lines: Sequence[str]) -> str:
    """Lines that say what went wrong; nothing where there are none."""
    return "".join(f'<div role="alert" style="{_ERROR}; line-height: 1.5">{escape(line)}</div>' for line in lines)


def is_shown(size: int, room: int) -> bool:
    """Whether a result of so many bytes goes into a page that has room for so many."""
    return size <= min(room, INLINE_BYTES)


def result(made: Made, room: int) -> str:
    """The result to look at, to play with its sound, and to take home, as far as it is small enough for the page.

    room: bytes that the page may still take. Raises OSError where the file is not there any more.
    """
    target = made.task.target
    size = target.stat().st_size
    said = "".join(f"<div>{escape(_as_sentence(note))}</div>" for note in made.notes)
    where = f"<div><b>{escape(target.name)}</b>, {size_text(size)}, in {escape(str(target.resolve().parent))}</div>"
    if not is_shown(size, room):
        limits = f"{size_text(INLINE_BYTES)} at most, {size_text(INLINE_BYTES_TOGETHER)} together"
        return f"{where}<div>Too large to be shown here ({limits}).</div>{said}"
    address = data_address(target)
    save = f'<a download="{escape(target.name)}" style="{_LINK}" href="{address}">Download</a>'
    return f"{_player(address) if made.task.is_film else ''}{where}{save}{said}"


def data_address(path: Path) -> str:
    """The whole file as an address."""
    kind = guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{b64encode(path.read_bytes()).decode('ascii')}"


def _as_sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:].removesuffix('.')}."


def clock(seconds: float) -> str:
    """Minutes and seconds, and hours where there are any: 0:07, 12:05, 1:00:00."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _player(address: str) -> str:
    return f'<video controls preload="metadata" style="max-width: 100%; max-height: 480px" src="{address}"></video>'
