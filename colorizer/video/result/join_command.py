"""ffmpeg's argument list for joining a film: what is read, which streams are kept, and how each is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from colorizer.video.result.concat import seconds_text
from colorizer.video.result.containers import AUDIO_BITS_A_CHANNEL, TrackPlan, container_row
from colorizer.video.result.covers import Cover
from colorizer.video.source.facts import Film
from colorizer.video.source.opening import FILM_FORMATS, address

_LONGEST_SUBTITLE = 30  # seconds before a part in which a subtitle is looked for that is still shown as it begins
_SURROUND_LAYOUTS = "7.1|6.1|5.1|5.0|quad|3.0|stereo|mono"  # what libopus takes
# Tags that were true of the source: its pictures are upright by now, for one. They are named in capital letters, since
# ffmpeg takes "rotate" for a wish to turn the picture.
_STALE_TAGS = (
    "_STATISTICS",
    "BPS",
    "DURATION",
    "NUMBER_OF_FRAMES",
    "NUMBER_OF_BYTES",
    "ENCODER",
    "ROTATE",
    "ALPHA_MODE",
)
_DISPOSITIONS = {
    "default", "dub", "original", "comment", "lyrics", "karaoke", "forced", "hearing_impaired", "visual_impaired",
    "clean_effects", "attached_pic", "captions", "descriptions", "metadata", "dependent", "still_image",
}  # fmt: skip
# QuickTime numbers its languages; ffmpeg knows each by one of its two ISO 639-2 codes only.
_QUICKTIME_LANGUAGES = {
    "fre": "fra", "deu": "ger", "nld": "dut", "zho": "chi", "ell": "gre", "isl": "ice", "sqi": "alb", "rum": "ron",
    "cze": "ces", "slo": "slk", "mkd": "mac",
}  # fmt: skip
_NO_STREAM = "65535?"  # where nothing of the source is kept: ffmpeg-python reads only what a stream is mapped of
_EVERYWHERE = (
    "-hide_banner", "-nostdin", "-y", "-loglevel", "level+warning", "-progress", "pipe:1", "-copyts",
    "-max_error_rate", "1",  # sound that does not decode must not cost the picture
)  # fmt: skip
_Options = dict[str, str | None]  # by ffmpeg's names for them; None: the option takes no value


class _Again(str):
    """The name of an option that may be given more than once: ffmpeg-python keeps one value for each name."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class _Address(str):
    """The address of a file. ffmpeg-python encodes the text of it, which fails for names that are not in UTF-8."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True)
class JoinCommand:
    """How one film is joined.

    plans: what becomes of the source's other streams; with_source: whether anything of the source is kept. origin: the
    pts of the source that becomes zero. start: where a part of the film begins, in seconds of the source's clock.
    length: seconds, only where the film is trimmed at its end. alpha: whether the pieces say how solid each pixel is.
    """

    film: Film
    plans: tuple[TrackPlan, ...]
    with_source: bool
    origin: int
    start: Fraction | None
    length: Fraction | None
    alpha: bool = False

    @property
    def cuts_packets(self) -> bool:
        """Whether filters, and not ffmpeg's own -ss and -t, cut a part of a film from the source's other streams.

        -ss drops subtitles that begin before the part, and both see the times from before the mending of a clock.
        """
        subtitles = any(plan.track.kind == "subtitle" and plan.encoder is not None for plan in self.plans)
        return (self.start is not None or self.length is not None) and (subtitles or self.film.clock is not None)

    def arguments(
        self, program: Path, listing: Path, offset: Fraction, part: Path, covers: Sequence[Cover] = ()
    ) -> list[str]:
        """The whole command line. listing: the pieces, for the concat demuxer; offset: of the first one's time."""
        import ffmpeg

        kept = [plan for plan in self.plans if plan.encoder not in {None, "attach"}]
        pieces = ffmpeg.input(_Address(address(listing)), **_pieces(offset))
        streams = [pieces["v:0"]]
        if self.with_source:
            source = ffmpeg.input(_Address(address(self.film.path)), **self._source(), **self._one_clock(kept))
            streams += [source[str(plan.track.index)] for plan in kept] or [source[_NO_STREAM]]
        options = dict([*self._options(kept, part.suffix.lower()), *_attached(covers, len(kept) + 1)])
        result = ffmpeg.output(*streams, filename=_Address(address(part)), **options)
        command: list[str] = result.global_args(*_EVERYWHERE).compile(cmd=str(program))
        return command

    def _source(self) -> _Options:
        shift = -self.origin * self.film.video.time_base
        options: _Options = {
            "protocol_whitelist": "file", "format_whitelist": FILM_FORMATS, "itsoffset": seconds_text(shift),
        }  # fmt: skip
        if self.start is not None and self.film.clock is None:
            # ffmpeg's own exact cut reads the clock before the shift: sound that is decoded is cut by a filter instead.
            before = _LONGEST_SUBTITLE if self.cuts_packets else 0
            place = max(Fraction(0), self.start - self.film.start - before)
            options |= {"noaccurate_seek": None, "ss": seconds_text(place)}
        return options

    def _one_clock(self, kept: list[TrackPlan]) -> _Options:
        """What moves the source's times where its clock jumps. A packet without a place follows the one before it."""
        if self.film.clock is None:
            return {}
        options: _Options = {}
        for plan in kept:
            changes = self.film.clock.changes.get(plan.track.index, ())
            steps = [after - before for before, after in pairwise([0, *(change.shift for change in changes)])]
            moves = "+".join(f"({step})*gte(POS,{each.position})" for step, each in zip(steps, changes, strict=True))
            if moves:
                options[f"bsf:{plan.track.index}"] = (
                    f"setts=ts='TS+if(gte(POS,0),{moves},if(N,PREV_OUTDTS-PREV_INDTS))'"
                )
        return options

    def _options(self, kept: list[TrackPlan], suffix: str) -> Iterator[tuple[str, str | None]]:
        """Of the result; ffmpeg-python sorts them by name, so that "c" comes before "c:1", which overrules it."""
        yield "c", "copy"
        yield from self._picture()
        for number, plan in enumerate(kept, 1):
            yield from _track(number, plan, suffix)
            yield from self._sound_filters(number, plan)
            yield from self._cut(number, plan)
        if self.start is not None and not self.cuts_packets:
            yield "ss", "0"
        if self.length is not None and self.film.clock is None:
            yield "t", seconds_text(self.length)
        if container_row(suffix).muxer == "mp4" and any(plan.result_codec == "flac" for plan in kept):
            yield "strict", "experimental"  # what FLAC in MP4 is to an older ffmpeg; browsers play it
        yield from self._muxer(suffix)

    def _picture(self) -> Iterator[tuple[str, str]]:
        yield "disposition:0", "default"
        if self.with_source:
            yield from self._tags()
        if self.alpha:
            yield _Again("metadata:s:0"), "ALPHA_MODE=1"

    def _tags(self) -> Iterator[tuple[str, str]]:
        yield "map_metadata", "1"
        yield "map_chapters", "1"
        yield "map_metadata:s:0", f"1:s:{self.film.video.index}"
        for tag in self.film.video.tags:
            if tag.upper().startswith(_STALE_TAGS):
                yield _Again("metadata:s:0"), f"{tag.upper()}="

    def _sound_filters(self, number: int, plan: TrackPlan) -> Iterator[tuple[str, str]]:
        """What is done to sound between decoding and encoding."""
        if plan.action != "converted" or plan.track.kind != "audio":
            return
        jumps = self.film.clock is not None
        joined = "aresample=async=1:min_hard_comp=0.001," if jumps else ""  # fills gaps, and cuts what overlaps
        end = f":end={seconds_text(self.length)}" if jumps and self.length is not None else ""
        layouts = f",aformat=channel_layouts={_SURROUND_LAYOUTS}" if plan.encoder == "libopus" else ""
        yield f"filter:{number}", f"{joined}atrim=start=0{end}{layouts}"

    def _cut(self, number: int, plan: TrackPlan) -> Iterator[tuple[str, str]]:
        """What makes a stream begin and end with the part."""
        if not self.cuts_packets:
            return
        if plan.track.kind == "audio":
            after = "" if self.length is None else f"+gte(pts*tb,{seconds_text(self.length)})"
            yield f"bsf:{number}", f"noise=drop='lt(pts,0){after}'"
        if plan.track.kind == "subtitle":
            begins = "max(PTS,0)"
            ends = "PTS+DURATION" if self.length is None else f"min(PTS+DURATION,{seconds_text(self.length)}/TB)"
            cut = f"setts=pts='{begins}':dts='{begins}':duration='{ends}-{begins}'"
            yield f"bsf:{number}", f"noise=drop='lte(pts+d,0)',{cut}"

    def _muxer(self, suffix: str) -> Iterator[tuple[str, str]]:
        muxer = container_row(suffix).muxer
        yield "f", muxer
        yield "max_interleave_delta", "0"
        yield "max_muxing_queue_size", "9999"
        if muxer in {"mp4", "mov"}:
            scale = str(self.film.video.time_base.denominator)
            yield "movflags", "+faststart"
            yield "video_track_timescale", scale
            yield "movie_timescale", scale
        else:  # else the run-in of an audio codec moves every time of the film by its length
            yield "avoid_negative_ts", "disabled"


