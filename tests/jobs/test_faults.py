"""What must not cost a film: a worker, a server or both killed, a full disk, a list that is held.

Real processes and real films of seconds: nothing less shows that nothing is lost.
"""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from colorizer.jobs.model import State
from colorizer.jobs.supervisor import cause_of, supervisor
from colorizer.video.result.mux import find_ffmpeg
from tests.jobs.processes import FRAMES, Studio, ended, forty_percent, wait_for, went_on
from tests.video.films import smooth_film

APP = Path(__file__).parents[2] / "app.py"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc, and kills them")


def test_a_killed_worker_is_replaced_and_the_film_goes_on_to_the_very_same_frames(studio, monkeypatch):
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(studio.folder))
    job = studio.store.add(studio.order())
    with supervisor(studio.store):
        studio.wait(job, forty_percent)
        studio.kill("jobs.worker")
        waiting = studio.wait(job, lambda one: one.note)
        assert "the worker was killed, probably for lack of memory; the film goes on" in waiting.note
        done = studio.wait(job, ended)
        assert "the worker was killed, probably for lack of memory; the film went on" in done.note
        studio.demand_whole(done)
    assert done.attempts == 2
    assert went_on(done) >= 0.2 * FRAMES
    assert studio.processes() == []


def test_a_film_that_kills_its_worker_twice_fails_with_the_reason_and_the_next_one_is_made(studio, monkeypatch):
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(studio.folder))
    job, following = studio.store.add(studio.order()), studio.store.add(studio.order(action="gray", model="x"))
    with supervisor(studio.store):
        for attempt in (1, 2):
            studio.wait(job, lambda one, attempt=attempt: one.attempts == attempt and one.frames)
            studio.kill("jobs.worker", signal.SIGSEGV)  # as a damaged film does to a decoder
            studio.wait(job, lambda one: one.state is not State.RUNNING)
        failed = studio.wait(job, ended)
        assert failed.state is State.FAILED
        assert "for the second time the worker crashed (SIGSEGV)" in failed.reason
        assert studio.wait(following, ended).state is State.DONE
        studio.store.retry(job.id)
        studio.demand_whole(studio.wait(job, ended))


def test_a_killed_server_takes_its_worker_along_and_the_next_one_goes_on(studio):
    job = studio.store.add(studio.order())
    with studio.server() as server:
        studio.wait(job, forty_percent)
        server.kill()
        waiting = studio.wait(job, lambda one: one.state is not State.RUNNING)
        assert (waiting.state, waiting.reason) == (State.QUEUED, "")  # it was put back in good order
        wait_for(lambda: not studio.processes("jobs.worker"))
    with studio.server():
        done = studio.wait(job, ended)
    studio.demand_whole(done)
    assert went_on(done) >= 0.2 * FRAMES


