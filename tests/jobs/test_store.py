"""The list of jobs: what users ask, what workers take and tell, and what is refused."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.errors import JobError, JobMissing, OutputError
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FOLLOWS, Order, State
from colorizer.jobs.slots import recover_dead, slot
from colorizer.jobs.store import Store, outcome
from colorizer.video.report import Progress
from colorizer.video.wanted import FilmSettings

_ACTS = ("claim", "release", "cancel", "pause", "resume", "retry", "recover")
ORDER = Order(Path("/films/old.avi"), "old.avi")


@pytest.fixture
def store(tmp_path):
    return Store(DataFolder(tmp_path / "data"))


def _put(job, size=1000):
    job.folder.mkdir(parents=True, exist_ok=True)
    job.target.write_bytes(bytes(size))


def _finish(store, job, size=1000):
    claimed = store.claim(0)
    assert claimed.id == job.id
    _put(job, size)
    return store.release(job.id, State.DONE)


def _queue(store):
    return [job.id for job in store.jobs() if job.state is State.QUEUED]


def test_what_was_ordered_is_found_again_by_any_other_store_of_the_folder(store):
    job = store.add(ORDER)
    assert Store(DataFolder(store.data.root)).find(job.id) == job
    assert (job.order, job.state, job.position) == (ORDER, State.QUEUED, 1)


def test_jobs_are_taken_in_their_order_each_once_and_then_none(store):
    ordered = [store.add(ORDER).id for _ in range(3)]
    taken = [store.claim(0) for _ in range(4)]
    assert [job.id for job in taken[:3]] == ordered
    assert {job.state for job in taken[:3]} == {State.RUNNING}
    assert taken[3] is None


def test_fifty_jobs_and_workers_that_all_take_at_once_lose_none_and_take_none_twice(store):
    ordered = {store.add(ORDER).id for _ in range(50)}

    def work(number):
        mine = []
        while job := store.claim(number):
            store.beat(job.id, Progress(1, 2, 0, 1.0))
            store.release(job.id, State.DONE)
            mine.append(job.id)
        return mine

    with ThreadPoolExecutor(8) as pool:
        taken = [job_id for mine in pool.map(work, range(8)) for job_id in mine]
    assert len(taken) == 50
    assert set(taken) == ordered
    assert store.counts() == {State.DONE: 50}


@given(positions=st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 8)), max_size=6))
@settings(max_examples=10)
def test_the_queue_is_in_the_order_it_was_put_in(tmp_path_factory, positions):
    store = Store(DataFolder(tmp_path_factory.mktemp("data")))
    expected = [store.add(ORDER).id for _ in range(6)]
    for which, position in positions:
        moved = expected.pop(which)
        expected.insert(max(0, position - 1), moved)
        store.move(moved, position)
    assert _queue(store) == expected
    assert [store.find(job_id).position for job_id in expected] == [1, 2, 3, 4, 5, 6]
    assert store.claim(0).id == expected[0]


def test_a_running_job_hears_what_the_user_wants_and_a_waiting_one_obeys_at_once(store):
    running, waiting = store.add(ORDER), store.add(ORDER)
    store.claim(0)
    assert store.beat(running.id) == ""
    assert store.pause(running.id).wish == "pause"
    assert store.beat(running.id) == "pause"
    assert store.resume(running.id).wish == ""
    assert store.cancel(running.id).state is State.RUNNING
    assert store.pause(running.id).wish == "cancel"
    assert store.beat(running.id) == "cancel"
    assert store.release(running.id, State.CANCELLED).state is State.CANCELLED
    assert store.pause(waiting.id).state is State.PAUSED
    assert store.claim(0) is None
    assert store.resume(waiting.id).state is State.QUEUED
    assert store.cancel(waiting.id).state is State.CANCELLED


@pytest.mark.parametrize(
    ("wanted", "wish", "becomes"),
    [
        (State.DONE, "", State.DONE),
        (State.DONE, "pause", State.DONE),
        (State.DONE, "cancel", State.CANCELLED),
        (State.QUEUED, "", State.QUEUED),
        (State.QUEUED, "pause", State.PAUSED),
        (State.QUEUED, "cancel", State.CANCELLED),
        (State.FAILED, "pause", State.FAILED),
    ],
)
def test_the_users_last_wish_comes_before_what_the_worker_says(wanted, wish, becomes):
    assert outcome(wanted, wish) is becomes
    assert becomes in FOLLOWS[State.RUNNING]


def test_progress_is_what_the_worker_told_last(store):
    job = store.add(ORDER)
    store.claim(0)
    store.beat(job.id, Progress(30, 100, 2, 10.0), engine="opencv on cpu (f32)")
    found = store.find(job.id)
    assert (found.frames, found.expected, found.shots, found.fps, found.seconds_left) == (30, 100, 2, 10.0, 7.0)
    assert found.engine == "opencv on cpu (f32)"
    assert store.release(job.id, State.QUEUED).frames == 30
    store.beat(job.id, Progress(90, 100, 2, 10.0))  # too late: it is not running any more
    assert store.find(job.id).frames == 30


def test_pausing_and_cancelling_keep_what_was_finished_until_the_job_is_deleted(store):
    paused, running, dead = (store.add(ORDER) for _ in range(3))
    for job in (paused, running, dead):
        store.claim(0)
        _put(job)
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


def test_a_cancelled_job_is_taken_up_again_under_its_id_at_the_end_with_its_files(store):
    job, other = store.add(ORDER), store.add(ORDER)
    store.claim(0)
    _put(job)
    store.cancel(job.id)
    store.release(job.id, State.QUEUED)
    again = store.retry(job.id)
    assert (again.id, again.state, again.ended, again.wish) == (job.id, State.QUEUED, None, "")
    assert _queue(store) == [other.id, job.id]
    assert job.target.exists()


def test_a_failed_job_says_why_and_is_tried_again_under_its_id_at_the_end(store):
    job, other = store.add(ORDER), store.add(ORDER)
    store.claim(0)
    assert store.release(job.id, State.FAILED, "the disk is full").reason == "the disk is full"
    again = store.retry(job.id)
    assert (again.id, again.state, again.reason, again.ended) == (job.id, State.QUEUED, "", None)
    assert _queue(store) == [other.id, job.id]


@pytest.mark.parametrize("act", ["cancel", "pause", "resume", "retry", "move"])
def test_what_is_done_cannot_be_changed_and_the_refusal_names_it(store, act):
    job = _finish(store, store.add(ORDER))
    with pytest.raises(JobError, match=rf"{job.id} \(old.avi\) is done"):
        getattr(store, act)(job.id, *([1] if act == "move" else []))
    assert store.find(job.id) == job


@pytest.mark.parametrize("act", ["find", "cancel", "pause", "resume", "retry", "delete"])
def test_a_job_that_is_not_there_is_said_to_be_missing(store, act):
    with pytest.raises(JobMissing, match=r"no job '\.\./x'"):
        getattr(store, act)("../x")


@given(steps=st.lists(st.tuples(st.sampled_from(_ACTS), st.integers(0, 2), st.sampled_from(State)), max_size=25))
@settings(max_examples=15)
def test_whatever_is_asked_a_job_only_goes_where_its_state_may_lead(tmp_path_factory, steps):
    store = Store(DataFolder(tmp_path_factory.mktemp("data")))
    ids = [store.add(ORDER).id for _ in range(3)]
    before = {job.id: job.state for job in store.jobs()}
    for name, which, state in steps:
        with suppress(JobError):
            if name == "claim":
                store.claim(0)
            elif name == "recover":
                store.recover(0, "died")
            elif name == "release":
                store.release(ids[which], state)
            else:
                getattr(store, name)(ids[which])
        after = {job.id: job.state for job in store.jobs()}
        assert all(before[one] is after[one] or after[one] in FOLLOWS[before[one]] for one in ids)
        before = after


def test_a_dead_workers_job_is_tried_once_more_and_then_failed_with_the_reason(store):
    job = store.add(ORDER)
    store.claim(0)
    (again,) = store.recover(0, "was killed")
    assert (again.id, again.state, again.attempts) == (job.id, State.QUEUED, 1)
    assert again.note == "the worker was killed; the film goes on from its last finished segment"
    assert store.claim(0).note == again.note  # also while it is tried again
    (failed,) = store.recover(0, "was killed")
    assert failed.state is State.FAILED
    assert "for the second time the worker was killed" in failed.reason
    assert failed.note == failed.reason
    assert store.retry(job.id).note == ""
    store.claim(0)
    assert store.recover(0, "was killed")[0].state is State.QUEUED


def test_a_film_that_was_finished_after_its_worker_died_still_says_so(store):
    job = store.add(ORDER)
    store.claim(0)
    store.recover(0, "was killed")
    store.claim(0)
    done = store.release(job.id, State.DONE)
    assert done.note == "the worker was killed; the film went on from its last finished segment"


def test_the_stage_of_the_work_is_known_as_long_as_it_runs(store):
    job = store.add(ORDER)
    assert job.doing == ""
    assert store.claim(0).doing == "getting ready"
    store.beat(job.id, Progress(30, 100, 2, 10.0))
    assert store.find(job.id).doing == "being coloured"
    store.beat(job.id, Progress(98, 100, 2, 10.0, stage="joining"))
    joining = store.find(job.id)
    assert (joining.stage, joining.doing, joining.seconds_left) == ("joining", "being put together", None)
    assert store.release(job.id, State.QUEUED).doing == ""
    assert store.claim(0).doing == "getting ready"


@pytest.mark.parametrize(("action", "doing"), [("gray", "being turned grey"), ("regrade", "getting its new colours")])
def test_what_is_made_without_the_network_is_not_said_to_be_coloured(store, action, doing):
    job = store.add(replace(ORDER, action="gray"))
    store.claim(0)
    store.beat(job.id, Progress(30, 100, 2, 10.0))
    order = replace(ORDER, action=action, regrades="1" if action == "regrade" else "")
    assert replace(store.find(job.id), order=order).doing == doing


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
    job = store.add(Order(upload / "film", "old.avi"))
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


def test_only_a_worker_whose_lock_is_free_counts_as_dead(store):
    alive, dead = store.add(ORDER), store.add(ORDER)
    store.claim(0)
    store.claim(1)
    with slot(store.data, 0) as is_ours, slot(store.data, 0) as again:
        assert (is_ours, again) == (True, False)
        assert [job.id for job in recover_dead(store, "was killed")] == [dead.id]
        assert store.find(alive.id).state is State.RUNNING
    assert [job.id for job in recover_dead(store, "was killed")] == [alive.id]


def test_deleting_takes_the_files_but_neither_the_source_nor_a_running_job(store):
    upload = store.data.uploads / "0123" / "film"
    upload.parent.mkdir()
    upload.write_bytes(b"film")
    job = store.add(Order(upload, "old.avi"))
    store.claim(0)
    with pytest.raises(JobError, match="running"):
        store.delete(job.id)
    assert store.readers(upload.parent) == [store.find(job.id)]
    _put(job)
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
    first = _finish(store, store.add(ORDER))
    second = store.add(first.regrading(FilmSettings()))
    with pytest.raises(JobError, match=second.id):
        store.delete(first.id)
    store.cancel(second.id)
    store.delete(first.id)
    with pytest.raises(JobMissing):
        store.add(first.regrading(FilmSettings()))


def test_the_quota_clears_away_the_oldest_results_keeps_their_rows_and_then_refuses(tmp_path):
    store = Store(DataFolder(tmp_path / "data"), quota=2500)
    jobs = [_finish(store, store.add(ORDER)) for _ in range(3)]
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
    assert _queue(store) == [waiting.id]


def test_the_quota_never_takes_the_colours_that_are_about_to_be_graded_anew(tmp_path):
    store = Store(DataFolder(tmp_path / "data"), quota=2500)
    oldest, other, newest = (_finish(store, store.add(ORDER)) for _ in range(3))
    again = store.add(oldest.regrading(FilmSettings()))
    assert [job.folder.exists() for job in (oldest, other, newest)] == [True, False, True]
    assert store.keep_within_quota() == []
    with pytest.raises(JobError, match=f"job {other.id} has no film"):
        store.add(other.regrading(FilmSettings()))
    assert _queue(store) == [again.id]


@pytest.mark.parametrize("act", ["retry", "delete"])
def test_the_quota_takes_nothing_from_a_job_that_is_no_longer_what_it_was_when_the_list_was_read(
    tmp_path, monkeypatch, act
):
    store = Store(DataFolder(tmp_path / "data"), quota=500)
    failed = store.add(ORDER)
    store.claim(0)
    _put(failed)
    store.release(failed.id, State.FAILED, "the disk is full")
    stale = store.jobs()
    getattr(Store(store.data), act)(failed.id)
    _put(failed)
    monkeypatch.setattr(store, "jobs", lambda: stale)
    assert store.keep_within_quota() == []
    assert failed.folder.exists()


def test_the_quota_leaves_colours_that_were_ordered_anew_after_the_list_was_read(tmp_path, monkeypatch):
    store = Store(DataFolder(tmp_path / "data"), quota=500)
    first = _finish(Store(store.data), store.add(ORDER))
    stale = store.jobs()
    Store(store.data).add(first.regrading(FilmSettings()))
    monkeypatch.setattr(store, "jobs", lambda: stale)
    assert store.keep_within_quota() == []
    assert first.target.exists()


def test_a_failed_job_that_is_cleared_away_still_says_why_it_failed(tmp_path):
    store = Store(DataFolder(tmp_path / "data"), quota=500)
    failed = store.add(ORDER)
    store.claim(0)
    _put(failed)
    store.release(failed.id, State.FAILED, "the film is damaged")
    assert [job.id for job in store.keep_within_quota()] == [failed.id]
    reason = "the film is damaged; its files were cleared away to keep within the quota of 500 bytes"
    assert store.find(failed.id).reason == reason


def test_without_a_quota_nothing_is_ever_cleared_away(store):
    job = _finish(store, store.add(ORDER), size=10**6)
    assert store.keep_within_quota() == []
    assert (store.usage().jobs, store.usage().over) == (10**6, 0)
    assert store.find(job.id).result == job.target


def test_a_full_queue_takes_no_more_until_one_has_left_it(tmp_path):
    store = Store(DataFolder(tmp_path), queue=2)
    first, second = store.add(ORDER), store.add(ORDER)
    store.pause(second.id)  # it may come back at any moment
    with pytest.raises(JobError, match="2 other films wait already"):
        store.add(ORDER)
    assert len(store.jobs()) == 2
    store.claim(0)
    third = store.add(ORDER)
    store.release(first.id, State.FAILED, "a reason")
    with pytest.raises(JobError, match="COLORIZER_QUEUE"):
        store.retry(first.id)
    store.cancel(third.id)
    assert store.retry(first.id).state is State.QUEUED


def test_sweeping_takes_only_what_belongs_to_no_job(store):
    job = store.add(ORDER)
    _put(job)
    (store.data.jobs / "forgotten").mkdir()
    store.sweep()
    assert list(store.data.jobs.iterdir()) == [job.folder]


def test_sweeping_leaves_what_is_ordered_while_it_looks(store, monkeypatch):
    listed, ordered = store.jobs, []

    def jobs():
        before = listed()
        ordered.append(store.add(ORDER))
        _put(ordered[0])
        return before

    monkeypatch.setattr(store, "jobs", jobs)
    store.sweep()
    assert ordered[0].target.exists()


def test_an_upload_that_somebody_else_clears_away_at_this_moment_is_no_trouble(store, monkeypatch):
    (store.data.uploads / "gone").symlink_to(store.data.uploads / "nowhere")  # listed, and not there
    (store.data.uploads / "left").mkdir()
    assert store.unused_uploads(-1) == [store.data.uploads / "left"]


def test_three_thousand_waiting_jobs_are_listed_in_the_blink_of_an_eye_with_their_positions(store):
    first = store.add(ORDER)
    with closing(sqlite3.connect(store.data.database)) as connection, connection:
        connection.executemany(
            "INSERT INTO jobs (id, wanted, state, place, created) VALUES (?, ?, 'queued', ?, 0)",
            [(str(number), ORDER.as_json(), number) for number in range(2, 3001)],
        )
    started = time.process_time()
    listed = store.jobs()
    assert time.process_time() - started < 1.0  # it was 2 seconds while each one counted those before it
    assert [job.position for job in listed] == list(range(1, 3001))
    assert (store.find(first.id).position, store.find("1234").position) == (1, 1234)


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


def test_a_clock_that_goes_backwards_changes_only_what_people_read(tmp_path):
    seconds = count(2_000_000_000, -3600)
    store = Store(DataFolder(tmp_path / "data"), clock=lambda: next(seconds))
    jobs = [store.add(ORDER) for _ in range(4)]
    assert _queue(store) == [job.id for job in jobs]
    for job in jobs[:3]:
        _finish(store, job)
    listed = store.jobs()
    assert [job.id for job in listed] == [job.id for job in (jobs[3], jobs[2], jobs[1], jobs[0])]
    assert all(later.ended < earlier.ended for later, earlier in pairwise(listed[1:]))
    assert listed[1].ended < listed[1].started


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
    store.beat("a", Progress(40, 100, 1, 5.0))
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
