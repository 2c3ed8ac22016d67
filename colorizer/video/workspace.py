"""Where a film grows: its finished segments and the page that lists them, so that a stopped run goes on."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from colorizer.errors import ColorizerError, OutputError, SourceUnreadable
from colorizer.files import appearing, disk_errors, write_whole
from colorizer.lockfile import take
from colorizer.video.colour.paint import Seam
from colorizer.video.colour.propagate import Entry
from colorizer.video.segment import Segment
from colorizer.video.source.picture_folder import numbered_pictures
from colorizer.video.stopped_runs import (
    LOCK,
    PAGE,
    StoppedRun,
    aside_in,
    change_over,
    engine_in_words,
    files_in,
    forget,
    frames_in,
    page_in,
    read_stopped_run,
)

_SAMPLE = 1 << 20  # bytes read at the beginning, the middle and the end of a source


class Workspace:
    """A folder beside the target; open it with `workspace`.

    segments: the finished ones, in order. seam: how the next one begins. replaced: what was begun last and cannot be
    gone on with, because it was made in another way. It lies aside, in a folder within, for whoever goes back to that.
    """

    def __init__(self, folder: Path, lock: BinaryIO, made_with: Mapping[str, Any], suffixes: Sequence[str]) -> None:
        self.folder = folder
        self._lock, self._made_with, self._suffixes = lock, made_with, suffixes
        self.segments: list[Segment] = []
        self.seam: Seam | None = None
        change_over(folder, key_of(made_with))
        self._read()
        others = aside_in(folder)
        self.replaced: StoppedRun | None = None if self.segments or not others else read_stopped_run(others[0])

    def segment_path(self, number: int, suffix: str) -> Path:
        """The encoded file of this segment, in the container of this suffix."""
        return self.folder / f"{number:06d}{suffix}"

    def piece_path(self, number: int) -> Path:
        """The chroma of this segment."""
        return self.folder / f"{number:06d}.npz"

    def add(self, segment: Segment, seam: Seam | None) -> None:
        """Remember a segment whose files are in place, and how the next one begins. Raises OutputError."""
        segments = [*self.segments, segment]
        page = {
            "key": key_of(self._made_with),
            "made_with": self._made_with,
            "segments": [one.as_dict() for one in segments],
        }
        with disk_errors(self.folder / PAGE):
            _write_seam(self._seam_path(len(segments)), seam)
            write_whole(self.folder / PAGE, json.dumps(page, default=str).encode())
        self.segments.append(segment)
        self.seam = seam

    @contextmanager
    def kept_for_the_next_run(self) -> Iterator[None]:
        """A block after whose failure the folder stays only if there is something in it to go on with."""
        try:
            yield
        except ColorizerError as error:
            if not self.segments:
                self.remove()
                raise
            frames = sum(segment.frames for segment in self.segments)
            raise type(error)(f"{error}. {frames} frames are kept in {self.folder}; the next run goes on") from error
        except BaseException:
            if not self.segments:
                self.remove()
            raise

    def remove(self) -> None:
        """Delete all in the folder, but for what lies aside and is longer than this; and the folder, where nothing is.

        The lock goes, too; it is given back before, as Windows deletes no file that is open.
        """
        self._lock.close()
        frames = sum(segment.frames for segment in self.segments)
        kept = [aside for aside in aside_in(self.folder) if frames_in(aside) > frames]
        if not kept:
            shutil.rmtree(self.folder, ignore_errors=True)
            return
        for path in self.folder.iterdir():
            if path.is_file():
                path.unlink(missing_ok=True)
            elif path not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def _seam_path(self, number: int) -> Path:
        return self.folder / f"seam-{number:06d}.npz"

    def _is_whole(self, number: int) -> bool:
        """Whether this segment's files are there, and are not what a power cut leaves of one: a name without bytes."""
        seam = self._seam_path(number + 1)
        files = [self.folder / f"{number:06d}{suffix}" for suffix in self._suffixes]
        return all(file.is_file() and file.stat().st_size for file in [*files, *([seam] if seam.exists() else [])])

    def _read(self) -> None:
        """Take over what an earlier run with the same values finished; anything else is cleared away."""
        try:
            listed = [Segment.from_dict(values) for values in page_in(self.folder)["segments"]]
            self.segments = listed[: len(list(takewhile(self._is_whole, range(len(listed)))))]
            self.seam = _read_seam(self._seam_path(len(self.segments)))
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            self.segments, self.seam = [], None
        for path in files_in(self.folder):
            if not self.segments or ".part" in path.name:  # a run that was killed
                path.unlink()


@contextmanager
def open_workspace(
    target: Path, made_with: Mapping[str, Any], suffixes: Sequence[str], *, restart: bool = False
) -> Iterator[Workspace]:
    """The workspace of this target, held by this process alone. Raises OutputError while another one works there.

    made_with: everything that decides how the segments look. suffixes: of each segment's files. The folder is kept when
    the block ends: whoever has finished calls `remove`.
    """
    folder = folder_of(target)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("ab")
    except OSError as error:
        raise OutputError(f"{folder} cannot be made ({error.strerror}). Choose a folder that can be written") from error
    with lock:
        if not take(lock):
            raise OutputError(f"another run is working on {target} already. Wait for it, or stop it")
        if restart:
            forget(folder)
        yield Workspace(folder, lock, made_with, suffixes)


def folder_of(target: Path) -> Path:
    """Where a film of this name grows."""
    return target.with_name(f".{target.name}.parts")


def fingerprint(path: Path) -> str:
    """What tells this file from another, whatever its name and date: its size and a hash of three samples.

    A folder of pictures is known by the names and sizes of those that are the film. Raises SourceUnreadable.
    """
    try:
        return _folder_digest(path) if path.is_dir() else _file_digest(path)
    except OSError as error:
        raise SourceUnreadable(f"{path} may not be read: {error.strerror}") from error


def _folder_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in numbered_pictures(folder):
        digest.update(f"{file.name}:{file.stat().st_size}\n".encode())
    return digest.hexdigest()


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    size = path.stat().st_size
    digest.update(str(size).encode())
    with path.open("rb") as opened:
        for place in (0, size // 2, max(0, size - _SAMPLE)):
            opened.seek(place)
            digest.update(opened.read(_SAMPLE))
    return digest.hexdigest()


def key_of(values: Mapping[str, Any]) -> str:
    """A hash of everything that decides how the segments look; the same for pages that hold the engine in words."""
    told = json.dumps(engine_in_words(values), sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()


def _write_seam(path: Path, seam: Seam | None) -> None:
    if seam is None:
        return
    values: dict[str, Any] = {"guide": seam.guide, "own_colour": np.array(seam.own_colour)}
    if seam.entry is not None:
        values |= {"entry_guide": seam.entry.guide, "entry_chroma": seam.entry.chroma}
    with appearing(path) as part, part.open("wb") as file:
        np.savez(file, **values)


def _read_seam(path: Path) -> Seam | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as values:
        entry = Entry(values["entry_guide"], values["entry_chroma"]) if "entry_guide" in values else None
        return Seam(values["guide"], entry, bool(values["own_colour"]))
