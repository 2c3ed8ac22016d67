"""A whole film: its segments one after the other, then joined with everything else the source carried."""

import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from colorizer import __version__
from colorizer.color.grade import Chroma
from colorizer.errors import OutputError, SettingError, TargetExists
from colorizer.network import Colorizer
from colorizer.video.codecs import best_bits, check_combination, codec_row, default_codec
from colorizer.video.export import export_gif, export_pictures
from colorizer.video.facts import Film
from colorizer.video.mux import MuxReport, join
from colorizer.video.mux import Segment as Encoded
from colorizer.video.overlap import ahead, depth_for
from colorizer.video.paint import FrameSource, GreyPainter, NetworkPainter, Painted, Painter, TrackPainter
from colorizer.video.probe import probe
from colorizer.video.reader import FilmReader, Frame, Plane
from colorizer.video.report import FilmReport, Progress, write_report
from colorizer.video.segment import Laboratory, Segment, make_segment
from colorizer.video.shots import small_luma
from colorizer.video.track import SUFFIX, ChromaTrack, write_track
from colorizer.video.wanted import Encoding, FilmSettings, Range, expected_frames
from colorizer.video.workspace import Workspace, fingerprint, key_of, workspace
from colorizer.video.writer import VideoSpec

_NETWORK_SIDE = 640  # pixels: what the network is shown is reduced from a luma of this long side
_BYTES_PER_PIXEL = 0.15  # of a result, generously, for the estimate of the space it needs
_SPARE_BYTES = 200 * 10**6


_EXPORTS: Mapping[str, Callable[[Film, Path], int]] = {"gif": export_gif, "png": export_pictures}

Watch = Callable[[Progress], None]


def colorize_film(
    source: Path,
    target: Path,
    colorizer: Colorizer,
    settings: FilmSettings = FilmSettings(),
    *,
    overwrite: bool = False,
    restart: bool = False,
    watch: Watch = lambda _: None,
) -> FilmReport:
    """The coloured film at `target`, its chroma track and its report beside it; a stopped run goes on where it stopped.

    Raises InputError, OutputError, SettingError or EngineError; what was finished then waits for the next call.
    """
    local = colorizer.local
    hashes = {local.paths[role].name: digest for role, digest in local.hashes.items()}
    made_with = {"model": local.model.id, "model_hashes": hashes, "engine": str(colorizer.info)}
    film = probe(source)

    def predict(luma: Plane) -> Chroma:
        small = small_luma(luma, film.video.bits, film.video.is_full_range, _NETWORK_SIDE)
        return colorizer.chroma(small, settings.network)

    def painter(_number: int, space: Workspace) -> Painter:
        return NetworkPainter(film.video, predict, settings.steadiness, settings.keep_colour_shots, space.seam)

    making = _Making(film, target, settings, made_with, keep_track=True, overwrite=overwrite, restart=restart)
    return making.run(painter, watch)


def gray_film(
    source: Path,
    target: Path,
    settings: FilmSettings = FilmSettings(),
    *,
    overwrite: bool = False,
    restart: bool = False,
    watch: Watch = lambda _: None,
) -> FilmReport:
    """The film without its colour at `target`, and its report. Raises InputError, OutputError or SettingError."""
    settings = replace(settings, grade=replace(settings.grade, intensity=0.0))
    film = probe(source)
    making = _Making(film, target, settings, {"gray": True}, keep_track=False, overwrite=overwrite, restart=restart)
    return making.run(lambda _number, space: GreyPainter(film.video, space.seam), watch)


def regrade_film(
    track: Path,
    target: Path,
    settings: FilmSettings = FilmSettings(),
    *,
    source: Path | None = None,
    overwrite: bool = False,
    restart: bool = False,
    watch: Watch = lambda _: None,
) -> FilmReport:
    """The film of this chroma track in another grade or encoding at `target`; no network runs.

    track: the file ending in .chroma beside a coloured film. source: where the film is now, if it has moved.
    Raises InputError (also where the source is not the film of the track), OutputError or SettingError.
    """
    with ChromaTrack(track) as opened:
        about = opened.about
        origin = source or Path(about["source"])
        if not origin.exists():
            raise SettingError(f"{origin}, the film of {track.name}, is not there. Say where it is with --source")
        if fingerprint(origin) != about["fingerprint"]:
            raise SettingError(f"{origin} is not the film that {track.name} was made from. Name the right one")
        settings = replace(
            settings,
            range=_range_from(about["range"]),
            deinterlace=about["deinterlace"],
            keep_colour_shots=about["keep_colour_shots"],
        )
        film = probe(origin)
        pieces = opened.pieces()
        made_with = {**about["made_with"], "track": track.name}
        making = _Making(film, target, settings, made_with, keep_track=False, overwrite=overwrite, restart=restart)

        def painter(number: int, space: Workspace) -> Painter | None:
            piece = next(pieces, None)
            while piece is not None and space.segments and piece.pts[0] < space.segments[-1].end_pts:
                piece = next(pieces, None)  # finished by an earlier run
            if piece is None:
                return None
            colours = {pts: (chroma, own) for pts, chroma, own in piece.frames()}
            return TrackPainter(film.video, colours, int(piece.pts[-1]))

        return making.run(painter, watch)


