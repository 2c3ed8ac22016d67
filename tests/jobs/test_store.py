"""The list of jobs: what users ask, what workers take and tell, and what is refused."""

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.errors import JobError, JobMissing
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FOLLOWS, State, outcome
from colorizer.jobs.slots import recover_dead, slot
from colorizer.jobs.store import Store
from colorizer.video.report import FilmProgress
from tests.jobs.listed import ORDER, finish, put, queue

_ACTS = ("claim", "release", "cancel", "pause", "resume", "retry", "recover")


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
            store.beat(job.id, FilmProgress(1, 2, 0, 1.0))
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
    assert queue(store) == expected
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
    store.beat(job.id, FilmProgress(30, 100, 2, 10.0), engine="opencv on cpu (f32)")
    found = store.find(job.id)
    assert (found.frames, found.expected, found.shots, found.fps, found.seconds_left) == (30, 100, 2, 10.0, 7.0)
    assert found.engine == "opencv on cpu (f32)"
    assert store.release(job.id, State.QUEUED).frames == 30
    store.beat(job.id, FilmProgress(90, 100, 2, 10.0))  # too late: it is not running any more
    assert store.find(job.id).frames == 30


def test_a_cancelled_job_is_taken_up_again_under_its_id_at_the_end_with_its_files(store):
    job, other = store.add(ORDER), store.add(ORDER)
    store.claim(0)
    put(job)
    store.cancel(job.id)
    store.release(job.id, State.QUEUED)
    again = store.retry(job.id)
    assert (again.id, again.state, again.ended, again.wish) == (job.id, State.QUEUED, None, "")
    assert queue(store) == [other.id, job.id]
    assert job.target.exists()


def test_a_failed_job_says_why_and_is_tried_again_under_its_id_at_the_end(store):
    job, other = store.add(ORDER), store.add(ORDER)
    store.claim(0)
    assert store.release(job.id, State.FAILED, "the disk is full").reason == "the disk is full"
    again = store.retry(job.id)
    assert (again.id, again.state, again.reason, again.ended) == (job.id, State.QUEUED, "", None)
    assert queue(store) == [other.id, job.id]


@pytest.mark.parametrize("act", ["cancel", "pause", "resume", "retry", "move"])
def test_what_is_done_cannot_be_changed_and_the_refusal_names_it(store, act):
    job = finish(store, store.add(ORDER))
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
    store.beat(job.id, FilmProgress(30, 100, 2, 10.0))
    assert store.find(job.id).doing == "being coloured"
    store.beat(job.id, FilmProgress(98, 100, 2, 10.0, stage="joining"))
    joining = store.find(job.id)
    assert (joining.stage, joining.doing, joining.seconds_left) == ("joining", "being put together", None)
    assert store.release(job.id, State.QUEUED).doing == ""
    assert store.claim(0).doing == "getting ready"


@pytest.mark.parametrize(("action", "doing"), [("gray", "being turned grey"), ("regrade", "getting its new colours")])
def test_what_is_made_without_the_network_is_not_said_to_be_coloured(store, action, doing):
    job = store.add(replace(ORDER, action="gray"))
    store.claim(0)
    store.beat(job.id, FilmProgress(30, 100, 2, 10.0))
    order = replace(ORDER, action=action, regrades="1" if action == "regrade" else "")
    assert replace(store.find(job.id), order=order).doing == doing


def test_only_a_worker_whose_lock_is_free_counts_as_dead(store):
    alive, dead = store.add(ORDER), store.add(ORDER)
    store.claim(0)
    store.claim(1)
    with slot(store.data, 0) as is_ours, slot(store.data, 0) as again:
        assert (is_ours, again) == (True, False)
        assert [job.id for job in recover_dead(store, "was killed")] == [dead.id]
        assert store.find(alive.id).state is State.RUNNING
    assert [job.id for job in recover_dead(store, "was killed")] == [alive.id]


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


def test_a_clock_that_goes_backwards_changes_only_what_people_read(tmp_path):
    seconds = count(2_000_000_000, -3600)
    store = Store(DataFolder(tmp_path / "data"), clock=lambda: next(seconds))
    jobs = [store.add(ORDER) for _ in range(4)]
    assert queue(store) == [job.id for job in jobs]
    for job in jobs[:3]:
        finish(store, job)
    listed = store.jobs()
    assert [job.id for job in listed] == [job.id for job in (jobs[3], jobs[2], jobs[1], jobs[0])]
    assert all(later.ended < earlier.ended for later, earlier in pairwise(listed[1:]))
    assert listed[1].ended < listed[1].started
