"""Every environment variable the program reads, read once."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path, user_data_path

from colorizer.errors import SettingError

GpuUse = Literal["auto", "off", "on"]
_FOLDERS = ("COLORIZER_CACHE_DIR", "COLORIZER_DATA_DIR", "COLORIZER_MODELS_DIR")
_GPU_WORDS: dict[str, GpuUse] = {"": "auto", "auto": "auto", "0": "off", "false": "off", "1": "on", "true": "on"}


def _user_folder() -> Path:
    return Path(user_data_path("colorizer", appauthor=False))


def _user_cache() -> Path:
    return Path(user_cache_path("colorizer", appauthor=False))


def _home() -> tuple[Path, ...]:
    return (Path.home(),)


@dataclass(frozen=True)
class Settings:
    """What the environment says: folders, limits, and what runs the networks.

    data_folder: jobs with their results, and uploads. workers: films that are made at once. max_video_frames: of one
    film; None sets no limit. max_upload: bytes of one upload; None: as much as the disk holds. allowed_folders: films
    in and below them may be named by their path in the studio. quota: bytes that jobs and uploads may take before
    the oldest results are cleared away; None: nothing ever is. framed_by: sites that may show the studio in a frame.
    shared: strangers use the studio, and see only what they brought themselves. queue: the most films that may wait;
    None: any number.
    """

    models_folder: Path
    cache_folder: Path = field(default_factory=_user_cache)
    engine: str = "auto"
    max_megapixels: float = 200.0
    use_gpu: GpuUse = "auto"
    data_folder: Path = field(default_factory=_user_folder)
    workers: int = 1
    max_video_frames: int | None = None
    max_upload: int | None = None
    allowed_folders: tuple[Path, ...] = field(default_factory=_home)
    quota: int | None = None
    framed_by: tuple[str, ...] = ()
    shared: bool = False
    queue: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.max_megapixels <= 10_000:
            raise SettingError(
                f"COLORIZER_MAX_MEGAPIXELS must lie above 0 and at most at 10000, and is {self.max_megapixels}"
            )
        if not 1 <= self.workers <= 16:
            raise SettingError(f"COLORIZER_WORKERS must lie between 1 and 16, and is {self.workers}")
        for site in self.framed_by:  # they become part of a header
            if not re.fullmatch(r"https?://[\w.*-]+(:\d+)?", site, re.ASCII):
                raise SettingError(f"COLORIZER_FRAMED_BY must hold sites such as https://example.org, and has {site!r}")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that these variables ask for. Raises SettingError for a value that makes no sense."""
    return Settings(
        models_folder=_folder("COLORIZER_MODELS_DIR", environment.get("COLORIZER_MODELS_DIR", ""))
        or _default_models_folder(),
        cache_folder=_folder("COLORIZER_CACHE_DIR", environment.get("COLORIZER_CACHE_DIR", "")) or _user_cache(),
        engine=environment.get("COLORIZER_ENGINE") or "auto",
        max_megapixels=_number(environment, "COLORIZER_MAX_MEGAPIXELS", 200.0),
        use_gpu=_gpu_use(environment.get("USE_GPU", "")),
        data_folder=_folder("COLORIZER_DATA_DIR", environment.get("COLORIZER_DATA_DIR", "")) or _user_folder(),
        workers=_count(environment, "COLORIZER_WORKERS") or 1,
        max_video_frames=_count(environment, "MAX_VIDEO_FRAMES"),
        max_upload=_bytes(environment, "MAX_UPLOAD_MB", 10**6),
        allowed_folders=_folders(environment.get("COLORIZER_ALLOWED_FOLDERS")),
        quota=_bytes(environment, "COLORIZER_QUOTA_GB", 10**9),
        framed_by=tuple(environment.get("COLORIZER_FRAMED_BY", "").split()),
        shared=_switch(environment, "COLORIZER_SHARED"),
        queue=_count(environment, "COLORIZER_QUEUE"),
    )


@cache
def settings() -> Settings:
    """The settings of this process, read from its environment at the first call."""
    return read_settings(os.environ)


def set_malformed_aside() -> dict[str, str]:
    """What is wrong with this process's variables, by name; from now on `settings` does without those."""
    wrong: dict[str, str] = {}
    for name, value in os.environ.items():
        try:
            read_settings({name: value})
        except SettingError as error:
            wrong[name] = str(error)
    for name in wrong:
        del os.environ[name]
    settings.cache_clear()
    return wrong


def child_environment() -> dict[str, str]:
    """The environment for a process that starts in another folder: what is relative here means the same there."""
    here = {name: _folder(name, os.environ.get(name, "")) for name in _FOLDERS}
    return {**os.environ, **{name: str(folder) for name, folder in here.items() if folder}}


def quieten_encoders() -> None:
    """Let SVT-AV1, which looks for its options in the environment alone, print errors only, unless told otherwise."""
    os.environ.setdefault("SVT_LOG", "1")


def _default_models_folder() -> Path:
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "app.py").is_file() and (checkout / "models").is_dir():
        return checkout / "models"
    return _user_folder() / "models"


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    try:
        return float(text) if text else default
    except ValueError as error:
        raise SettingError(f"{name} must be a number, and is {text!r}") from error


def _count(environment: Mapping[str, str], name: str) -> int | None:
    """A whole number above 0; None where nothing is said."""
    text = environment.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise SettingError(f"{name} must be a whole number above 0, and is {text!r}")
    return int(text)


def _switch(environment: Mapping[str, str], name: str) -> bool:
    """Whether it is switched on; off where nothing is said."""
    text = environment.get(name, "")
    if text not in {"", "0", "1"}:
        raise SettingError(f"{name} must be 0 or 1, and is {text!r}")
    return text == "1"


def _bytes(environment: Mapping[str, str], name: str, unit: int) -> int | None:
    """A size above 0 in this unit, as bytes; None where nothing is said."""
    if not environment.get(name):
        return None
    number = _number(environment, name, 0)
    if not 0 < number < float("inf"):
        raise SettingError(f"{name} must be a number above 0, and is {number:g}")
    return max(1, round(number * unit))


def _folder(name: str, text: str) -> Path | None:
    try:
        return Path(text).expanduser().absolute() if text else None
    except RuntimeError as error:  # ~somebody, whom this computer does not know
        raise SettingError(f"{name} must be a folder in a home that is known here, and is {text!r}") from error


def _folders(text: str | None) -> tuple[Path, ...]:
    """The folders between the separators; the user's own where nothing is said, none where the text is empty."""
    if text is None:
        return _home()
    parts = text.split(os.pathsep)
    return tuple(folder for part in parts if (folder := _folder("COLORIZER_ALLOWED_FOLDERS", part)))


def _gpu_use(text: str) -> GpuUse:
    word = _GPU_WORDS.get(text.strip().lower())
    if word is None:
        raise SettingError(f"USE_GPU must be one of 0, 1 and auto, and is {text!r}")
    return word