class _Making:
    """One result on its way."""

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
        if self._export is None:
            check_combination(codec, target.suffix)
        else:
            codec = "ffv1"  # what is exported afterwards must not lose anything here
        self.film, self.target = film, target
        self.settings = replace(settings, encoding=replace(settings.encoding, codec=codec))
        self.keep_track, self.overwrite, self.restart = keep_track, overwrite, restart
        _check_target(film.path, target, overwrite=overwrite and self._export is None)
        self._suffix = codec_row(codec).segment_suffix
        self.mark = fingerprint(film.path)
        self.made_with = {**made_with, "version": __version__, "settings": _plain(self.settings)}

    def run(self, painter: Callable[[int, Workspace], Painter | None], watch: Watch) -> FilmReport:
        """Make the segments that are missing, join all, and clear the workspace away."""
        key = key_of({**self.made_with, "fingerprint": self.mark})
        with workspace(self.target, key, restart=self.restart) as space, space.kept_if_begun():
            return self._run(space, painter, watch)

    def _run(self, space: Workspace, painter: Callable[[int, Workspace], Painter | None], watch: Watch) -> FilmReport:
        start = time.monotonic()
        _check_space(self.film, space.folder, self.settings)
        done_before = sum(segment.frames for segment in space.segments)
        reader_notes = self._make_segments(space, painter, watch)
        if not space.segments:
            raise SettingError(f"{self.film.path} has no frame between the start and the end that were asked for")
        mux = self._join(space)
        seconds = time.monotonic() - start
        frames = sum(segment.frames for segment in space.segments) - done_before
        notes = (*self.film.notes, *self._depth_note(), *reader_notes, *mux.notes)
        report = FilmReport(self.target, self.film, tuple(space.segments), mux, self.made_with, notes, seconds, frames)
        self._write_beside(space, report)
        space.remove()
        return report

    def _make_segments(
        self, space: Workspace, painter: Callable[[int, Workspace], Painter | None], watch: Watch
    ) -> tuple[str, ...]:
        laboratory = Laboratory(
            self.film.video,
            _spec(self.film, self.settings.encoding, trimmed=self.settings.range != Range()),
            self.settings.grade,
        )
        counter = _Counter(self.film, self.settings.range, space.segments, watch)
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
                made = make_segment(current, frames, laboratory, path, piece_path=piece, watch=counter.count)
                if made is None:
                    break
                space.add(made, current.seam)
        return _notes_of(reader)

    def _depth_note(self) -> tuple[str, ...]:
        codec, bits = self.settings.encoding.codec or "", self.film.video.bits
        written = best_bits(codec, bits)
        return (f"{codec} was written with {written} bits; the source has {bits}",) if written < bits else ()

    def _reader(self, space: Workspace) -> FilmReader:
        start, end = self.settings.range.start, self.settings.range.end
        video = self.film.video
        if space.segments:
            start = space.segments[-1].end_pts * video.time_base
        own_colour = self.settings.keep_colour_shots
        return FilmReader(
            self.film.path, self.film, start, end, keep_colour=own_colour, deinterlace=self.settings.deinterlace
        )

    def _join(self, space: Workspace) -> MuxReport:
        encoded = [
            Encoded(space.segment_path(number, self._suffix), segment.start_pts, segment.end_pts)
            for number, segment in enumerate(space.segments)
        ]
        base = self.film.video.time_base
        whole = self.settings.range == Range()
        start = None if whole else space.segments[0].start_pts * base
        end = None if whole else space.segments[-1].end_pts * base
        if self._export is None:
            return join(encoded, self.film, self.target, start=start, end=end, overwrite=self.overwrite)
        pictures = space.folder / "joined.mkv"
        mux = join(encoded, self.film, pictures, with_source=False, start=start, end=end, overwrite=True)
        self._export(probe(pictures), self.target)
        return mux

    def _write_beside(self, space: Workspace, report: FilmReport) -> None:
        if self.keep_track:
            pieces = [space.piece_path(number) for number in range(len(space.segments))]
            about = {
                "source": str(self.film.path.resolve()),
                "fingerprint": self.mark,
                "range": _plain(self.settings.range),
                "deinterlace": self.settings.deinterlace,
                "keep_colour_shots": self.settings.keep_colour_shots,
                "made_with": self.made_with,
            }
            write_track(track_path(self.target), pieces, about)
        write_report(report)


class _Counter:
    """Counts frames as they come and go, and tells whoever watches."""

    def __init__(self, film: Film, wanted: Range, done: list[Segment], watch: Watch) -> None:
        self._watch = watch
        self._before = sum(segment.frames for segment in done)
        self._shots = sum(segment.shots for segment in done)
        self._most = wanted.max_frames
        self._expected = expected_frames(film, wanted)
        self._frames = 0
        self._start = time.monotonic()

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
        seconds = time.monotonic() - self._start
        fps = self._frames / seconds if seconds > 0 else 0.0
        self._watch(Progress(self._before + self._frames, self._expected, self._shots, fps))


def track_path(target: Path) -> Path:
    """Where the chroma track of this result lies."""
    return target.with_name(target.name + SUFFIX)


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


def _check_space(film: Film, folder: Path, settings: FilmSettings) -> None:
    """Refuse to begin where the disk will not do. Raises OutputError."""
    frames = expected_frames(film, settings.range) or 0
    width, height = film.video.upright_size
    factor = 12 if settings.encoding.lossless or settings.encoding.codec in {"ffv1", "prores"} else 1
    needed = 2 * int(frames * width * height * _BYTES_PER_PIXEL * factor) + _SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutputError(
            f"about {needed / 1e9:.1f} GB are needed beside {folder.name[1:-6]}, and {free / 1e9:.1f} GB are free. "
            "Make room or choose another disk; what was finished is kept"
        )


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


def _range_from(values: Mapping[str, Any]) -> Range:
    start, end = (Fraction(values[name]) if values[name] is not None else None for name in ("start", "end"))
    return Range(start, end, values["max_frames"])
