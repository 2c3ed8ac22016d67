"""Every environment variable the program reads, read once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path

from colorizer.errors import SettingError

GpuUse = Literal["auto", "off", "on"]
_GPU_WORDS: dict[str, GpuUse] = {"": "auto", "auto": "auto", "0": "off", "false": "off", "1": "on", "true": "on"}


@dataclass(frozen=True)
class Settings:
    """What the environment says: folders, limits and the use of a GPU."""

    models_folder: Path
    max_megapixels: float = 200.0
    use_gpu: GpuUse = "auto"

    def __post_init__(self) -> None:
        if not 0 < self.max_megapixels <= 10_000:
            raise SettingError(
                f"COLORIZER_MAX_MEGAPIXELS must lie above 0 and at most at 10000, and is {self.max_megapixels}"
            )


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings that these variables ask for. Raises SettingError for a value that makes no sense."""
    return Settings(
        models_folder=Path(environment.get("COLORIZER_MODELS_DIR") or _default_models_folder()),
        max_megapixels=_number(environment, "COLORIZER_MAX_MEGAPIXELS", 200.0),
        use_gpu=_gpu_use(environment.get("USE_GPU", "")),
    )


@cache
def settings() -> Settings:
    """The settings of this process, read from its environment at the first call."""
    return read_settings(os.environ)


def quieten_encoders() -> None:
    """Let SVT-AV1, which looks for its wishes in the environment alone, print errors only, unless told otherwise."""
    os.environ.setdefault("SVT_LOG", "1")


def _default_models_folder() -> Path:
    checkout = Path(__file__).resolve().parent.parent
    if (checkout / "app.py").is_file() and (checkout / "models").is_dir():
        return checkout / "models"
    return Path(user_data_path("colorizer", appauthor=False)) / "models"


def _number(environment: Mapping[str, str], name: str, default: float) -> float:
    text = environment.get(name, "")
    try:
        return float(text) if text else default
    except ValueError as error:
        raise SettingError(f"{name} must be a number, and is {text!r}") from error


def _gpu_use(text: str) -> GpuUse:
    word = _GPU_WORDS.get(text.strip().lower())
    if word is None:
        raise SettingError(f"USE_GPU must be one of 0, 1 and auto, and is {text!r}")
    return word
