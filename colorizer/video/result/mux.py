"""Segments joined into the result, with everything else the source carried, by the ffmpeg program."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from colorizer.errors import InputError, OutputError, SourceMissing, TargetExists
from colorizer.files import appearing, disk_errors
from colorizer.video.result.concat import EncodedSegment, concat_listing
from colorizer.video.result.containers import (
    Action,
    TrackPlan,
    TrackReport,
    container_row,
    plan_tracks,
    reports,
    without_converted_sound,
)
from colorizer.video.result.covers import Cover, covers_of
from colorizer.video.result.ffmpeg import find_ffmpeg, run_ffmpeg
from colorizer.video.result.join_command import JoinCommand
from colorizer.video.result.mp4_subtitles import switch_off_subtitles
from colorizer.video.source.facts import Film, VideoTrack
from colorizer.video.source.opening import film_stream, opened

__all__ = ["Action", "EncodedSegment", "MuxReport", "TrackReport", "find_ffmpeg", "join"]

_LONGEST_RUN_IN = Fraction(1, 4)  # seconds of sound before zero that belong to its codec: nobody is to hear them


@dataclass(frozen=True)
class MuxReport:
    """What the result holds. shift: seconds taken from every time of the source (0 where its clock starts at 0)."""

    tracks: tuple[TrackReport, ...]
    shift: Fraction
    notes: tuple[str, ...] = ()


def join(
    segments: Sequence[EncodedSegment],
    film: Film,
    target: Path,
    *,
    with_source: bool = True,
    start: Fraction | None = None,
    end: Fraction | None = None,
    overwrite: bool = False,
    progress: Callable[[float], None] | None = None,
    ffmpeg: Path | None = None,
    before: Callable[[MuxReport], None] = lambda _: None,
    alpha: bool = False,
) -> MuxReport:
    """What became of every stream of the source in the target, which appears whole or not at all.

    segments: in order, their pts in film.video.time_base, their files on the target's disk. with_source=False joins
    the pictures alone. start, end: the range of the source's clock that the segments cover, where that is not the whole
    film. progress: hears the fraction done, 0 to 1, ten times a second; what it raises stops ffmpeg and passes on.
    before: called when the film is whole and has not appeared yet. alpha: whether segments say how solid pixels are.
    Raises SettingError, SourceMissing, TargetExists, and OutputError with ffmpeg's own reason.
    """
    _check(segments, film, target, with_source, overwrite)
    ffmpeg = ffmpeg or find_ffmpeg()
    with_source = with_source and film.container != "folder"
    plans, origin = plan_tracks(film, target.suffix) if with_source else (), _origin(segments, film, start)
    length, offset = ((pts - origin) * film.video.time_base for pts in (segments[-1].end_pts, segments[0].start_pts))
    command = JoinCommand(film, plans, with_source, origin, start, None if end is None else length, alpha)
    with disk_errors(target), appearing(target, beside=segments[0].path) as part:
        with _listing(part, segments, film) as listing, covers_of(film, plans, part.parent) as covers:
            made = _Making(ffmpeg, listing, covers, offset, part, target)
            command = _first_that_works(_ways(command), lambda way: made.run(way, length, progress))
        if container_row(target.suffix).muxer in {"mp4", "mov"} and not _shows_subtitles(command.plans):
            switch_off_subtitles(part)
        silence = _silence(command.plans, _verify(part, target, segments, film))
        notes = (*_notes(film, target, origin, start), *silence)
        before(report := MuxReport(reports(command.plans), origin * film.video.time_base, notes))
    return report


@dataclass(frozen=True)
class _Making:
    """What every way to join has in common. offset: seconds of the first piece's time."""

    program: Path
    listing: Path
    covers: Sequence[Cover]
    offset: Fraction
    part: Path
    target: Path

    def run(self, way: JoinCommand, length: Fraction, progress: Callable[[float], None] | None) -> None:
        """Let ffmpeg make the part in this way. Raises OutputError."""
        arguments = way.arguments(self.program, self.listing, self.offset, self.part, self.covers)
        run_ffmpeg(arguments, self.target, length, progress, self.part.with_suffix(".pid"))


@contextmanager
def _listing(part: Path, segments: Sequence[EncodedSegment], film: Film) -> Iterator[Path]:
    """The file that lists the segments for ffmpeg, there as long as the block runs."""
    listing = part.with_name(f"{part.name}.ffconcat")
    try:
        listing.write_text(concat_listing(segments, film.video.time_base), "utf-8", "surrogateescape", "\n")
        yield listing
    finally:
        with suppress(OSError):
            listing.unlink(missing_ok=True)


def _first_that_works(ways: Iterable[JoinCommand], run: Callable[[JoinCommand], None]) -> JoinCommand:
    """The way that ffmpeg could go. Raises OutputError, of the last one, where it could go none."""
    *others, last = ways
    for way in others:
        with suppress(OutputError):
            run(way)
            return way
    run(last)
    return last


