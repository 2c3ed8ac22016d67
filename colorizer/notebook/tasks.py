"""What is asked for in a notebook, file by file, and how each is made."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from colorizer.color.grade import Grade
from colorizer.errors import OutputError
from colorizer.image.colorize import colorize_file, gray_file
from colorizer.image.writing import not_written_note
from colorizer.network import Colorizer
from colorizer.plan import FILMS, PICTURES
from colorizer.video.film import Watch, colorize_film, gray_film, regrade_film, track_path
from colorizer.video.film_settings import FilmSettings

Action = Literal["colour", "gray"]
_ENDINGS: Mapping[Action, str] = {"colour": "coloured", "gray": "gray"}
_PLAYED = ".mp4"  # the container that every browser plays


@dataclass(frozen=True)
class FileTask:
    """One file to make. track: the chroma of a film that was coloured before, so that no network runs again."""

    source: Path
    target: Path
    action: Action
    grade: Grade
    track: Path | None = None

    @property
    def is_film(self) -> bool:
        """Whether it is a film, and not a picture."""
        return is_film(self.source)


@dataclass(frozen=True)
class Made:
    """One file that was made. notes: what the user should know."""

    task: FileTask
    notes: tuple[str, ...]

    @property
    def track(self) -> Path | None:
        """The chroma track that now lies beside a film."""
        path = track_path(self.task.target)
        return path if path.exists() else self.task.track


def is_film(source: Path) -> bool:
    """Whether a film is meant: by its suffix, or a folder of numbered pictures."""
    return source.suffix.lower() in FILMS.read or source.is_dir()


def free_target(source: Path, folder: Path, action: Action, taken: frozenset[Path] = frozenset()) -> Path:
    """Where the result goes: a name in the folder that neither a file nor another task has."""
    kept = source.suffix.lower() in PICTURES.written
    suffix = _PLAYED if is_film(source) else source.suffix if kept else PICTURES.otherwise
    stem, number = f"{source.stem}-{_ENDINGS[action]}", 1
    target = folder / f"{stem}{suffix}"
    while target.exists() or target in taken:
        number += 1
        target = folder / f"{stem}-{number}{suffix}"
    return target


def make(task: FileTask, colorizer: Colorizer, watch: Watch) -> Made:
    """The file, made. Raises InputError, OutputError, SettingError or EngineError."""
    _make_folder(task.target.parent)
    if task.is_film:
        return Made(task, _make_film(task, colorizer, watch))
    if task.action == "gray":
        notes = gray_file(task.source, task.target).notes
    else:
        notes = colorize_file(task.source, task.target, grade=task.grade, colorizer=colorizer).notes
    suffix = task.source.suffix.lower()
    converted = () if suffix in PICTURES.written else (not_written_note(suffix[1:].upper(), "PNG"),)
    return Made(task, notes + converted)


def _make_film(task: FileTask, colorizer: Colorizer, watch: Watch) -> tuple[str, ...]:
    settings = FilmSettings(grade=task.grade)
    if task.action == "gray":
        return gray_film(task.source, task.target, watch=watch).notes
    if task.track is not None:
        return regrade_film(task.track, task.target, settings, source=task.source, watch=watch).notes
    return colorize_film(task.source, task.target, colorizer, settings, watch=watch).notes


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"the folder {folder} cannot be made ({error.strerror}). Name another one") from error
