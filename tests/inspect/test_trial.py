import json
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from colorizer.image.colorize import open_colorizer
from colorizer.inspect import child_processes as children_module
from colorizer.inspect import trial
from colorizer.inspect.child_processes import ChildProcesses
from colorizer.inspect.film_facts import SHOTS
from colorizer.inspect.forecast import Measured
from colorizer.inspect.trial import main, stretches, try_out
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FilmOrder
from colorizer.jobs.store import open_store
from colorizer.lockfile import alone
from colorizer.settings import settings
from colorizer.video.film import colorize_film
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.source.probe import probe
from tests.video.films import SMOOTH, encode, ffmpeg


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    lumas = [np.full((48, 64), level, np.uint8) for level in range(60, 180)]
    return encode(tmp_path_factory.mktemp("film") / "a.mkv", lumas)


@pytest.fixture(scope="module")
def probed(film):
    return probe(film)


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("COLORIZER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(trial, "stand_back", lambda: None)  # else all tests that come after would
    settings.cache_clear()
    yield DataFolder(tmp_path / "data")
    settings.cache_clear()


@how(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 300), st.integers(1, 3), st.fractions(0, 3, max_denominator=50),
    st.none() | st.fractions(Fraction(7, 2), 9, max_denominator=50),
)  # fmt: skip
def test_stretches_lie_in_what_is_wanted_one_after_the_other(probed, frames, places, start, end):
    wanted = Range(start or None, end)
    parts = stretches(probed, wanted, frames, places)
    tried = sum(part.max_frames for part in parts)
    assert tried <= max(frames, places)
    length = 1 / probed.video.average_rate
    begins = [part.start or Fraction(0) for part in parts]
    ends = [begin + part.max_frames * length for begin, part in zip(begins, parts, strict=True)]
    limit = min(end or probed.duration, probed.duration)
    assert all(start - length <= begin < limit for begin in begins)
    assert all(before <= after + length for before, after in zip(ends, [*begins[1:], limit], strict=True))
    assert all(part.end == end for part in parts)


def test_a_film_that_is_short_is_tried_as_a_whole(probed):
    assert stretches(probed, Range(), 120, 2) == [Range(None, None, 120)]
    assert [part.max_frames for part in stretches(probed, Range(), 100, 2)] == [50, 50]
    assert stretches(probed, Range(None, None, 10), 24, 2) == [Range(None, None, 10)]


def tried(order, folder):
    (folder / "order.json").write_text(order.as_json())
    status = main([str(folder / "order.json"), str(folder), str(folder / "answer.json")])
    return status, json.loads((folder / "answer.json").read_text())


def test_a_trial_measures_time_and_size(film, tmp_path, data):
    status, answer = tried(FilmOrder(film, "a", FilmSettings(encoding=Encoding("h264"))), tmp_path)
    measured = Measured(**answer)
    assert (status, measured.frames, measured.busy) == (0, 120, 0)
    assert measured.shots <= measured.runs < 120
    assert measured.fixed > 0
    assert measured.spread == 1  # it is one stretch
    assert 0 < measured.seconds < 60


@pytest.mark.parametrize(("sound", "suffix", "codec"), [("pcm_s16le", ".mkv", "h264"), (None, ".mp4", "hevc")])
def test_a_trial_weighs_what_the_whole_film_will_weigh(tmp_path, sound, suffix, codec):
    source = encode(tmp_path / "a.mkv", [np.roll(SMOOTH, shift, 1) for shift in range(60)])
    if sound:
        beep = ("-f", "lavfi", "-i", "sine=440:d=2.5", "-c:v", "copy", "-c:a", sound)
        ffmpeg("-i", source, *beep, tmp_path / "b.mkv")
        source = tmp_path / "b.mkv"
    order = FilmOrder(source, "a", FilmSettings(encoding=Encoding(codec)), suffix=suffix)
    measured = try_out(order, tmp_path)
    with open_colorizer(order.model) as colorizer:
        report = colorize_film(source, tmp_path / f"c{suffix}", colorizer, order.settings)
    assert measured.bytes_for(report.frames) == pytest.approx(report.target.stat().st_size, rel=0.1, abs=1000)


@pytest.mark.parametrize(("starts", "frames"), [((0, 50), 12), ((50, 60), 24)])
def test_a_film_that_ends_before_it_says_is_measured_where_it_is(film, tmp_path, monkeypatch, starts, frames):
    parts = [Range(Fraction(start) or None, None, 12) for start in starts]
    monkeypatch.setattr(trial, "stretches", lambda *_: parts if _[-1] > 1 else [Range(None, None, 24)])
    assert try_out(FilmOrder(film, "a"), tmp_path).frames == frames


