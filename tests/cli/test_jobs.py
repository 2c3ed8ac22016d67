"""`colorizer jobs`, as a user types it."""

import json
from pathlib import Path

import pytest

from colorizer.cli import main
from colorizer.jobs.model import FilmOrder, State
from colorizer.jobs.slots import slot
from colorizer.jobs.store import open_store
from colorizer.settings import Settings
from colorizer.video.report import FilmProgress


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr("colorizer.jobs.store.settings", lambda: Settings(tmp_path, data_folder=tmp_path / "data"))
    return open_store()


def _add(store, title="old film.avi"):
    return store.add(FilmOrder(Path("/films/old.avi"), title))


def test_an_empty_list_says_so_and_where_it_lies(store, capsys):
    assert main(["jobs", "list"]) == 0
    assert f"0 jobs in {store.data.root}" in capsys.readouterr().out


def test_the_list_shows_what_runs_waits_and_has_failed(store, capsys):
    running, failed, waiting = _add(store), _add(store, "bad\nname.avi"), _add(store)
    store.claim(0)
    store.beat(running.id, FilmProgress(50, 200, 3, 10.0))
    store.claim(1)
    store.release(failed.id, State.FAILED, "the disk is full")
    with slot(store.data, 0):
        assert main(["jobs", "list"]) == 0
        lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == [running.id, waiting.id, failed.id]
    assert all(word in lines[1] for word in ("running", "25%", "15 s"))
    assert "queued (1.)" in lines[2]
    assert all(word in lines[3] for word in ("bad\\nname.avi", "failed", "the disk is full"))


def test_a_job_whose_worker_is_dead_is_not_said_to_run(store, capsys):
    _add(store)
    store.claim(0)
    assert main(["jobs", "list"]) == 0
    assert "queued (1.)" in capsys.readouterr().out


def test_the_stage_and_what_befell_the_worker_are_said_in_words_and_to_programs_by_name(store, capsys):
    job = _add(store)
    store.claim(0)
    store.recover(0, "was killed, probably for lack of memory")
    store.claim(0)
    store.beat(job.id, FilmProgress(200, 200, 3, 10.0, stage="joining"))
    with slot(store.data, 0):
        assert main(["jobs", "show", job.id]) == 0
        said = capsys.readouterr().out
        assert main(["jobs", "show", job.id, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
    assert "being put together" in said
    assert "the worker was killed, probably for lack of memory; the film goes on" in said
    assert (told["stage"], told["setback"]) == ("joining", "was killed, probably for lack of memory")


def test_programs_read_the_same_as_json(store, capsys):
    job = _add(store)
    assert main(["jobs", "list", "--json"]) == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert main(["jobs", "show", job.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == listed
    assert (listed["id"], listed["state"], listed["title"], listed["result"]) == (
        job.id,
        "queued",
        "old film.avi",
        None,
    )
    assert listed["settings"]["grade"]["saturation"] == 1


def test_one_job_is_told_in_full(store, capsys):
    job = _add(store)
    assert main(["jobs", "show", job.id]) == 0
    said = capsys.readouterr().out
    assert all(word in said for word in (job.id, "old film.avi", "/films/old.avi", "starter", "queued"))


def test_cancel_and_retry_do_what_they_can_and_say_what_they_could_not(store, capsys):
    first, second = _add(store), _add(store)
    store.claim(0)
    store.release(first.id, State.FAILED, "no reason")
    assert main(["jobs", "retry", first.id]) == 0
    assert main(["jobs", "cancel", "nonesuch", second.id]) == 1
    said = capsys.readouterr()
    assert store.find(first.id).state is State.QUEUED
    assert store.find(second.id).state is State.CANCELLED
    assert f"{second.id} (old film.avi) is cancelled" in said.out
    assert main(["jobs", "retry", second.id]) == 0
    assert f"{second.id} (old film.avi) is queued" in capsys.readouterr().out
    assert said.err == "colorizer: there is no job 'nonesuch'. `colorizer jobs list` names them all\n"


def test_a_running_job_is_cancelled_by_its_worker(store, capsys):
    job = _add(store)
    store.claim(0)
    with slot(store.data, 0):
        assert main(["jobs", "cancel", job.id]) == 0
    assert "will be cancelled in a moment" in capsys.readouterr().out
    assert store.beat(job.id) == "cancel"


def test_clean_forgets_what_came_to_nothing_and_finished_films_only_when_asked(store, capsys):
    done, failed, waiting = _add(store), _add(store), _add(store)
    for job, state in ((done, State.DONE), (failed, State.FAILED)):
        store.claim(0)
        job.folder.mkdir()
        job.target.write_bytes(bytes(2000))
        store.release(job.id, state)
    assert main(["jobs", "clean"]) == 0
    assert "2 kB are free again" in capsys.readouterr().out
    assert {job.id for job in store.jobs()} == {done.id, waiting.id}
    assert done.target.exists()
    assert not failed.folder.exists()
    assert main(["jobs", "clean", "--done"]) == 0
    assert [job.id for job in store.jobs()] == [waiting.id]
    assert not done.folder.exists()
