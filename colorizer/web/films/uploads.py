"""Films that come in through the browser, piece by piece; a broken upload goes on where it stopped."""

import errno
import logging
import math
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from threading import Lock

from colorizer.errors import InputError
from colorizer.files import put_in_place, size_text
from colorizer.filetypes import HEAD, film_kind, is_picture
from colorizer.jobs.folders import FORGOTTEN_AFTER, size_on_disk
from colorizer.web.films.film_folder import FilmFolder, StudioFilm
from colorizer.web.wording import display_name

CHUNK = 8 * 2**20  # bytes that one request may bring
FREE_DISK_KEPT = 500_000_000  # bytes; a studio that fills the disk takes everything else with it
MOST_UNFINISHED = 50
_LOG = logging.getLogger(__name__)


class UploadTooLarge(InputError):
    """The film, or the piece of it, has more bytes than are taken."""


class DiskFull(InputError):
    """There is no room for the film."""


class NoFilm(InputError):
    """The bytes are no film."""


class WrongOffset(InputError):
    """The piece does not go on where the film ends so far, or another one is being written."""


@dataclass
class UploadPiece:
    """A piece of a film on its way to disk."""

    film: StudioFilm
    start: int
    file: FileIO
    written: int = 0

    def write(self, data: bytes) -> None:
        """Add these bytes; the film's last ones are waited for until they are on the disk.

        Raises UploadTooLarge for more than a piece or the film may have, DiskFull.
        """
        if self.written + len(data) > CHUNK:
            raise UploadTooLarge(f"A piece of a film has at most {CHUNK} bytes.")
        if self.start + self.written + len(data) > self.film.size:
            raise UploadTooLarge(f"{self.film.name} was to have {self.film.size} bytes, and more came.")
        left = memoryview(data)
        try:
            while left:
                left = left[self.file.write(left) :]
            if self.start + self.written + len(data) == self.film.size:
                os.fsync(self.file.fileno())  # here, where a thread may wait: naming the film then takes no time
        except OSError as error:
            if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
                raise
            raise DiskFull(f"The disk is full. Make some room: {self.film.name} goes on where it stopped.") from error
        self.written += len(data)