def test_the_real_server_told_to_end_puts_its_job_back_and_the_next_one_goes_on(studio):
    """It starts the whole site twice, which takes its time."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    site = ("-m", "streamlit", "run", str(APP), "--server.port", port, "--server.headless", "true")
    job = studio.store.add(studio.order())
    with studio.running(*site) as server:
        studio.wait(job, forty_percent)
        server.send_signal(signal.SIGTERM)
        server.wait(30)
        wait_for(lambda: not studio.processes())
    waiting = studio.store.find(job.id)
    assert (waiting.state, waiting.reason) == (State.QUEUED, "")
    with studio.running(*site) as server:
        done = studio.wait(job, ended)
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    studio.demand_whole(done)
    assert went_on(done) >= 0.2 * FRAMES


def test_server_and_worker_killed_at_once_leave_a_job_that_the_next_server_goes_on_with(studio):
    job = studio.store.add(studio.order())
    with studio.server():
        studio.wait(job, forty_percent)
        studio.kill("")
        wait_for(lambda: not studio.processes())
    assert studio.store.find(job.id).state is State.RUNNING  # nobody was left to say otherwise
    with studio.server():
        done = studio.wait(job, ended)
    studio.demand_whole(done)
    assert went_on(done) >= 0.2 * FRAMES


@pytest.fixture
def hung(tmp_path, monkeypatch):
    """A file that is there once ffmpeg was called to join a film, and hangs; the next time it works."""
    hung, program = tmp_path / "hung", tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(
        f"#!{sys.executable}\nimport os, pathlib, sys, time\nhung = pathlib.Path({str(hung)!r})\n"
        f"if '.parts' in ' '.join(sys.argv) and not hung.exists():\n    hung.touch()\n    time.sleep(600)\n"
        f"os.execv({str(find_ffmpeg())!r}, ['ffmpeg', *sys.argv[1:]])\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return hung


def test_an_ffmpeg_that_a_killed_worker_leaves_behind_is_ended_and_the_film_joined_anew(studio, hung, monkeypatch):
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(studio.folder))
    job = studio.store.add(studio.order())
    with supervisor(studio.store):
        wait_for(hung.exists)
        (left_behind,) = studio.processes("bin/ffmpeg")
        studio.kill("jobs.worker")
        wait_for(lambda: left_behind not in studio.processes())
        studio.demand_whole(studio.wait(job, ended))


def test_an_ffmpeg_that_outlives_worker_and_server_is_ended_by_the_next_worker(studio, hung):
    job = studio.store.add(studio.order())
    with studio.server():
        wait_for(hung.exists)
        (left_behind,) = studio.processes("bin/ffmpeg")
        studio.kill("colorizer.jobs")
    wait_for(lambda: studio.processes() == [left_behind])
    with studio.server():
        wait_for(lambda: left_behind not in studio.processes())
        studio.demand_whole(studio.wait(job, ended))


def test_a_second_server_starts_no_second_worker_and_takes_over_when_the_first_goes(studio):
    first_job, second_job = studio.store.add(studio.order()), studio.store.add(studio.short_order())
    with studio.server() as first:
        studio.wait(first_job, lambda one: one.frames)
        with studio.server():
            time.sleep(1.5)  # three times what it takes to start a worker
            assert len(studio.processes("jobs.worker")) == 1
            first.kill()
            assert studio.wait(second_job, ended).state is State.DONE
            studio.demand_whole(studio.store.find(first_job.id))


def test_a_list_that_is_held_while_a_film_is_made_does_not_cost_the_film(studio):
    job = studio.store.add(studio.order())
    with studio.worker():
        studio.wait(job, lambda one: one.frames)
        with closing(sqlite3.connect(studio.store.data.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(1)
            other.execute("ROLLBACK")
        studio.demand_whole(studio.wait(job, ended))


def _fails_and_goes_on_when_tried_again(studio, job):
    failed = studio.wait(job, ended)
    assert failed.state is State.FAILED
    assert "cannot be" in failed.reason
    assert "\n" not in failed.reason
    studio.store.retry(job.id)
    done = studio.wait(job, ended)
    studio.demand_whole(done)
    assert went_on(done) >= 0.2 * FRAMES


def test_when_no_file_can_grow_the_film_fails_as_soon_as_that_can_be_told_and_a_retry_goes_on(studio):
    import resource

    job = studio.store.add(studio.order())
    with studio.worker() as worker:
        studio.wait(job, forty_percent)
        before = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        time.sleep(1.5)
        assert studio.store.find(job.id).state is State.RUNNING  # the list cannot be written either
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, before)
        _fails_and_goes_on_when_tried_again(studio, job)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 MB, where this user may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("making a small file system needs rights that this user does not have")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_fails_the_film_and_a_retry_goes_on_once_there_is_room(small_disk, reference):
    studio = Studio(small_disk / "data", reference)
    job = studio.store.add(studio.order())
    with studio.worker():
        studio.wait(job, forty_percent)
        with (small_disk / "ballast").open("wb", buffering=0) as ballast, suppress(OSError):
            while ballast.write(bytes(4096)):
                pass
        time.sleep(1.5)
        (small_disk / "ballast").unlink()
        _fails_and_goes_on_when_tried_again(studio, job)
    wait_for(lambda: not studio.processes())


@pytest.mark.parametrize(
    ("status", "words"),
    [(-signal.SIGKILL, "lack of memory"), (-signal.SIGSEGV, "crashed"), (-signal.SIGHUP, "SIGHUP"), (1, "status 1")],
)
def test_the_end_of_a_worker_is_told_in_words(status, words):
    assert words in cause_of(status)


def test_fifty_films_are_made_one_after_the_other_through_the_death_of_a_worker(studio, tmp_path, monkeypatch):
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(studio.folder))
    film = smooth_film(tmp_path / "short.mp4", count=3)
    jobs = [studio.store.add(studio.order(source=film, action="gray")) for _ in range(50)]
    with supervisor(studio.store):
        wait_for(lambda: studio.store.counts()[State.DONE] >= 10)
        studio.kill("jobs.worker")
        wait_for(lambda: studio.store.counts()[State.DONE] == 50)
    found = [studio.store.find(job.id) for job in jobs]
    assert all(one.result and one.attempts <= 2 for one in found)
    assert sum(one.attempts for one in found) <= 51
    order = [job.id for job in reversed(studio.store.jobs())]
    assert order == [job.id for job in jobs]
    assert studio.leftovers() == []
