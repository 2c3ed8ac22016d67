"""A picture file in, a coloured picture file out."""

from dataclasses import replace

import pytest
from PIL import Image

from colorizer.color.grade import Grade
from colorizer.errors import OutputError
from colorizer.image.colorize import colorize_file, describe, gray_file
from colorizer.network import Colorizer, NetworkSettings
from colorizer.weights.catalog import find_model
from colorizer.weights.local_models import locate
from tests.image.drawn import noise
from tests.models import tiny_model
from tests.onnx_writer import write_tiny_onnx


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.fromarray(noise(20, 30)).save(path)
    return path


@pytest.mark.parametrize("make", [colorize_file, gray_file])
@pytest.mark.parametrize("name", ["photo.png", "sub/../photo.png", "link.png", "twin.png"])
def test_an_original_is_never_overwritten_whatever_it_is_called(photo, make, name):
    before = photo.read_bytes()
    (photo.parent / "sub").mkdir()
    (photo.parent / "link.png").symlink_to("photo.png")
    (photo.parent / "twin.png").hardlink_to(photo)
    for overwrite in (False, True):
        with pytest.raises(OutputError, match="is the source itself"):
            make(photo, photo.parent / name, overwrite=overwrite)
    assert photo.read_bytes() == before


def test_a_network_of_one_size_says_that_another_one_was_not_used(photo, tmp_path):
    write_tiny_onnx(tmp_path / "tiny.onnx")
    local = replace(locate(tmp_path), model=find_model("ddcolor"))
    with Colorizer(local) as colorizer:
        asked = NetworkSettings(size=512)
        finished = colorize_file(photo, tmp_path / "new.png", network=asked, colorizer=colorizer)
        assert any("sees every picture at 256 x 256" in note for note in finished.notes)
        plain = colorize_file(photo, tmp_path / "plain.png", colorizer=colorizer)
        assert not any("256" in note for note in plain.notes)
        settings = describe(colorizer, asked, Grade()).settings
    assert (settings["size"], settings["aspect"]) == ("256", "square")
    assert "temperature" not in settings  # such a network has none


def test_a_result_says_the_settings_that_made_it(photo, tmp_path):
    with Colorizer(tiny_model(tmp_path / "net")) as colorizer:
        asked = NetworkSettings(size=160, keep_aspect=False, temperature=0.5)
        finished = colorize_file(photo, tmp_path / "new.png", network=asked, colorizer=colorizer)
        settings = describe(colorizer, asked, Grade()).settings
    assert not any("not used" in note for note in finished.notes)
    assert (settings["size"], settings["aspect"], settings["temperature"]) == ("160", "square", "0.5")
