"""One film on its way: its segments one after the other, then joined with everything else the source carried."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from colorizer import __version__
from colorizer.engines.base import Tell, engine_words, silence
from colorizer.errors import OutputError, SettingError, TargetExists
from colorizer.video.colour.paint import FrameSource, Painted, Painter
from colorizer.video.colour.track import track_path, write_track
from colorizer.video.disk_space import check_space
from colorizer.video.film_settings import FilmSettings, Range, expected_frames
from colorizer.video.frame_preview import draw_preview
from colorizer.video.pipeline import ahead, depth_for
from colorizer.video.report import FilmProgress, FilmReport, Pace, Stage, write_report
from colorizer.video.result.codecs import (
    FILM_SUFFIXES,
    best_bits,
    check_combination,
    check_quality,
    codec_row,
    default_codec,
)
from colorizer.video.result.export import export_gif, export_pictures, refuse_filled
from colorizer.video.result.mux import EncodedSegment, MuxReport, find_ffmpeg, join
from colorizer.video.result.process import return_large_blocks
from colorizer.video.result.video_spec import VideoSpec, keeps_fields
from colorizer.video.segment import Rendering, Segment, make_segment
from colorizer.video.source.facts import INTERLACED, UPRIGHT, Film
from colorizer.video.source.picture_folder import numbered_pictures
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader, Frame
from colorizer.video.stopped_runs import engine_in_words, stopped_runs_in
from colorizer.video.workspace import Workspace, fingerprint, folder_of, key_of, open_workspace

Watch = Callable[[FilmProgress], None]


class _Export(Protocol):
    def __call__(self, film: Film, target: Path, *, watch: Callable[[], None]) -> int: ...


def probe_film(source: Path, settings: FilmSettings) -> Film:
    """What `probe` says about the source. Raises InputError, and SettingError for a frame rate that is not wanted."""
    if settings.folder_rate is not None and not source.is_dir():
        raise SettingError(
            f"a frame rate is for folders of numbered pictures; {source.name} keeps its own. Leave it out"
        )
    return probe(source, folder_rate=settings.folder_rate)


class FilmRun:
    """One result on its way: what can be decided is decided when this is made, before anything is written.

    Raises SettingError for a codec, crf or preset that cannot be, and OutputError.
    """

    def __init__(
        self,
        film: Film,
        target: Path,
        settings: FilmSettings,
        made_with: Mapping[str, Any],
        *,
        keep_track: bool,
        overwrite: bool,
        restart: bool,
        tell: Tell = silence,
        sample: bool = False,
    ) -> None:
        """sample: the pictures alone, encoded as within the whole film."""
        codec = settings.encoding.codec or ("gif" if target.suffix.lower() == ".gif" else default_codec(target.suffix))
        self._export = _export(codec, film, settings, overwrite=overwrite)
        _check_name(codec, target)
        check_quality(codec, settings.encoding.crf, settings.encoding.preset)
        self._exported = "" if self._export is None else codec
        if self._export is None:
            check_combination(codec, target.suffix)
        else:
            codec = "ffv1"  # what is exported afterwards must not lose anything here
        self.film, self.target = film, target
        self.settings = replace(settings, encoding=replace(settings.encoding, codec=codec))
        self.keep_track, self.overwrite, self.restart, self.tell = keep_track, overwrite, restart, tell
        self._sample, self._untrimmed = sample, sample or settings.range == Range()
        self._resuming_notes: list[str] = []
        _check_target(film.path, target, self._exported, overwrite=overwrite)
        self._ffmpeg = find_ffmpeg()
        self._spec = _spec(film, self.settings, exported=self._export is not None, untrimmed=self._untrimmed)
        self._rendering = Rendering(film.video, self._spec, self.settings.grade)
        self._suffix = codec_row(codec).segment_suffix
        self.mark = fingerprint(film.path)
        self._really: dict[str, str] = {}
        self.made_with = {**made_with, "version": __version__, "settings": _plain(self.settings)}

    def engine_of_stopped_run(self) -> str | None:
        """The engine of a stopped run that can be gone on with by it alone; None where there is no such run."""
        ours = {**self._values, "engine": ""}
        for earlier in () if self.restart else stopped_runs_in(folder_of(self.target)):
            if not _differs({**earlier.made_with, "engine": ""}, ours):
                engine, own = earlier.made_with.get("engine"), self.made_with.get("engine", "")
                return engine if isinstance(engine, str) and engine_words(engine) != engine_words(own) else None
        return None

    def go_on_with(self, engine: str, really: str = "", note: str = "") -> None:
        """Take the work of this engine for ours. really: what runs now where that one cannot; note: what to say.

        engine: as the page of the stopped run holds it.
        """
        self.made_with = {**self.made_with, "engine": engine}
        self._really = {"engine": f"{engine_words(engine)}, then {really}"} if really else {}
        self._say(note)

    @property
    def _values(self) -> dict[str, Any]:
        """Everything that decides how the segments look, as a manifest keeps it."""
        values: dict[str, Any] = json.loads(json.dumps({**self.made_with, "fingerprint": self.mark}, default=str))
        return values

    def _say(self, note: str) -> None:
        if note:
            self.tell(note)
            self._resuming_notes.append(note)

    def run(self, painter: Callable[[int, Workspace], Painter | None], watch: Watch) -> FilmReport:
        """Make the segments that are missing, join all, and clear the workspace away."""
        return_large_blocks()
        suffixes = (self._suffix, ".npz") if self.keep_track else (self._suffix,)
        with (
            open_workspace(self.target, self._values, suffixes, restart=self.restart) as workspace,
            workspace.kept_for_the_next_run(),
        ):
            if workspace.replaced is not None:
                which = "; ".join(workspace.replaced.differences(self._values)) or "not known which"
                made = f"{workspace.replaced.frames} finished frames of {self.target} were made with other settings"
                self._say(
                    f"{made} ({which}): beginning anew. They are kept: going back to those settings goes on with them"
                )
            return self._run(workspace, painter, watch)

    def _run(
        self, workspace: Workspace, painter: Callable[[int, Workspace], Painter | None], watch: Watch
    ) -> FilmReport:
        start = time.monotonic()
        done_before = sum(segment.frames for segment in workspace.segments)
        check_space(self.film, self.target, self.settings, done_before, self._exported)
        counter = _Counter(self.film, self.settings.range, workspace.segments, self._rendering, watch)
        reader_notes = self._make_segments(workspace, painter, counter)
        if not workspace.segments:
            raise SettingError(f"{self.film.path} has no frame between the start and the end that were asked for")
        mux = self._join(workspace, counter.joins)
        seconds = time.monotonic() - start
        frames = sum(segment.frames for segment in workspace.segments) - done_before
        notes = (*self._resuming_notes, *self._notes(), *reader_notes, *mux.notes)
        made_with = {**engine_in_words(self.made_with), **self._really}
        report = FilmReport(self.target, self.film, tuple(workspace.segments), mux, made_with, notes, seconds, frames)
        self._write_beside(workspace, report)
        workspace.remove()
        return report

    def _make_segments(
        self, workspace: Workspace, painter: Callable[[int, Workspace], Painter | None], counter: "_Counter"
    ) -> tuple[str, ...]:
        depth = depth_for(self.film.video.width * self.film.video.height)
        with self._reader(workspace) as reader, ahead(counter.limited(reader), depth, "decoding") as decoded:
            frames = FrameSource(decoded)
            while True:
                number = len(workspace.segments)
                current = painter(number, workspace)
                if current is None:
                    break
                piece = workspace.piece_path(number) if self.keep_track else None
                path = workspace.segment_path(number, self._suffix)
                made = make_segment(current, frames, self._rendering, path, piece_path=piece, watch=counter.count)
                if made is None:
                    break
                workspace.add(made, current.seam)
        return _notes_of(reader)

    def _notes(self) -> Iterator[str]:
        """What was found in the source and what became of it, as far as it is known before the work."""
        for note in self.film.notes:
            if not (self.settings.deinterlace and note == INTERLACED):
                yield note
        spec, bits = self._spec, self.film.video.bits
        if self.film.video.interlaced and not (self.settings.deinterlace or self._export or spec.fields):
            yield (
                f"{spec.codec} does not say here that the film is interlaced, so players will not deinterlace it: "
                "deinterlace it now, or write ffv1 or prores"
            )
        if spec.bits < bits:
            yield f"{spec.codec} was written with {spec.bits} bits; the source has {bits}"
        if spec.hard_to_play:
            yield f"H.264 {spec.hard_to_play} does not play in every browser; players such as VLC show it"

    def _reader(self, workspace: Workspace) -> FilmReader:
        video, part = self.film.video, self.settings.range
        first = video.start_pts * video.time_base
        start, end = (None if time is None else first + time for time in (part.start, part.end))
        if workspace.segments:
            start = workspace.segments[-1].end_pts * video.time_base
        own_colour = self.settings.keep_colour_shots
        return FilmReader(
            self.film.path, self.film, start, end, keep_colour=own_colour, deinterlace=self.settings.deinterlace
        )

    def _join(self, workspace: Workspace, tell: Callable[[], None]) -> MuxReport:
        encoded = [
            EncodedSegment(
                workspace.segment_path(number, self._suffix), segment.start_pts, segment.end_pts, segment.frames
            )
            for number, segment in enumerate(workspace.segments)
        ]
        base = self.film.video.time_base
        start = None if self._untrimmed else workspace.segments[0].start_pts * base
        end = None if self._untrimmed else workspace.segments[-1].end_pts * base
        joined = partial(join, encoded, self.film, start=start, end=end, ffmpeg=self._ffmpeg, progress=lambda _: tell())
        if self._export is None:
            return joined(self.target, with_source=not self._sample, overwrite=self.overwrite)
        pictures = workspace.folder / "joined.mkv"
        mux = joined(pictures, with_source=False, overwrite=True)
        self._export(probe(pictures), self.target, watch=tell)
        return replace(mux, notes=())  # of a file that nobody will see

    def _write_beside(self, workspace: Workspace, report: FilmReport) -> None:
        if self.keep_track:
            pieces = [workspace.piece_path(number) for number in range(len(workspace.segments))]
            about = {
                "source": str(self.film.path.resolve()),
                "fingerprint": self.mark,
                "range": _plain(self.settings.range),
                "deinterlace": self.settings.deinterlace,
                "keep_colour_shots": self.settings.keep_colour_shots,
                "folder_rate": self.settings.folder_rate and str(self.settings.folder_rate),
                "made_with": self.made_with,
            }
            write_track(track_path(self.target), pieces, about)
        write_report(report)


class _Counter:
    """Counts frames as they come and go, and tells whoever watches."""

    def __init__(self, film: Film, part: Range, done: list[Segment], rendering: Rendering, watch: Watch) -> None:
        self._watch = watch
        self._rendering = rendering
        self._before = sum(segment.frames for segment in done)
        self._shots = sum(segment.shots for segment in done)
        self._most = part.max_frames
        self._expected = expected_frames(film, part)
        self._frames = 0
        self._stage: Stage = "colouring"
        self._pace = Pace()
        self.tell()

    def limited(self, frames: FilmReader) -> Iterator[Frame]:
        """The frames, no more than were asked for."""
        left = None if self._most is None else self._most - self._before
        for number, frame in enumerate(frames):
            if left is not None and number >= left:
                return
            yield frame

    def count(self, painted: Painted) -> None:
        """One more frame is on its way to the encoder."""
        self._frames += 1
        self._pace.count()
        self._shots += painted.starts_shot
        self.tell(painted)

    def joins(self) -> None:
        """Every frame is made; the film is put together."""
        self._stage = "joining"
        self.tell()

    def tell(self, painted: Painted | None = None) -> None:
        """Say how far it is, with the frame that is new; whoever watches may raise to stop the work."""
        picture = partial(draw_preview, painted, self._rendering) if painted else None
        done, pace = self._before + self._frames, self._pace.per_second
        self._watch(FilmProgress(done, self._expected, self._shots, pace, picture, self._stage))


def _spec(film: Film, settings: FilmSettings, *, exported: bool, untrimmed: bool) -> VideoSpec:
    """exported: pictures are made of it, which have a colour of their own in every pixel."""
    video, encoding = film.video, settings.encoding
    codec = encoding.codec or default_codec("")
    width, height = video.upright_size
    combed = video.interlaced and not settings.deinterlace and video.orientation == UPRIGHT
    known = combed and video.top_field_first is not None and keeps_fields(codec, height)
    return VideoSpec(
        width=width,
        height=height,
        time_base=video.time_base,
        rate=video.average_rate,
        codec=codec,
        bits=best_bits(codec, video.bits),
        crf=encoding.crf,
        preset=encoding.preset,
        lossless=encoding.lossless,
        sample_aspect=video.upright_aspect,
        full_range=video.is_full_range and codec_row(codec).has_full_range,
        matrix=video.matrix,
        primaries=video.primaries,
        transfer=video.transfer,
        b_frames=untrimmed,
        fields=("tff" if video.top_field_first else "bff") if known else None,
        full_chroma=exported,
    )


def _export(codec: str, film: Film, settings: FilmSettings, *, overwrite: bool) -> _Export | None:
    """What makes this of a film that is written without loss; None for a codec that films are written with."""
    if codec == "gif":
        return partial(export_gif, overwrite=overwrite)
    if codec == "png" and film.container == "folder" and settings.range == Range():
        return partial(export_pictures, names=[path.stem for path in numbered_pictures(film.path)])
    return export_pictures if codec == "png" else None


def _check_name(codec: str, target: Path) -> None:
    """Raises SettingError where the target's name says something else than this codec makes."""
    suffix = target.suffix.lower()
    if codec == "gif" and suffix != ".gif":
        raise SettingError(f"gif makes a file whose name ends in .gif, not {target.name}. Name another target or codec")
    if codec == "png" and (suffix in FILM_SUFFIXES or suffix in {".gif", ".png"}):
        raise SettingError(f"png makes a folder of pictures, and {target.name} is a file's name. Name a folder")


def _differs(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return key_of(before) != key_of(now)


def _check_target(source: Path, target: Path, exported: str, *, overwrite: bool) -> None:
    if target.exists() and source.exists() and target.samefile(source):
        raise OutputError(f"{target} is the source itself. Choose another name for the result")
    if exported == "png":
        refuse_filled(target)
    elif target.exists() and not overwrite:
        raise TargetExists(f"{target} is there already. Choose another name, or add --overwrite")


def _notes_of(reader: FilmReader) -> tuple[str, ...]:
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


def _plain(values: Any) -> Any:
    """Settings as JSON keeps them; a Fraction as its text, exact."""
    return json.loads(json.dumps(asdict(values), default=str))
