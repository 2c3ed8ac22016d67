"""Where a film grows: its finished segments and the page that lists them, so that a stopped run goes on."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
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
_NAMES = {  # of what has no short value
    "fingerprint": "another source", "model_hashes": "another network", "track": "another chroma track",
}  # fmt: skip
_SAMPLE = 1 << 20  # bytes read at the beginning, the middle and the end of a source


@dataclass(frozen=True)
class Begun:
    """What a stopped run left: how many frames, and everything that decided how they look."""

    frames: int
    made_with: Mapping[str, Any]

    def differences(self, made_with: Mapping[str, Any]) -> tuple[str, ...]:
        """What is another thing now, by name, with both values where they are short."""
        before, now = _flat(self.made_with), _flat(made_with)
        names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        return tuple(dict.fromkeys(_difference(name, before.get(name), now.get(name)) for name in names))


class Workspace:
    """A folder beside the target; open it with `workspace`.

    segments: the finished ones, in order. seam: how the next one begins. replaced: what was there and could not be
    gone on with, because it was made in another way.
    """

    def __init__(self, folder: Path, made_with: Mapping[str, Any]) -> None:
        self.folder = folder
        self._made_with = made_with
        self.segments: list[Segment] = []
        self.seam: Seam | None = None
        self.replaced: Begun | None = None
        self._read()

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
        part = self.folder / f"{_PAGE}.part"
        try:
            _write_seam(self._seam_path(len(segments)), seam)
            part.write_text(json.dumps(page, default=str), "utf-8")
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
        """Take over what an earlier run with the same values finished; anything else is cleared away."""
        try:
            page = json.loads((self.folder / _PAGE).read_text("utf-8"))
            if page["key"] == key_of(self._made_with):
                self.segments = [Segment.from_dict(values) for values in page["segments"]]
                self.seam = _read_seam(self._seam_path(len(self.segments)))
            else:
                self.replaced = _begun(page)
        except (OSError, ValueError, KeyError, TypeError):
            self.segments, self.seam = [], None
        for path in self.folder.iterdir():
            if path.name != _LOCK and (not self.segments or ".part" in path.name):  # a run that was killed
                path.unlink()


@contextmanager
def workspace(target: Path, made_with: Mapping[str, Any], *, restart: bool = False) -> Iterator[Workspace]:
    """The workspace of this target, held by this process alone. Raises OutputError while another one works there.

    made_with: everything that decides how the segments look. It is kept when the block ends: whoever has finished
    calls `remove`.
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
        yield Workspace(folder, made_with)


def begun(target: Path) -> Begun | None:
    """What a stopped run left of this target; None where there is nothing, or nothing that can be read."""
    try:
        return _begun(json.loads((folder_of(target) / _PAGE).read_text("utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        return None


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


def _begun(page: Mapping[str, Any]) -> Begun:
    return Begun(sum(int(segment["frames"]) for segment in page["segments"]), page.get("made_with", {}))


def _flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """The values by their whole names, such as "settings.grade.hue"; an empty group is none."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{above}{name}.")
        else:
            flat[above + name] = value
    return flat


def _difference(name: str, before: Any, now: Any) -> str:
    for beginning, words in _NAMES.items():
        if name.startswith(beginning):
            return words
    said = ["default" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
            for value in (before, now)]  # fmt: skip
    return f"{name.rpartition('.')[2]} {said[0]}, now {said[1]}"


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
