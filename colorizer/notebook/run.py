"""Files that are made one after the other in a thread, and a clock in another that tells of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread, main_thread
from time import monotonic

from colorizer.errors import ColorizerError
from colorizer.notebook.tasks import FileTask, Made
from colorizer.video.film import Watch
from colorizer.video.report import FilmProgress

_TICK = 0.25  # seconds

MakeOne = Callable[[FileTask, Watch], Made]


class Stopped(Exception):
    """The user stopped the work."""


@dataclass(frozen=True)
class Status:
    """How far the work is. current: the file in hand; film: its frames; seconds: since the start."""

    seconds: float
    total: int
    made: tuple[Made, ...]
    failed: tuple[str, ...]
    current: FileTask | None
    film: FilmProgress | None
    was_stopped: bool
    is_over: bool


class Run:
    """The tasks on their way. tell: called with the status four times a second, and once at the end, by one thread."""

    def __init__(self, tasks: Sequence[FileTask], make: MakeOne, tell: Callable[[Status], None]) -> None:
        self._tasks, self._make, self._tell = tuple(tasks), make, tell
        self._made: list[Made] = []
        self._failed: list[str] = []
        self._current: FileTask | None = None
        self._film: FilmProgress | None = None
        self._stop = Event()
        self._started = monotonic()
        self._worker = Thread(target=self._work, name="colorizer-notebook")
        self._clock = Thread(target=self._tick, name="colorizer-notebook-clock")

    def start(self) -> None:
        """Begin; returns at once."""
        self._worker.start()
        self._clock.start()

    def stop(self) -> None:
        """End soon: a film at its next frame. Returns at once."""
        self._stop.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end, no longer than so many seconds; whether it has come."""
        self._clock.join(seconds)
        return not self._clock.is_alive()

    @property
    def status(self) -> Status:
        """How far it is now."""
        is_over = not self._worker.is_alive()  # asked first: what is made after this is in a later status
        return Status(
            monotonic() - self._started,
            len(self._tasks),
            tuple(self._made),
            tuple(self._failed),
            self._current,
            self._film,
            self._stop.is_set(),
            is_over,
        )

    def _work(self) -> None:
        for task in self._tasks:
            self._film, self._current = None, task
            try:
                self._watch(None)
                self._made.append(self._make(task, self._watch))
            except Stopped:
                break
            except ColorizerError as error:
                self._failed.append(str(error))
            except Exception as error:  # noqa: BLE001  told in the notebook, where a thread's traceback helps nobody
                self._failed.append(f"{task.source.name}: an error of the program ({type(error).__name__}: {error})")
        self._film = self._current = None

    def _watch(self, film: FilmProgress | None) -> None:
        self._film = film
        if self._stop.is_set() or not main_thread().is_alive():  # the kernel is ending: no film holds it up
            raise Stopped

    def _tick(self) -> None:
        while not (status := self.status).is_over:
            self._tell(status)
            self._worker.join(_TICK)
        self._tell(status)
