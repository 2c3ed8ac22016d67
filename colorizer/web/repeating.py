"""Work that is done again and again behind the pages, whether anybody comes or not."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from colorizer.errors import ColorizerError

_LOG = logging.getLogger(__name__)


@contextmanager
def repeating(work: Callable[[], None], every: float, name: str) -> Iterator[None]:
    """A block during which the work is done at once and every so many seconds, on a thread of this name.

    Its ColorizerError or OSError is written down, and the next time may fare better.
    """
    stop = Event()

    def run() -> None:
        while True:
            try:
                work()
            except (ColorizerError, OSError) as error:
                _LOG.warning("%s: %s", name, error)
            if stop.wait(every):
                return

    thread = Thread(target=run, name=name)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
