"""Processes that do for the studio what might crash it, or hold it up."""

import logging
import subprocess
import sys
from pathlib import Path
from threading import Lock

import colorizer
from colorizer.closing import Closing
from colorizer.settings import child_environment

_ROOT = Path(colorizer.__file__).resolve().parent.parent
_GRACE = 3.0  # seconds between asking a process to end and ending it
_LOG = logging.getLogger(__name__)


class ChildProcesses(Closing):
    """Runs modules of this package as processes, each until it ends; a context manager that leaves none behind."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = Lock()
        self._closed = False

    def run(self, module: str, *arguments: Path | str, log: Path, seconds: float) -> int:
        """The exit status of the module with these arguments, below 0 where a signal ended it.

        log: where what it prints goes; deleted when that is nothing. seconds: after which it is ended.
        """
        with log.open("wb") as output:
            process = self._start([sys.executable, "-m", module, *map(str, arguments)], output.fileno())
            if process is None:
                return -15
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                _LOG.warning("%s took longer than %g seconds and was ended", module, seconds)
                status = _ended(process)
            finally:
                with self._lock:
                    self._running.discard(process)
        said = _last_line(log)
        if (said or status < 0) and not self._closed:
            _LOG.warning("%s ended with %d: %s", module, status, said or "it said nothing")
        elif not said:
            log.unlink(missing_ok=True)
        return status

    @property
    def closed(self) -> bool:
        """Whether all was ended on purpose."""
        return self._closed

    def close(self) -> None:
        """End all that runs, and start nothing any more."""
        with self._lock:
            self._closed = True
            running = list(self._running)
        for process in running:
            _ended(process)

    def _start(self, command: list[str], output: int) -> "subprocess.Popen[bytes] | None":
        with self._lock:
            if self._closed:
                return None
            process = subprocess.Popen(
                command, cwd=_ROOT, env=child_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=output,
            )  # fmt: skip
            self._running.add(process)
            return process


def _ended(process: "subprocess.Popen[bytes]") -> int:
    process.terminate()
    try:
        return process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    return lines[-1][:300] if lines else ""
