"""Whose films are whose in a studio that strangers share."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

import app
from colorizer.errors import JobError
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FilmOrder, Job, State
from colorizer.jobs.store import Store
from colorizer.settings import settings
from colorizer.web.films.film_folder import FilmFolder
from colorizer.web.films.state import my_films
from colorizer.web.jobs import expiry
from colorizer.web.jobs.expiry import delete_expired, deleting_expired
from colorizer.web.jobs.state import my_jobs, remember_job
from colorizer.web.visitors import KEPT_HOURS, visitor_id

HOUR = 3600.0


class Clock:
    """Tells the time that it is set to."""

    def __init__(self) -> None:
        self.now = 1e9

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Store:
    return Store(DataFolder(tmp_path / "data"), clock=clock)


@pytest.fixture(params=[True, False], ids=["shared", "at home"])
def shared(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[bool]:
    monkeypatch.setenv("COLORIZER_SHARED", "1" if request.param else "0")
    settings.cache_clear()
    yield request.param
    settings.cache_clear()


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that makes another visitor, with this address, the one who looks."""

    def looks(session: dict[str, Any], **address: str) -> None:
        monkeypatch.setattr(st, "session_state", session)
        monkeypatch.setattr(st, "query_params", address)

    return looks


def ended(store: Store, job: Job) -> Job:
    store.claim(0)
    return store.release(job.id, State.DONE)


def test_each_visitor_sees_the_own_films_and_those_of_the_address(shared: bool, visitor: Any, tmp_path: Path) -> None:
    film_folder = FilmFolder(tmp_path)
    first: dict[str, Any] = {}
    second: dict[str, Any] = {}
    visitor(first)
    oma = film_folder.put("Oma.mkv", 1, 1, owner=visitor_id())
    visitor(second)
    opa = film_folder.put("Opa.mkv", 1, 1, owner=visitor_id())
    everything = film_folder.films()
    assert my_films(everything) == ([opa] if shared else [oma, opa])
    visitor(second, film=oma.id)
    assert my_films(everything) == [oma, opa]
    visitor(first)
    assert my_films(everything) == ([oma] if shared else [oma, opa])
    visitor({})
    assert my_films(everything) == ([] if shared else [oma, opa])


def test_each_visitor_sees_the_own_jobs_and_that_of_the_address(shared: bool, visitor: Any, store: Store) -> None:
    mine: dict[str, Any] = {}
    visitor(mine)
    job, other = store.add(FilmOrder(Path("/a"), "a")), store.add(FilmOrder(Path("/b"), "b"))
    remember_job(job)
    assert my_jobs(store.jobs()) == ([job] if shared else [job, other])
    visitor({}, job=other.id)
    assert my_jobs(store.jobs()) == ([other] if shared else [job, other])


def test_only_what_strangers_left_behind_hours_ago_is_forgotten(
    shared: bool, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry.time, "time", clock)
    upload = store.data.uploads / "1"
    upload.mkdir()
    os.utime(upload, (clock.now, clock.now))
    old = ended(store, store.add(FilmOrder(upload / "1.film", "old")))
    clock.now += (KEPT_HOURS - 1) * HOUR
    young = ended(store, store.add(FilmOrder(Path("/b"), "young")))
    delete_expired(store)
    assert len(store.jobs()) == 2
    clock.now += 1.5 * HOUR
    delete_expired(store)
    assert {job.id for job in store.jobs()} == ({young.id} if shared else {old.id, young.id})
    assert upload.exists() != shared


def test_what_strangers_left_is_forgotten_on_a_night_when_nobody_comes(
    shared: bool, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry.time, "time", clock)
    deleted = threading.Semaphore(0)

    def watched(asked: Store) -> None:
        delete_expired(asked)
        deleted.release()
        if clock.now > 1e9:
            raise JobError("the list is held")  # which is no reason not to come again

    monkeypatch.setattr(expiry, "delete_expired", watched)
    job = ended(store, store.add(FilmOrder(Path("/a"), "old")))
    with deleting_expired(store, every=0.001):
        deleted.acquire()
        assert store.jobs() == [job]
        clock.now += 2 * KEPT_HOURS * HOUR
        for _ in range(3):
            deleted.acquire()
    assert store.jobs() == ([] if shared else [job])
    assert "delete-expired" not in {thread.name for thread in threading.enumerate()}


def test_the_studio_deletes_what_expired_as_long_as_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    monkeypatch.setattr(app, "supervisor", lambda *_: nullcontext())

    def is_deleting() -> bool:
        return "delete-expired" in {thread.name for thread in threading.enumerate()}

    async def live() -> None:
        async with app._lifespan(app.app):
            assert is_deleting()

    asyncio.run(live())
    assert not is_deleting()
    st.cache_resource.clear()
    settings.cache_clear()


def test_colours_that_are_still_being_graded_anew_are_kept(
    shared: bool, store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry.time, "time", clock)
    first = store.add(FilmOrder(Path("/a"), "a"))
    store.claim(0)
    first.folder.mkdir()
    first.target.write_bytes(b"film")
    first = store.release(first.id, State.DONE)
    store.add(first.regrading(first.order.settings))
    clock.now += 2 * KEPT_HOURS * HOUR
    delete_expired(store)
    assert len(store.jobs()) == 2
