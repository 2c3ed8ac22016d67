"""The addresses of pictures and results. All that a view depends on is in its address, so that browsers may keep it."""

from collections.abc import Mapping
from urllib.parse import urlencode

from colorizer.errors import SettingError
from colorizer.image.values import WRITE_FORMATS, SaveOptions
from colorizer.web.colouring import Picture
from colorizer.web.looks import Look, _number, look_query
from colorizer.web.pictures.picture_set import PictureSet

ROOT = "api/pictures"  # relative: the studio may live below another path
_FORMATS = {name.lower(): name for name in WRITE_FORMATS}


def before_url(picture_set: PictureSet, picture: Picture, side: int) -> str:
    """The address of the picture without colour, at no more than this many pixels a side."""
    return f"{ROOT}/{picture_set.token}/{picture.id}/before.jpg?{urlencode({'side': side})}"


def after_url(picture_set: PictureSet, picture: Picture, side: int, look: Look) -> str:
    """The address of the result, at no more than this many pixels a side."""
    return f"{ROOT}/{picture_set.token}/{picture.id}/after.jpg?{urlencode({'side': side, **look_query(look)})}"


def result_url(picture_set: PictureSet, picture: Picture, look: Look, save: SaveOptions) -> str:
    """The address of the result as a file, at full size."""
    return f"{ROOT}/{picture_set.token}/{picture.id}/result?{urlencode({**look_query(look), **_save_query(save)})}"


def archive_url(picture_set: PictureSet, network_key: str, save: SaveOptions) -> str:
    """The address of all results in one zip file, each in the grade that belongs to it."""
    return f"{ROOT}/{picture_set.token}/colour.zip?{urlencode({'network': network_key, **_save_query(save)})}"


def upload_url(picture_set: PictureSet) -> str:
    """The address that takes pictures in."""
    return f"{ROOT}/{picture_set.token}"


def read_save(query: Mapping[str, str]) -> SaveOptions:
    """The file format that an address asks for. Raises SettingError for one that makes no sense."""
    name = query.get("format", "")
    if name and name not in _FORMATS:
        raise SettingError(f"format must be one of {', '.join(_FORMATS)}, and is {name!r}")
    quality = int(_number(query, "quality", SaveOptions().quality))
    return SaveOptions(_FORMATS.get(name), quality, query.get("strip") == "1")


def _save_query(save: SaveOptions) -> dict[str, str]:
    query = {"quality": str(save.quality)}
    if save.format is not None:
        query["format"] = save.format.lower()
    if save.strip_metadata:
        query["strip"] = "1"
    return query
