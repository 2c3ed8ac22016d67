"""What a worker does with the jobs it is given, and when it is told to stop: real processes, films of seconds."""

import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import cv2
import pytest

from colorizer.errors import JobError
from colorizer.jobs import worker
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import State
from colorizer.jobs.one_job import make
from colorizer.jobs.store import Store
from colorizer.jobs.supervisor import supervisor
from colorizer.jobs.worker import Worker
from colorizer.video.report import report_path
from tests.jobs.processes import FRAMES, ended, forty_percent, same_frames, wait_for, went_on
from tests.video.films import colour_frames

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc, and kills them")


def test_a_worker_makes_a_film_shows_it_meanwhile_and_ends_when_told(studio):
    job = studio.store.add(studio.order())
    with studio.worker() as worker:
        studio.wait(job, lambda one: one.preview.exists())
        assert cv2.imread(str(job.preview)).shape == (64, 96, 3)
        done = studio.wait(job, ended)
        worker.terminate()
        assert worker.wait(30) == 0
    studio.demand_whole(done)
    assert (done.attempts, done.reason, done.engine) == (1, "", "opencv on cpu (f32)")
    assert done.bytes > 1000


def test_a_worker_whose_number_is_taken_leaves_at_once(studio):
    log = studio.store.data.logs
    with studio.worker():
        wait_for((log / "worker-0.log").exists)
        with studio.worker() as second:
            assert second.wait(30) == 75
        with studio.worker("1") as other:
            wait_for((log / "worker-1.log").exists)
            assert other.poll() is None


@pytest.mark.parametrize(
    ("act", "state", "back"), [("cancel", State.CANCELLED, "retry"), ("pause", State.PAUSED, "resume")]
)
def test_a_running_job_stops_within_moments_of_being_told_and_goes_on_when_asked(studio, act, state, back):
    job = studio.store.add(studio.order())
    with studio.worker():
        studio.wait(job, forty_percent)
        getattr(studio.store, act)(job.id)
        asked = time.monotonic()
        stopped = studio.wait(job, lambda one: one.state is not State.RUNNING)
        assert stopped.state is state
        assert time.monotonic() - asked < 5  # less than a second but for a busy machine
        getattr(studio.store, back)(job.id)
        done = studio.wait(job, ended)
        studio.demand_whole(done)
        assert went_on(done) >= 0.2 * FRAMES


def test_a_worker_told_to_end_puts_its_job_back_and_the_next_one_goes_on(studio):
    job = studio.store.add(studio.order())
    with studio.worker() as worker:
        studio.wait(job, forty_percent)
        worker.terminate()
        assert worker.wait(30) == 0
    assert studio.store.find(job.id).state is State.QUEUED
    with studio.worker():
        done = studio.wait(job, ended)
    studio.demand_whole(done)
    assert went_on(done) >= 0.2 * FRAMES


def test_a_studio_that_is_closed_takes_its_worker_along_and_puts_the_job_back(studio, monkeypatch):
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(studio.folder))
    job = studio.store.add(studio.order())
    with supervisor(studio.store):
        studio.wait(job, forty_percent)
    assert studio.processes() == []
    left = studio.store.find(job.id)
    assert (left.state, left.position, left.reason) == (State.QUEUED, 1, "")


def test_a_film_that_was_finished_before_its_worker_could_say_so_is_not_made_again(studio):
    job = studio.store.add(studio.short_order())
    with studio.worker():
        done = studio.wait(job, ended)
    written = done.target.stat().st_mtime_ns
    with closing(sqlite3.connect(studio.store.data.database)) as connection, connection:
        connection.execute("UPDATE jobs SET state = 'running', worker = 0, frames = 7")
    with studio.worker():
        again = studio.wait(job, ended)
    assert (again.state, again.frames, again.expected) == (State.DONE, 60, 60)
    assert again.target.stat().st_mtime_ns == written


def test_a_job_that_cannot_be_made_fails_in_one_line_and_the_next_one_is_made(studio, tmp_path):
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all" * 100)
    jobs = [
        studio.store.add(studio.order(source=broken)),
        studio.store.add(studio.order(source=tmp_path / "gone.mp4")),
        studio.store.add(studio.order(model="nonesuch")),
        studio.store.add(studio.order(action="gray")),
    ]
    with studio.worker():
        found = [studio.wait(job, ended) for job in jobs]
    assert [job.state for job in found] == [State.FAILED, State.FAILED, State.FAILED, State.DONE]
    for job, name in zip(found, ("broken.mp4", "gone.mp4", "nonesuch"), strict=False):
        assert name in job.reason
        assert "\n" not in job.reason
        assert not [path for path in job.folder.rglob("*") if path.is_file()]


def test_a_film_longer_than_the_limit_is_refused_before_any_work(studio, monkeypatch):
    monkeypatch.setenv("MAX_VIDEO_FRAMES", "100")
    job = studio.store.add(studio.order())
    with studio.worker():
        failed = studio.wait(job, ended)
    assert failed.state is State.FAILED
    assert "about 400 frames, and MAX_VIDEO_FRAMES takes 100" in failed.reason
    assert failed.bytes == 0


def test_a_list_that_cannot_be_written_does_not_cost_a_finished_film(studio, monkeypatch):
    def held(*_, **__):
        raise JobError("the list of jobs is held")

    job = studio.store.add(studio.short_order())
    monkeypatch.setattr(Store, "beat", held)
    make(job, studio.store, lambda _: None)
    assert report_path(job.target).exists()


@pytest.mark.parametrize("trouble", [JobError("the list is held"), OSError("the disk is gone"), None])
def test_a_worker_whose_studio_is_gone_ends_whatever_its_list_says(tmp_path, monkeypatch, trouble):
    class Ended(BaseException):
        """Instead of the end of this process."""

    def end(status):
        raise Ended(status)

    def release(self, job_id, state):
        released.append((job_id, state))
        if trouble:
            raise trouble

    released = []
    store = Store(DataFolder(tmp_path / "data"))
    stuck = Worker(store, 0)
    stuck.in_hand = "a job"
    monkeypatch.setattr(Store, "release", release)
    monkeypatch.setattr(worker, "_GRACE_SECONDS", 0)
    monkeypatch.setattr(worker.os, "_exit", end)
    monkeypatch.setattr(worker.os, "getpgrp", lambda: -1)  # this process is not the worker's own
    with Path(os.devnull).open() as closed:
        monkeypatch.setattr(worker.sys, "stdin", closed)
        with pytest.raises(Ended):
            worker._tether(stuck, store)
    assert released == [("a job", State.QUEUED)]
    assert stuck.stop.is_set()


def test_a_new_grade_is_rendered_from_the_first_jobs_colours(studio):
    first = studio.store.add(studio.short_order())
    with studio.worker():
        first = studio.wait(first, ended)
        second = studio.store.add(first.regrading(first.order.settings))
        done = studio.wait(second, ended)
    assert done.state is State.DONE, done.reason
    assert same_frames(done.target, colour_frames(first.target))
    assert json.loads(report_path(done.target).read_text("utf-8"))["network_runs"] == 0


def test_two_workers_share_the_queue(studio, monkeypatch):
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(studio.folder))
    with supervisor(studio.store, workers=2):
        wait_for(lambda: len(list(studio.store.data.logs.iterdir())) == 2)
        jobs = [studio.store.add(studio.order()) for _ in range(2)]
        wait_for(lambda: studio.store.counts()[State.RUNNING] == 2)
        assert {studio.wait(job, ended).state for job in jobs} == {State.DONE}
