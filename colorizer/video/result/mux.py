"""Segments joined into the result, with everything else the source carried, by the ffmpeg program."""

import math
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer

from colorizer.errors import InputError, OutputError, SourceMissing, TargetExists
from colorizer.files import put_in_place
from colorizer.video.result.containers import (
    Action,
    TrackPlan,
    TrackReport,
    container_row,
    plan_tracks,
    reports,
    without_converted_sound,
)
from colorizer.video.result.ffmpeg import find_ffmpeg, run_ffmpeg
from colorizer.video.result.mp4_subtitles import switch_off_subtitles
from colorizer.video.source.facts import Film, VideoTrack
from colorizer.video.source.opening import FILM_FORMATS, address, film_stream, opened

__all__ = ["Action", "EncodedSegment", "MuxReport", "TrackReport", "find_ffmpeg", "join"]

_LONGEST_SUBTITLE = 30  # seconds before a part in which a subtitle is looked for that is still shown as it begins
_AUDIO_BITS_A_CHANNEL = 96_000
_SURROUND_LAYOUTS = "7.1|6.1|5.1|5.0|quad|3.0|stereo|mono"  # what libopus takes
# Tags that were true of the source: its pictures are upright by now, for one. They are named in capital letters, since
# ffmpeg takes "rotate" for a wish to turn the picture.
_STALE_TAGS = ("_STATISTICS", "BPS", "DURATION", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES", "ENCODER", "ROTATE")
_DISPOSITIONS = {
    "default", "dub", "original", "comment", "lyrics", "karaoke", "forced", "hearing_impaired", "visual_impaired",
    "clean_effects", "attached_pic", "captions", "descriptions", "metadata", "dependent", "still_image",
}  # fmt: skip
# QuickTime numbers its languages; ffmpeg knows each by one of its two ISO 639-2 codes only.
_QUICKTIME_LANGUAGES = {
    "fre": "fra", "deu": "ger", "nld": "dut", "zho": "chi", "ell": "gre", "isl": "ice", "sqi": "alb", "rum": "ron",
    "cze": "ces", "slo": "slk", "mkd": "mac",
}  # fmt: skip


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
) -> MuxReport:
    """What became of every stream of the source in the target, which appears whole or not at all.

    segments: in order, their pts in film.video.time_base, their files on the target's disk. with_source=False joins
    the pictures alone. start, end: the range of the source's clock that the segments cover, where that is not the whole
    film. progress: hears the fraction done, 0 to 1, ten times a second; what it raises stops ffmpeg and passes on.
    Raises SettingError, SourceMissing, TargetExists, and OutputError with ffmpeg's own reason.
    """
    _check(segments, film, target, with_source, overwrite)
    with_source = with_source and film.container != "folder"
    plans = plan_tracks(film, target.suffix) if with_source else ()
    origin = _origin(segments, film, start)
    length = (segments[-1].end_pts - origin) * film.video.time_base
    part = segments[0].path.with_name(f".{secrets.token_hex(8)}.part{target.suffix}")
    listing = part.with_name(f"{part.name}.ffconcat")
    try:
        listing.write_text(concat_listing(segments, film.video.time_base), "utf-8", "surrogateescape", "\n")
        command = _Command(film, plans, with_source, origin, start, length if end is not None else None)
        offset = (segments[0].start_pts - origin) * film.video.time_base
        program = str(ffmpeg or find_ffmpeg())
        command = _first_that_works(
            _ways(command),
            lambda way: run_ffmpeg([program, *way.arguments(listing, offset, part)], target, length, progress),
        )
        plans = command.plans
        if container_row(part.suffix).muxer in {"mp4", "mov"} and not _shows_subtitles(plans):
            switch_off_subtitles(part)
        sounding = _verify(part, target, sum(segment.frames for segment in segments))
        put_in_place(part, target)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}; look at the free space") from error
    finally:
        for leftover in (listing, part):
            with suppress(OSError):
                leftover.unlink(missing_ok=True)
    notes = (*_notes(film, target, origin, start), *_silence(plans, sounding))
    return MuxReport(reports(plans), origin * film.video.time_base, notes)