class Uploads:
    """The films that are arriving. max_bytes: that one film may have; None: no limit.

    quota: of jobs and uploads together, of which uploads get half; None: there is none. make_room: deletes what nobody
    uses, called before a film is refused for the quota's sake.
    """

    def __init__(
        self,
        film_folder: FilmFolder,
        max_bytes: int | None,
        quota: int | None = None,
        make_room: Callable[[], None] = lambda: None,
    ) -> None:
        self.film_folder = film_folder
        self.max_bytes = max_bytes
        self._quota, self._make_room = quota, make_room
        self._beginning = Lock()
        self._lock = Lock()  # held for no more than a look: the server's own thread takes it for each piece
        self._busy: set[str] = set()

    def unfinished(self) -> list[StudioFilm]:
        """Those that are not whole yet."""
        return [film for film in self.film_folder.films() if not film.is_whole]

    def begin(self, name: str, size: int, modified: int, owner: str = "") -> StudioFilm:
        """The film that will hold this file: the one that is there already when its owner sent the same one before.

        Raises InputError, UploadTooLarge or DiskFull.
        """
        name = display_name(name)
        with self._beginning:
            self._sweep()
            for film in self.film_folder.films():
                known = (film.owner, film.name, film.size, film.modified)
                if film.origin is None and known == (owner, name, size, modified):
                    self._complete(film)
                    return self.film_folder.show(film) if film.is_hidden else film
            self._demand_room(name, size)
            return self.film_folder.put(name, size, modified, owner=owner)

    @contextmanager
    def piece(self, film: StudioFilm, offset: int) -> Iterator[UploadPiece]:
        """The place to write the next piece to; what came stays when the line breaks, and goes when it is refused.

        Raises WrongOffset where the film goes on elsewhere or is being written, and what Piece.write raises.
        """
        with self._alone(film):
            if film.is_whole or offset != film.received:
                raise WrongOffset(f"{film.name} goes on at byte {film.received}, not at {offset}.")
            os.utime(film.folder)  # what is still arriving is no forgotten folder
            with film.part.open("ab", buffering=0) as file:
                piece = UploadPiece(film, offset, file)
                try:
                    yield piece
                except UploadTooLarge:
                    file.truncate(offset)
                    raise
            self._look_at(film, offset)

    def cancel(self, film: StudioFilm) -> None:
        """Let go of a film that is not whole. Raises WrongOffset while a piece of it is being written."""
        with self._alone(film):
            if not film.is_whole:
                self.film_folder.remove(film)

    @contextmanager
    def _alone(self, film: StudioFilm) -> Iterator[None]:
        """A block that one thread at a time runs for this film. Raises WrongOffset where another one does."""
        with self._lock:
            if film.id in self._busy:
                raise WrongOffset(f"{film.name} is arriving in another window at this moment.")
            self._busy.add(film.id)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(film.id)

    def _complete(self, film: StudioFilm) -> None:
        """Finish a film whose last byte came just before the studio was killed. Raises NoFilm."""
        with suppress(WrongOffset), self._alone(film):
            if not film.is_whole and film.received == film.size:
                self._look_at(film, film.size)

    def _look_at(self, film: StudioFilm, offset: int) -> None:
        """Check that the first bytes are a film's, and finish the film once all its bytes are here. Raises NoFilm."""
        received = film.received
        enough = min(HEAD, film.size)
        if (
            offset < enough <= received or received == film.size
        ):  # at the end once more: a first piece may have broken off
            with film.part.open("rb") as file:
                head = file.read(HEAD)
            if is_picture(head):
                self.film_folder.remove(film)
                raise NoFilm(f"{film.name} is a picture, not a film. Bring it to the Images page.")
            if not film_kind(head):
                self.film_folder.remove(film)
                raise NoFilm(
                    f"{film.name} is no film that can be read here. MP4, MOV, MKV, AVI, WebM, MPEG, WMV and FLV are."
                )
        if received == film.size:
            put_in_place(film.part, film.path)

    def _demand_room(self, name: str, size: int) -> None:
        if size < 1:
            raise NoFilm(f"{name} is empty. Copy or download it again.")
        if self.max_bytes is not None and size > self.max_bytes:
            raise UploadTooLarge(
                f"{name} has {size_text(size)}, and at most {size_text(self.max_bytes)} are taken through the browser "
                "(MAX_UPLOAD_MB). A film on this computer needs no upload: give its path instead."
            )
        if len(self.unfinished()) >= MOST_UNFINISHED:
            raise InputError(f"{name} was not taken in: {MOST_UNFINISHED} other films are not whole yet.")
        self.film_folder.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._left() < size:
            self._make_room()
        if (left := self._left()) < size:
            raise DiskFull(
                f"{name} has {size_text(size)}, and the films here leave room for {size_text(max(0, round(left)))} "
                "(uploads may take half of COLORIZER_QUOTA_GB). Remove some of them, or try again later."
            )
        free = shutil.disk_usage(self.film_folder.root).free - FREE_DISK_KEPT - self._owed()
        if free < size:
            raise DiskFull(
                f"{name} has {size_text(size)}, and there is room for {size_text(max(0, free))} on the disk that holds "
                f"{self.film_folder.root}. Make some room, then add the film again."
            )

    def _left(self) -> float:
        """Bytes that the quota leaves for uploads."""
        if self._quota is None:
            return math.inf
        return self._quota // 2 - size_on_disk(self.film_folder.root) - self._owed()

    def _owed(self) -> int:
        """Bytes that are still to come of films that were announced."""
        return sum(film.size - film.received for film in self.unfinished())

    def _sweep(self) -> None:
        """Delete unfinished films that nobody went on with."""
        for film in self.unfinished():
            last = film.part if film.part.exists() else film.folder
            if time.time() - last.stat().st_mtime > FORGOTTEN_AFTER:
                with suppress(WrongOffset), self._alone(film):
                    _LOG.info("%s was never finished and is deleted", film.id)
                    self.film_folder.remove(film)
