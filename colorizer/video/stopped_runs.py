"""What stopped runs left of a film: the one that is gone on with, and aside of it those that were made in other ways.

The folder holds the files of one way of making, and a page that lists them; what was made in other ways lies in folders
within it, each with its own page.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorizer.engines.base import engine_words

PAGE = "manifest.json"
LOCK = "lock"
_NAMES = {  # of what has no short value
    "fingerprint": "another source", "model_hashes": "another network", "track": "another chroma track",
}  # fmt: skip
_ASIDE, _KEY_LETTERS = "earlier-", 16  # a folder's name, and how much of the key is in it
_MOST_ASIDE = 2  # so that a film that is tried in many ways does not fill the disk


@dataclass(frozen=True)
class StoppedRun:
    """What a stopped run left: how many frames, and everything that decided how they look."""

    frames: int
    made_with: Mapping[str, Any]

    def differences(self, made_with: Mapping[str, Any]) -> tuple[str, ...]:
        """What is another thing now, by name, with both values where they are short."""
        before, now = _flat(engine_in_words(self.made_with)), _flat(engine_in_words(made_with))
        names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        return tuple(dict.fromkeys(_difference(name, before.get(name), now.get(name)) for name in names))


def engine_in_words(made_with: Mapping[str, Any]) -> dict[str, Any]:
    """The same with the line for people in place of the engine's identity, as reports and older pages have it."""
    engine = made_with.get("engine")
    return {**made_with, "engine": engine_words(engine)} if isinstance(engine, str) else dict(made_with)


def stopped_runs_in(folder: Path) -> tuple[StoppedRun, ...]:
    """What stopped runs left in this folder, each made in another way: first what was in hand last."""
    found = (read_stopped_run(each) for each in (folder, *aside_in(folder)))
    return tuple(each for each in found if each is not None)


def read_stopped_run(folder: Path) -> StoppedRun | None:
    """What the page in this folder tells; None where there is none, or none that can be read."""
    try:
        page = page_in(folder)
        return StoppedRun(sum(int(segment["frames"]) for segment in page["segments"]), page.get("made_with", {}))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def page_in(folder: Path) -> dict[str, Any]:
    """The page in this folder, whatever it holds. Raises OSError or ValueError where there is none."""
    page: dict[str, Any] = json.loads((folder / PAGE).read_text("utf-8"))
    return page


def files_in(folder: Path) -> list[Path]:
    """The files of the segments that are in hand here."""
    return [path for path in folder.iterdir() if path.is_file() and path.name != LOCK]


def frames_in(aside: Path) -> int:
    """How many finished frames lie there."""
    found = read_stopped_run(aside)
    return found.frames if found else 0


def aside_in(folder: Path) -> list[Path]:
    """The folders of what was made in other ways, the latest first."""
    return [page.parent for page in sorted(folder.glob(f"{_ASIDE}*/{PAGE}"), key=_written, reverse=True)]


def _written(page: Path) -> int:
    try:
        return page.stat().st_mtime_ns
    except OSError:  # another run is moving it at this moment
        return 0


def change_over(folder: Path, key: str) -> None:
    """Put aside what is there and was made in another way, and bring back what was made in the way of this key."""
    try:
        there = str(page_in(folder)["key"])
    except (OSError, ValueError, KeyError, TypeError):
        there = ""
    # As long as a file of theirs is in the folder, their page is, too: whatever is killed half-way is done again.
    if there and (there != key or _aside_of(folder, there).exists()):
        _move(folder, _aside_of(folder, there), page_last=True)
    if _aside_of(folder, key).exists():
        _move(_aside_of(folder, key), folder, page_last=False)
        shutil.rmtree(_aside_of(folder, key), ignore_errors=True)
    longest_first = sorted(aside_in(folder), key=frames_in, reverse=True)  # they hold the most hours of work
    for aside in longest_first[_MOST_ASIDE:]:
        shutil.rmtree(aside, ignore_errors=True)


def _aside_of(folder: Path, key: str) -> Path:
    return folder / f"{_ASIDE}{key[:_KEY_LETTERS]}"


def _move(source: Path, target: Path, *, page_last: bool) -> None:
    """Move the segments, and the page that lists them last or first."""
    target.mkdir(exist_ok=True)
    for path in sorted(files_in(source), key=lambda path: (path.name == PAGE) is page_last):
        path.replace(target / path.name)


def forget(folder: Path) -> None:
    """Give up all that was begun, in whatever way."""
    (folder / PAGE).unlink(missing_ok=True)
    for aside in aside_in(folder):
        shutil.rmtree(aside, ignore_errors=True)


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """The values by their whole names, such as "settings.grade.hue"; an empty group is none."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{above}{name}.")
        else:
            flat[above + name] = value
    return flat


def _difference(name: str, before: Any, now: Any) -> str:
    for beginning, words in _NAMES.items():
        if name.startswith(beginning):
            return words
    said = ["default" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
            for value in (before, now)]  # fmt: skip
    return f"{name.rpartition('.')[2]} {said[0]}, now {said[1]}"