def sound_rate(film: Film, suffix: str) -> float:
    """About how many bytes a second the sound will take in a result with this suffix. Raises SettingError."""
    bits = 0.0
    for plan in plan_tracks(film, suffix) if film.container != "folder" else ():
        if plan.track.kind == "audio" and plan.encoder is not None:
            converted = min(max(plan.track.channels, 1), 6) * _AUDIO_BITS_A_CHANNEL
            is_exact = plan.result_codec == "flac" or plan.action == "copied"
            bits += plan.track.bit_rate or converted if is_exact else converted
    return bits / 8


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
        lines += [f"file '{quoted}'", f"duration {_seconds(Fraction(ends - begins, 1_000_000))}"]
    return "\n".join(lines) + "\n"


def _first_that_works(ways: Iterable["_Command"], run: Callable[["_Command"], None]) -> "_Command":
    """The way that ffmpeg could go. Raises OutputError, of the last one, where it could go none."""
    *others, last = ways
    for way in others:
        with suppress(OutputError):
            run(way)
            return way
    run(last)
    return last


def _ways(command: "_Command") -> Iterator["_Command"]:
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


def _verify(part: Path, target: Path, frames: int) -> int:
    """How many sound tracks of the joined file have sound. Raises OutputError where it does not hold so many frames."""
    try:
        with opened(part, 2**31 - 1) as container:
            found, sounding = _count(container)
    except InputError as error:
        raise OutputError(f"{target} cannot be written: ffmpeg's file does not open; look at the free space") from error
    if found != frames:
        raise OutputError(
            f"{target} cannot be written: {found} of {frames} frames arrived; look at the free space and try again, "
            "or begin anew (--restart)"
        )
    return sounding


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
    """The pts of the source that becomes zero: its clock's start where that is late; a trimmed film's first frame."""
    if start is not None:
        return segments[0].start_pts
    return max(0, min(math.floor(film.start / film.video.time_base), segments[0].start_pts))


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


