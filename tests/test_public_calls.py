"""Every public name shows a line of use, which runs as it stands in its docstring."""

import doctest

import cv2
import numpy as np
import pytest

import colorizer
from colorizer.speed import write_clip

NAMES = sorted(set(colorizer.__all__) - {"__version__"})


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """A folder with what the examples name: a picture, a film, and the film in colour."""
    folder = tmp_path_factory.mktemp("album")
    cv2.imwrite(str(folder / "old.png"), np.tile(np.linspace(30, 220, 60).astype(np.uint8), (40, 1)))
    write_clip(folder / "film.mp4", 64, 48, seconds=0.2)
    with colorizer.Colorizer(colorizer.locate("starter")) as network:
        colorizer.colorize_film(folder / "film.mp4", folder / "coloured.mp4", network)
    return folder


def _examples(name):
    value = getattr(colorizer, name)
    return doctest.DocTestParser().get_doctest(value.__doc__, {}, f"colorizer.{name}", None, 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_every_public_name_uses_it_and_gives_what_it_says(name, album, monkeypatch):
    monkeypatch.chdir(album)
    shown = _examples(name)
    uses = [example.source for example in shown.examples if "import" not in example.source]
    assert any(name in source for source in uses), f"{name} shows no line of use"
    assert doctest.DocTestRunner(verbose=False).run(shown).failed == 0


def test_an_example_that_says_something_wrong_is_noticed():
    wrong = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(wrong, out=lambda _: None).failed == 1
