"""Whether a film will find room on the disk."""

import shutil
from pathlib import Path

from colorizer.errors import OutputError
from colorizer.video.facts import Film
from colorizer.video.wanted import FilmSettings, expected_frames

_BYTES_PER_PIXEL = 0.15  # of a result, generously
_EXACT_FACTOR = 12  # how much larger a lossless one is
_TRACK_BYTES = 6_000  # of a frame's chroma, packed
_SPARE = 1.1
_LEAST = 10**6


def check_space(film: Film, target: Path, settings: FilmSettings, frames_done: int) -> None:
    """Refuse to begin, or to go on, where the disk will not do. Raises OutputError.

    target: where the result will lie, in a folder that exists. frames_done: in segments that are finished.
    """
    frames = expected_frames(film, settings.range) or 0
    width, height = film.video.upright_size
    exact = settings.encoding.lossless or settings.encoding.codec in {"ffv1", "prores"}
    frame = width * height * _BYTES_PER_PIXEL * (_EXACT_FACTOR if exact else 1) + _TRACK_BYTES
    # Everything lies there twice for a moment: in segments, and joined.
    needed = int((frames + max(frames - frames_done, 0)) * frame * _SPARE) + _LEAST
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise OutputError(
            f"about {size(needed)} are needed for {target.name}, and {size(free)} are free. "
            "Make room or choose another disk"
        )


def size(count: int) -> str:
    """So many bytes, in the unit that suits them."""
    if count >= 10**9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 10**7 else f"{count / 1e6:.1f} MB"
