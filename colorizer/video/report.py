"""How far a film has come and how fast, and what became of it."""

import json
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from colorizer.errors import SourceMissing
from colorizer.files import disk_errors, write_whole
from colorizer.video.colour.steadiness import Sums
from colorizer.video.colour.track import SUFFIX, is_of_another, track_path
from colorizer.video.result.mux import MuxReport
from colorizer.video.segment import Segment
from colorizer.video.source.facts import Film
from colorizer.video.source.reader import FilmReader

Stage = Literal["colouring", "joining"]
_PACE_SECONDS = 30.0  # over which a pace is taken: longer than a segment needs to be closed, shorter than a load lasts
_LEAST_SECONDS = 2.0  # seconds before which the first frame, which comes late, would say too much
_SECONDS_APART = 0.1  # seconds between two moments that are kept


@dataclass(frozen=True)
class FilmProgress:
    """How far a film has come. expected: frames in all, an estimate, None where nothing says; fps: of this run.

    stage: "joining" once every frame is made, while the film is put together (or exported).
    picture: draws the newest frame as it will look, (h, w, 3) RGB with at most so many pixels a side; it holds good
    until the next FilmProgress. None where no frame is new.
    """

    frames: int
    expected: int | None
    shots: int
    fps: float
    picture: Callable[[int], NDArray[np.uint8]] | None = field(default=None, compare=False, repr=False)
    stage: Stage = "colouring"

    @property
    def seconds_left(self) -> float | None:
        """At this pace; None as long as nothing can be said."""
        if self.expected is None or self.fps <= 0:
            return None
        return max(0, self.expected - self.frames) / self.fps


class Pace:
    """Counts frames. clock: seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()
        self._frames = 0
        self._moments: deque[tuple[float, int]] = deque()  # when, and how many frames there were

    def count(self) -> None:
        """One more frame is there."""
        self._frames += 1
        now = self._clock()
        if not self._moments or now - self._moments[-1][0] >= _SECONDS_APART:
            self._moments.append((now, self._frames))
        while now - self._moments[0][0] > _PACE_SECONDS and len(self._moments) > 1:
            self._moments.popleft()

    @property
    def per_second(self) -> float:
        """Frames a second lately; in the beginning of all the time there was, and 0 before the first frame."""
        now = self._clock()
        since, frames = self._moments[0] if self._moments else (now, 0)
        if now - since >= _LEAST_SECONDS and self._frames > frames:
            return (self._frames - frames) / (now - since)
        return self._frames / (now - self._start) if now > self._start else 0.0


@dataclass(frozen=True)
class FilmReport:
    """What became of a film; written beside the result as JSON. fingerprint: of the source."""

    target: Path
    film: Film
    segments: tuple[Segment, ...]
    mux: MuxReport
    made_with: Mapping[str, Any]
    notes: tuple[str, ...]
    seconds: float
    frames_this_run: int
    fingerprint: str = ""

    @property
    def frames(self) -> int:
        """In the result."""
        return sum(segment.frames for segment in self.segments)

    def as_dict(self) -> dict[str, Any]:
        """The report in plain values."""
        sums = Sums()
        for segment in self.segments:
            sums.add(segment.sums)
        return {
            "source": str(self.film.path),
            "fingerprint": self.fingerprint,
            "target": str(self.target),
            "frames": self.frames,
            "shots": sum(segment.shots for segment in self.segments),
            "network_runs": sum(segment.network_runs for segment in self.segments),
            "frames_with_their_own_colour": sum(segment.own_colour for segment in self.segments),
            "repaired_frames": sum(segment.repaired for segment in self.segments),
            "seconds": round(self.seconds, 3),
            "frames_this_run": self.frames_this_run,
            "fps": round(self.frames_this_run / self.seconds, 3) if self.seconds else None,
            "cdc_excess": sums.cdc_excess,
            "colourfulness_abs": sums.mean_colourfulness,
            "luma_error": sum(s.luma_error * s.frames for s in self.segments) / max(self.frames, 1),
            "tracks": [asdict(track) for track in self.mux.tracks],
            "notes": list(self.notes),
            "made_with": dict(self.made_with),
        }


def notes_of_reader(reader: FilmReader) -> tuple[str, ...]:
    """Sentences for the user about what was wrong with the frames, once all of them were read."""
    notes = []
    if reader.repaired:
        notes.append(f"{reader.repaired} frames did not decode and show their neighbour's picture")
    if reader.resized:
        notes.append(f"{reader.resized} frames have another size than the first one and were fitted to it")
    if reader.mended:
        notes.append(f"{reader.mended} frames had no usable time and got one between their neighbours'")
    if reader.ended_early:
        notes.append(f"the source ends early: {reader.reason}")
    return tuple(notes)


def report_path(target: Path) -> Path:
    """Where the report of this result lies."""
    return target.with_name(target.name + ".json")


def write_report(report: FilmReport) -> None:
    """Write the report beside its film; the file appears whole. Raises OutputError."""
    page = report_path(report.target)
    with disk_errors(page):
        write_whole(page, json.dumps(report.as_dict(), indent=1, default=str).encode())


def find_track(result: Path) -> Path:
    """The chroma track of this result, or the result itself where it is one.

    Raises SourceMissing, which names the track of the film that a regraded one was made from.
    """
    if result.suffix == SUFFIX and result.exists():
        return result
    track, said = track_path(result), _said_of(result)
    if track.exists():
        if is_of_another(track, str(said.get("fingerprint") or "")):
            raise SourceMissing(
                f"{track} holds the colours of another film, which had this name before. Colour {result.name} again, "
                "or name the .chroma file itself for the other film"
            )
        return track
    if not result.exists():
        raise SourceMissing(f"there is no file {result}. Check the name")
    first = _first_of(result, said)
    if first is not None and first.exists():
        raise SourceMissing(f"{result} was itself graded anew. Regrade the first result: colorizer regrade {first}")
    raise SourceMissing(f"{track} is not there, which holds the colours of {result.name}. Colour the film again")


def _said_of(result: Path) -> Mapping[str, Any]:
    """The report of this result; empty where there is none, or none that can be read."""
    said = None
    with suppress(OSError, ValueError):
        said = json.loads(report_path(result).read_text("utf-8"))
    return said if isinstance(said, dict) else dict[str, Any]()


def _first_of(result: Path, said: Mapping[str, Any]) -> Path | None:
    """The track that this result was graded anew from, as its report has it."""
    try:
        return result.parent / str(said["made_with"]["track"])  # a whole path stays as it is
    except (KeyError, TypeError):
        return None