def _pieces(offset: Fraction) -> _Options:
    return {
        "f": "concat", "safe": "0", "protocol_whitelist": "file", "format_whitelist": f"concat,{FILM_FORMATS}",
        "itsoffset": seconds_text(offset),
    }  # fmt: skip


def _attached(covers: Sequence[Cover], first: int) -> Iterator[tuple[str, str]]:
    """first: the number of the stream that the first of them becomes."""
    for number, cover in enumerate(covers, first):
        yield _Again("attach"), _Address(address(cover.file))
        yield _Again(f"metadata:s:{number}"), f"mimetype={cover.mime}"
        yield _Again(f"metadata:s:{number}"), f"filename={cover.name}"


def _track(number: int, plan: TrackPlan, suffix: str) -> Iterator[tuple[str, str]]:
    track = plan.track
    yield f"c:{number}", plan.encoder or "copy"
    if plan.action == "converted" and track.kind == "audio":
        yield f"b:{number}", str(min(max(track.channels, 1), 6) * AUDIO_BITS_A_CHANNEL)
    yield f"map_metadata:s:{number}", f"1:s:{track.index}"
    if suffix in {".mp4", ".m4v", ".mov"} and track.title:
        yield _Again(f"metadata:s:{number}"), f"handler_name={track.title}"
    if suffix == ".mov" and track.language in _QUICKTIME_LANGUAGES:
        yield _Again(f"metadata:s:{number}"), f"language={_QUICKTIME_LANGUAGES[track.language]}"
    flags = [flag for flag in track.dispositions if flag in _DISPOSITIONS]
    yield f"disposition:{number}", "+".join(flags) or "0"
