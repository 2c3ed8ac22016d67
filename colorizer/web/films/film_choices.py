"""All that is chosen for a film, and the order that it makes: pure functions."""

from dataclasses import dataclass
from fractions import Fraction

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.inspect.film_facts import FilmFacts
from colorizer.inspect.forecast import Measured
from colorizer.jobs.model import FilmOrder
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film_settings import Encoding, FilmSettings, Range, read_time
from colorizer.web.colouring import NetworkChoice
from colorizer.web.durations import clock_text
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.findings import Shots

_STEADY, _WHOLE, _NETWORK = Steadiness(), Range(), NetworkChoice()


@dataclass(frozen=True)
class Choices:
    """All that is chosen for a film besides its colours and its trim."""

    encoding: Encoding = Encoding("h264", 18)
    suffix: str = ".mp4"
    steadiness: Steadiness = _STEADY
    keep_colour_shots: bool = False
    deinterlace: bool = False
    network: NetworkChoice = _NETWORK


def film_order(film: StudioFilm, facts: FilmFacts, choices: Choices, grade: Grade, trim: Range = _WHOLE) -> FilmOrder:
    """The order for this film. Raises SettingError."""
    settings = FilmSettings(
        choices.network.settings,
        grade,
        choices.steadiness,
        choices.encoding,
        trim,
        choices.keep_colour_shots,
        choices.deinterlace and facts.interlaced,
    )
    model = choices.network.model or ""
    return FilmOrder(
        film.path, film.name, settings, suffix=choices.suffix, model=model, engine=choices.network.engine
    )  # fmt: skip


def trimmed(start_text: str, end_text: str, facts: FilmFacts) -> Range:
    """The part of the film between these times, counted from its first picture. Raises SettingError."""
    start, end = (read_time(text) if text.strip() else None for text in (start_text, end_text))
    length = facts.length
    if length is not None and start is not None and start >= length:
        raise SettingError(f"The film is {clock_text(length)} long: it cannot begin at {clock_text(start)}.")
    if end is not None and end <= (start or 0):
        raise SettingError(f"The end, {clock_text(end)}, must lie after the start, {clock_text(start or Fraction(0))}.")
    if length is not None and end is not None and end >= length:
        end = None
    return Range(start or None, end)


def beyond_text(end_text: str, facts: FilmFacts) -> str:
    """What to say of an end that lies behind the film's own; empty for any other. Raises SettingError for no time."""
    if not end_text.strip() or facts.length is None:
        return ""
    length, end = clock_text(facts.length), read_time(end_text)
    if end <= facts.length or clock_text(end) == length:
        return ""
    return f"The film is {length} long: it is made to its end."


def frames_in(facts: FilmFacts, trim: Range) -> int | None:
    """About how many frames this part of the film has; None where nothing says."""
    if facts.frames is None or not facts.length:
        return facts.frames
    end = facts.length if trim.end is None else trim.end
    return round(facts.frames * (end - (trim.start or 0)) / facts.length)


def seconds_in(facts: FilmFacts, trim: Range, shots: Shots | None, measured: Measured) -> float | None:
    """How long this part of the film was measured to take; None where nothing says how long it is."""
    frames = frames_in(facts, trim)
    if frames is None:
        return None
    counted = round(shots.shots * frames / facts.frames) if shots is not None and shots.whole and facts.frames else None
    return measured.seconds_for(frames, counted)
