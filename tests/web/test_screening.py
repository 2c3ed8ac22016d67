import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from colorizer.color.grade import Grade
from colorizer.jobs.children import Children
from colorizer.jobs.inspection import PROBLEM, SHEET
from colorizer.jobs.model import Order
from colorizer.video.wanted import Encoding, FilmSettings
from colorizer.web.screening import Findings, ScreeningRoom, _trial_key, findings
from colorizer.web.shelf import Reel, Shelf
from tests.video.films import encode


@pytest.fixture
def room() -> Iterator[ScreeningRoom]:
    made = ScreeningRoom()
    yield made
    made.close()


@pytest.fixture
def reel(tmp_path: Path) -> Reel:
    made = Shelf(tmp_path / "uploads").put("Oma.mkv", 10, 1)
    encode(tmp_path / "a.mkv", [np.full((48, 64), 90, np.uint8)] * 10).replace(made.path)
    return made


def looked_at(room: ScreeningRoom, reel: Reel) -> Findings:
    room.look_at(reel)
    for future in list(room._asked.values()):
        future.result(60)
    return findings(reel)


def test_a_film_is_looked_at_once_also_by_the_next_studio(
    room: ScreeningRoom, reel: Reel, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = looked_at(room, reel)
    assert found.facts is not None
    assert (found.facts.width, len(found.frames) > 0, found.is_settled) == (64, True, True)
    monkeypatch.setattr(Children, "run", lambda *_, **__: pytest.fail("looked at again"))
    assert looked_at(ScreeningRoom(), reel) == found


def test_a_damaged_film_is_named_as_people_call_it(room: ScreeningRoom, reel: Reel) -> None:
    reel.path.write_bytes(b"\x1a\x45\xdf\xa3 damaged")
    found = looked_at(room, reel)
    assert "Oma.mkv" in found.problem
    assert reel.id not in found.problem


@pytest.mark.parametrize("seen", ["nothing", "frames"])
def test_a_reader_that_crashes_is_said_and_not_started_again(
    room: ScreeningRoom, reel: Reel, monkeypatch: pytest.MonkeyPatch, seen: str
) -> None:
    def crashes(*_: object, **__: object) -> int:
        if seen == "frames":
            (reel.folder / SHEET).write_text(json.dumps({"times": ["1"]}))
        return -11

    monkeypatch.setattr(Children, "run", crashes)
    found = looked_at(room, reel)
    assert found.is_settled
    assert bool(found.problem) == (seen == "nothing")
    assert (reel.folder / PROBLEM).exists() == (seen == "nothing")


def test_a_closed_studio_blames_no_film(reel: Reel, monkeypatch: pytest.MonkeyPatch) -> None:
    room = ScreeningRoom()
    room._children.close()
    assert looked_at(room, reel) == Findings()
    room.close()


def test_colours_need_no_new_trial_and_codecs_do() -> None:
    order = Order(Path("/a.mkv"), "a")
    graded = Order(Path("/a.mkv"), "b", FilmSettings(grade=Grade(hue=9)))
    archived = Order(Path("/a.mkv"), "a", FilmSettings(encoding=Encoding("ffv1")))
    assert _trial_key(order) == _trial_key(graded)
    assert _trial_key(order) != _trial_key(archived)
