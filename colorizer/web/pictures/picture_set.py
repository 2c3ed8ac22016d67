"""The pictures that somebody is working on: their bytes on disk, and the grade that belongs to each."""

import hashlib
import secrets
import shutil
import time
from pathlib import Path
from threading import Lock

from colorizer.color.grade import Grade
from colorizer.corrections.history import History
from colorizer.errors import InputError
from colorizer.files import write_whole
from colorizer.web.colouring import Picture
from colorizer.web.pictures.picture_limits import PREVIEW_BYTES, PictureRoom
from colorizer.web.scratch import ScratchFolder, clear_abandoned
from colorizer.web.wording import display_name

_FREE_DISK_KEPT = 500_000_000  # bytes; a studio that fills the disk takes everything else with it
_IDLE = 1800.0  # seconds after which a set makes way for another one, where there are as many as may be
_PREFIX = "colorizer-studio-"
_PLAIN = Grade()
_NOTHING_YET = History()


class PictureSet:
    """The pictures of one person in one tab, in the order they came; any number of threads may use it.

    Its token is random and is the only way to it: who does not know it cannot see the pictures. room: of all sets.
    """

    def __init__(self, root: Path, room: PictureRoom | None = None) -> None:
        self.token = secrets.token_urlsafe(18)
        self.last_use = time.monotonic()
        self._room = room or PictureRoom()
        self._sizes: dict[str, int] = {}
        self._folder = root / secrets.token_hex(12)
        self._pictures: dict[str, Picture] = {}
        self._grades: dict[str, Grade] = {}
        self._corrections: dict[str, History] = {}
        self._opened = ""
        self._lock = Lock()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """All pictures, the oldest first."""
        with self._lock:
            return tuple(self._pictures.values())

    @property
    def opened(self) -> Picture | None:
        """The picture in the big view; None where there is none."""
        with self._lock:
            return self._pictures.get(self._opened) or next(iter(self._pictures.values()), None)

    def find(self, picture_id: str) -> Picture | None:
        """The picture with this id; None when there is none."""
        with self._lock:
            return self._pictures.get(picture_id)

    def open(self, picture_id: str) -> None:
        """Show this picture in the big view."""
        with self._lock:
            self._opened = picture_id

    def add(self, name: str, data: bytes | bytearray) -> Picture:
        """The picture, kept on disk; the one that is there already when the same bytes came before.

        Raises InputError when there are too many pictures, or the disk is full.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        if (known := self._known(sha256)) is not None:
            return known
        self._demand_room(name, len(data))
        picture_id = secrets.token_hex(12)
        picture = Picture(picture_id, display_name(name), sha256, self._folder / f"{picture_id}.source")
        self._count_in(picture, len(data) + PREVIEW_BYTES)
        try:
            # outside the lock, so that nobody who looks for another picture waits; the folder goes with the studio
            write_whole(picture.path, data, durable=False)
        except OSError:
            self._count_out(picture_id)
            raise
        with self._lock:
            known = next((each for each in self._pictures.values() if each.sha256 == sha256), None)
            if known is None:
                self._pictures[picture_id] = picture
                return picture
        self._count_out(picture_id)
        picture.path.unlink(missing_ok=True)  # it came twice at once
        return known

    def _count_in(self, picture: Picture, size: int) -> None:
        with self._lock:
            self._room.take(picture.name, size, sum(self._sizes.values()))
            self._sizes[picture.id] = size

    def _count_out(self, picture_id: str) -> None:
        with self._lock:
            self._room.give_back(self._sizes.pop(picture_id, 0))

    def _known(self, sha256: str) -> Picture | None:
        return next((picture for picture in self.pictures if picture.sha256 == sha256), None)

    def _demand_room(self, name: str, size: int) -> None:
        most = self._room.limits.pictures
        if len(self.pictures) >= most:
            raise InputError(
                f"{display_name(name)} was not taken in: there are {most} pictures already. Remove some, "
                "or colour whole folders with the command line: colorizer image FOLDER -o FOLDER."
            )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(self._folder).free < size + _FREE_DISK_KEPT:
            raise InputError(
                f"{display_name(name)} was not taken in: the disk that holds {self._folder.parent} is nearly full. "
                "Make some room on it, then add the picture again."
            )

    def remove(self, picture_id: str) -> None:
        """Let go of this picture; the next one takes its place in the big view."""
        with self._lock:
            order = list(self._pictures)
            picture = self._pictures.pop(picture_id, None)
            self._grades.pop(picture_id, None)
            self._corrections.pop(picture_id, None)
            if picture is None:
                return
            if self._opened == picture_id:
                place = order.index(picture_id)
                self._opened = next(iter((order[place + 1 :] + order[:place][::-1])[:1]), "")
        self._count_out(picture_id)
        picture.path.unlink(missing_ok=True)
        picture.preview_path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Let go of every picture."""
        for picture in self.pictures:
            self.remove(picture.id)

    def grade(self, picture_id: str) -> Grade:
        """The grade chosen for this picture; the default where none was."""
        with self._lock:
            return self._grades.get(picture_id, _PLAIN)

    def set_grade(self, picture_id: str, grade: Grade) -> None:
        """Keep this grade for this picture."""
        with self._lock:
            if picture_id in self._pictures:
                self._grades[picture_id] = grade

    def grade_all(self, grade: Grade) -> None:
        """Keep this grade for every picture there is."""
        with self._lock:
            self._grades = dict.fromkeys(self._pictures, grade)

    def corrections(self, picture_id: str) -> History:
        """What was corrected by hand in this picture, with the steps that led there."""
        with self._lock:
            return self._corrections.get(picture_id, _NOTHING_YET)

    def set_corrections(self, picture_id: str, history: History) -> None:
        """Keep these corrections for this picture."""
        with self._lock:
            if picture_id in self._pictures:
                self._corrections[picture_id] = history

    def close(self) -> None:
        """Delete everything that is kept on disk."""
        self.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


