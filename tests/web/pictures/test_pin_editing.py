"""Corrections by hand in the studio: what is done to pins, what is kept, and what the result is made of."""

import base64
from pathlib import Path

import cv2
import numpy as np
import pytest
import streamlit as st

from colorizer.answer import Answer
from colorizer.color.grade import Grade
from colorizer.corrections.pins import Corrections, Pin
from colorizer.image.colorize import colorize_file
from colorizer.image.values import SaveOptions
from colorizer.network import Colorizer
from colorizer.web.answer_cache import MOST_KEPT, AnswerCache, PictureAnswer
from colorizer.web.colouring import ColouringQueue, NetworkChoice, corrected_key
from colorizer.web.pictures.cards import own_choice
from colorizer.web.pictures.doubt import doubt_address, most_doubtful
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.pictures.pin_editing import Correcting
from colorizer.web.pictures.results import make_result

NETWORK = NetworkChoice()


@pytest.fixture
def correcting(
    picture_set: PictureSet, png: bytes, colorizer: Colorizer, colouring_queue: ColouringQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> Correcting:  # fmt: skip
    monkeypatch.setattr(st, "session_state", {})
    picture = picture_set.add("Oma.png", png)
    return Correcting(picture_set, picture, colouring_queue.answer(picture, NETWORK, colorizer))


def test_a_press_sets_a_pin_in_the_colour_of_its_place_and_changes_nothing_yet(correcting: Correcting) -> None:
    correcting.take("placed", {"x": 0.5, "y": 0.25, "time": 1})
    (pin,) = correcting.history.now.pins
    row, column = int(0.25 * correcting.found.lightness.shape[0]), int(0.5 * correcting.found.lightness.shape[1])
    assert (pin.a, pin.b) == pytest.approx(correcting.found.answer.chroma[row, column].tolist())
    assert correcting.selected == 0
    (shown,) = correcting.view()["list"]
    assert (shown["x"], shown["y"], shown["selected"]) == (0.5, 0.25, True)


def test_pins_are_moved_coloured_taken_away_and_every_step_is_taken_back(correcting: Correcting) -> None:
    correcting.take("placed", {"x": 0.5, "y": 0.25})
    correcting.take("placed", {"x": 0.1, "y": 0.1})
    correcting.take("moved", {"number": 0, "x": 0.6, "y": 0.3})
    assert correcting.selected == 0
    correcting.choose(0, 30, -20)
    correcting.take("removed", {"number": 1})
    assert [(pin.x, pin.a) for pin in correcting.history.now.pins] == [(0.6, 30)]
    for _ in range(5):
        correcting.take("undone", {})
    assert correcting.history.now == Corrections()
    assert correcting.selected is None
    for _ in range(5):
        correcting.take("redone", {})
    assert [(pin.x, pin.a) for pin in correcting.history.now.pins] == [(0.6, 30)]
    assert correcting.recent == [(30, -20)]


def test_what_comes_late_for_a_pin_that_is_gone_is_nothing(correcting: Correcting) -> None:
    correcting.take("moved", {"number": 3, "x": 0.6, "y": 0.3})
    correcting.take("removed", {"number": 0})
    correcting.choose(7, 1, 1)
    assert not correcting.history.can_undo


def test_corrections_belong_to_their_picture_alone(correcting: Correcting, png: bytes) -> None:
    other = correcting.picture_set.add("other.png", png + b"1")
    correcting.take("placed", {"x": 0.5, "y": 0.5})
    first, second = (own_choice(correcting.picture_set, each, NETWORK) for each in (correcting.picture, other))
    assert second.key == NETWORK.key != first.key == corrected_key(NETWORK.key, correcting.history.now)
    correcting.picture_set.remove(correcting.picture.id)
    assert correcting.picture_set.corrections(correcting.picture.id).now == Corrections()


def test_the_download_is_what_the_command_line_makes_byte_for_byte(
    correcting: Correcting, colorizer: Colorizer, colouring_queue: ColouringQueue, tmp_path: Path
) -> None:
    correcting.take("placed", {"x": 0.3, "y": 0.3})
    correcting.choose(0, 40, 30)
    choice = own_choice(correcting.picture_set, correcting.picture, NETWORK)
    coloured = colouring_queue.now(correcting.picture, choice, colorizer).result()
    result = make_result(correcting.picture, coloured, Grade(saturation=1.2), SaveOptions("PNG"))
    source, target = tmp_path / "Oma.png", tmp_path / "new.png"
    source.write_bytes(correcting.picture.path.read_bytes())
    colorize_file(source, target, grade=Grade(saturation=1.2), corrections=correcting.history.now, colorizer=colorizer)
    assert target.read_bytes() == result.data
    plain = colouring_queue.now(correcting.picture, NETWORK, colorizer).result()
    assert not np.array_equal(plain.chroma, coloured.chroma)
    assert b"by hand, 1 pin" in result.data


def test_a_picture_is_read_once_for_all_its_corrections(
    correcting: Correcting, colorizer: Colorizer, colouring_queue: ColouringQueue
) -> None:
    correcting.picture.path.unlink()  # the answer is there
    for number in range(3):
        correcting.take("placed", {"x": 0.3 * number, "y": 0.3})
        choice = own_choice(correcting.picture_set, correcting.picture, NETWORK)
        assert colouring_queue.now(correcting.picture, choice, colorizer).result().chroma is not None


def test_answers_of_few_pictures_are_kept(correcting: Correcting) -> None:
    cache = AnswerCache()
    for number in range(MOST_KEPT + 1):
        cache.keep(str(number), "network", correcting.found)
        assert cache.find("0", "network") is not None or number == MOST_KEPT
        cache.find("1", "network")
    assert sum(cache.find(str(number), "network") is not None for number in range(MOST_KEPT + 1)) == MOST_KEPT
    cache.forget("1")
    assert cache.find("1", "network") is None


def unsure(*cells: tuple[int, int]) -> Answer:
    bins = np.zeros((20, 30, 9), np.float32)
    bins[..., 0] = 20
    for row, column in cells:
        bins[row - 1 : row + 2, column - 1 : column + 2] = 0
    return Answer(np.zeros((20, 30, 2), np.float32), None, bins)


def test_the_next_unsure_place_lies_away_from_the_pins() -> None:
    answer = unsure((5, 5), (15, 25))
    first = most_doubtful(answer, Corrections())
    assert first is not None
    second = most_doubtful(answer, Corrections((Pin(*first, 0, 0),)))
    assert second is not None
    found = {(round(y * 20 - 0.5), round(x * 30 - 0.5)) for x, y in (first, second)}
    assert found == {(5, 5), (15, 25)}
    everywhere = Corrections(tuple(Pin(x / 9, y / 9, 0, 0) for x in range(10) for y in range(10)))
    assert most_doubtful(answer, everywhere) is None
    assert most_doubtful(Answer(answer.chroma), Corrections()) is None


def picture_answer(answer: Answer) -> PictureAnswer:
    return PictureAnswer(answer, np.full(answer.chroma.shape[:2], 50, np.float32), None, 30, 20, ())


def opacity(address: str) -> np.ndarray:
    data = base64.b64decode(address.removeprefix("data:image/png;base64,"))
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[..., 3]


def test_the_veil_lies_where_the_network_is_unsure_and_no_pin_says_more() -> None:
    found = picture_answer(unsure((5, 5), (15, 25)))
    veil = opacity(doubt_address(found, Corrections()))
    assert min(veil[5, 5], veil[15, 25]) > 100
    assert veil[10, 15] == 0
    veil = opacity(doubt_address(found, Corrections((Pin(5.5 / 30, 5.5 / 20, 0, 0, 0.3),))))
    assert veil[5, 5] == 0
    assert veil[15, 25] > 100
    assert doubt_address(picture_answer(Answer(np.zeros((2, 2, 2), np.float32))), Corrections()) == ""
