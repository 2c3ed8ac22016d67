"""A film as a folder of numbered pictures."""

import re
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, islice, pairwise
from pathlib import Path

from colorizer.errors import SourceUnreadable

_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".jp2", ".dpx", ".exr", ".ppm", ".pgm", ".sgi"}
_TRANSFER, _LOGARITHMIC = 801, {1, 3}  # of SMPTE ST 268-1: printing density, and logarithmic
_MISSING_TOLD = 1000
_NUMBERED = re.compile(r"(.*?)(\d+)")


def numbered_pictures(folder: Path) -> tuple[Path, ...]:
    """The pictures of the largest numbered series in the folder, in the order of their numbers.

    Raises SourceUnreadable where there is none.
    """
    series: dict[tuple[str, str], list[tuple[int, Path]]] = defaultdict(list)
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise SourceUnreadable(f"the folder {folder} may not be read: {error.strerror}") from error
    for path in entries:
        match = _NUMBERED.fullmatch(path.stem)
        if match and path.suffix.lower() in _SUFFIXES and path.is_file():
            series[match[1], path.suffix.lower()].append((int(match[2]), path))
    if not series:
        raise SourceUnreadable(f"the folder {folder} holds no numbered pictures like 0001.png; give a film")
    longest = max(series.values(), key=len)
    return tuple(path for _, path in sorted(longest))


def other_pictures(folder: Path, pictures: Sequence[Path]) -> int:
    """How many pictures the folder holds beside these."""
    return sum(path.suffix.lower() in _SUFFIXES and path.is_file() for path in folder.iterdir()) - len(pictures)


def is_logarithmic(path: Path) -> bool:
    """Whether this is a DPX that says of its samples that they are logarithmic, as film scanners write them."""
    with suppress(OSError), path.open("rb") as file:
        head = file.read(_TRANSFER + 1)
        return head[:4] in {b"SDPX", b"XPDS"} and len(head) > _TRANSFER and head[_TRANSFER] in _LOGARITHMIC
    return False


def missing_numbers(pictures: Sequence[Path]) -> tuple[int, ...]:
    """The numbers that no picture has, between the first one's and the last one's; at most a thousand of them."""
    numbers = [int(match[2]) for path in pictures if (match := _NUMBERED.fullmatch(path.stem))]
    gaps = (range(before + 1, after) for before, after in pairwise(sorted(numbers)))
    return tuple(islice(chain.from_iterable(gaps), _MISSING_TOLD))
