"""In a studio that strangers share, deletes their films and results some hours later."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from colorizer.errors import JobError
from colorizer.jobs.folders import remove
from colorizer.jobs.model import Job
from colorizer.jobs.store import Store
from colorizer.settings import settings
from colorizer.web.repeating import repeating
from colorizer.web.visitors import KEPT_HOURS

_DELETE_EVERY = 600.0  # seconds


def delete_expired(store: Store, now: float | None = None) -> None:
    """In a shared studio, delete jobs that ended some hours ago, and films that nobody uses; at home nothing."""
    if not settings().shared:
        return
    age = KEPT_HOURS * 3600.0
    for job in _ended_before(store.jobs(), (time.time() if now is None else now) - age):
        with suppress(JobError):  # somebody else deletes it, or tries it again, at this moment
            store.delete(job.id)
    for upload in store.unused_uploads(age):
        remove(upload)


@contextmanager
def deleting_expired(store: Store, every: float = _DELETE_EVERY) -> Iterator[None]:
    """A block during which `delete_expired` is called every so many seconds, whether anybody comes or not."""
    with repeating(lambda: delete_expired(store), every, "delete-expired"):
        yield


def _ended_before(jobs: Sequence[Job], moment: float) -> list[Job]:
    """Jobs that ended before this moment, except those whose colours a waiting job needs."""
    old = [job for job in jobs if job.ended is not None and job.ended.timestamp() < moment]
    needed = {job.order.regrades for job in jobs if not job.state.has_ended}
    return [job for job in old if job.id not in needed]
