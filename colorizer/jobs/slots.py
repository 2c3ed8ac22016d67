"""Who owns a worker's number: a lock on a file, which ends with the process that holds it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from colorizer.errors import JobError
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import Job
from colorizer.jobs.store import Store
from colorizer.lockfile import take


@contextmanager
def slot(data: DataFolder, number: int) -> Iterator[bool]:
    """Whether this worker's number is ours for the block; it is not while its worker lives. Raises JobError."""
    path = data.lock(number)
    with ExitStack() as stack:
        try:
            is_ours = take(stack.enter_context(path.open("ab")))
        except OSError as error:
            raise JobError(
                f"{path} cannot be locked ({error.strerror}). Set COLORIZER_DATA_DIR to another disk"
            ) from error
        yield is_ours


def recover_dead(store: Store, cause: str, slots: set[int] | None = None) -> list[Job]:
    """The jobs that dead workers had in hand, taken from them; see Store.recover. slots: None looks at all."""
    found: list[Job] = []
    for number in sorted(store.busy_slots() if slots is None else slots):
        with slot(store.data, number) as is_ours:
            if is_ours:
                found += store.recover(number, cause)
    return found
