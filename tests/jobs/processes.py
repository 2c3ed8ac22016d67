"""Real workers on tiny films: started, watched, and found again among the machine's processes."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from colorizer.image.colorize import open_colorizer
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FilmOrder, State
from colorizer.jobs.store import Store
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film import colorize_film
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.report import report_path
from tests.caffe_writer import write_tiny_network
from tests.video.films import colour_frames, smooth_film

FRAMES = 400  # of one second each: some forty segments, made in about two seconds
PATIENCE = 60.0  # seconds: the machine may have more to do
_SERVER = (
    "import time; from colorizer.jobs.store import open_store; from colorizer.jobs.supervisor import supervisor\n"
    "with supervisor(open_store()): time.sleep(600)"
)


class Studio:
    """A data folder of its own, with a film and a network to colour it with."""

    def __init__(self, folder, reference):
        self.folder, self.reference = folder, reference
        self.store = Store(DataFolder(folder))

    def order(self, **values):
        """The film, to be coloured without any choice that a machine could make differently."""
        return replace(self.reference.order, **values)

    def short_order(self):
        """Its first minute."""
        return self.order(settings=replace(self.reference.order.settings, range=Range(max_frames=60)))

    @contextmanager
    def running(self, *command):
        """A process of this studio; what is left of it is killed."""
        process = subprocess.Popen([sys.executable, *command], env=self.environment)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def worker(self, *arguments):
        """A worker by itself."""
        return self.running("-m", "colorizer.jobs.worker", *arguments)

    def server(self):
        """What the studio's server does for its jobs."""
        return self.running("-c", _SERVER)

    @property
    def environment(self):
        return {**os.environ, "COLORIZER_DATA_DIR": str(self.folder)}

    def processes(self, words=""):
        """The numbers of all living processes that belong to this studio, and have these words in their command."""
        mine = f"COLORIZER_DATA_DIR={self.folder}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                environment, command = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
            except OSError:  # it has just ended
                continue
            if mine in environment.split(b"\0") and words.encode() in command:
                found.append(int(entry.name))
        return found

    def wait(self, job, until):
        """The job as soon as it is so."""
        return wait_for(lambda: (found := self.store.find(job.id)) and until(found) and found)

    def demand_whole(self, job):
        """The job is done, its frames are those of an undisturbed run, and nothing else lies about."""
        assert job.state is State.DONE, job.reason
        assert same_frames(job.target, self.reference.frames)
        assert (job.frames, job.expected) == (FRAMES, FRAMES)
        left = self.leftovers()
        assert left == [], left

    def kill(self, words, signal=signal.SIGKILL):
        """Send the signal to every process of this studio with these words in its command."""
        for number in self.processes(words):
            os.kill(number, signal)

    def leftovers(self):
        """What lies in the data folder that is neither a result nor the studio's own."""
        usual = {"result.mkv", "result.mkv.chroma", "result.mkv.json", "preview.jpg", "worker-0.log"}
        usual |= {"jobs.sqlite", "worker-0.lock"}
        self.store.jobs()  # SQLite's log of a worker killed while it looked at the list goes with the next look
        return [path for path in self.folder.rglob("*") if path.is_file() and path.name not in usual]


class Reference:
    """A film, the network for it, and how it looks when nothing disturbs the work."""

    def __init__(self, folder):
        write_tiny_network(folder, q=7)
        film = smooth_film(folder / "grey.mp4", count=FRAMES, steps=[1000], cut=123)
        settings = FilmSettings(steadiness=Steadiness(key_every=4), encoding=Encoding("ffv1"))
        self.order = FilmOrder(film, "old film.mp4", settings, "colour", ".mkv", str(folder), "opencv:cpu")
        with open_colorizer(str(folder), "opencv:cpu") as colorizer:
            colorize_film(film, folder / "undisturbed.mkv", colorizer, settings)
        self.frames = colour_frames(folder / "undisturbed.mkv")


def forty_percent(job):
    """Whether it is the moment to disturb the work."""
    assert not job.state.has_ended, job
    return job.state is State.RUNNING and job.frames >= 0.4 * FRAMES


def ended(job):
    """Whether nothing more happens to it by itself."""
    return job.state.has_ended


def went_on(job):
    """How many frames the last attempt found finished."""
    told = json.loads(report_path(job.target).read_text("utf-8"))
    return told["frames"] - told["frames_this_run"]


def wait_for(answer):
    """The first answer that says something."""
    deadline = time.monotonic() + PATIENCE
    while not (said := answer()):
        assert time.monotonic() < deadline, "nothing came of it"
        time.sleep(0.02)
    return said


def same_frames(path, frames):
    """Whether the film holds exactly these frames."""
    found = colour_frames(path)
    return len(found) == len(frames) and all(
        one[0] == other[0] and (one[1] == other[1]).all() and (one[2] == other[2]).all()
        for one, other in zip(found, frames, strict=True)
    )
