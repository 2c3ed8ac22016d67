"""What the environment may say."""

from pathlib import Path

import pytest

from colorizer.errors import SettingError
from colorizer.settings import read_settings


def test_an_empty_environment_gives_the_defaults():
    settings = read_settings({})
    assert settings.max_megapixels == 200
    assert settings.use_gpu == "auto"
    assert settings.models_folder.name == "models"


def test_every_variable_is_read():
    given = {"COLORIZER_MODELS_DIR": "/m", "COLORIZER_MAX_MEGAPIXELS": "12.5", "USE_GPU": "0"}
    settings = read_settings(given)
    assert (settings.models_folder, settings.max_megapixels, settings.use_gpu) == (Path("/m"), 12.5, "off")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COLORIZER_MAX_MEGAPIXELS", "many"),
        ("COLORIZER_MAX_MEGAPIXELS", "0"),
        ("COLORIZER_MAX_MEGAPIXELS", "nan"),
        ("USE_GPU", "maybe"),
    ],
)
def test_a_value_without_sense_is_refused_with_its_name_and_value(name, value):
    with pytest.raises(SettingError, match=f"{name}.*{value}"):
        read_settings({name: value})