@dataclass(frozen=True)
class _Command:
    """ffmpeg's argument list for one join. length: seconds, only where the film is trimmed at its end."""

    film: Film
    plans: tuple[TrackPlan, ...]
    with_source: bool
    origin: int
    start: Fraction | None
    length: Fraction | None

    @property
    def cuts_subtitles(self) -> bool:
        """Whether there are subtitles in a part of a film: they are cut where it begins and ends."""
        is_part = self.start is not None or self.length is not None
        return is_part and any(plan.track.kind == "subtitle" and plan.encoder is not None for plan in self.plans)

    def arguments(self, listing: Path, offset: Fraction, part: Path) -> list[str]:
        kept = [plan for plan in self.plans if plan.encoder is not None]
        command = ["-hide_banner", "-nostdin", "-y", "-loglevel", "level+warning", "-progress", "pipe:1", "-copyts"]
        command += ["-max_error_rate", "1"]  # sound that does not decode must not cost the picture
        command += ["-protocol_whitelist", "file", "-f", "concat", "-safe", "0"]
        command += ["-itsoffset", _seconds(offset), "-i", address(listing)]
        command += self._source() if self.with_source else []
        command += ["-map", "0:v:0"]
        for plan in kept:
            command += ["-map", f"1:{plan.track.index}"]
        command += ["-c", "copy", *self._picture()]
        for number, plan in enumerate(kept, 1):
            command += _track(number, plan, part.suffix.lower())
            command += self._cut(number, plan)
        if self.start is not None and not self.cuts_subtitles:
            command += ["-ss", "0"]
        if self.length is not None:
            command += ["-t", _seconds(self.length)]
        if container_row(part.suffix).muxer == "mp4" and any(plan.result_codec == "flac" for plan in kept):
            command += ["-strict", "experimental"]  # what FLAC in MP4 is to an older ffmpeg; browsers play it
        return [*command, *self._muxer(part), address(part)]

    def _source(self) -> list[str]:
        shift = -self.origin * self.film.video.time_base
        command = ["-protocol_whitelist", "file", "-format_whitelist", FILM_FORMATS, "-itsoffset", _seconds(shift)]
        if self.start is not None:
            # ffmpeg's own exact cut reads the clock before the shift: sound that is decoded is cut by a filter instead.
            before = _LONGEST_SUBTITLE if self.cuts_subtitles else 0
            place = max(Fraction(0), self.start - self.film.start - before)
            command += ["-noaccurate_seek", "-ss", _seconds(place)]
        return [*command, "-i", address(self.film.path)]

    def _cut(self, number: int, plan: TrackPlan) -> list[str]:
        """What makes subtitles begin and end with the part: ffmpeg's own -ss drops those that begin before it."""
        if not self.cuts_subtitles:
            return []
        if plan.track.kind != "subtitle":
            return [f"-bsf:{number}", "noise=drop='lt(pts,0)'"] if plan.track.kind == "audio" else []
        begins = "max(PTS,0)"
        ends = "PTS+DURATION" if self.length is None else f"min(PTS+DURATION,{_seconds(self.length)}/TB)"
        cut = f"setts=pts='{begins}':dts='{begins}':duration='{ends}-{begins}'"
        return [f"-bsf:{number}", f"noise=drop='lte(pts+d,0)',{cut}"]

    def _picture(self) -> list[str]:
        command = ["-disposition:0", "default"]
        if not self.with_source:
            return command
        command += ["-map_metadata", "1", "-map_chapters", "1", "-map_metadata:s:0", f"1:s:{self.film.video.index}"]
        stale = [tag for tag in self.film.video.tags if tag.upper().startswith(_STALE_TAGS)]
        for tag in stale:
            command += ["-metadata:s:0", f"{tag.upper()}="]
        return command

    def _muxer(self, part: Path) -> list[str]:
        muxer = container_row(part.suffix).muxer
        command = ["-max_interleave_delta", "0", "-max_muxing_queue_size", "9999", "-f", muxer]
        if muxer in {"mp4", "mov"}:
            scale = str(self.film.video.time_base.denominator)
            command += ["-movflags", "+faststart", "-video_track_timescale", scale, "-movie_timescale", scale]
        else:  # else the run-in of an audio codec moves every time of the film by its length
            command += ["-avoid_negative_ts", "disabled"]
        return command


def _track(number: int, plan: TrackPlan, suffix: str) -> list[str]:
    track = plan.track
    command = [f"-c:{number}", plan.encoder or "copy"]
    if plan.action == "converted" and track.kind == "audio":
        command += [f"-b:{number}", str(min(max(track.channels, 1), 6) * _AUDIO_BITS_A_CHANNEL)]
        layouts = f",aformat=channel_layouts={_SURROUND_LAYOUTS}" if plan.encoder == "libopus" else ""
        command += [f"-filter:{number}", f"atrim=start=0{layouts}"]
    flags = [flag for flag in track.dispositions if flag in _DISPOSITIONS]
    command += [f"-map_metadata:s:{number}", f"1:s:{track.index}"]
    if suffix in {".mp4", ".m4v", ".mov"} and track.title:
        command += [f"-metadata:s:{number}", f"handler_name={track.title}"]
    if suffix == ".mov" and track.language in _QUICKTIME_LANGUAGES:
        command += [f"-metadata:s:{number}", f"language={_QUICKTIME_LANGUAGES[track.language]}"]
    return [*command, f"-disposition:{number}", "+".join(flags) or "0"]


def _seconds(value: Fraction) -> str:
    """Seconds with six decimals, all that ffmpeg keeps."""
    millionths = round(value * 1_000_000)
    sign = "-" if millionths < 0 else ""
    return f"{sign}{abs(millionths) // 1_000_000}.{abs(millionths) % 1_000_000:06d}"
