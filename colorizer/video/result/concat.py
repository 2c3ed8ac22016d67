"""Pieces of a film that are to follow one another, and the list of them that ffmpeg reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from colorizer.video.source.opening import address


@dataclass(frozen=True)
class EncodedSegment:
    """An encoded piece of the film. start_pts: its first frame; end_pts: the next piece's first frame (or the end).

    frames: how many it holds.
    """

    path: Path
    start_pts: int
    end_pts: int
    frames: int

    def __post_init__(self) -> None:
        if self.end_pts <= self.start_pts:
            raise ValueError(f"end_pts {self.end_pts} must lie after start_pts {self.start_pts}")


def concat_listing(segments: Sequence[EncodedSegment], time_base: Fraction) -> str:
    """The list that ffmpeg's concat demuxer reads: each file with its exact duration, so that times do not drift.

    ffmpeg adds the durations up in whole microseconds: each is the difference of two rounded times.
    """
    first = segments[0].start_pts
    lines = ["ffconcat version 1.0"]
    for segment in segments:
        begins, ends = (round((pts - first) * time_base * 1_000_000) for pts in (segment.start_pts, segment.end_pts))
        # A line break ends a line even inside quotes; a bare name is found beside the list.
        name = segment.path.name if "\n" in address(segment.path) else address(segment.path)
        quoted = name.replace("'", "'\\''")
        lines += [f"file '{quoted}'", f"duration {seconds_text(Fraction(ends - begins, 1_000_000))}"]
    return "\n".join(lines) + "\n"


def seconds_text(value: Fraction) -> str:
    """Seconds with six decimals, all that ffmpeg keeps."""
    millionths = round(value * 1_000_000)
    sign = "-" if millionths < 0 else ""
    return f"{sign}{abs(millionths) // 1_000_000}.{abs(millionths) % 1_000_000:06d}"
