import logging
import time

import numpy as np
import pytest

from colorizer.errors import ColorizerError, InputError, SourceUnreadable
from colorizer.network import Colorizer, NetworkSettings
from colorizer.web import colouring as develop_module
from colorizer.web.colouring import Darkroom, Recipe, develop, failure_text
from colorizer.web.pictures.picture_set import Desk

GREY = Recipe(model=None)


def test_a_developed_picture_has_chroma_size_and_a_preview(desk: Desk, png: bytes, colorizer: Colorizer) -> None:
    picture = desk.add("a.png", png)
    proof = develop(picture, Recipe(), colorizer)
    assert (proof.width, proof.height) == (64, 48)
    assert proof.chroma is not None
    assert proof.chroma.shape[2] == 2
    assert proof.provenance is not None
    assert proof.provenance.model == "starter"
    assert np.load(picture.preview_path).shape == (48, 64)


def test_black_and_white_asks_no_network(desk: Desk, png: bytes) -> None:
    proof = develop(desk.add("a.png", png), GREY, None)
    assert proof.chroma is None
    assert proof.provenance is None


def test_the_network_runs_once_for_a_picture_and_a_recipe(
    desk: Desk, png: bytes, darkroom: Darkroom, colorizer: Colorizer
) -> None:
    picture = desk.add("a.png", png)
    first = darkroom.now(picture, Recipe(), colorizer)
    assert darkroom.now(picture, Recipe(), colorizer) is first
    assert darkroom.soon(picture, Recipe(), colorizer) is first
    other = Recipe(network=NetworkSettings(size=128))
    assert darkroom.now(picture, other, colorizer) is not first


def test_recipes_differ_in_their_keys() -> None:
    recipes = [
        GREY,
        Recipe(),
        Recipe(model="eccv16"),
        Recipe(engine="opencv:cpu"),
        Recipe(network=NetworkSettings(size=256)),
        Recipe(network=NetworkSettings(keep_aspect=False)),
        Recipe(network=NetworkSettings(temperature=0.5)),
    ]
    assert len({recipe.key for recipe in recipes}) == len(recipes)
    assert Recipe().key == Recipe().key


def test_a_picture_that_is_waited_for_does_not_stand_in_line(
    desk: Desk, png: bytes, darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = [desk.add(f"{number}.png", png + bytes([number])) for number in range(5)]
    order: list[str] = []
    real = develop_module.develop
    gate = develop_module.Future[None]()

    def slow(picture, recipe, colorizer):  # type: ignore[no-untyped-def]
        if picture == pictures[0]:
            gate.result(20)
        order.append(picture.name)
        return real(picture, recipe, colorizer)

    monkeypatch.setattr(develop_module, "develop", slow)
    for picture in pictures:
        darkroom.soon(picture, GREY, None)
    assert darkroom.now(pictures[4], GREY, None).result().width == 64
    assert order == ["4.png"]
    gate.set_result(None)
    for picture in pictures:
        darkroom.now(picture, GREY, None)
    assert sorted(order) == [f"{number}.png" for number in range(5)]


def test_a_broken_picture_tells_why_in_our_own_words(desk: Desk, darkroom: Darkroom) -> None:
    future = darkroom.now(desk.add("holiday.jpg", b"not a picture"), GREY, None)
    error = future.exception()
    assert isinstance(error, SourceUnreadable)
    assert "holiday.jpg" in failure_text(error)


def test_an_unexpected_error_is_logged_and_not_shown(
    desk: Desk, darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(develop_module, "read_picture", broken)
    with caplog.at_level(logging.ERROR):
        error = darkroom.now(desk.add("a.png", b"1"), GREY, None).exception()
    assert error is not None
    deadline = time.monotonic() + 5
    while not caplog.text and time.monotonic() < deadline:
        time.sleep(0.01)  # the log is written by the thread that developed, after it has given its answer
    assert "secret detail" not in failure_text(error)
    assert "ZeroDivisionError" in failure_text(error)
    assert "secret detail" in caplog.text
    assert "a.png could not be developed" in caplog.text


def test_our_own_errors_are_not_logged(desk: Desk, darkroom: Darkroom, caplog: pytest.LogCaptureFixture) -> None:
    error = darkroom.now(desk.add("a.png", b"1"), GREY, None).exception()
    assert isinstance(error, ColorizerError)
    assert failure_text(InputError("say this")) == "say this."
    assert caplog.text == ""


def test_a_forgotten_picture_is_developed_anew(desk: Desk, png: bytes, darkroom: Darkroom) -> None:
    picture = desk.add("a.png", png)
    first = darkroom.now(picture, GREY, None)
    darkroom.forget(picture)
    assert darkroom.find(picture, GREY.key) is None
    assert darkroom.now(picture, GREY, None) is not first


def test_the_oldest_proofs_make_room(
    desk: Desk, png: bytes, darkroom: Darkroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(develop_module, "_MOST_PROOFS", 2)
    pictures = [desk.add(str(number), png + bytes([number])) for number in range(3)]
    for picture in pictures:
        darkroom.now(picture, GREY, None)
    assert darkroom.find(pictures[0], GREY.key) is None
    assert darkroom.find(pictures[2], GREY.key) is not None
