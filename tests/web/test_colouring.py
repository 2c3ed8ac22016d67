import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from colorizer.errors import ColorizerError, InputError, SourceUnreadable
from colorizer.image.reading import read_picture
from colorizer.image.values import SourcePicture
from colorizer.network import Colorizer, NetworkSettings
from colorizer.web import colouring as colouring_module
from colorizer.web.colouring import ColouringQueue, NetworkChoice, colour_picture, failure_text
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.preview import stored_luma

GREY = NetworkChoice(model=None)


def test_a_coloured_picture_has_chroma_size_and_a_preview(
    picture_set: PictureSet, png: bytes, colorizer: Colorizer
) -> None:
    picture = picture_set.add("a.png", png)
    coloured = colour_picture(picture, NetworkChoice(), colorizer)
    assert (coloured.width, coloured.height) == (64, 48)
    assert coloured.chroma is not None
    assert coloured.chroma.shape[2] == 2
    assert coloured.provenance is not None
    assert coloured.provenance.model == "starter"
    assert stored_luma(picture.preview_path).shape == (48, 64)


def test_black_and_white_asks_no_network(picture_set: PictureSet, png: bytes) -> None:
    coloured = colour_picture(picture_set.add("a.png", png), GREY, None)
    assert coloured.chroma is None
    assert coloured.provenance is None


def test_the_network_runs_once_for_a_picture_and_a_choice(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue, colorizer: Colorizer
) -> None:
    picture = picture_set.add("a.png", png)
    first = colouring_queue.now(picture, NetworkChoice(), colorizer)
    assert colouring_queue.now(picture, NetworkChoice(), colorizer) is first
    assert colouring_queue.soon(picture, NetworkChoice(), colorizer) is first
    other = NetworkChoice(settings=NetworkSettings(size=128))
    assert colouring_queue.now(picture, other, colorizer) is not first


def test_choices_differ_in_their_keys() -> None:
    networks = [
        GREY,
        NetworkChoice(),
        NetworkChoice(model="eccv16"),
        NetworkChoice(engine="opencv:cpu"),
        NetworkChoice(settings=NetworkSettings(size=256)),
        NetworkChoice(settings=NetworkSettings(keep_aspect=False)),
        NetworkChoice(settings=NetworkSettings(temperature=0.5)),
    ]
    assert len({network.key for network in networks}) == len(networks)
    assert NetworkChoice().key == NetworkChoice().key


def test_a_picture_that_is_waited_for_does_not_stand_in_line(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [picture_set.add(f"{number}.png", png + bytes([number])) for number in range(5)]
    order: list[str] = []
    real = colouring_module.colour_picture
    gate = colouring_module.Future[None]()

    def slow(picture, *rest):  # type: ignore[no-untyped-def]
        if picture in pictures[:2]:  # as many as are read at once
            gate.result(20)
        order.append(picture.name)
        return real(picture, *rest)

    monkeypatch.setattr(colouring_module, "colour_picture", slow)
    for picture in pictures:
        colouring_queue.soon(picture, GREY, None)
    assert colouring_queue.now(pictures[4], GREY, None).result().width == 64
    assert order == ["4.png"]
    gate.set_result(None)
    for picture in pictures:
        colouring_queue.now(picture, GREY, None)
    assert sorted(order) == [f"{number}.png" for number in range(5)]


def test_a_large_picture_that_is_waited_for_does_not_keep_other_visitors(picture_set: PictureSet, png: bytes) -> None:
    large, small = picture_set.add("large.png", png), picture_set.add("small.png", png + b"1")
    gate = Event()

    def read(path: Path, name: str) -> SourcePicture:
        assert name == "small.png" or gate.wait(20)
        return read_picture(path, name)

    queue = ColouringQueue(read)
    with ThreadPoolExecutor(1) as other_visitor:
        waiting = other_visitor.submit(queue.now, large, GREY, None)
        while queue.find(large, GREY.key) is None:
            time.sleep(0.01)
        assert queue.now(small, GREY, None).result(10).width == 64
        assert not waiting.done()
        gate.set()
    queue.close()


def test_a_broken_picture_tells_why_in_our_own_words(picture_set: PictureSet, colouring_queue: ColouringQueue) -> None:
    future = colouring_queue.now(picture_set.add("holiday.jpg", b"not a picture"), GREY, None)
    error = future.exception()
    assert isinstance(error, SourceUnreadable)
    assert "holiday.jpg" in failure_text(error)


def test_an_unexpected_error_is_logged_and_not_shown(
    picture_set: PictureSet,
    colouring_queue: ColouringQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    broken_queue = ColouringQueue(broken)
    with caplog.at_level(logging.ERROR):
        error = broken_queue.now(picture_set.add("a.png", b"1"), GREY, None).exception()
    broken_queue.close()
    assert error is not None
    deadline = time.monotonic() + 5
    while not caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)  # the log is written by the thread that coloured, after it has given its answer
    assert "secret detail" not in failure_text(error)
    assert "ZeroDivisionError" in failure_text(error)
    assert "secret detail" in caplog.text
    assert "a.png could not be coloured" in caplog.text


def test_our_own_errors_are_not_logged(
    picture_set: PictureSet, colouring_queue: ColouringQueue, caplog: pytest.LogCaptureFixture
) -> None:
    error = colouring_queue.now(picture_set.add("a.png", b"1"), GREY, None).exception()
    assert isinstance(error, ColorizerError)
    assert failure_text(InputError("say this")) == "say this."
    assert caplog.text == ""


def test_a_forgotten_picture_is_coloured_anew(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue
) -> None:
    picture = picture_set.add("a.png", png)
    first = colouring_queue.now(picture, GREY, None)
    colouring_queue.forget(picture)
    assert colouring_queue.find(picture, GREY.key) is None
    assert colouring_queue.now(picture, GREY, None) is not first


def test_the_oldest_colours_make_room(
    picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colouring_module, "MOST_KEPT", 2)
    pictures = [picture_set.add(str(number), png + bytes([number])) for number in range(3)]
    for picture in pictures:
        colouring_queue.now(picture, GREY, None)
    assert colouring_queue.find(pictures[0], GREY.key) is None
    assert colouring_queue.find(pictures[2], GREY.key) is not None
