"""What the studio shows of a film before it is coloured, found out in a process of its own.

A damaged file may crash a decoder; then this process ends and the studio goes on. It leaves in a folder, one after the
other: facts.json, frame-0.png and so on with sheet.json, which lists them, and shots.json; or problem.json.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

from colorizer.errors import ColorizerError, SourceUnreadable
from colorizer.files import write_whole
from colorizer.inspect.frame_pictures import draw_frame
from colorizer.jobs.folders import DataFolder
from colorizer.lockfile import alone
from colorizer.settings import settings
from colorizer.video.colour.paint import has_colour
from colorizer.video.colour.shots import Small, is_black, small_luma, with_cuts
from colorizer.video.source.facts import Film, OtherTrack
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader, Frame

FACTS, SHEET, SHOTS, PROBLEM = "facts.json", "sheet.json", "shots.json", "problem.json"
SHEET_FRAMES = 6
SHEET_SIDE = 960  # pixels of a contact sheet's frame; the network is shown no more than that either
_SHOTS_WITHIN = 60.0  # seconds that finding shots may take; longer films are counted up to there
_GIVES_WAY_EVERY = 24  # frames
_PAST_BLACK = 48  # frames that are looked through for one with a picture
_UNKNOWN_LENGTH = tuple(Fraction(seconds) for seconds in (0, 2, 5, 10, 20, 40))


@dataclass(frozen=True)
class FilmFacts:
    """A film as a card shows it. seconds, rate: exact, as text, empty where nothing says.

    display_width, display_height: on a screen. sound, subtitles: one line each. frames: about.
    """

    width: int
    height: int
    display_width: int
    display_height: int
    seconds: str
    rate: str
    frames: int | None
    codec: str
    bits: int
    interlaced: bool
    variable_rate: bool
    sound: tuple[str, ...]
    subtitles: tuple[str, ...]
    chapters: int
    notes: tuple[str, ...]

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "FilmFacts":
        """The facts that asdict made. Raises KeyError or TypeError for anything else."""
        lists = {name: tuple(values[name]) for name in ("sound", "subtitles", "notes")}
        return cls(**{**values, **lists})

    @property
    def length(self) -> Fraction | None:
        """Seconds; None where nothing says."""
        return Fraction(self.seconds) if self.seconds else None


def facts_of(film: Film) -> FilmFacts:
    """What a card shows of this film."""
    video = film.video
    width, height = video.upright_size
    display_width, display_height = video.display_size
    return FilmFacts(
        width=width,
        height=height,
        display_width=display_width,
        display_height=display_height,
        seconds=str(film.duration or ""),
        rate=str(video.average_rate or ""),
        frames=video.estimated_frames,
        codec=video.codec,
        bits=video.bits,
        interlaced=video.interlaced,
        variable_rate=bool(video.variable_rate),
        sound=tuple(_sound_text(track) for track in film.of_kind("audio")),
        subtitles=tuple(_language(track) or track.title or "no language given" for track in film.of_kind("subtitle")),
        chapters=len(film.chapters),
        notes=film.notes,
    )


def inspect(source: Path, folder: Path) -> None:
    """Leave the film's facts and frames for its contact sheet in the folder. Raises InputError."""
    film = probe(source)
    _write(folder / FACTS, asdict(facts_of(film)))
    times, coloured = [], []
    for number, frame in enumerate(_sheet_frames(film)):
        draw_frame(frame, film.video, SHEET_SIDE, folder / f"frame-{number}.png")
        times.append(str((frame.pts - film.video.start_pts) * film.video.time_base))
        coloured.append(has_colour(frame, film.video.bits))
    if not times:
        raise SourceUnreadable(f"{source.name} holds no frame that can be decoded; copy or download it again")
    _write(folder / SHEET, {"times": times, "coloured": coloured})


def count_shots(
    film: Film, within: float = _SHOTS_WITHIN, give_way: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """How many shots there are, in how many seconds of the film, and whether that is all of it.

    give_way: called again and again, waits as long as something else comes first.
    """
    started, shots, pts, whole = time.monotonic(), 0, film.video.start_pts, True
    with FilmReader(film.path, film) as reader:
        for number, (frame, is_first) in enumerate(with_cuts(reader, lambda frame: _guide(film, frame))):
            if number % _GIVES_WAY_EVERY == 0:
                give_way()
            shots += is_first
            pts = frame.pts
            if time.monotonic() - started > within:
                whole = False
                break
    return {"shots": shots, "seconds": float((pts - film.video.start_pts) * film.video.time_base), "whole": whole}


def _sheet_frames(film: Film) -> Iterator[Frame]:
    """Frames from all over the film, each with something to see where that can be; no two the same."""
    first, length = film.video.start_pts * film.video.time_base, film.duration
    spread = [length * (2 * number + 1) / (2 * SHEET_FRAMES) for number in range(SHEET_FRAMES)] if length else ()
    seen: set[int] = set()
    for seconds in spread or _UNKNOWN_LENGTH:
        frame = _frame_with_a_picture(film, first + seconds)
        if frame is not None and frame.pts not in seen:
            seen.add(frame.pts)
            yield frame
    if not seen:  # the file is shorter than it says
        with FilmReader(film.path, film, keep_colour=True) as reader:
            yield from islice(reader, 1)


def _frame_with_a_picture(film: Film, seconds: Fraction) -> Frame | None:
    best: Frame | None = None
    with FilmReader(film.path, film, seconds, keep_colour=True) as reader:
        for frame in islice(reader, _PAST_BLACK):
            best = best or frame
            if not is_black(_guide(film, frame)):
                return frame
    return best


def _guide(film: Film, frame: Frame) -> Small:
    return small_luma(frame.luma, film.video.bits, film.video.is_full_range)


def _sound_text(track: OtherTrack) -> str:
    channels = {1: "mono", 2: "stereo", 6: "5.1"}.get(track.channels, f"{track.channels} channels")
    return ", ".join(part for part in (track.codec.upper(), channels, _language(track), track.title) if part)


def _language(track: OtherTrack) -> str | None:
    return track.language if track.language != "und" else None


def _write(path: Path, values: dict[str, Any]) -> None:
    write_whole(path, json.dumps(values).encode(), durable=False)


def _let_trials_pass() -> None:
    """Wait as long as a trial measures: it would take us for the load of this machine."""
    data = DataFolder(settings().data_folder)
    if data.root.is_dir():
        with alone(data.trial_lock):
            pass


def main(arguments: Sequence[str]) -> int:
    """Inspect the first argument, a film, into the second, a folder, or count its shots; the exit status.

    A third argument, SHOTS, asks for the shots.
    """
    source, folder = map(Path, arguments[:2])
    if hasattr(os, "nice"):
        os.nice(5)  # the page that waits for it comes first
    counts = arguments[2:] == [SHOTS]
    try:
        if counts:
            _write(folder / SHOTS, count_shots(probe(source), give_way=_let_trials_pass))
        else:
            inspect(source, folder)
    except ColorizerError as error:
        if not counts:  # it was seen before: one that cannot be counted is a film all the same
            _write(folder / PROBLEM, {"problem": str(error)})
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