def _ways(command: JoinCommand) -> Iterator[JoinCommand]:
    """The ways to join, the best first: hours of colouring must not hang on a track that is damaged."""
    yield command
    plans = without_converted_sound(command.plans)
    if plans != command.plans:
        yield replace(command, plans=plans)


def _check(segments: Sequence[EncodedSegment], film: Film, target: Path, with_source: bool, overwrite: bool) -> None:
    container_row(target.suffix)
    if not segments:
        raise OutputError(f"{target.name}: there is no segment to join; the film has no frame in this range")
    if with_source and not film.path.exists():
        raise SourceMissing(f"{film.path} is gone; put it back to finish {target.name}")
    if target.exists():
        if film.path.exists() and target.samefile(film.path):
            raise OutputError(f"{target} is the source itself; choose another name for the result")
        if not overwrite:
            raise TargetExists(f"{target} is there already; choose another name, or allow overwriting (--overwrite)")


def _verify(part: Path, target: Path, segments: Sequence[EncodedSegment], film: Film) -> int:
    """How many sound tracks of the joined file have sound. Raises OutputError where it does not hold every frame."""
    frames = sum(segment.frames for segment in segments)
    try:
        with opened(part, 2**31 - 1) as container:
            found, sounding = _count(container)
    except InputError as error:
        raise OutputError(
            f"{target} cannot be written: ffmpeg's file does not open; write to another container, such as .mkv"
        ) from error
    if found != frames:
        where = _place_of_loss(segments, film)
        raise OutputError(f"{target} cannot be written: {found} of {frames} frames arrived; {where}")
    return sounding


def _place_of_loss(segments: Sequence[EncodedSegment], film: Film) -> str:
    """Where frames were lost that are missing in the joined file, and what to do."""
    for segment in segments:
        try:
            with opened(segment.path, 2**31 - 1) as container:
                found, _ = _count(container)
        except InputError:
            found = 0
        if found != segment.frames:
            first = film.video.start_pts
            start, end = (float((pts - first) * film.video.time_base) for pts in (segment.start_pts, segment.end_pts))
            held = (
                f"{segment.path.name} holds {found} of {segment.frames}, from {start:.2f} s to {end:.2f} s of the film"
            )
            return f"{held}: begin anew (--restart)"
    return "every segment is whole, and ffmpeg lost them as it joined these: write to another container, such as .mkv"


def _count(container: InputContainer) -> tuple[int, int]:
    """The frames that a player would show, cut away by no edit list; and the sound tracks that are not empty."""
    film, sounding = film_stream(container), set()
    wanted = [stream for stream in (film, *container.streams.audio) if stream is not None]
    frames = 0
    try:
        for packet in container.demux(wanted):
            if packet.size and not packet.is_discard and packet.stream is film:
                frames += 1
            elif packet.size:
                sounding.add(packet.stream.index)
    except (av.error.FFmpegError, OSError):
        return 0, 0
    return frames, len(sounding)


def _origin(segments: Sequence[EncodedSegment], film: Film, start: Fraction | None) -> int:
    """The pts of the source that becomes zero: its clock's start, unless that is 0; a trimmed film's first frame."""
    first = segments[0].start_pts
    if start is not None:
        return first
    begins = min(math.floor(film.start / film.video.time_base), first)
    is_run_in = first >= 0 > begins >= -_LONGEST_RUN_IN / film.video.time_base
    return 0 if is_run_in else begins


def _notes(film: Film, target: Path, origin: int, start: Fraction | None) -> Iterator[str]:
    if origin and start is None:  # who asks for a part expects it to begin at 0
        yield f"the source's clock starts at {float(origin * film.video.time_base):.3f} s, the result's at 0"
    if target.suffix.lower() in {".mkv", ".webm"} and not _in_milliseconds(film.video):
        yield f"{target.suffix} counts milliseconds: times are rounded to them; .mp4 and .mov keep them exactly"


def _silence(plans: tuple[TrackPlan, ...], sounding: int) -> Iterator[str]:
    sounds = sum(plan.track.kind == "audio" and plan.encoder is not None for plan in plans)
    if sounding < sounds:
        yield f"{sounds - sounding} of {sounds} sound tracks came out empty: nothing of them could be read"


def _shows_subtitles(plans: tuple[TrackPlan, ...]) -> bool:
    """Whether the source has a subtitle that is shown without being asked for."""
    return any("default" in plan.track.dispositions for plan in plans if plan.track.kind == "subtitle" and plan.encoder)


def _in_milliseconds(video: VideoTrack) -> bool:
    """Whether every frame's time is a whole number of milliseconds, as far as the source says."""
    steady = video.average_rate is not None and not video.variable_rate
    steps = [video.time_base, *([1 / video.average_rate] if steady and video.average_rate else [])]
    return any((1000 * step).denominator == 1 for step in steps)
