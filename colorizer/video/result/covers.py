"""Cover pictures of a source as files, for a container that holds them as attachments."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import av

from colorizer.errors import InputError
from colorizer.video.result.containers import TrackPlan
from colorizer.video.source.facts import Film
from colorizer.video.source.opening import opened

_TYPES = {"mjpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "bmp": "image/bmp", "tiff": "image/tiff",
          "webp": "image/webp"}  # fmt: skip
_ENDINGS = {"image/jpeg": "jpg", "image/tiff": "tif"}


@dataclass(frozen=True)
class Cover:
    """A picture to attach: the file that holds it, the name that it had (or one like it), and its type."""

    file: Path
    name: str
    mime: str


@contextmanager
def covers_of(film: Film, plans: Sequence[TrackPlan], folder: Path) -> Iterator[list[Cover]]:
    """The covers that are to be attached, as files within the folder, there as long as the block runs.

    One that cannot be read is left out. Raises OSError where the files cannot be written.
    """
    wanted = [plan.track for plan in plans if plan.encoder == "attach"]
    if not wanted:
        yield []
        return
    with TemporaryDirectory(dir=folder, prefix=".covers-") as place:
        covers = []
        for number, track in enumerate(wanted):
            data = _picture(film.path, track.index)
            if data:
                mime = track.tags.get("mimetype") or _TYPES.get(track.codec, "application/octet-stream")
                ending = _ENDINGS.get(mime, mime.rpartition("/")[2])
                name = track.tags.get("filename") or f"cover{number or ''}.{ending}"
                file = Path(place) / f"{number}.{ending}"
                file.write_bytes(data)
                covers.append(Cover(file, name, mime))
        yield covers


def _picture(path: Path, index: int) -> bytes:
    try:
        with opened(path, 2**31 - 1) as container:
            packet = next(container.demux(container.streams[index]), None)
            return bytes(packet) if packet is not None else b""
    except (InputError, av.error.FFmpegError, OSError, IndexError):
        return b""
