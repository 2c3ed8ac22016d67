"""What the list of jobs keeps on the disk: the files of its jobs, within the quota, and the list itself."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace

import pytest

from colorizer.errors import JobError, JobMissing, OutputError
from colorizer.jobs import one_job, room
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FilmOrder, State
from colorizer.jobs.store import Store
from colorizer.video.film_settings import FilmSettings
from colorizer.video.report import FilmProgress
from tests.jobs.listed import ORDER, finish, put, queue


def test_pausing_and_cancelling_keep_what_was_finished_until_the_job_is_deleted(store):
    paused, running, dead = (store.add(ORDER) for _ in range(3))
    for job in (paused, running, dead):
        store.claim(0)
        put(job)
    assert store.release(paused.id, State.PAUSED).bytes == 1000
    for job in (paused, running, dead):
        store.cancel(job.id)
    store.release(running.id, State.CANCELLED)
    store.recover(0, "was killed")
    store.sweep()
    for job in (paused, running, dead):
        assert (store.find(job.id).state, store.find(job.id).bytes) == (State.CANCELLED, 1000)
        assert job.target.exists()
        store.delete(job.id)
        assert not job.folder.exists()


def test_deleting_takes_the_files_but_neither_the_source_nor_a_running_job(store):
    upload = store.data.uploads / "0123" / "film"
    upload.parent.mkdir()
    upload.write_bytes(b"film")
    job = store.add(FilmOrder(upload, "old.avi"))
    store.claim(0)
    with pytest.raises(JobError, match="running"):
        store.delete(job.id)
    assert store.readers(upload.parent) == [store.find(job.id)]
    put(job)
    store.release(job.id, State.DONE)
    assert store.readers(upload.parent) == []
    assert store.unused_uploads(-1) == []
    store.delete(job.id)
    assert not job.folder.exists()
    assert upload.exists()
    assert store.jobs() == []
    assert store.unused_uploads(-1) == [upload.parent]
    assert store.unused_uploads(3600) == []


def test_what_is_still_rendered_anew_cannot_be_deleted(store):
    first = finish(store, store.add(ORDER))
    second = store.add(first.regrading(FilmSettings()))
    with pytest.raises(JobError, match=second.id):
        store.delete(first.id)
    store.cancel(second.id)
    store.delete(first.id)
    with pytest.raises(JobMissing):
        store.add(first.regrading(FilmSettings()))


def test_the_quota_clears_away_the_oldest_results_keeps_their_rows_and_then_refuses(tmp_path):
    store = Store(DataFolder(tmp_path / "data"), quota=2500)
    jobs = [finish(store, store.add(ORDER)) for _ in range(3)]
    assert store.usage().over == 500
    waiting = store.add(ORDER)
    assert [job.folder.exists() for job in jobs] == [False, True, True]
    cleared = store.find(jobs[0].id)
    assert (cleared.state, cleared.result, cleared.bytes) == (State.DONE, None, 0)
    assert "quota of 2.5 kB" in cleared.reason
    assert store.find(jobs[1].id).result == jobs[1].target
    (store.data.uploads / "film").write_bytes(bytes(3000))
    with pytest.raises(OutputError, match="COLORIZER_QUOTA_GB"):
        store.add(ORDER)
    assert queue(store) == [waiting.id]


def test_the_quota_never_takes_the_colours_that_are_about_to_be_graded_anew(tmp_path):
    store = Store(DataFolder(tmp_path / "data"), quota=2500)
    oldest, other, newest = (finish(store, store.add(ORDER)) for _ in range(3))
    again = store.add(oldest.regrading(FilmSettings()))
    assert [job.folder.exists() for job in (oldest, other, newest)] == [True, False, True]
    assert store.keep_within_quota() == []
    with pytest.raises(JobError, match=f"job {other.id} has no film"):
        store.add(other.regrading(FilmSettings()))
    assert queue(store) == [again.id]


@pytest.mark.parametrize("act", ["retry", "delete"])
def test_the_quota_takes_nothing_from_a_job_that_is_no_longer_what_it_was_when_the_list_was_read(
    tmp_path, monkeypatch, act
):
    store = Store(DataFolder(tmp_path / "data"), quota=500)
    failed = store.add(ORDER)
    store.claim(0)
    put(failed)
    store.release(failed.id, State.FAILED, "the disk is full")
    stale = store.jobs()
    getattr(Store(store.data), act)(failed.id)
    put(failed)
    monkeypatch.setattr(store, "jobs", lambda: stale)
    assert store.keep_within_quota() == []
    assert failed.folder.exists()


def test_the_quota_leaves_colours_that_were_ordered_anew_after_the_list_was_read(tmp_path, monkeypatch):
    store = Store(DataFolder(tmp_path / "data"), quota=500)
    first = finish(Store(store.data), store.add(ORDER))
    stale = store.jobs()
    Store(store.data).add(first.regrading(FilmSettings()))
    monkeypatch.setattr(store, "jobs", lambda: stale)
    assert store.keep_within_quota() == []
    assert first.target.exists()


def test_a_failed_job_that_is_cleared_away_still_says_why_it_failed(tmp_path):
    store = Store(DataFolder(tmp_path / "data"), quota=500)
    failed = store.add(ORDER)
    store.claim(0)
    put(failed)
    store.release(failed.id, State.FAILED, "the film is damaged")
    assert [job.id for job in store.keep_within_quota()] == [failed.id]
    reason = "the film is damaged; its files were cleared away to keep within the quota of 500 bytes"
    assert store.find(failed.id).reason == reason


def test_without_a_quota_nothing_is_ever_cleared_away(store):
    job = finish(store, store.add(ORDER), size=10**6)
    assert store.keep_within_quota() == []
    assert (store.usage().jobs, store.usage().over) == (10**6, 0)
    assert store.find(job.id).result == job.target


def test_sweeping_takes_only_what_belongs_to_no_job(store):
    job = store.add(ORDER)
    put(job)
    (store.data.jobs / "forgotten").mkdir()
    store.sweep()
    assert list(store.data.jobs.iterdir()) == [job.folder]


def test_sweeping_leaves_what_is_ordered_while_it_looks(store, monkeypatch):
    listed, ordered = store.jobs, []

    def jobs():
        before = listed()
        ordered.append(store.add(ORDER))
        put(ordered[0])
        return before

    monkeypatch.setattr(store, "jobs", jobs)
    store.sweep()
    assert ordered[0].target.exists()


def test_an_upload_that_somebody_else_clears_away_at_this_moment_is_no_trouble(store, monkeypatch):
    (store.data.uploads / "gone").symlink_to(store.data.uploads / "nowhere")  # listed, and not there
    (store.data.uploads / "left").mkdir()
    assert store.unused_uploads(-1) == [store.data.uploads / "left"]


def _spoil(store, job, wanted='{"source": "/films/old.avi", "title": "old.avi", "of_a_newer_program": 1}'):
    with closing(sqlite3.connect(store.data.database)) as connection, connection:
        connection.execute("UPDATE jobs SET wanted = ? WHERE id = ?", (wanted, job.id))


@pytest.mark.parametrize("wanted", [None, "no JSON", "[]", '{"source": "/a", "settings": []}', '{"source": 5}'])
def test_a_job_whose_order_cannot_be_read_has_failed_and_stops_no_other(store, wanted):
    spoilt, following = store.add(ORDER), store.add(ORDER)
    _spoil(store, spoilt, *([wanted] if wanted else []))
    listed = store.jobs()
    assert {job.id: job.state for job in listed} == {spoilt.id: State.FAILED, following.id: State.QUEUED}
    assert "an order cannot be read" in next(job for job in listed if job.id == spoilt.id).reason
    assert store.claim(0).id == following.id
    assert store.claim(0) is None
    assert store.counts() == {State.FAILED: 1, State.RUNNING: 1}
    with suppress(JobError):
        store.retry(spoilt.id)
    assert store.claim(0) is None
    store.delete(spoilt.id)
    assert [job.id for job in store.jobs()] == [following.id]


def test_what_an_older_program_cannot_read_keeps_its_film_and_can_be_taken_from_a_dead_worker(store):
    upload = store.data.uploads / "0123"
    upload.mkdir()
    job = store.add(FilmOrder(upload / "film", "old.avi"))
    store.claim(0)
    whole = job.order.as_json()
    _spoil(store, job, whole.replace('"title"', '"of_a_newer_program": 1, "title"'))
    assert store.find(job.id).order.title == "old.avi"
    assert store.unused_uploads(-1) == []
    for _ in range(2):
        store.recover(0, "was killed")
        assert store.claim(0) is None
    assert "an order cannot be read" in store.find(job.id).reason
    _spoil(store, job, whole)  # the newer program is back
    assert store.retry(job.id).state is State.QUEUED
    assert store.claim(0).order == job.order


def test_a_list_that_another_process_holds_for_a_second_only_delays(store):
    job = store.add(ORDER)
    held, done = threading.Event(), []

    def hold():
        with closing(sqlite3.connect(store.data.database, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            held.set()
            time.sleep(1)
            done.append(time.monotonic())
            other.execute("COMMIT")

    thread = threading.Thread(target=hold, name="holder")
    thread.start()
    held.wait()
    assert store.find(job.id) == job  # reading never waits
    assert store.claim(0).id == job.id
    assert time.monotonic() >= done[0]
    thread.join()


def test_a_list_of_an_older_program_is_brought_up_to_date_and_nothing_in_it_is_lost(tmp_path):
    data = DataFolder(tmp_path / "data")
    data.make()
    with closing(sqlite3.connect(data.database)) as connection:  # as version 1 of the list was written
        connection.execute(
            "CREATE TABLE jobs (id TEXT PRIMARY KEY, wanted TEXT NOT NULL, state TEXT NOT NULL, place INTEGER NOT NULL,"
            " created REAL NOT NULL, started REAL, ended REAL, frames INTEGER NOT NULL DEFAULT 0, expected INTEGER,"
            " shots INTEGER NOT NULL DEFAULT 0, fps REAL NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"
            " deaths INTEGER NOT NULL DEFAULT 0, worker INTEGER, reason TEXT NOT NULL DEFAULT '',"
            " engine TEXT NOT NULL DEFAULT '', bytes INTEGER NOT NULL DEFAULT 0, wish TEXT NOT NULL DEFAULT '')"
        )
        connection.execute("PRAGMA user_version = 1")
        connection.execute(
            "INSERT INTO jobs (id, wanted, state, place, created, frames) VALUES ('a', ?, 'queued', 1, 5, 30)",
            (ORDER.as_json(),),
        )
        connection.commit()
    with ThreadPoolExecutor(4) as pool:  # several processes may find it at once
        found = list(pool.map(lambda _: Store(data).find("a"), range(8)))
    assert {(job.order, job.frames, job.stage, job.setback) for job in found} == {(ORDER, 30, "", "")}
    store = Store(data)
    assert store.claim(0).id == "a"
    store.beat("a", FilmProgress(40, 100, 1, 5.0))
    assert store.find("a").stage == "colouring"


def test_a_list_of_a_newer_program_is_left_alone(store):
    with closing(sqlite3.connect(store.data.database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(JobError, match=r"newer version.*COLORIZER_DATA_DIR"):
        store.jobs()


def test_a_file_that_is_no_list_is_named_with_what_to_do(store):
    store.data.database.write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(JobError, match=r"jobs\.sqlite cannot be used .*COLORIZER_DATA_DIR"):
        store.add(ORDER)


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="COLORIZER_DATA_DIR"):
        Store(DataFolder(tmp_path / "file" / "data"))


def test_what_has_just_been_made_is_never_cleared_away(tmp_path):
    store = Store(DataFolder(tmp_path / "data"), quota=2500)
    small, large = finish(store, store.add(ORDER)), finish(store, store.add(ORDER), size=5000)
    assert [job.id for job in store.keep_within_quota(but_for=large.id)] == [small.id]
    assert store.keep_within_quota() == []
    assert large.target.exists()
    with pytest.raises(OutputError, match="COLORIZER_QUOTA_GB"):
        store.add(ORDER)
    assert store.find(large.id).result == large.target


def _a_film_that_needs(tmp_path, monkeypatch, size):
    monkeypatch.setattr(room, "probe_film", lambda *_: None)
    monkeypatch.setattr(room, "result_bytes", lambda *_: size)
    return FilmOrder(tmp_path / "new.avi", "new.avi")


def test_a_result_that_will_not_fit_is_refused_before_the_work_and_what_to_delete_is_named(tmp_path, monkeypatch):
    store = Store(DataFolder(tmp_path / "data"), quota=2500)
    finish(store, store.add(ORDER))  # it is cleared away when the new one is done
    paused = store.add(FilmOrder(tmp_path / "half.avi", "half.avi"))
    store.claim(0)
    put(paused, 700)
    store.release(paused.id, State.PAUSED)
    (store.data.uploads / "talk.mkv").write_bytes(bytes(300))
    job = store.add(_a_film_that_needs(tmp_path, monkeypatch, 1500))
    room.demand_room(store, job)
    job = store.add(_a_film_that_needs(tmp_path, monkeypatch, 1501))
    said = r"about 1\.5 kB are needed for new\.avi, and the quota of 2\.5 kB leaves 1\.5 kB\. Delete the job half\.avi "
    with pytest.raises(OutputError, match=said + r"\(700 bytes\), the uploaded talk\.mkv \(300 bytes\), or raise"):
        room.demand_room(store, job)
    monkeypatch.setattr(one_job, "gray_film", None)
    with pytest.raises(OutputError, match=r"about 1\.5 kB are needed"):
        one_job.make(replace(job, order=replace(job.order, action="gray")), store, lambda _: None)


def test_a_film_larger_than_the_whole_quota_is_refused_without_a_wrong_cure(tmp_path, monkeypatch):
    store = Store(DataFolder(tmp_path / "data"), quota=2500)
    job = store.add(_a_film_that_needs(tmp_path, monkeypatch, 9000))
    with pytest.raises(OutputError, match=r"leaves 2\.5 kB\. Raise COLORIZER_QUOTA_GB"):
        room.demand_room(store, job)
    store.quota = None
    room.demand_room(store, job)
