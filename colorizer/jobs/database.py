"""The list of jobs as a file: short transactions of many processes, one connection for each."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from colorizer.errors import JobError

_PATIENCE = 15.0  # seconds: another program, or a copy in the making, may hold the file for a while
_PAUSE = 0.05
_TABLE = """
CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    wanted TEXT NOT NULL,
    state TEXT NOT NULL,
    place INTEGER NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    frames INTEGER NOT NULL DEFAULT 0,
    expected INTEGER,
    shots INTEGER NOT NULL DEFAULT 0,
    fps REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    deaths INTEGER NOT NULL DEFAULT 0,
    worker INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    engine TEXT NOT NULL DEFAULT '',
    bytes INTEGER NOT NULL DEFAULT 0,
    wish TEXT NOT NULL DEFAULT ''
)
"""
_STEPS = (
    _TABLE,
    "ALTER TABLE jobs ADD COLUMN stage TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE jobs ADD COLUMN setback TEXT NOT NULL DEFAULT ''",
)
"""What makes version 1 of none, version 2 of that, and so on: a step is never changed, one is added."""
_VERSION = len(_STEPS)


@contextmanager
def transaction(path: Path, *, writes: bool = True) -> Iterator[sqlite3.Connection]:
    """A connection for one transaction, kept whole or not at all; the file and its table are made where missing.

    A list that an older version of this program wrote is brought up to date. Where another process holds the file,
    waits. Raises JobError for a file that cannot be used.
    """
    try:
        with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            _begin(connection, path, writes=writes)
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
    except sqlite3.Error as error:
        raise JobError(f"the list of jobs {path} cannot be used ({error}). {_cure(error)}") from error


def _begin(connection: sqlite3.Connection, path: Path, *, writes: bool) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            if _version(connection, path) < _VERSION:
                _bring_up_to_date(connection)
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        except sqlite3.OperationalError as error:
            # SQLite waits by itself in most cases, but not while the last other connection is closing.
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > _VERSION:
        raise JobError(
            f"the list of jobs {path} was written by a newer version of this program. Install that one, "
            "or set COLORIZER_DATA_DIR to another folder"
        )
    return version


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")  # readers never wait for the writer
    connection.execute("BEGIN IMMEDIATE")
    for step in _STEPS[connection.execute("PRAGMA user_version").fetchone()[0] :]:  # perhaps somebody else was faster
        connection.execute(step)
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")


def _cure(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_BUSY:
        return "Close the program that holds it, and try again"
    if code == sqlite3.SQLITE_FULL:
        return "Make room on its disk"
    return "Look at its disk and its rights, or set COLORIZER_DATA_DIR to another folder"
