"""The ffmpeg program: where it is, how it is run and stopped, and what it says."""

import re
import shutil
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from typing import IO

from colorizer.errors import OutputError
from colorizer.video.result.process import recorded

_OLDEST = (7, 0)  # 4 does not know all that is asked of it, 5.1 loses subtitles of a part; those between are untried
_VERSION = re.compile(rb"ffmpeg version n?(\d+)\.(\d+)")
_ANSWERS_WITHIN = 30  # seconds
_POLL_SECONDS = 0.1
_PREFIXES = re.compile(r"^(\[[^\]]*\] ?)+")
_GIVES_UP = "Conversion failed!"
_ERROR = re.compile(r"\[(error|fatal|panic)\] ")


def find_ffmpeg() -> Path:
    """The ffmpeg program: on PATH, else the one that imageio-ffmpeg brings. Raises OutputError where none will do."""
    found = shutil.which("ffmpeg")
    if found and _is_new_enough(found):
        return Path(found)
    import imageio_ffmpeg

    with suppress(RuntimeError):  # it brings none for this kind of computer
        found = imageio_ffmpeg.get_ffmpeg_exe()
        if _is_new_enough(found):
            return Path(found)
    oldest = ".".join(map(str, _OLDEST))
    raise OutputError(
        f"there is no ffmpeg program of version {oldest} or newer: install one, or pip install imageio-ffmpeg"
    )


def _is_new_enough(program: str) -> bool:
    """Whether it runs, and its version is not too low; what was built between two versions has no number."""
    try:
        said = subprocess.run(
            [program, "-version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=_ANSWERS_WITHIN, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return False
    number = _VERSION.match(said.stdout)
    return number is None or tuple(map(int, number.groups())) >= _OLDEST


def run_ffmpeg(
    command: list[str], target: Path, length: Fraction, progress: Callable[[float], None] | None, page: Path
) -> None:
    """Runs ffmpeg to its end; any exception stops it. length: of the result. progress: hears the fraction that is done.

    page: where it is recorded meanwhile, so that it can be ended should this process be killed.
    Raises OutputError with ffmpeg's own reason; target: the file it names.
    """
    said = _Said()
    done = [0.0]
    with _running(command, _listener(done, length), said.hear) as process, recorded(process.pid, page):
        while not _ended(process):
            if progress is not None:
                progress(done[0])
    if process.returncode != 0:
        reason = said.reason or f"it ended with status {process.returncode}"
        raise OutputError(f"{target} cannot be written: ffmpeg says: {reason}")
    if progress is not None:
        progress(1.0)


@contextmanager
def _running(
    command: list[str], hear: Callable[[str], None], hear_error: Callable[[str], None]
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process, both its outputs being read; at exit it has ended, on its own or killed."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    readers = [
        threading.Thread(target=_drain, args=(process.stdout, hear), name="ffmpeg-progress"),
        threading.Thread(target=_drain, args=(process.stderr, hear_error), name="ffmpeg-errors"),
    ]
    try:
        for reader in readers:
            reader.start()
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for reader in readers:
            if reader.ident is not None:
                reader.join()


def _ended(process: "subprocess.Popen[bytes]") -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(_POLL_SECONDS)
    return process.returncode is not None


def _drain(stream: IO[bytes], hear: Callable[[str], None]) -> None:
    with stream:
        for line in stream:
            text = line.decode("utf-8", "replace").strip()
            if text:
                hear(text)


class _Said:
    """What is kept of ffmpeg's words: its last few errors, of which the first is most often the cause."""

    def __init__(self) -> None:
        self._errors: deque[str] = deque(maxlen=3)
        self._last = ""

    @property
    def reason(self) -> str:
        """In one line; "" where nothing was said."""
        return "; ".join(self._errors) or self._last

    def hear(self, line: str) -> None:
        """Take in one line, such as "[mp4 @ 0x5581] [error] reason"."""
        words = _PREFIXES.sub("", line)
        self._last = words or self._last
        if _ERROR.search(line) and words not in {"", _GIVES_UP, *self._errors}:
            self._errors.append(words)


def _listener(done: list[float], length: Fraction) -> Callable[[str], None]:
    def hear(line: str) -> None:
        name, _, value = line.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit():
            done[0] = min(max(int(value) / 1e6 / float(length), done[0]), 1.0)

    return hear
