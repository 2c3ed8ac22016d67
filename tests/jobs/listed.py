"""What tests do with a list of jobs, beside asking it."""

from pathlib import Path

from colorizer.jobs.model import FilmOrder, State

ORDER = FilmOrder(Path("/films/old.avi"), "old.avi")


def put(job, size=1000):
    job.folder.mkdir(parents=True, exist_ok=True)
    job.target.write_bytes(bytes(size))


def finish(store, job, size=1000):
    claimed = store.claim(0)
    assert claimed.id == job.id
    put(job, size)
    return store.release(job.id, State.DONE)


def queue(store):
    return [job.id for job in store.jobs() if job.state is State.QUEUED]
