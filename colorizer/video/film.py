"""Films coloured, turned grey and graded anew."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from colorizer.color.grade import Chroma, Grade
from colorizer.engines.base import Tell, engine_words, silence
from colorizer.engines.names import EngineName
from colorizer.errors import EngineError, OutputError, SettingError
from colorizer.network import Colorizer
from colorizer.video.colour.paint import GreyPainter, NetworkPainter, Painter, TrackPainter
from colorizer.video.colour.shots import small_luma
from colorizer.video.colour.track import ChromaPiece, ChromaTrack, track_path
from colorizer.video.film_run import FilmRun, probe_film
from colorizer.video.film_settings import FilmSettings, Range
from colorizer.video.frame_counter import Watch
from colorizer.video.report import FilmReport
from colorizer.video.source.facts import Film
from colorizer.video.source.reader import Plane
from colorizer.video.workspace import Workspace, fingerprint

__all__ = ["Watch", "colorize_film", "gray_film", "regrade_film", "track_path"]

_NETWORK_SIDE = 640  # pixels: what the network is shown is reduced from a luma of this long side


def colorize_film(
    source: Path,
    target: Path,
    colorizer: Colorizer,
    settings: FilmSettings = FilmSettings(),
    *,
    overwrite: bool = False,
    restart: bool = False,
    watch: Watch = lambda _: None,
    tell: Tell = silence,
) -> FilmReport:
    """The coloured film at `target`, its chroma track and its report beside it; a stopped run goes on where it stopped.

    tell: hears, before the work, what becomes of a stopped run. Where "auto" chose the engine, the one that began the
    film goes on with it.
    Raises InputError, OutputError, SettingError or EngineError; what was finished then waits for the next call.

    >>> from pathlib import Path
    >>> from colorizer import Colorizer, colorize_film, locate
    >>> with Colorizer(locate("starter")) as network:
    ...     colorize_film(Path("film.mp4"), Path("film-coloured.mp4"), network).target.name
    'film-coloured.mp4'
    """
    film = probe_film(source, settings)
    film_run = FilmRun(
        film, target, settings, _made_with(colorizer), keep_track=True, overwrite=overwrite, restart=restart, tell=tell
    )  # fmt: skip
    with _engine_of_before(film_run, colorizer) as runner:
        return _colorize(film_run, film, runner, settings, watch)


def sample_film(film: Film, target: Path, colorizer: Colorizer, settings: FilmSettings, watch: Watch) -> FilmReport:
    """The part that settings.range names, with the work and the bytes it has within the whole film, without sound.

    Raises OutputError, SettingError or EngineError.
    """
    film_run = FilmRun(
        film, target, settings, _made_with(colorizer), keep_track=True, overwrite=True, restart=True, sample=True
    )  # fmt: skip
    return _colorize(film_run, film, colorizer, settings, watch)


def _made_with(colorizer: Colorizer) -> dict[str, Any]:
    local = colorizer.local
    hashes = {local.paths[role].name: digest for role, digest in local.hashes.items()}
    return {"model": local.model.id, "model_hashes": hashes, "engine": str(colorizer.info.identity)}


def _colorize(film_run: FilmRun, film: Film, colorizer: Colorizer, settings: FilmSettings, watch: Watch) -> FilmReport:
    def predict(luma: Plane) -> Chroma:
        small = small_luma(luma, film.video.bits, film.video.is_full_range, _NETWORK_SIDE)
        return colorizer.chroma(small, settings.network)

    def painter(_number: int, workspace: Workspace) -> Painter:
        return NetworkPainter(film.video, predict, settings.steadiness, settings.keep_colour_shots, workspace.seam)

    return film_run.run(painter, watch)


@contextmanager
def _engine_of_before(film_run: FilmRun, colorizer: Colorizer) -> Iterator[Colorizer]:
    """What runs the network: where the engine was left to choice, the one that a stopped run was begun with."""
    engine = film_run.engine_of_stopped_run() if colorizer.is_choice else None
    if engine is None:
        yield colorizer
        return
    words = engine_words(engine)
    with ExitStack() as stack:
        try:
            runner = stack.enter_context(
                Colorizer(colorizer.local, str(EngineName.of_stored(engine)), tell=film_run.tell)
            )
            if str(runner.info) != words:
                raise EngineError(f"{runner.info} opens in its place")
        except (EngineError, OutputError) as error:
            now = str(colorizer.info)
            film_run.go_on_with(engine, now, f"begun on {words}, which does not run now ({error}): going on on {now}")
            runner = colorizer
        else:
            film_run.go_on_with(engine)
            film_run.tell(f"going on on {words}, as {film_run.target} was begun")
        yield runner


def gray_film(
    source: Path,
    target: Path,
    settings: FilmSettings = FilmSettings(),
    *,
    overwrite: bool = False,
    restart: bool = False,
    watch: Watch = lambda _: None,
    tell: Tell = silence,
) -> FilmReport:
    """The film without its colour at `target`, and its report. Raises InputError, OutputError or SettingError."""
    settings = replace(settings, grade=Grade(saturation=0))
    film = probe_film(source, settings)
    film_run = FilmRun(
        film, target, settings, {"gray": True}, keep_track=False, overwrite=overwrite, restart=restart, tell=tell
    )  # fmt: skip
    return film_run.run(lambda _number, workspace: GreyPainter(film.video, workspace.seam), watch)


def regrade_film(
    track: Path,
    target: Path,
    settings: FilmSettings = FilmSettings(),
    *,
    source: Path | None = None,
    overwrite: bool = False,
    restart: bool = False,
    watch: Watch = lambda _: None,
    tell: Tell = silence,
) -> FilmReport:
    """The film of this chroma track in another grade or encoding at `target`; no network runs.

    track: the file ending in .chroma beside a coloured film. source: where the film is now, if it has moved.
    Raises InputError (also where the source is not the film of the track), OutputError or SettingError.

    >>> from pathlib import Path
    >>> from colorizer import FilmSettings, Grade, regrade_film
    >>> softer = FilmSettings(grade=Grade(saturation=0.6))
    >>> regrade_film(Path("coloured.mp4.chroma"), Path("softer.mp4"), softer).target.name
    'softer.mp4'
    """
    with ChromaTrack(track) as opened:
        film, settings = _film_of_track(opened, source, settings)
        made_with = {**opened.about["made_with"], "track": str(track.resolve())}
        film_run = FilmRun(
            film, target, settings, made_with, keep_track=False, overwrite=overwrite, restart=restart, tell=tell
        )  # fmt: skip
        return film_run.run(_track_painter(film, opened.pieces()), watch)


def _film_of_track(track: ChromaTrack, source: Path | None, settings: FilmSettings) -> tuple[Film, FilmSettings]:
    """The film that the track was made of, and the settings with all that decides which frames it has."""
    about, name = track.about, track.path.name
    origin = source or Path(about["source"])
    if not origin.exists():
        raise SettingError(f"{origin}, the film of {name}, is not there. Say where it is with --source")
    if fingerprint(origin) != about["fingerprint"]:
        raise SettingError(f"{origin} is not the film that {name} was made from. Name the right one")
    settings = replace(
        settings,
        range=_range_from(about["range"]),
        deinterlace=about["deinterlace"],
        keep_colour_shots=about["keep_colour_shots"],
        folder_rate=Fraction(about["folder_rate"]) if about["folder_rate"] else None,
    )
    return probe_film(origin, settings), settings


def _track_painter(film: Film, pieces: Iterator[ChromaPiece]) -> Callable[[int, Workspace], Painter | None]:
    def painter(_number: int, workspace: Workspace) -> Painter | None:
        piece = next(pieces, None)
        while piece is not None and workspace.segments and piece.pts[0] < workspace.segments[-1].end_pts:
            piece = next(pieces, None)  # finished by an earlier run
        if piece is None:
            return None
        colours = {kept.pts: kept for kept in piece.frames()}
        return TrackPainter(film.video, colours, int(piece.pts[-1]))

    return painter


def _range_from(values: Mapping[str, Any]) -> Range:
    start, end = (Fraction(values[name]) if values[name] is not None else None for name in ("start", "end"))
    return Range(start, end, values["max_frames"])
