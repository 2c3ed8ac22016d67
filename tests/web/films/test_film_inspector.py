import errno
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from colorizer.color.grade import Grade
from colorizer.inspect.child_processes import ChildProcesses
from colorizer.inspect.film_facts import FACTS, PROBLEM, SHEET, SHOTS
from colorizer.inspect.forecast import Measured
from colorizer.jobs.model import FilmOrder
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.web.films import film_inspector as film_inspector_module
from colorizer.web.films import findings as findings_module
from colorizer.web.films.film_folder import FilmFolder, StudioFilm
from colorizer.web.films.film_inspector import FilmInspector, trial_key
from colorizer.web.films.findings import Findings, findings
from tests.video.films import encode


@pytest.fixture
def inspector() -> Iterator[FilmInspector]:
    made = FilmInspector()
    yield made
    made.close()


@pytest.fixture
def film(tmp_path: Path) -> StudioFilm:
    made = FilmFolder(tmp_path / "uploads").put("Oma.mkv", 10, 1)
    encode(tmp_path / "a.mkv", [np.full((48, 64), 90, np.uint8)] * 10).replace(made.path)
    return made


def settle(inspector: FilmInspector) -> None:
    while waiting := [future for future in list(inspector._futures.values()) if not future.done()]:
        wait(waiting, 60)  # one may ask for another


def looked_at(inspector: FilmInspector, film: StudioFilm) -> Findings:
    inspector.look_at(film)
    settle(inspector)
    return findings(film)


