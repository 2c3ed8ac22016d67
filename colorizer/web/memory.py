"""What was chosen for each film: it outlives reloading, other pages and other tabs, as long as the studio runs."""

from threading import Lock
from typing import Any

import streamlit as st

from colorizer.color.grade import Grade

_PLAIN = Grade()


class Memory:
    """The grades and the values of page parts of every film; any number of threads may use it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._grades: dict[str, Grade] = {}
        self._for_all = _PLAIN
        self._values: dict[str, dict[str, Any]] = {}

    def grade(self, item: str) -> Grade:
        """The grade chosen for this film; where none was, the one for all."""
        with self._lock:
            return self._grades.get(item, self._for_all)

    def begin(self, item: str, grade: Grade) -> None:
        """Keep this grade for this film unless one was chosen already."""
        with self._lock:
            self._grades.setdefault(item, grade)

    def set_grade(self, item: str, grade: Grade) -> None:
        """Keep this grade for this film."""
        with self._lock:
            self._grades[item] = grade

    def grade_all(self, grade: Grade) -> None:
        """Keep this grade for every film, also for those that are still to come."""
        with self._lock:
            self._grades.clear()
            self._for_all = grade

    def value(self, item: str, name: str) -> Any:
        """What the part with this name shows for this film; None where nothing was chosen."""
        with self._lock:
            return self._values.get(item, {}).get(name)

    def recall(self, item: str, name: str, default: Any) -> str:
        """The key of a page part that shows what was chosen for this film before, else the default.

        What was changed here since the last look is kept; what was changed in another tab comes in a new part, because
        telling the one that is there would race against the browser, which may report its old value once more, or none
        of a part that it was never told of because the run that drew it was cut short. None is nobody's choice.
        """
        counter, seen = f"{name}-{item}", f"{name}-{item}-seen"
        key = f"{counter}-{st.session_state.setdefault(counter, 0)}"
        with self._lock:
            known = self._values.setdefault(item, {}).get(name, default)
            shown = st.session_state.setdefault(key, known)
            if shown is not None and shown != st.session_state.get(seen, known):
                known = self._values[item][name] = shown
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
            self._values.pop(item, None)
