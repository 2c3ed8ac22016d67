import json
import signal
from fractions import Fraction

import numpy as np
import pytest

from colorizer.jobs import children as children_module
from colorizer.jobs.children import Children
from colorizer.jobs.model import Order
from colorizer.jobs.trial import Measured, main, stretch
from colorizer.video.probe import probe
from colorizer.video.wanted import Encoding, FilmSettings, Range
from tests.video.films import encode


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    lumas = [np.full((48, 64), level, np.uint8) for level in range(60, 180)]
    return encode(tmp_path_factory.mktemp("film") / "a.mkv", lumas)


def test_a_trial_takes_a_stretch_from_the_middle(film):
    probed = probe(film)
    wanted = stretch(probed, Range())
    assert wanted.max_frames == 96
    assert wanted.start == pytest.approx(float(probed.duration / 2 - Fraction(96 * 1001, 48000)), abs=0.01)
    assert stretch(probed, Range(Fraction(4), None, 10)).start >= 4
    assert stretch(probed, Range(None, Fraction(1))).start == 0


def test_a_trial_measures_time_and_size(film, tmp_path):
    order = Order(film, "a", FilmSettings(encoding=Encoding("h264")))
    (tmp_path / "order.json").write_text(order.as_json())
    assert main([str(tmp_path / "order.json"), str(tmp_path), str(tmp_path / "answer.json")]) == 0
    measured = Measured(**json.loads((tmp_path / "answer.json").read_text()))
    assert measured.frames == 96
    assert measured.bytes > 1000
    assert measured.seconds > 0
    assert measured.bytes_for(192) == 2 * measured.bytes
    assert measured.seconds_for(48) == pytest.approx(measured.seconds / 2)


def test_a_trial_of_a_film_that_is_gone_leaves_a_reason(tmp_path):
    (tmp_path / "order.json").write_text(Order(tmp_path / "gone.mkv", "a").as_json())
    assert main([str(tmp_path / "order.json"), str(tmp_path), str(tmp_path / "answer.json")]) == 1
    assert "gone.mkv" in json.loads((tmp_path / "answer.json").read_text())["problem"]


def test_a_process_that_crashes_or_hangs_is_only_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(children_module, "_ROOT", tmp_path)
    (tmp_path / "crash.py").write_text("import os; os.abort()")
    (tmp_path / "hang.py").write_text("import time; time.sleep(60)")
    with Children() as children:
        log = tmp_path / "log.txt"
        assert children.run("crash", log=log, seconds=20) == -signal.SIGABRT
        assert children.run("hang", log=log, seconds=0.3) == -signal.SIGTERM
    assert children.run("crash", log=log, seconds=20) == -signal.SIGTERM  # nothing starts any more