def test_a_film_is_looked_at_once_also_by_the_next_studio(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = looked_at(inspector, film)
    assert found.facts is not None
    assert (found.facts.width, len(found.frames) > 0, found.is_settled) == (64, True, True)
    monkeypatch.setattr(ChildProcesses, "run", lambda *_, **__: pytest.fail("looked at again"))
    assert looked_at(FilmInspector(), film) == found


def test_the_next_film_is_seen_before_shots_are_counted(
    inspector: FilmInspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting, run = Event(), ChildProcesses.run

    def counts_later(children: ChildProcesses, module: str, *arguments: Path | str, **rest: Any) -> int:
        if arguments[-1] == SHOTS:
            counting.wait(60)
        return run(children, module, *arguments, **rest)

    monkeypatch.setattr(ChildProcesses, "run", counts_later)
    films = [FilmFolder(tmp_path / "uploads").put(f"{number}.mkv", 10, number) for number in range(2)]
    for film in films:
        encode(tmp_path / "a.mkv", [np.full((48, 64), 90, np.uint8)] * 5).replace(film.path)
        inspector.look_at(film)
    inspector._futures[films[1].folder].result(60)
    assert findings(films[1]).frames
    assert not findings(films[0]).is_settled
    counting.set()
    settle(inspector)
    assert all(findings(film).is_settled for film in films)


def test_a_damaged_film_is_named_as_people_call_it(inspector: FilmInspector, film: StudioFilm) -> None:
    film.path.write_bytes(b"\x1a\x45\xdf\xa3 damaged")
    found = looked_at(inspector, film)
    assert "Oma.mkv" in found.problem
    assert film.id not in found.problem


@pytest.mark.parametrize("seen", ["nothing", "frames"])
def test_a_reader_that_crashes_is_said_and_not_started_again(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch, seen: str
) -> None:
    def crashes(*_: object, **__: object) -> int:
        if seen == "frames":
            (film.folder / SHEET).write_text(json.dumps({"times": ["1"], "coloured": [False]}))
        return -11

    monkeypatch.setattr(ChildProcesses, "run", crashes)
    found = looked_at(inspector, film)
    assert found.is_settled
    assert bool(found.problem) == (seen == "nothing")
    assert (film.folder / PROBLEM).exists() == (seen == "nothing")


def test_a_closed_studio_blames_no_film(film: StudioFilm, monkeypatch: pytest.MonkeyPatch) -> None:
    inspector = FilmInspector()
    inspector._processes.close()
    assert looked_at(inspector, film) == Findings()
    inspector.close()


def test_colours_need_no_new_trial_and_codecs_do() -> None:
    order = FilmOrder(Path("/a.mkv"), "a")
    graded = FilmOrder(Path("/a.mkv"), "b", FilmSettings(grade=Grade(hue=9)))
    archived = FilmOrder(Path("/a.mkv"), "a", FilmSettings(encoding=Encoding("ffv1")))
    assert trial_key(order) == trial_key(graded) == trial_key(replace(order, forecast=9.0))
    assert trial_key(order) != trial_key(archived)
    parts = [replace(order, settings=FilmSettings(range=Range(None, Fraction(end)))) for end in (2, 3)]
    assert len({trial_key(each) for each in (order, *parts)}) == 2


def test_what_was_measured_beside_other_films_is_measured_anew_once_they_are_done(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    trials = []
    said = Measured(50, 2.0, 1.0, 1e6, 5, 1, 0.0, "opencv on cpu (f32)", busy=1)

    def tries(_: ChildProcesses, __: str, *arguments: Path, **___: object) -> int:
        answer = replace(said, seconds=2.0 - len(trials), busy=1 - len(trials))
        arguments[-1].write_text(json.dumps(asdict(answer)))
        trials.append(answer)
        return 0

    def tried(busy: int) -> Measured | str | None:
        found = inspector.try_out(film, FilmOrder(film.path, "a"), busy)
        for future in list(inspector._futures.values()):
            future.result(60)
        return found

    monkeypatch.setattr(ChildProcesses, "run", tries)
    assert [tried(busy) for busy in (1, 1, 0, 0, 1)] == [None, trials[0], trials[0], trials[1], trials[1]]
    assert len(trials) == 2


def test_what_an_earlier_studio_could_not_find_out_is_tried_once_more(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    (film.folder / PROBLEM).write_text(json.dumps({"problem": "There was no memory."}))
    assert findings(film).problem
    assert looked_at(inspector, film).facts is not None
    order = FilmOrder(film.path, "Oma.mkv")
    answer = film.folder / f"trial-{trial_key(order)}.json"
    answer.write_text(json.dumps({"problem": "The network is missing."}))
    monkeypatch.setattr(ChildProcesses, "run", lambda *_, **__: 1)
    assert inspector.try_out(film, order) is None
    settle(inspector)
    assert inspector.try_out(film, order) == "The trial ended without an answer."
    assert [inspector.try_out(film, order) for _ in range(2)] == ["The trial ended without an answer."] * 2


def test_a_problem_may_be_looked_at_again(inspector: FilmInspector, film: StudioFilm) -> None:
    whole = film.path.read_bytes()
    film.path.write_bytes(b"\x1a\x45\xdf\xa3 damaged")
    assert looked_at(inspector, film).problem
    film.path.write_bytes(whole)
    assert looked_at(inspector, film).problem
    inspector.look_again(film)
    settle(inspector)
    assert not findings(film).problem


def test_a_full_disk_is_said_and_logged_and_not_tried_over_and_over(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tries: list[int] = []

    def full(*_: object, **__: object) -> int:
        tries.append(1)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(ChildProcesses, "run", full)
    order = FilmOrder(film.path, "Oma.mkv")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            looked_at(inspector, film)
            inspector.try_out(film, order)
    assert "No space left on device" in inspector.failure(film)
    assert "No space left on device" in str(inspector.try_out(film, order))
    assert len(tries) == 2
    assert "No space left on device" in caplog.text


def test_a_film_that_is_removed_while_it_is_looked_at_is_no_error(
    inspector: FilmInspector, film: StudioFilm, caplog: pytest.LogCaptureFixture
) -> None:
    FilmFolder(film.folder.parent).remove(film)
    looked_at(inspector, film)
    assert caplog.text == ""


def test_a_process_that_takes_too_long_is_said(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(film_inspector_module, "INSPECTION_WITHIN", 0.0)
    monkeypatch.setattr(film_inspector_module, "TRIAL_WITHIN", 0.0)
    monkeypatch.setattr(ChildProcesses, "run", lambda *_, **__: -15)
    order = FilmOrder(film.path, "Oma.mkv")
    assert "Oma.mkv took too long" in looked_at(inspector, film).problem
    inspector.try_out(film, order)
    settle(inspector)
    assert inspector.try_out(film, order) == "The trial took too long."


def test_an_answer_that_makes_no_sense_is_not_asked_for_over_and_over(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = FilmOrder(film.path, "Oma.mkv")

    def answers(*_: object, **__: object) -> int:
        (film.folder / f"trial-{trial_key(order)}.json").write_text('{"of": "a later version"}')
        return 0

    monkeypatch.setattr(ChildProcesses, "run", answers)
    inspector.try_out(film, order)
    settle(inspector)
    assert inspector.try_out(film, order) == "The trial ended without an answer."


@pytest.mark.parametrize("page", ["{}", '{"width": 1}', "[]", '{"sound": 1, "subtitles": [], "notes": []}', ""])
def test_what_another_version_wrote_down_is_found_out_anew(
    inspector: FilmInspector, film: StudioFilm, page: str
) -> None:
    known = looked_at(inspector, film)
    (film.folder / FACTS).write_text(page or "no JSON")
    assert findings(film) == Findings()
    assert looked_at(inspector, film) == known
    order = FilmOrder(film.path, "Oma.mkv")
    (film.folder / f"trial-{trial_key(order)}.json").write_text(page or "no JSON")
    assert inspector.try_out(film, order) is None


def test_what_is_known_is_read_once_and_again_when_it_changes(
    inspector: FilmInspector, film: StudioFilm, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = looked_at(inspector, film)
    reads: list[Path] = []
    real = findings_module.read_json
    monkeypatch.setattr(findings_module, "read_json", lambda path: reads.append(path) or real(path))
    assert [findings(film) for _ in range(5)] == [known] * 5
    assert reads == []
    time.sleep(0.01)
    (film.folder / SHEET).write_text(json.dumps({"times": ["1"], "coloured": [False]}))
    assert len(findings(film).frames) == 1
