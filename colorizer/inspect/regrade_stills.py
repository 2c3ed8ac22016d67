"""A few frames of a finished film with the colours that were kept of them, found in a process of its own.

They show how another grade will look, without the network. A damaged film may crash a decoder; then this process ends
and the studio goes on. It leaves still-0.png (luma), still-0.npy (chroma) and so on, and stills.json; or problem.json.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from colorizer.errors import ColorizerError, SettingError, SourceUnreadable
from colorizer.files import write_whole
from colorizer.inspect.film_facts import PROBLEM, SHEET_SIDE
from colorizer.inspect.frame_pictures import draw_frame
from colorizer.video.colour.track import ChromaTrack, Kept
from colorizer.video.source.clock_jumps import with_one_clock
from colorizer.video.source.facts import Film
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader, Frame
from colorizer.video.workspace import fingerprint

STILLS = "stills.json"
STILL_COUNT = 3
_PACKETS = 4  # frames from the asked-for time on that are looked through: the source may have gaps


@dataclass(frozen=True)
class StillPage:
    """What is known of the stills: exact seconds from the film's first picture, as text; the size on a screen."""

    times: tuple[str, ...]
    width: int
    height: int


def draw_stills(source: Path, track: Path, folder: Path) -> None:
    """Leave the stills of this film, from its chroma track, in the folder. Raises InputError or SettingError."""
    with ChromaTrack(track) as opened:
        if fingerprint(source) != opened.about["fingerprint"]:
            raise SettingError(f"{source.name} is not the film any more that was coloured. Bring the right one back")
        deinterlaced = bool(opened.about["deinterlace"])
        chosen = list(choose(opened))
    film = with_one_clock(probe(source))
    times: list[str] = []
    for kept in chosen:
        frame = _frame_at(film, kept.pts, deinterlace=deinterlaced)
        if frame is not None:
            draw_frame(frame, film.video, SHEET_SIDE, folder / f"still-{len(times)}.png")
            write_whole(folder / f"still-{len(times)}.npy", _bytes_of(kept), durable=False)
            times.append(str((frame.pts - film.video.start_pts) * film.video.time_base))
    if not times:
        raise SourceUnreadable(f"{source.name} has no frame whose colours could be graded anew")
    width, height = film.video.display_size
    write_whole(folder / STILLS, json.dumps(asdict(StillPage(tuple(times), width, height))).encode(), durable=False)


def choose(track: ChromaTrack) -> Iterator[Kept]:
    """Frames from all over the film that got their colours from the network; no two the same."""
    seen: set[int] = set()
    for number in range(STILL_COUNT):
        place = Fraction((2 * number + 1) * len(track), 2 * STILL_COUNT)
        piece = track.piece(int(place))
        own = np.flatnonzero(~piece.own_colour)
        if not len(own):
            continue
        middle = int((place - int(place)) * len(piece.pts))
        index = int(own[np.argmin(np.abs(own - middle))])
        kept = next(islice(piece.frames(), index, None))
        if kept.pts not in seen:
            seen.add(kept.pts)
            yield kept


def read_stills(folder: Path) -> "StillPage | str | None":
    """What is known of the stills in this folder: their page, why there are none, or None as long as nothing is."""
    for name in (STILLS, PROBLEM):
        try:
            told: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
        except FileNotFoundError:
            continue
        if name == PROBLEM:
            return str(told["problem"])
        return StillPage(tuple(told["times"]), int(told["width"]), int(told["height"]))
    return None


def _frame_at(film: Film, pts: int, *, deinterlace: bool) -> Frame | None:
    with FilmReader(film.path, film, pts * film.video.time_base, keep_colour=True, deinterlace=deinterlace) as reader:
        return next((frame for frame in islice(reader, _PACKETS) if frame.pts == pts), None)


def _bytes_of(kept: Kept) -> bytes:
    file = BytesIO()
    np.save(file, kept.chroma)
    return file.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Draw stills of the first argument, a film, by the second, its track, into the third, a folder; the status."""
    source, track, folder = map(Path, arguments)
    if hasattr(os, "nice"):
        os.nice(5)  # the page that waits for it comes first
    try:
        draw_stills(source, track, folder)
    except ColorizerError as error:
        write_whole(folder / PROBLEM, json.dumps({"problem": str(error)}).encode(), durable=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
