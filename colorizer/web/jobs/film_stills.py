"""Stills of finished films, which show how another grade will look: drawn once by processes of their own."""

import json
from pathlib import Path

from colorizer.files import write_whole
from colorizer.inspect.film_facts import PROBLEM
from colorizer.inspect.regrade_stills import StillPage, read_stills
from colorizer.web.background import BackgroundProcesses, failure_text

DRAWN_WITHIN = 180.0  # seconds after which a process that hangs is ended


class FilmStills(BackgroundProcesses):
    """Draws stills of finished films, one film after the other."""

    def __init__(self) -> None:
        super().__init__("film-stills")

    def of(self, source: Path, track: Path, folder: Path) -> StillPage | str | None:
        """Stills of a finished film in this folder, once they are drawn; the reason where there are none."""
        found = read_stills(folder)
        if found is None or self._is_old(found, folder):
            self._once("film-stills", folder, lambda: self._draw(source, track, folder))
            return failure_text(self._find(folder)) or None
        return found

    def _draw(self, source: Path, track: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "stills.log"
        (folder / PROBLEM).unlink(missing_ok=True)
        in_time = self._run("colorizer.inspect.regrade_stills", source, track, folder, log=log, seconds=DRAWN_WITHIN)
        if read_stills(folder) is None and folder.exists() and not self._processes.closed:
            reason = "the reader ended without an answer" if in_time else "it took too long"
            problem = {"problem": f"The film's pictures cannot be read: {reason}."}
            write_whole(folder / PROBLEM, json.dumps(problem).encode(), durable=False)
