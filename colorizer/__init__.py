"""Colour for black-and-white photographs and films: the public Python API.

from colorizer import Grade, colorize_file
colorize_file("old.jpg", "new.jpg", grade=Grade(saturation=1.2))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from colorizer.answer import Answer
    from colorizer.color.grade import Grade
    from colorizer.corrections.pins import Corrections, Pin, read_corrections, write_corrections
    from colorizer.corrections.spreading import corrected
    from colorizer.errors import ColorizerError
    from colorizer.image.colorize import colorize_file, gray_file
    from colorizer.image.reading import read_picture
    from colorizer.image.values import SaveOptions
    from colorizer.image.writing import save_picture
    from colorizer.network import Colorizer, NetworkSettings
    from colorizer.picture import render
    from colorizer.video.colour.propagate import Steadiness
    from colorizer.video.film import colorize_film, regrade_film
    from colorizer.video.film_settings import Encoding, FilmSettings, Range
    from colorizer.weights.local_models import LocalModel, locate

__all__ = [
    "Answer",
    "Colorizer",
    "ColorizerError",
    "Corrections",
    "Encoding",
    "FilmSettings",
    "Grade",
    "LocalModel",
    "NetworkSettings",
    "Pin",
    "Range",
    "SaveOptions",
    "Steadiness",
    "__version__",
    "colorize_file",
    "colorize_film",
    "corrected",
    "gray_file",
    "locate",
    "read_corrections",
    "read_picture",
    "regrade_film",
    "render",
    "save_picture",
    "write_corrections",
]

_HOMES = {
    "Answer": "colorizer.answer",
    "Colorizer": "colorizer.network",
    "ColorizerError": "colorizer.errors",
    "Corrections": "colorizer.corrections.pins",
    "Encoding": "colorizer.video.film_settings",
    "FilmSettings": "colorizer.video.film_settings",
    "Grade": "colorizer.color.grade",
    "LocalModel": "colorizer.weights.local_models",
    "NetworkSettings": "colorizer.network",
    "Pin": "colorizer.corrections.pins",
    "Range": "colorizer.video.film_settings",
    "SaveOptions": "colorizer.image.values",
    "Steadiness": "colorizer.video.colour.propagate",
    "colorize_file": "colorizer.image.colorize",
    "colorize_film": "colorizer.video.film",
    "corrected": "colorizer.corrections.spreading",
    "gray_file": "colorizer.image.colorize",
    "locate": "colorizer.weights.local_models",
    "read_corrections": "colorizer.corrections.pins",
    "read_picture": "colorizer.image.reading",
    "regrade_film": "colorizer.video.film",
    "render": "colorizer.picture",
    "save_picture": "colorizer.image.writing",
    "write_corrections": "colorizer.corrections.pins",
}


def __getattr__(name: str) -> Any:
    """The public name, imported when it is first used: importing the package costs nothing."""
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'colorizer' has no attribute {name!r}")
