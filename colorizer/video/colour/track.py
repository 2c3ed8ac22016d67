"""The chroma track: every frame's colour on the small grid, kept so that a new grade needs no network.

A piece belongs to one segment: a compressed NumPy archive. The track of a film is a ZIP file that holds its pieces as
they are, and a page that says from which film and how they were made.
"""

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorizer.closing import Closing
from colorizer.color.grade import Chroma
from colorizer.errors import SourceUnreadable
from colorizer.files import appearing, disk_errors

SUFFIX = ".chroma"
_FORMAT = 1
_PAGE = "track.json"


@dataclass(frozen=True, eq=False)
class ChromaPiece:
    """The chroma of one segment's frames.

    pts: (n,) int64, in the film's video time base. chroma: (n, h, w, 2) int8 a* and b*.
    own_colour: (n,) bool, frames that kept the colour the source has. starts_shot: (n,) bool, the first ones of shots.
    """

    pts: NDArray[np.int64]
    chroma: NDArray[np.int8]
    own_colour: NDArray[np.bool_]
    starts_shot: NDArray[np.bool_]

    def __post_init__(self) -> None:
        count = len(self.pts)
        if self.chroma.ndim != 4 or self.chroma.shape[3] != 2 or len(self.chroma) != count:
            raise ValueError(f"chroma must have the shape ({count}, h, w, 2), and has {self.chroma.shape}")
        for name in ("own_colour", "starts_shot"):
            shape = getattr(self, name).shape
            if shape != (count,):
                raise ValueError(f"{name} must have the shape ({count},), and has {shape}")

    def frames(self) -> Iterator["Kept"]:
        """Each frame's colour, in order."""
        for pts, chroma, *marks in zip(self.pts, self.chroma, self.own_colour, self.starts_shot, strict=True):
            yield Kept(int(pts), chroma.astype(np.float32), *map(bool, marks))


@dataclass(frozen=True, eq=False)
class Kept:
    """What is kept of one frame: chroma (h, w, 2); own_colour: whether it keeps the source's own instead."""

    pts: int
    chroma: Chroma
    own_colour: bool
    starts_shot: bool


def write_piece(path: Path, piece: ChromaPiece) -> None:
    """Write the piece; the file appears whole. Raises OutputError."""
    # Frames hardly differ from one to the next: the differences, wrapped at 8 bit, pack to a third.
    steps = np.diff(piece.chroma.view(np.uint8), axis=0, prepend=np.zeros_like(piece.chroma[:1].view(np.uint8)))
    with disk_errors(path), appearing(path) as part, part.open("wb") as file:
        np.savez_compressed(
            file, pts=piece.pts, steps=steps, own_colour=piece.own_colour, starts_shot=piece.starts_shot
        )


def read_piece(data: bytes, name: str) -> ChromaPiece:
    """The piece in these bytes. Raises SourceUnreadable where they are none."""
    try:
        with np.load(BytesIO(data), allow_pickle=False) as archive:
            chroma = np.cumsum(archive["steps"], axis=0, dtype=np.uint8).view(np.int8)
            return ChromaPiece(archive["pts"], chroma, archive["own_colour"], archive["starts_shot"])
    except KeyError as error:
        raise _earlier(name) from error
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise SourceUnreadable(f"{name} is damaged. Colour the film again to make a new one") from error


def write_track(path: Path, pieces: Sequence[Path], about: Mapping[str, Any]) -> None:
    """Join the pieces into the film's track; the file appears whole and replaces an older one.

    The same pieces give the same bytes, whenever they are written. Raises OutputError.
    """
    with (
        disk_errors(path),
        appearing(path) as part,
        zipfile.ZipFile(part, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
    ):
        archive.writestr(_entry(_PAGE), json.dumps({"format": _FORMAT, **about}, indent=1))
        for number, piece in enumerate(pieces):
            archive.writestr(_entry(f"{number:06d}.npz"), piece.read_bytes())


def is_of_another(path: Path, fingerprint: str) -> bool:
    """Whether this is the track of another film than the one with this fingerprint; False where nothing says."""
    try:
        with ChromaTrack(path) as track:
            own = track.about.get("fingerprint")
    except SourceUnreadable:  # there is none, or none that gives a film its colours
        return False
    return bool(fingerprint and own) and own != fingerprint


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # its date is that of ZIP's first day, not today's
    entry.external_attr = 0o644 << 16
    return entry


def track_path(target: Path) -> Path:
    """Where the chroma track of this result lies."""
    return target.with_name(target.name + SUFFIX)


class _About(dict[str, Any]):
    """What a track of this name says of its making."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._name = name

    def __missing__(self, _key: str) -> Any:
        raise _earlier(self._name)


def _earlier(name: str) -> SourceUnreadable:
    return SourceUnreadable(
        f"{name} was written by an earlier version of this program, whose tracks are not read any more. "
        "Colour the film again"
    )


class ChromaTrack(Closing):
    """A film's track, opened for reading: a context manager; a piece at a time is in memory.

    about: what write_track was told; what an earlier program did not tell raises SourceUnreadable when it is asked for.
    Raises SourceUnreadable for a file that is no track, or of a program whose tracks are of another format.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._archive = zipfile.ZipFile(path)
            self.about = _About(str(path), json.loads(self._archive.read(_PAGE)))
        except (OSError, KeyError, ValueError, TypeError, zipfile.BadZipFile) as error:
            raise SourceUnreadable(f"{path} is no chroma track. It is written beside a coloured film") from error
        number = self.about.get("format")
        if number != _FORMAT:
            self.close()
            if isinstance(number, int) and number > _FORMAT:
                raise SourceUnreadable(
                    f"{path} was written by a newer version of this program. Update it, or colour the film again"
                )
            raise _earlier(str(path))
        self._names = sorted(name for name in self._archive.namelist() if name != _PAGE)

    def __len__(self) -> int:
        """How many pieces there are."""
        return len(self._names)

    def piece(self, number: int) -> ChromaPiece:
        """The piece with this number, in the order of the film. Raises SourceUnreadable."""
        try:
            data = self._archive.read(self._names[number])
        except (OSError, zipfile.BadZipFile) as error:
            raise SourceUnreadable(f"{self.path} is damaged. Colour the film again to make a new one") from error
        return read_piece(data, str(self.path))

    def pieces(self) -> Iterator[ChromaPiece]:
        """The pieces in the order of the film."""
        return map(self.piece, range(len(self)))

    def close(self) -> None:
        """Let go of the file."""
        self._archive.close()
