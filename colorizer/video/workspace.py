"""Where a film grows: its finished segments and the page that lists them, so that a stopped run goes on."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from colorizer.errors import ColorizerError, OutputError
from colorizer.lockfile import take
from colorizer.video.paint import Seam
from colorizer.video.propagate import Entry
from colorizer.video.segment import Segment

_PAGE = "manifest.json"
_LOCK = "lock"
_SAMPLE = 1 << 20  # bytes read at the beginning, the middle and the end of a source


class Workspace:
    """A folder beside the target; open it with `workspace`.

    segments: the finished ones, in order. seam: how the next one begins. resumed: whether an earlier run left any.
    """

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self._key = key
        self.segments: list[Segment] = []
        self.seam: Seam | None = None
        self._read()
        self.resumed = bool(self.segments)

    def segment_path(self, number: int, suffix: str) -> Path:
        """The encoded file of this segment, in the container of this suffix."""
        return self.folder / f"{number:06d}{suffix}"

    def piece_path(self, number: int) -> Path:
        """The chroma of this segment."""
        return self.folder / f"{number:06d}.npz"

    def add(self, segment: Segment, seam: Seam | None) -> None:
        """Remember a segment whose files are in place, and how the next one begins. Raises OutputError."""
        segments = [*self.segments, segment]
        page = {"key": self._key, "segments": [one.as_dict() for one in segments]}
        part = self.folder / f"{_PAGE}.part"
        try:
            _write_seam(self._seam_path(len(segments)), seam)
            part.write_text(json.dumps(page), "utf-8")
            part.replace(self.folder / _PAGE)
        except OSError as error:
            raise OutputError(f"{part} cannot be written: {error.strerror}; look at the free space") from error
        self.segments.append(segment)
        self.seam = seam

    @contextmanager
    def kept_if_begun(self) -> Iterator[None]:
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
        """Delete the folder and all in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _seam_path(self, number: int) -> Path:
        return self.folder / f"seam-{number:06d}.npz"

    def _read(self) -> None:
        """Take over what an earlier run with the same key finished; anything else is cleared away."""
        try:
            page = json.loads((self.folder / _PAGE).read_text("utf-8"))
            if page["key"] == self._key:
                self.segments = [Segment.from_dict(values) for values in page["segments"]]
                self.seam = _read_seam(self._seam_path(len(self.segments)))
        except (OSError, ValueError, KeyError, TypeError):
            self.segments, self.seam = [], None
        for path in self.folder.iterdir():
            if path.name != _LOCK and (not self.segments or ".part" in path.name):  # a run that was killed
                path.unlink()


@contextmanager
def workspace(target: Path, key: str, *, restart: bool = False) -> Iterator[Workspace]:
    """The workspace of this target, held by this process alone. Raises OutputError while another one works there.

    It is kept when the block ends: whoever has finished calls `remove`.
    """
    folder = folder_of(target)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / _LOCK).open("ab")
    except OSError as error:
        raise OutputError(f"{folder} cannot be made ({error.strerror}). Choose a folder that can be written") from error
    with lock:
        if not take(lock):
            raise OutputError(f"another run is working on {target} already. Wait for it, or stop it")
        if restart:
            (folder / _PAGE).unlink(missing_ok=True)
        yield Workspace(folder, key)


def folder_of(target: Path) -> Path:
    """Where a film of this name grows."""
    return target.with_name(f".{target.name}.parts")


def fingerprint(path: Path) -> str:
    """What tells this file from another, whatever its name and date: its size and a hash of three samples.

    A folder of pictures is known by the names and sizes in it.
    """
    digest = hashlib.sha256()
    if path.is_dir():
        for file in sorted(path.iterdir()):
            digest.update(f"{file.name}:{file.stat().st_size}\n".encode())
        return digest.hexdigest()
    size = path.stat().st_size
    digest.update(str(size).encode())
    with path.open("rb") as opened:
        for place in (0, size // 2, max(0, size - _SAMPLE)):
            opened.seek(place)
            digest.update(opened.read(_SAMPLE))
    return digest.hexdigest()


def key_of(values: Mapping[str, Any]) -> str:
    """A hash of everything that decides how the segments look."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=str).encode()).hexdigest()


def _write_seam(path: Path, seam: Seam | None) -> None:
    if seam is None:
        return
    guide, own_colour = seam.guide, np.array(seam.own_colour)
    if seam.entry is None:
        np.savez(path, guide=guide, own_colour=own_colour)
    else:
        entry = seam.entry
        np.savez(path, guide=guide, own_colour=own_colour, entry_guide=entry.guide, entry_chroma=entry.chroma)


def _read_seam(path: Path) -> Seam | None:
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as values:
        entry = Entry(values["entry_guide"], values["entry_chroma"]) if "entry_guide" in values else None
        return Seam(values["guide"], entry, bool(values["own_colour"]))
