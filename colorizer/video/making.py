"""One film on its way: its segments one after the other, then joined with everything else the source carried."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from colorizer import __version__
from colorizer.errors import OutputError, SettingError, TargetExists
from colorizer.video.allocation import return_large_blocks
from colorizer.video.codecs import best_bits, check_combination, check_quality, codec_row, default_codec
from colorizer.video.export import export_gif, export_pictures
from colorizer.video.facts import INTERLACED, Film
from colorizer.video.mux import MuxReport, find_ffmpeg, join
from colorizer.video.mux import Segment as Encoded
from colorizer.video.overlap import ahead, depth_for
from colorizer.video.paint import FrameSource, Painted, Painter
from colorizer.video.probe import probe
from colorizer.video.reader import FilmReader, Frame
from colorizer.video.report import FilmReport, Progress, write_report
from colorizer.video.segment import Laboratory, Segment, make_segment
from colorizer.video.space import check_space
from colorizer.video.still import still
from colorizer.video.track import track_path, write_track
from colorizer.video.wanted import Encoding, FilmSettings, Range, expected_frames
from colorizer.video.workspace import Workspace, fingerprint, key_of, workspace
from colorizer.video.writer import VideoSpec

Watch = Callable[[Progress], None]


class _Export(Protocol):
    def __call__(self, film: Film, target: Path, *, watch: Callable[[], None]) -> int: ...


_EXPORTS: Mapping[str, _Export] = {"gif": export_gif, "png": export_pictures}


def found(source: Path, settings: FilmSettings) -> Film:
    """What `probe` says about the source. Raises InputError, and SettingError for a frame rate that is not wanted."""
    if settings.folder_rate is not None and not source.is_dir():
        raise SettingError(
            f"a frame rate is for folders of numbered pictures; {source.name} keeps its own. Leave it out"
        )
    return probe(source, folder_rate=settings.folder_rate)


class Making:
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
    ) -> None:
        codec = settings.encoding.codec or ("gif" if target.suffix.lower() == ".gif" else default_codec(target.suffix))
        self._export = _EXPORTS.get(codec)
        check_quality(codec, settings.encoding.crf, settings.encoding.preset)
        if self._export is None:
            check_combination(codec, target.suffix)
        else:
            codec = "ffv1"  # what is exported afterwards must not lose anything here
        self.film, self.target = film, target
        self.settings = replace(settings, encoding=replace(settings.encoding, codec=codec))
        self.keep_track, self.overwrite, self.restart = keep_track, overwrite, restart
        _check_target(film.path, target, overwrite=overwrite and self._export is None)
        self._ffmpeg = find_ffmpeg()
        self._spec = _spec(film, self.settings.encoding, trimmed=settings.range != Range())
        self._laboratory = Laboratory(film.video, self._spec, self.settings.grade)
        self._suffix = codec_row(codec).segment_suffix
        self.mark = fingerprint(film.path)
        self.made_with = {**made_with, "version": __version__, "settings": _plain(self.settings)}

    def run(self, painter: Callable[[int, Workspace], Painter | None], watch: Watch) -> FilmReport:
        """Make the segments that are missing, join all, and clear the workspace away."""
        return_large_blocks()
        key = key_of({**self.made_with, "fingerprint": self.mark})
        with workspace(self.target, key, restart=self.restart) as space, space.kept_if_begun():
            return self._run(space, painter, watch)

    def _run(self, space: Workspace, painter: Callable[[int, Workspace], Painter | None], watch: Watch) -> FilmReport:
        start = time.monotonic()
        done_before = sum(segment.frames for segment in space.segments)
        check_space(self.film, self.target, self.settings, done_before)
        counter = _Counter(self.film, self.settings.range, space.segments, self._laboratory, watch)
        reader_notes = self._make_segments(space, painter, counter)
        if not space.segments:
            raise SettingError(f"{self.film.path} has no frame between the start and the end that were asked for")
        mux = self._join(space, counter.tell)
        seconds = time.monotonic() - start
        frames = sum(segment.frames for segment in space.segments) - done_before
        notes = (*self._notes(), *reader_notes, *mux.notes)
        report = FilmReport(self.target, self.film, tuple(space.segments), mux, self.made_with, notes, seconds, frames)
        self._write_beside(space, report)
        space.remove()
        return report

    def _make_segments(
        self, space: Workspace, painter: Callable[[int, Workspace], Painter | None], counter: "_Counter"
    ) -> tuple[str, ...]:
        depth = depth_for(self.film.video.width * self.film.video.height)
        with self._reader(space) as reader, ahead(counter.limited(reader), depth, "decoding") as decoded:
            frames = FrameSource(decoded)
            while True:
                number = len(space.segments)
                current = painter(number, space)
                if current is None:
                    break
                piece = space.piece_path(number) if self.keep_track else None
                path = space.segment_path(number, self._suffix)
                made = make_segment(current, frames, self._laboratory, path, piece_path=piece, watch=counter.count)
                if made is None:
                    break
                space.add(made, current.seam)
        return _notes_of(reader)

    def _notes(self) -> Iterator[str]:
        """What was found in the source and what became of it, as far as it is known before the work."""
        for note in self.film.notes:
            if not (self.settings.deinterlace and note == INTERLACED):
                yield note
        spec, bits = self._spec, self.film.video.bits
        if spec.bits < bits:
            yield f"{spec.codec} was written with {spec.bits} bits; the source has {bits}"
        if spec.hard_to_play:
            yield f"H.264 {spec.hard_to_play} does not play in every browser; players such as VLC show it"

    def _reader(self, space: Workspace) -> FilmReader:
        start, end = self.settings.range.start, self.settings.range.end
        video = self.film.video
        if space.segments:
            start = space.segments[-1].end_pts * video.time_base
        own_colour = self.settings.keep_colour_shots
        return FilmReader(
            self.film.path, self.film, start, end, keep_colour=own_colour, deinterlace=self.settings.deinterlace
        )

    def _join(self, space: Workspace, tell: Callable[[], None]) -> MuxReport:
        encoded = [
            Encoded(space.segment_path(number, self._suffix), segment.start_pts, segment.end_pts, segment.frames)
            for number, segment in enumerate(space.segments)
        ]
        base = self.film.video.time_base
        whole = self.settings.range == Range()
        start = None if whole else space.segments[0].start_pts * base
        end = None if whole else space.segments[-1].end_pts * base
        joined = partial(join, encoded, self.film, start=start, end=end, ffmpeg=self._ffmpeg, progress=lambda _: tell())
        if self._export is None:
            return joined(self.target, overwrite=self.overwrite)
        pictures = space.folder / "joined.mkv"
        mux = joined(pictures, with_source=False, overwrite=True)
        self._export(probe(pictures), self.target, watch=tell)
        return replace(mux, notes=())  # of a file that nobody will see

    def _write_beside(self, space: Workspace, report: FilmReport) -> None:
        if self.keep_track:
            pieces = [space.piece_path(number) for number in range(len(space.segments))]
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

    def __init__(self, film: Film, wanted: Range, done: list[Segment], laboratory: Laboratory, watch: Watch) -> None:
        self._watch = watch
        self._laboratory = laboratory
        self._before = sum(segment.frames for segment in done)
        self._shots = sum(segment.shots for segment in done)
        self._most = wanted.max_frames
        self._expected = expected_frames(film, wanted)
        self._frames = 0
        self._start = time.monotonic()
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
        self._shots += painted.starts_shot
        self.tell(painted)

    def tell(self, painted: Painted | None = None) -> None:
        """Say how far it is, with the frame that is new; whoever watches may raise to stop the work."""
        seconds = time.monotonic() - self._start
        fps = self._frames / seconds if seconds > 0 else 0.0
        picture = partial(still, painted, self._laboratory) if painted else None
        self._watch(Progress(self._before + self._frames, self._expected, self._shots, fps, picture))


def _spec(film: Film, encoding: Encoding, *, trimmed: bool) -> VideoSpec:
    video, codec = film.video, encoding.codec or default_codec("")
    width, height = video.upright_size
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
        b_frames=not trimmed,
    )


def _check_target(source: Path, target: Path, *, overwrite: bool) -> None:
    if target.exists() and source.exists() and target.samefile(source):
        raise OutputError(f"{target} is the source itself. Choose another name for the result")
    if target.exists() and not overwrite:
        raise TargetExists(f"{target} is there already. Choose another name, or add --overwrite")


def _notes_of(reader: FilmReader) -> tuple[str, ...]:
    notes = []
    if reader.repaired:
        notes.append(f"{reader.repaired} frames did not decode and show their neighbour's picture")
    if reader.mended:
        notes.append(f"{reader.mended} frames had no usable time and got one between their neighbours'")
    if reader.ended_early:
        notes.append(f"the source ends early: {reader.reason}")
    return tuple(notes)


def _plain(values: Any) -> Any:
    """Settings as JSON keeps them; a Fraction as its text, exact."""
    return json.loads(json.dumps(asdict(values), default=str))
