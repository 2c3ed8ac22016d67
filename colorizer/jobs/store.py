"""The list of jobs: what users ask, what workers take and tell. Every call is one short transaction."""

import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from colorizer.errors import JobError, JobMissing
from colorizer.files import size_text
from colorizer.jobs.database import transaction
from colorizer.jobs.folders import DataFolder, Usage, demand_room, remove, size_on_disk
from colorizer.jobs.model import FOLLOWS, FilmOrder, Job, State, Wish, outcome
from colorizer.jobs.rows import JobRows, awaiting, last_place, refusal
from colorizer.jobs.unused_uploads import unused
from colorizer.settings import settings
from colorizer.video.report import FilmProgress

_MOST_DEATHS = 2  # of workers on one job: it is tried again once
_IN_ORDER = "ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'queued' THEN 1 WHEN 'paused' THEN 2 ELSE 3 END, "
_SELECT_ALL = "SELECT *, row_number() OVER (PARTITION BY state ORDER BY place) AS position FROM jobs"


class Store:
    """The jobs in this folder. Any number of threads and processes may each have their own, or share one.

    quota, queue: see colorizer.settings.Settings. clock: seconds since 1970, for the times that people read.
    Every method raises JobError where the list cannot be read or written. A job whose order cannot be read has failed
    for that reason.
    """

    def __init__(
        self,
        data: DataFolder,
        quota: int | None = None,
        clock: Callable[[], float] = time.time,
        queue: int | None = None,
    ) -> None:
        self.data, self.quota, self.queue = data, quota, queue
        self._clock = clock
        self._rows = JobRows(data.jobs, clock)
        data.make()

    # What anybody may ask

    def jobs(self) -> list[Job]:
        """All of them: what runs, the queue in its order, what is paused, and then what ended, the latest first."""
        ended_last_first = "CASE WHEN state IN ('running', 'queued', 'paused') THEN place ELSE -place END"
        with transaction(self.data.database, writes=False) as connection:
            return [self._rows.job(row) for row in connection.execute(f"{_SELECT_ALL} {_IN_ORDER} {ended_last_first}")]

    def find(self, job_id: str) -> Job:
        """The job of this id. Raises JobMissing."""
        with transaction(self.data.database, writes=False) as connection:
            return self._rows.find(connection, job_id)

    def counts(self) -> Counter[State]:
        """How many jobs are in each state."""
        with transaction(self.data.database, writes=False) as connection:
            rows = connection.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall()
        found = dict(map(tuple, rows))
        return Counter({state: found[state] for state in State if state in found})

    def readers(self, path: Path) -> list[Job]:
        """The jobs that have not ended and read from this file, or from this folder: it must stay."""
        return [job for job in self.jobs() if not job.state.has_ended and job.order.source.is_relative_to(path)]

    def usage(self) -> Usage:
        """What the jobs and the uploads take on the disk at this moment."""
        return self.data.usage(self.quota)

    # What users do

    def add(self, order: FilmOrder) -> Job:
        """A new job at the end of the queue. Raises JobError, also where too many wait, or OutputError."""
        if self.quota is not None:
            self.keep_within_quota(but_for=order.regrades)
            demand_room(self.usage())
        job_id = secrets.token_hex(6)
        with transaction(self.data.database) as connection:
            self._demand_place(connection, order.title)
            if order.regrades and self._rows.find(connection, order.regrades).result is None:
                raise JobError(f"job {order.regrades} has no film (any more), so its colours cannot be graded anew")
            connection.execute(
                "INSERT INTO jobs (id, wanted, state, place, created) VALUES (?, ?, 'queued', ?, ?)",
                (job_id, order.as_json(), last_place(connection), self._clock()),
            )
            return self._rows.find(connection, job_id)

    def cancel(self, job_id: str) -> Job:
        """The job, cancelled with what it has finished; while it runs, its worker does so at its next frame."""
        return self._stop(job_id, State.CANCELLED, "cancel")

    def pause(self, job_id: str) -> Job:
        """The job, paused with what it has finished; while it runs, its worker does so at its next frame."""
        return self._stop(job_id, State.PAUSED, "pause")

    def resume(self, job_id: str) -> Job:
        """The paused job in the queue again, at its old place; a wish to pause that was not met yet is taken back."""
        with transaction(self.data.database) as connection:
            connection.execute("UPDATE jobs SET wish = '' WHERE id = ? AND wish = 'pause'", (job_id,))
            job = self._rows.find(connection, job_id)
            if job.state is State.RUNNING:
                return job
            if job.state is not State.PAUSED:
                raise refusal(job, "resumed")
            return self._rows.change(connection, job, State.QUEUED)

    def retry(self, job_id: str) -> Job:
        """The failed or cancelled job at the end of the queue, under its id; it goes on with what it had finished."""
        with transaction(self.data.database) as connection:
            job = self._rows.find(connection, job_id)
            if job.state not in {State.FAILED, State.CANCELLED}:
                raise refusal(job, "tried again")
            self._demand_place(connection, job.order.title)
            values = {"place": last_place(connection), "ended": None, "deaths": 0, "setback": ""}
            return self._rows.change(connection, job, State.QUEUED, **values)

    def move(self, job_id: str, position: int) -> None:
        """Put a queued job at this place of the queue; 1 is next, and whatever lies beyond the end is the end."""
        with transaction(self.data.database) as connection:
            job = self._rows.find(connection, job_id)
            if job.state is not State.QUEUED:
                raise refusal(job, "moved")
            rows = connection.execute("SELECT id, place FROM jobs WHERE state = 'queued' ORDER BY place").fetchall()
            ids = [row["id"] for row in rows if row["id"] != job_id]
            ids.insert(max(0, position - 1), job_id)
            places = [(row["place"], other) for row, other in zip(rows, ids, strict=True)]
            connection.executemany("UPDATE jobs SET place = ? WHERE id = ?", places)

    def delete(self, job_id: str) -> None:
        """Forget the job and delete its files; its source stays, but for an upload that only waited for this.

        Raises JobError while it runs, or while a job that has not ended renders it anew.
        """
        with transaction(self.data.database) as connection:
            job = self._rows.find(connection, job_id)
            if job.state is State.RUNNING:
                raise refusal(job, "deleted")
            other = awaiting(connection, job)
            if other:
                raise JobError(f"job {other} still renders {job_id} anew. Cancel that one first")
            connection.execute("DELETE FROM jobs WHERE id = ?", (job_id,))
        remove(job.folder)
        self._remove_uploads_put_away()

    # What workers do

    def claim(self, slot: int) -> Job | None:
        """The next job of the queue, now running in this worker's hands; None where nothing is queued."""
        path = self.data.database
        with transaction(path, writes=False) as connection:
            if not connection.execute("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1").fetchone():
                return None
        with transaction(path) as connection:
            while row := connection.execute(
                "UPDATE jobs SET state = 'running', worker = ?, attempts = attempts + 1, started = ?, ended = NULL, "
                "fps = 0, wish = '', reason = '', stage = '' "
                "WHERE id = (SELECT id FROM jobs WHERE state = 'queued' ORDER BY place LIMIT 1) RETURNING id",
                (slot, self._clock()),
            ).fetchone():
                job = self._rows.find(connection, row["id"])
                if job.state is State.RUNNING:
                    return job
                self._rows.write(connection, job, job.state, reason=job.reason)  # nobody can make it: the next, then
        return None

    def beat(self, job_id: str, progress: FilmProgress | None = None, engine: str | None = None) -> Wish:
        """What the user wants of the running job, after writing down how far it is and what runs it."""
        with transaction(self.data.database) as connection:
            if progress is not None:
                connection.execute(
                    "UPDATE jobs SET frames = ?, expected = ?, shots = ?, fps = ?, stage = ? "
                    "WHERE id = ? AND state = 'running'",
                    (progress.frames, progress.expected, progress.shots, progress.fps, progress.stage, job_id),
                )
            if engine is not None:
                connection.execute("UPDATE jobs SET engine = ? WHERE id = ?", (engine, job_id))
            row = connection.execute("SELECT wish FROM jobs WHERE id = ? AND state = 'running'", (job_id,)).fetchone()
        wish: Wish = row["wish"] if row else "cancel"
        return wish

    def release(self, job_id: str, state: State, reason: str = "") -> Job:
        """The job that ran, out of its worker's hands; what the user wished meanwhile comes first."""
        taken = size_on_disk(self.data.jobs / job_id)
        with transaction(self.data.database) as connection:
            job = self._rows.find(connection, job_id)
            if job.state is State.RUNNING:
                job = self._rows.change(connection, job, outcome(state, job.wish), reason=reason, bytes=taken)
        return job

    def busy_slots(self) -> set[int]:
        """The numbers of the workers that have a job in hand, be they alive or dead."""
        with transaction(self.data.database, writes=False) as connection:
            return {row["worker"] for row in connection.execute("SELECT worker FROM jobs WHERE state = 'running'")}

    def recover(self, slot: int, cause: str) -> list[Job]:
        """The jobs that the dead worker of this number had in hand: queued again, or failed if it was not the first.

        Call it only with that worker's lock in hand: the lock is what proves that it is dead.
        cause: what happened to it, as the end of "the worker ...".
        """
        found = []
        with transaction(self.data.database) as connection:
            rows = connection.execute("SELECT * FROM jobs WHERE state = 'running' AND worker = ?", (slot,)).fetchall()
            for row in rows:
                job, deaths = self._rows.find(connection, row["id"]), row["deaths"] + 1
                again = deaths < _MOST_DEATHS
                state = outcome(State.QUEUED if again else State.FAILED, job.wish)
                goes_on = "It goes on from the last finished segment when it is tried again"
                reason = "" if again else f"for the second time the worker {cause}. {goes_on}"
                said = {"reason": reason, "setback": cause, "deaths": deaths, "bytes": size_on_disk(job.folder)}
                found.append(self._rows.write(connection, job, state, **said))
        return found

    # What is deleted

    def keep_within_quota(self, but_for: str = "") -> list[Job]:
        """The jobs whose files were cleared away, the oldest first, until the quota is kept; their rows stay.

        but_for: the id of a job that is left as it is, beside the film that was made last.
        """
        cleared: list[Job] = []
        if self.quota is None:
            return cleared
        over, jobs = self.usage().over, self.jobs()
        kept = {but_for, *[job.id for job in jobs if job.result is not None][:1]}
        for job in reversed(jobs):
            if over <= 0:
                break
            if job.id not in kept and job.folder.exists() and self._clear(job.id):
                cleared.append(job)
                self._remove_uploads_put_away()
                over = self.usage().over
        return cleared

    def sweep(self) -> None:
        """Delete what is left of jobs that are forgotten."""
        folders = list(self.data.jobs.iterdir())  # first: what is ordered while the list is read is not among them
        known = {job.id for job in self.jobs()}
        for folder in folders:
            if folder.name not in known:
                remove(folder)

    def unused_uploads(self, idle: float) -> list[Path]:
        """The uploads that nobody needs: see `unused`. idle: seconds since somebody touched those that are shown."""
        return unused(self.data, self.jobs(), self._clock() - idle)

    # Inside

    def _clear(self, job_id: str) -> bool:
        """Whether the job's files were deleted: not where it is to go on, or another one needs them, by now."""
        with transaction(self.data.database) as connection:
            try:
                job = self._rows.find(connection, job_id)
            except JobMissing:
                return False
            if not job.state.has_ended or awaiting(connection, job):
                return False
            reason = f"cleared away to keep within the quota of {size_text(self.quota or 0)}"
            if job.state is State.FAILED:
                reason = f"{job.reason}; its files were {reason}"
            connection.execute("UPDATE jobs SET bytes = 0, reason = ? WHERE id = ?", (reason, job.id))
            remove(job.folder)  # while nobody can take it up again
        return True

    def _remove_uploads_put_away(self) -> None:
        for upload in self.unused_uploads(float("inf")):
            remove(upload)

    def _demand_place(self, connection: sqlite3.Connection, title: str) -> None:
        if self.queue is None:
            return
        waiting = connection.execute("SELECT count(*) FROM jobs WHERE state IN ('queued', 'paused')").fetchone()[0]
        if waiting >= self.queue:
            raise JobError(
                f"{title} was not put into the queue: {waiting} other films wait already, which is as many as may "
                "(COLORIZER_QUEUE). Try again when one of them is done"
            )

    def _stop(self, job_id: str, state: State, wish: Wish) -> Job:
        with transaction(self.data.database) as connection:
            job = self._rows.find(connection, job_id)
            if state not in FOLLOWS[job.state]:
                raise refusal(job, state.value)
            if job.state is State.RUNNING:
                connection.execute("UPDATE jobs SET wish = ? WHERE id = ? AND wish != 'cancel'", (wish, job_id))
                return self._rows.find(connection, job_id)
            return self._rows.change(connection, job, state)


def open_store() -> Store:
    """The list of jobs of this studio, where the settings say. Raises OutputError."""
    return Store(DataFolder(settings().data_folder), settings().quota, queue=settings().queue)
