"""Work that overlaps: one thread reads ahead, another writes behind; queues are bounded, exceptions arrive."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

_FEWEST, _MOST = 2, 32
_PIXELS = 16_000_000  # of all frames that wait at one place: 32 of 480p, 7 of HD, 2 of 4K
_END = object()
_PATIENCE = 0.1  # seconds between two looks at whether the other side has gone


def depth_for(pixels: int) -> int:
    """How many frames of so many pixels may wait between two stages.

    More than a key frame settles at once, so that the encoder has work until the next one; few enough for 4K.
    """
    return max(_FEWEST, min(_MOST, _PIXELS // max(pixels, 1)))


@contextmanager
def ahead(items: Iterable[Item], depth: int, name: str) -> Iterator[Iterator[Item]]:
    """An iterator over the items, of which up to `depth` are made ahead by a thread of this name.

    What the items raise is raised here, in their place. On leaving, the thread has ended.
    """
    queue: Queue[object] = Queue(depth)
    stop = Event()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            for item in items:
                if not _put(queue, item, stop):
                    return
        except BaseException as error:  # noqa: BLE001  handed to the reader, who raises it
            failure.append(error)
        _put(queue, _END, stop)

    def taken() -> Iterator[Item]:
        while (item := queue.get()) is not _END:
            yield item  # type: ignore[misc]
        if failure:
            raise failure[0]

    thread = Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stop.set()
        thread.join()


@contextmanager
def behind(work: Callable[[Item], None], depth: int, name: str) -> Iterator[Callable[[Item], None]]:
    """A function that hands an item to a thread of this name, which works through them in order, up to `depth` behind.

    What the work raises is raised by the next call, or on leaving. On leaving without an exception all is done; with
    one, what still waits is dropped.
    """
    queue: Queue[object] = Queue(depth)
    stop = Event()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            while (item := _get(queue, stop)) is not _END:
                work(item)  # type: ignore[arg-type]
        except BaseException as error:  # noqa: BLE001  handed to the giver, who raises it
            failure.append(error)
            stop.set()

    def give(item: Item) -> None:
        if not _put(queue, item, stop):
            raise failure[0]

    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield give
        _put(queue, _END, stop)
    except BaseException:
        stop.set()
        raise
    finally:
        thread.join()
    if failure:
        raise failure[0]


def _put(queue: "Queue[object]", item: object, stop: Event) -> bool:
    """Whether the item could be put in before the other side stopped."""
    while not stop.is_set():
        try:
            queue.put(item, timeout=_PATIENCE)
        except Full:
            continue
        return True
    return False


def _get(queue: "Queue[object]", stop: Event) -> object:
    """The next item, or the end once the other side stopped."""
    while not stop.is_set():
        try:
            return queue.get(timeout=_PATIENCE)
        except Empty:
            continue
    return _END
