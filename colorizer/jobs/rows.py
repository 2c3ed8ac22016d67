"""Jobs as rows of the list, within a transaction: found, changed as their state allows, and told as values."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from colorizer.errors import JobError, JobMissing
from colorizer.jobs.model import FOLLOWS, Job, State, order_from_json, what_is_left

_SELECT = (
    "SELECT *, (SELECT count(*) FROM jobs AS earlier WHERE earlier.state = 'queued' AND earlier.place <= jobs.place) "
    "AS position FROM jobs WHERE id = ?"
)
_PLAIN = ("frames", "expected", "shots", "fps", "attempts", "reason", "engine", "bytes", "wish", "stage", "setback")


class JobRows:
    """The rows of the jobs whose folders lie in `jobs`. clock: seconds since 1970, for the times that people read."""

    def __init__(self, jobs: Path, clock: Callable[[], float]) -> None:
        self._jobs, self._clock = jobs, clock

    def change(self, connection: sqlite3.Connection, job: Job, state: State, **values: object) -> Job:
        """The job in its new state. Raises JobError where that may not follow."""
        if state not in FOLLOWS[job.state]:
            raise refusal(job, state.value)
        return self.write(connection, job, state, **values)

    def write(self, connection: sqlite3.Connection, job: Job, state: State, **values: object) -> Job:
        """The job in its new state, whatever was read of its old one."""
        if state.has_ended:
            values = {"place": last_place(connection), "ended": self._clock(), **values}
        values = {"state": state, "wish": "", "worker": None, "fps": 0, "stage": "", "reason": "", **values}
        names = ", ".join(f"{name} = ?" for name in values)
        connection.execute(f"UPDATE jobs SET {names} WHERE id = ?", (*values.values(), job.id))  # noqa: S608
        return self.find(connection, job.id)

    def find(self, connection: sqlite3.Connection, job_id: str) -> Job:
        """The job of this id. Raises JobMissing."""
        row = connection.execute(_SELECT, (job_id,)).fetchone()
        if row is None:
            raise JobMissing(f"there is no job {job_id!r}. `colorizer jobs list` names them all")
        return self.job(row)

    def job(self, row: sqlite3.Row) -> Job:
        """The job in this row; one whose order cannot be read has failed for that reason."""
        plain = {name: row[name] for name in _PLAIN}
        try:
            state, order = State(row["state"]), order_from_json(row["wanted"])
        except ValueError as error:
            state, order = State.FAILED, what_is_left(row["wanted"])
            plain["reason"] = str(error)
        return Job(
            id=row["id"],
            order=order,
            state=state,
            folder=self._jobs / row["id"],
            created=_moment(row["created"]),
            position=row["position"] if state is State.QUEUED else None,
            started=_moment(row["started"]) if row["started"] is not None else None,
            ended=_moment(row["ended"]) if row["ended"] is not None else None,
            **plain,
        )


def last_place(connection: sqlite3.Connection) -> int:
    """A place behind all others, of waiting and of ended jobs alike."""
    return int(connection.execute("SELECT coalesce(max(place), 0) + 1 FROM jobs").fetchone()[0])


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def refusal(job: Job, action: str) -> JobError:
    """That the state of the job does not allow this. action: such as "cancelled"."""
    return JobError(f"job {job.id} ({job.order.title}) is {job.state}, so it cannot be {action}")


def awaiting(connection: sqlite3.Connection, job: Job) -> str:
    """The id of a job that is yet to render this one's colours; empty where there is none."""
    regrades = "CASE WHEN json_valid(wanted) THEN json_extract(wanted, '$.regrades') END"
    pending = "state IN ('queued', 'running', 'paused')"
    row = connection.execute(f"SELECT id FROM jobs WHERE {pending} AND {regrades} = ?", (job.id,)).fetchone()  # noqa: S608
    return str(row["id"]) if row else ""
