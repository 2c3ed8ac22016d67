"""One film on its way: its segments one after the other, then joined with everything else the source carried."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from colorizer import __version__
from colorizer.engines.base import Tell, engine_words, silence
from colorizer.errors import SettingError
from colorizer.files import disk_errors
from colorizer.video.colour.paint import FrameSource, Painter
from colorizer.video.colour.track import is_of_another, track_path, write_track
from colorizer.video.disk_space import check_space
from colorizer.video.film_plan import plan_film
from colorizer.video.film_settings import FilmSettings
from colorizer.video.film_target import check_target, exporter
from colorizer.video.frame_counter import FrameCounter, Watch
from colorizer.video.pipeline import ahead, depth_for
from colorizer.video.report import FilmReport, notes_of_reader, write_report
from colorizer.video.result.mux import EncodedSegment, MuxReport, find_ffmpeg, join
from colorizer.video.result.process import return_large_blocks
from colorizer.video.segment import make_segment
from colorizer.video.source.clock_jumps import with_one_clock
from colorizer.video.source.facts import Film
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader
from colorizer.video.stopped_runs import engine_in_words, stopped_runs_in
from colorizer.video.workspace import Workspace, fingerprint, folder_of, key_of, open_workspace


def probe_film(source: Path, settings: FilmSettings) -> Film:
    """What `probe` says about the source, with a clock that goes on from start to end.

    Raises InputError, and SettingError for a frame rate that is not wanted.
    """
    if settings.folder_rate is not None and not source.is_dir():
        raise SettingError(
            f"a frame rate is for folders of numbered pictures; {source.name} keeps its own. Leave it out"
        )
    return with_one_clock(probe(source, folder_rate=settings.folder_rate))


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
        self.film, self.target = film, target
        self.plan = plan_film(film, target, settings, sample=sample)
        self.settings, self._rendering, self._suffix = self.plan.settings, self.plan.rendering, self.plan.segment_suffix
        self.keep_track, self.overwrite, self.restart, self.tell = keep_track, overwrite, restart, tell
        self._resuming_notes: list[str] = []
        self._export = exporter(self.plan, overwrite=overwrite)
        check_target(self.plan, overwrite=overwrite)
        self._ffmpeg = find_ffmpeg()
        self.mark = fingerprint(film.path)
        self._really: dict[str, str] = {}
        self.made_with = {**made_with, "version": __version__, "settings": _plain(self.settings)}

    def engine_of_stopped_run(self) -> str | None:
        """The engine of a stopped run that can be gone on with by it alone; None where there is no such run."""
        ours = {**self._manifest, "engine": ""}
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
    def _manifest(self) -> dict[str, Any]:
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
            open_workspace(self.target, self._manifest, suffixes, restart=self.restart) as workspace,
            workspace.kept_for_the_next_run(),
        ):
            if workspace.replaced is not None:
                which = "; ".join(workspace.replaced.differences(self._manifest)) or "not known which"
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
        check_space(self.film, self.target, self.settings, done_before, self.plan.exported)
        counter = FrameCounter(self.film, self.settings.range, workspace.segments, self._rendering, watch)
        reader_notes = self._make_segments(workspace, painter, counter)
        if not workspace.segments:
            raise SettingError(f"{self.film.path} has no frame between the start and the end that were asked for")
        reports: list[FilmReport] = []

        def finish(mux: MuxReport) -> None:
            """Write what lies beside the film; the film itself appears last, so that what fails here is done again."""
            notes = (*self._resuming_notes, *self.plan.notes(), *reader_notes, *mux.notes)
            reports.append(self._report(workspace, mux, notes, time.monotonic() - start, done_before))
            self._write_beside(workspace, reports[0])

        replaces = self.target.exists()
        self._join(workspace, counter.joins, finish)
        track = track_path(self.target)
        if replaces and not self.keep_track and is_of_another(track, self.mark):
            with disk_errors(track):
                track.unlink()
        workspace.remove()
        return reports[0]

    def _report(
        self, workspace: Workspace, mux: MuxReport, notes: tuple[str, ...], seconds: float, done_before: int
    ) -> FilmReport:
        frames = sum(segment.frames for segment in workspace.segments) - done_before
        made_with = {**engine_in_words(self.made_with), **self._really}
        segments = tuple(workspace.segments)
        return FilmReport(self.target, self.film, segments, mux, made_with, notes, seconds, frames, self.mark)

    def _make_segments(
        self, workspace: Workspace, painter: Callable[[int, Workspace], Painter | None], counter: FrameCounter
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
        return notes_of_reader(reader)

    def _reader(self, workspace: Workspace) -> FilmReader:
        video, part = self.film.video, self.settings.range
        first = video.start_pts * video.time_base
        start, end = (None if time is None else first + time for time in (part.start, part.end))
        if workspace.segments:
            start = workspace.segments[-1].end_pts * video.time_base
        own_colour = self.settings.keep_colour_shots or self.settings.grade.intensity < 1  # the latter blends it in
        return FilmReader(
            self.film.path, self.film, start, end, keep_colour=own_colour, deinterlace=self.settings.deinterlace
        )

    def _join(self, workspace: Workspace, tell: Callable[[], None], before: Callable[[MuxReport], None]) -> None:
        encoded = [
            EncodedSegment(
                workspace.segment_path(number, self._suffix), segment.start_pts, segment.end_pts, segment.frames
            )
            for number, segment in enumerate(workspace.segments)
        ]
        base = self.film.video.time_base
        start = None if self.plan.untrimmed else workspace.segments[0].start_pts * base
        end = None if self.plan.untrimmed else workspace.segments[-1].end_pts * base
        alpha = self.plan.spec.alpha
        joined = partial(
            join, encoded, self.film, start=start, end=end, ffmpeg=self._ffmpeg, progress=lambda _: tell(), alpha=alpha
        )
        if self._export is None:
            joined(self.target, with_source=not self.plan.sample, overwrite=self.overwrite, before=before)
            return
        pictures = workspace.folder / "joined.mkv"
        mux = joined(pictures, with_source=False, overwrite=True)
        unseen = replace(mux, notes=())  # of a file that nobody will see
        self._export(probe(pictures), self.target, watch=tell, before=lambda: before(unseen))

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


def _differs(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return key_of(before) != key_of(now)


def _plain(values: Any) -> Any:
    """Settings as JSON keeps them; a Fraction as its text, exact."""
    return json.loads(json.dumps(asdict(values), default=str))
