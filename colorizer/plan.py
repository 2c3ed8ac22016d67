"""Which file becomes which: from what a user names to pairs of source and target. Nothing is read or written here."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path

from colorizer.errors import OutputError, SourceMissing


@dataclass(frozen=True)
class Kind:
    """What files are looked for in a folder, which results keep their source's suffix, and what the others get.

    whole_folder: a folder with files of these suffixes and none to read is itself a source.
    """

    read: frozenset[str]
    written: frozenset[str]
    otherwise: str
    whole_folder: frozenset[str] = frozenset()


PICTURES = Kind(
    frozenset(
        {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".dib", ".gif", ".heic", ".heif"}
        | {".avif", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".jxl", ".dng"}
    ),
    frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff"}),
    ".png",
)
FILMS = Kind(
    frozenset(
        {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".vob", ".ts", ".m2ts", ".mts", ".wmv"}
        | {".flv", ".3gp", ".ogv", ".mxf", ".asf", ".dv", ".m2v", ".y4m"}
    ),
    frozenset({".mp4", ".mov", ".mkv", ".webm"}),
    ".mp4",
    whole_folder=frozenset(  # numbered pictures
        {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".dpx", ".exr", ".jp2"}
    ),
)
EITHER = Kind(PICTURES.read | FILMS.read, PICTURES.written | FILMS.written, "")


@dataclass(frozen=True)
class Task:
    """One picture to make: from where, and to where. converted: its own kind is not written, and no other was named."""

    source: Path
    target: Path
    converted: bool = False


@dataclass(frozen=True)
class SourceFile:
    """One source, with its place below the folder it was found in."""

    path: Path
    place: Path


def find_sources(names: Iterable[str], kind: Kind = PICTURES, target: Path | None = None) -> list[SourceFile]:
    """Every file that the names mean, each once: files, folders (with all below them) and patterns such as *.jpg.

    A name that exists is taken as it stands, whatever letters it has. target: where results go; where it lies below
    what is searched, neither it nor anything in it is a source: there an earlier run has left what it made.
    Raises SourceMissing for a pattern or folder that holds nothing.
    """
    found: dict[str, SourceFile] = {}  # by real path, which also a loop of links has
    for name in names:
        for file in _expand(name, kind, target):
            found.setdefault(os.path.realpath(file.path), file)
    return list(found.values())


def plan_targets(
    sources: Sequence[SourceFile], target: Path, suffix: str | None = None, kind: Kind = PICTURES
) -> list[Task]:
    """A target for every source, no two the same.

    target: the result's own name where there is one source and the name ends as one of its kind does; otherwise the
    folder for all results. suffix: of the results, such as ".png"; None keeps the source's where it can be written, and
    "" makes folders.
    Raises OutputError for one file's name where there are many sources, or where it names another kind of file.
    """
    if target.suffix.lower() in EITHER.read - kind.read and not target.is_dir():
        what = "film" if target.suffix.lower() in FILMS.read else "picture"
        raise OutputError(f"{target} is the name of a {what}, which the result is not. Name another file, or a folder")
    names_a_file = target.suffix.lower() in kind.read and not target.is_dir()
    if len(sources) == 1 and names_a_file and sources[0].place.parent == Path():
        return [Task(sources[0].path, target)]
    if names_a_file and len(sources) > 1:
        raise OutputError(
            f"{target} is one file's name, and there are {len(sources)} sources. Name a folder for the results"
        )
    taken: set[str] = set()
    endings = [_result_suffix(source.place.suffix, kind) if suffix is None else suffix for source in sources]
    names: dict[int, Path] = {}
    # Those that keep their name come first: a.png stays a.png, and a.avif beside it gives way.
    for place in sorted(range(len(sources)), key=lambda place: sources[place].place.suffix != endings[place]):
        names[place] = _free_name(sources[place].place, endings[place], taken)
    return [
        Task(
            source.path,
            target / names[place],
            suffix is None and _result_suffix(source.path.suffix, kind) != source.path.suffix,
        )
        for place, source in enumerate(sources)
    ]


def _result_suffix(suffix: str, kind: Kind) -> str:
    return suffix if suffix.lower() in kind.written else kind.otherwise


def _free_name(place: Path, ending: str, taken: set[str]) -> Path:
    named = place.with_suffix(ending)
    if str(named).lower() in taken:  # a.jpg and a.tif would both become a.png
        named = place.with_name(f"{place.stem}-{place.suffix[1:].lower()}{ending}")
    number = 2
    while str(named).lower() in taken:
        named = place.with_name(f"{place.stem}-{number}{ending}")
        number += 1
    taken.add(str(named).lower())
    return named


def _expand(name: str, kind: Kind, target: Path | None) -> Iterator[SourceFile]:
    if not name:
        raise SourceMissing("a source without a name was given. Name a file, a folder or a pattern")
    path = Path(name)
    if path.is_dir():
        files = _outside(target, path, _files_below(path, kind.read))
        if not files and _outside(target, path, _files_below(path, kind.whole_folder)):
            yield SourceFile(path, Path(path.resolve().name))
            return
        if not files:
            raise SourceMissing(f"{path} holds nothing to work on. Name another folder, or the files themselves")
        yield from (SourceFile(file, file.relative_to(path)) for file in files)
    elif path.exists() or not has_magic(name):
        yield SourceFile(path, Path(path.name))  # a missing file is reported beside the others when its turn comes
    else:
        matches = sorted(Path(match) for match in glob(name, recursive=True))  # noqa: PTH207  the pattern may be absolute
        files = _outside(target, _fixed_part(path), [match for match in matches if match.is_file()])
        if not files:
            raise SourceMissing(f"no file matches {name}. Check the pattern and the folder")
        yield from (SourceFile(file, Path(file.name)) for file in files)


def _files_below(folder: Path, suffixes: frozenset[str]) -> list[Path]:
    found = []
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root) / name for name in sorted(names) if not name.startswith(".")]
    return [path for path in found if path.suffix.lower() in suffixes]


def _outside(target: Path | None, searched: Path, files: list[Path]) -> list[Path]:
    """The files that are not the target, and do not lie below it, where it lies somewhere below the searched folder."""
    if target is None:
        return files
    results, root = Path(os.path.realpath(target)), Path(os.path.realpath(searched))
    if root not in results.parents:
        return files
    places = [Path(os.path.realpath(file.parent), file.name) for file in files]
    return [file for file, place in zip(files, places, strict=True) if results not in (place, *place.parents)]


def _fixed_part(pattern: Path) -> Path:
    """The folder that a pattern searches: what stands before its first * or the like."""
    return next((folder for folder in pattern.parents if not has_magic(str(folder))), Path())
