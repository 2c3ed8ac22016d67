"""The films that were brought to the studio: each in a folder of its own with a random name, until it is removed."""

import json
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from colorizer.errors import InputError, SourceMissing, SourceUnreadable
from colorizer.files import write_whole
from colorizer.filetypes import head_of, is_picture
from colorizer.jobs.folders import bring_back, put_away
from colorizer.plan import FILMS
from colorizer.video.source.picture_folder import numbered_pictures
from colorizer.web.allowed_folders import AllowedFolders, saying_unreadable
from colorizer.web.wording import display_name

_PAGE = "reel.json"  # an older name for these files: data folders are full of them
_ID_BYTES = 12
_Known = tuple[str, Path | None, int, int]  # owner, origin, size and date


@dataclass(frozen=True)
class StudioFilm:
    """One film as it came in. id: random, the only name it has on disk. name: what people call it.

    size: bytes when whole. modified: the file's own date, in milliseconds, by which the same file is known again.
    origin: where it lies on this machine; None for one that comes through the browser. is_hidden: put away, and kept
    only because a job needs it. created: nanoseconds since 1970, for the order. owner: see colorizer.web.visitors.
    """

    id: str
    name: str
    size: int
    modified: int
    folder: Path
    origin: Path | None = None
    is_hidden: bool = False
    created: int = 0
    owner: str = ""

    @property
    def path(self) -> Path:
        """The whole film."""
        return self.origin or self.folder / f"{self.id}.film"

    @property
    def part(self) -> Path:
        """What has arrived of it so far."""
        return self.folder / f"{self.id}.part"

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return self.origin is not None or self.path.exists()

    @property
    def received(self) -> int:
        """Bytes that are here."""
        if self.is_whole:
            return self.size
        return self.part.stat().st_size if self.part.exists() else 0


class FilmFolder:
    """The folder of all films; what it knows lies on disk, so that any thread, tab and later server sees the same."""

    def __init__(self, root: Path, allowed: Iterable[Path] = ()) -> None:
        self.root = root
        self.allowed = AllowedFolders(allowed)

    def films(self) -> tuple[StudioFilm, ...]:
        """All films, whole or not, the oldest first."""
        found = (self.find(page.parent.name) for page in self.root.glob(f"*/{_PAGE}"))
        return tuple(sorted((film for film in found if film is not None), key=lambda film: film.created))

    def find(self, film_id: str) -> StudioFilm | None:
        """The film with this id; None when there is none. Nothing else than an id is looked for on disk."""
        if not _is_id(film_id):
            return None
        folder = self.root / film_id
        try:
            page = json.loads((folder / _PAGE).read_text("utf-8"))
            return _film(folder, page)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, name: str, size: int, modified: int, origin: Path | None = None, owner: str = "") -> StudioFilm:
        """A new film. Raises InputError where the folder cannot be written."""
        film_id = secrets.token_hex(_ID_BYTES)
        name, folder = display_name(name), self.root / film_id
        film = StudioFilm(film_id, name, size, modified, folder, origin, created=time.time_ns(), owner=owner)
        try:
            film.folder.mkdir(parents=True, mode=0o700)
            self._write(film)
        except OSError as error:
            raise InputError(
                f"{film.name} was not taken in: {self.root} cannot be written ({error.strerror}). "
                "Make some room, or set COLORIZER_DATA_DIR to another folder."
            ) from error
        return film

    def put_path(self, text: str, owner: str = "") -> list[StudioFilm]:
        """The films at this path on this machine: one file, or all films in a folder; those known already as they are.

        Numbered pictures in a folder are one film. Raises InputError (SourceMissing where nothing is there) for a path
        outside the allowed folders.
        """
        path = self.allowed.checked(text)
        with saying_unreadable(path):
            files = self._films_in(path) if path.is_dir() else [path]
        if files == [path] and is_picture(head_of(path)):
            raise InputError(f"{path.name} is a picture, not a film. Bring it to the Images page.")
        if not files:
            raise SourceMissing(
                f"{path} holds no film, and no numbered pictures such as frame_0001.png. "
                "Name another folder, or the film itself."
            )
        known = {(film.owner, film.origin, film.size, film.modified): film for film in self.films()}
        with saying_unreadable(path):
            return [self._put_file(file, owner, known) for file in files]

    def hide(self, film: StudioFilm) -> None:
        """Hide this film; its file stays as long as a job needs it."""
        self._write(replace(film, is_hidden=True))
        put_away(film.folder)

    def show(self, film: StudioFilm) -> StudioFilm:
        """The film, shown again."""
        bring_back(film.folder)
        shown = replace(film, is_hidden=False)
        self._write(shown)
        return shown

    def remove(self, film: StudioFilm) -> None:
        """Delete this film and what was found out about it; a film that was named by its path stays where it is."""
        shutil.rmtree(film.folder, ignore_errors=True)

    def _write(self, film: StudioFilm) -> None:
        page = {
            "name": film.name,
            "size": film.size,
            "modified": film.modified,
            "origin": None if film.origin is None else str(film.origin),
            "hidden": film.is_hidden,
            "created": film.created,
            "owner": film.owner,
        }
        write_whole(film.folder / _PAGE, json.dumps(page).encode())

    def _films_in(self, folder: Path) -> list[Path]:
        """The films in this folder, links followed; none that lies outside what the studio may read.

        Its numbered pictures are one more, which is the folder itself.
        """
        files = (path.resolve() for path in folder.iterdir() if path.is_file() and path.suffix.lower() in FILMS.read)
        pictures = _numbered_in(folder)
        is_a_film = len(pictures) > 1 and all(self.allowed.hold(picture.resolve()) for picture in pictures)
        return [*sorted({file for file in files if self.allowed.hold(file)}), *([folder] if is_a_film else [])]

    def _put_file(self, path: Path, owner: str, known: Mapping[_Known, StudioFilm]) -> StudioFilm:
        files = _numbered_in(path) if path.is_dir() else (path,)
        statuses = [file.stat() for file in files]
        size = sum(status.st_size for status in statuses)
        modified = max(status.st_mtime_ns for status in statuses) // 10**6
        film = known.get((owner, path, size, modified))
        return self.show(film) if film else self.put(path.name, size, modified, path, owner)


def _numbered_in(folder: Path) -> tuple[Path, ...]:
    try:
        return numbered_pictures(folder)
    except SourceUnreadable:
        return ()


def _is_id(text: str) -> bool:
    return len(text) == 2 * _ID_BYTES and all(letter in "0123456789abcdef" for letter in text)


def _film(folder: Path, page: Mapping[str, Any]) -> StudioFilm:
    origin = None if page["origin"] is None else Path(page["origin"])
    size, modified = int(page["size"]), int(page["modified"])
    name, owner = str(page["name"]), str(page.get("owner", ""))
    return StudioFilm(
        folder.name, name, size, modified, folder, origin, bool(page["hidden"]), int(page["created"]), owner
    )
