"""A film as a folder of numbered pictures."""

import re
from collections import defaultdict
from pathlib import Path

from colorizer.errors import SourceUnreadable

_SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".jp2", ".dpx", ".exr", ".ppm", ".pgm", ".sgi"}
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