class PictureSets:
    """The picture sets of this process, each behind its token, in one temporary folder that goes when the process ends.

    What a process that was killed left goes when the next one begins. folder: where the temporary one is; None: the
    system's. room: what all sets may hold.
    """

    def __init__(self, room: PictureRoom | None = None, folder: Path | None = None) -> None:
        clear_abandoned(_PREFIX, folder)
        self._scratch = ScratchFolder(_PREFIX, folder)
        self._room = room or PictureRoom()
        self._picture_sets: dict[str, PictureSet] = {}
        self._lock = Lock()

    def find(self, token: str) -> PictureSet | None:
        """The picture set with this token; None when there is none, or no longer."""
        with self._lock:
            picture_set = self._picture_sets.get(token)
            if picture_set is not None:
                picture_set.last_use = time.monotonic()
            return picture_set

    def new(self) -> PictureSet:
        """An empty picture set. Raises InputError where there are as many as may be, all of them in use."""
        self.end_unused()
        picture_set, most = PictureSet(self._scratch.path, self._room), self._room.limits.sets
        with self._lock:
            ended = [] if most is None or len(self._picture_sets) < most else self._make_way(most)
            self._picture_sets[picture_set.token] = picture_set
        for old in ended:
            old.close()
        return picture_set

    def end_unused(self) -> None:
        """Let go of the sets that nobody has used for long, with their pictures."""
        with self._lock:
            now = time.monotonic()
            unused = [
                each for each in self._picture_sets.values() if now - each.last_use > self._room.limits.unused_after
            ]
            for old in unused:
                del self._picture_sets[old.token]
        for old in unused:
            old.close()

    def _make_way(self, most: int) -> list[PictureSet]:
        """The set that goes for another one: an empty one, else the one that was not used for the longest time."""
        oldest = min(self._picture_sets.values(), key=lambda each: (bool(each.pictures), each.last_use))
        if oldest.pictures and time.monotonic() - oldest.last_use < _IDLE:
            raise InputError(f"{most} visitors have pictures here, which is as many as may. Try again in half an hour.")
        return [self._picture_sets.pop(oldest.token)]

    def close(self) -> None:
        """Delete every picture of every set."""
        with self._lock:
            self._picture_sets.clear()
        self._scratch.close()
