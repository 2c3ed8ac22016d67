"""What was chosen for each film: it outlives reloading, other pages and other tabs, and the studio itself."""

import json
import logging
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

import streamlit as st

from colorizer.color.grade import Grade
from colorizer.errors import ColorizerError
from colorizer.files import write_whole

_PLAIN = Grade()
_FORM = 1  # counted up when what is written down, or what a page part can show, changes
_LOG = logging.getLogger(__name__)

_Choices = tuple[dict[str, Grade], Grade, dict[str, dict[str, Any]]]


class SavedChoices:
    """The grades and the values of page parts of every film; any number of threads may use it.

    With a path, all is kept in that file too, and is there again when the studio is started anew.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = Lock()
        self._path = path
        self._passing: set[str] = set()
        self._grades, self._for_all, self._choices = _read(path) if path is not None else _nothing()

    def grade(self, item: str) -> Grade:
        """The grade chosen for this film; where none was, the one for all."""
        with self._lock:
            return self._grades.get(item, self._for_all)

    def begin(self, item: str, grade: Grade) -> None:
        """Start this item with a grade, unless one was chosen already. Such items are never written to the file."""
        with self._lock:
            self._passing.add(item)
            self._grades.setdefault(item, grade)

    def set_grade(self, item: str, grade: Grade) -> None:
        """Keep this grade for this film."""
        with self._lock:
            self._grades[item] = grade
            self._write()

    def grade_all(self, grade: Grade) -> None:
        """Keep this grade for every film, also for those that are still to come."""
        with self._lock:
            self._grades.clear()
            self._for_all = grade
            self._write()

    def value(self, item: str, name: str) -> Any:
        """What the part with this name shows for this film; None where nothing was chosen."""
        with self._lock:
            return self._choices.get(item, {}).get(name)

    def choose(self, item: str, name: str, value: Any) -> None:
        """Have the part with this name show this value for this film from its next drawing on."""
        with self._lock:
            self._choices.setdefault(item, {})[name] = value
            self._write()

    def recall(self, item: str, name: str, default: Any) -> str:
        """The key of a page part that shows what was chosen for this film before, else the default.

        What was changed here since the last look is kept; what was changed in another tab comes in a new part, because
        telling the one that is there would race against the browser, which may report its old value once more, or none
        of a part that it was never told of because the run that drew it was cut short. None is nobody's choice.
        """
        counter, seen = f"{name}-{item}", f"{name}-{item}-seen"
        key = f"{counter}-{st.session_state.setdefault(counter, 0)}"
        with self._lock:
            known = self._choices.setdefault(item, {}).get(name, default)
            shown = st.session_state.setdefault(key, known)
            if shown is not None and shown != st.session_state.get(seen, known):
                known = self._choices[item][name] = shown
                self._write()
        if known != shown:
            st.session_state[counter] += 1
            key = f"{counter}-{st.session_state[counter]}"
            st.session_state[key] = known
        st.session_state[seen] = known
        return key

    def forget(self, item: str) -> None:
        """Let go of all that was chosen for this film."""
        with self._lock:
            self._grades.pop(item, None)
            self._choices.pop(item, None)
            self._passing.discard(item)
            self._write()

    def _write(self) -> None:
        if self._path is None:
            return
        page = {
            "form": _FORM,
            "for_all": self._for_all.as_dict(),
            "grades": {item: grade.as_dict() for item, grade in self._grades.items() if item not in self._passing},
            "values": {item: known for item, known in self._choices.items() if known and item not in self._passing},
        }
        with suppress(OSError):  # it stays in memory, and the next change is another chance
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, json.dumps(page).encode())


def _nothing() -> _Choices:
    return {}, _PLAIN, {}


def _read(path: Path) -> _Choices:
    """What the file holds: grades, the grade for all, values; nothing where it makes no sense."""
    try:
        page = json.loads(path.read_text("utf-8"))
        if page["form"] != _FORM:
            return _nothing()
        grades = {item: Grade(**grade) for item, grade in page["grades"].items()}
        values = {
            item: {name: _plain(value) for name, value in known.items()} for item, known in page["values"].items()
        }
        return grades, Grade(**page["for_all"]), values
    except FileNotFoundError:
        return _nothing()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError, ColorizerError) as error:
        _LOG.warning("%s cannot be used (%s): colours and trims are chosen anew", path, error)
        return _nothing()


def _plain(value: Any) -> str | float:
    """The value of a page part. Raises TypeError for what none can have."""
    if not isinstance(value, (str, int, float)):
        raise TypeError(f"no page part shows {value!r}")
    return value