def test_a_trial_gets_the_share_of_the_machine_that_the_worker_gets():
    tell = (
        "import os; from colorizer.{} import stand_back; stand_back(); print(os.getsid(0) == os.getpid(), os.nice(0))"
    )
    told = {
        module: subprocess.run([sys.executable, "-c", tell.format(module)], capture_output=True, check=True).stdout
        for module in ("inspect.trial", "jobs.worker")
    }
    assert told["inspect.trial"] == told["jobs.worker"]
    assert told["inspect.trial"].startswith(b"True")


def test_on_a_slow_machine_the_first_frames_have_to_do(film, tmp_path, monkeypatch):
    monkeypatch.setattr(trial, "_ENOUGH", 0.0)
    assert try_out(FilmOrder(film, "a"), tmp_path).frames == 24


def test_a_trial_beside_a_film_in_the_making_says_so(film, tmp_path):
    store = open_store()
    store.add(FilmOrder(film, "a"))
    store.claim(0)
    assert tried(FilmOrder(film, "a"), tmp_path)[1]["busy"] == 1


def test_counting_shots_waits_for_a_trial(film, tmp_path, data):
    data.make()
    folder = tmp_path / "folder"
    folder.mkdir()
    with ChildProcesses() as children, ThreadPoolExecutor(1) as pool:

        def count():
            children.run("colorizer.inspect.film_facts", film, folder, SHOTS, log=tmp_path / "log", seconds=60)

        began = time.monotonic()
        count()
        unhindered = time.monotonic() - began  # this machine's own pace, however busy it is
        (folder / SHOTS).unlink()
        with alone(data.trial_lock):
            counting = pool.submit(count)
            with pytest.raises(TimeoutError):
                counting.result(3 * unhindered)
            assert not (folder / SHOTS).exists()
        counting.result(60)
        assert (folder / SHOTS).exists()


def test_a_trial_of_a_film_that_is_gone_leaves_a_reason(tmp_path):
    status, answer = tried(FilmOrder(tmp_path / "gone.mkv", "a"), tmp_path)
    assert status == 1
    assert "gone.mkv" in answer["problem"]


def test_a_process_that_crashes_or_hangs_is_only_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(children_module, "_ROOT", tmp_path)
    (tmp_path / "crash.py").write_text("import os; os.abort()")
    (tmp_path / "hang.py").write_text("import time; time.sleep(60)")
    with ChildProcesses() as children:
        log = tmp_path / "log.txt"
        assert children.run("crash", log=log, seconds=20) == -signal.SIGABRT
        assert children.run("hang", log=log, seconds=0.3) == -signal.SIGTERM
    assert children.run("crash", log=log, seconds=20) == -signal.SIGTERM  # nothing starts any more


def test_a_process_starts_elsewhere_and_finds_the_same_folders(tmp_path, monkeypatch):
    monkeypatch.setattr(children_module, "_ROOT", tmp_path)
    monkeypatch.setenv("COLORIZER_DATA_DIR", "data")
    (tmp_path / "tell.py").write_text("import os, sys; open(sys.argv[1], 'w').write(os.environ['COLORIZER_DATA_DIR'])")
    with ChildProcesses() as children:
        assert children.run("tell", tmp_path / "told.txt", log=tmp_path / "log.txt", seconds=20) == 0
    assert (tmp_path / "told.txt").read_text() == str(Path.cwd() / "data")


@pytest.mark.parametrize(("suffix", "encoding"), [(".mp4", Encoding("h264", 18)), (".mkv", Encoding("ffv1"))])
def test_the_result_of_an_uneven_film_has_a_size_within_what_is_said(tmp_path, suffix, encoding):
    rng = np.random.default_rng(2)
    still = np.kron(rng.integers(40, 200, (6, 8)), np.ones((8, 8))).astype(np.uint8)
    moving = (np.roll(still, number, axis=1) ^ rng.integers(0, 4, still.shape, np.uint8) for number in range(200))
    source = encode(tmp_path / "a.mkv", [*[still] * 300, *moving])
    order = FilmOrder(source, "a", FilmSettings(encoding=encoding), suffix=suffix)
    (tmp_path / "trial").mkdir()
    measured = try_out(order, tmp_path / "trial")
    with open_colorizer() as colorizer:
        made = colorize_film(source, tmp_path / f"b{suffix}", colorizer, order.settings)
    said, size = measured.bytes_for(500), made.target.stat().st_size
    assert said / measured.size_give <= size <= said * measured.size_give
