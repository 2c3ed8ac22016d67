"""Which file becomes which: from what a user names to pairs of source and target. Nothing is read or written here."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from colorizer.errors import SourceMissing

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".heic", ".heif", ".avif", ".pgm"}
    | {".ppm", ".pnm", ".jp2"}
)


@dataclass(frozen=True)
class Task:
    """One picture to make: from where, and to where."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Found:
    """One source, with its place below the folder it was found in."""

    path: Path
    place: Path


def find_sources(names: Iterable[str], suffixes: frozenset[str] = PICTURE_SUFFIXES) -> list[Found]:
    """Every file that the names mean, each once: files, folders (with all below them) and patterns such as *.jpg.

    A name that exists is taken as it stands, whatever letters it has. Raises SourceMissing for a pattern or folder
    that holds nothing.
    """
    found: dict[Path, Found] = {}
    for name in names:
        for file in _expand(name, suffixes):
            found.setdefault(file.path.resolve(), file)
    return list(found.values())


def plan_targets(sources: Sequence[Found], target: Path, suffix: str | None = None) -> list[Task]:
    """A target for every source, no two the same.

    target: the result's own name where there is one source and the name ends as a picture's does; otherwise the folder
    for all results. suffix: of the results, such as ".png"; None keeps the source's where it can be written.
    """
    names_a_file = target.suffix.lower() in PICTURE_SUFFIXES and not target.is_dir()
    if len(sources) == 1 and names_a_file and sources[0].place.parent == Path():
        return [Task(sources[0].path, target)]
    taken: set[str] = set()
    return [Task(source.path, target / _free_name(source.place, suffix, taken)) for source in sources]


def _free_name(place: Path, suffix: str | None, taken: set[str]) -> Path:
    ending = suffix or result_suffix(place.suffix)
    named = place.with_suffix(ending)
    if str(named).lower() in taken:  # a.jpg and a.tif would both become a.png
        named = place.with_name(f"{place.stem}-{place.suffix[1:].lower()}{ending}")
    number = 2
    while str(named).lower() in taken:
        named = place.with_name(f"{place.stem}-{number}{ending}")
        number += 1
    taken.add(str(named).lower())
    return named


def result_suffix(suffix: str) -> str:
    """The suffix of a result that is to stay of the source's kind where that kind can be written, else .png."""
    return suffix if suffix.lower() in {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff"} else ".png"


def _expand(name: str, suffixes: frozenset[str]) -> Iterator[Found]:
    path = Path(name)
    if path.is_dir():
        files = _files_below(path, suffixes)
        if not files:
            raise SourceMissing(f"{path} holds no picture. Name a folder with pictures, or the files themselves")
        yield from (Found(file, file.relative_to(path)) for file in files)
    elif path.exists() or not has_magic(name):
        yield Found(path, Path(path.name))  # a missing file is reported beside the others when its turn comes
    else:
        matches = sorted(Path(match) for match in glob(name, recursive=True))  # noqa: PTH207  the pattern may be absolute
        files = [match for match in matches if match.is_file()]
        if not files:
            raise SourceMissing(f"no file matches {name}. Check the pattern and the folder")
        yield from (Found(file, Path(file.name)) for file in files)


def _files_below(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root) / name for name in sorted(names) if not name.startswith(".")]
    return [path for path in found if path.suffix.lower() in suffixes]
