"""From what was chosen on the Videos page to an order, and to words about it: pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.files import size_text
from colorizer.inspect.film_facts import FilmFacts
from colorizer.inspect.forecast import Measured
from colorizer.jobs.model import FilmOrder
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film_settings import Encoding, FilmSettings, Range, read_time
from colorizer.web.colouring import NetworkChoice
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.film_inspector import Shots
from colorizer.web.wording import plain

# How many times longer, or shorter, than is measured a film may take: a computer has other things to do.
_GIVE, _MOST_GIVE = 1.25, 2.0
_ROUND = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 90)  # numbers that promise no more than is known
_STEADY, _WHOLE, _NETWORK = Steadiness(), Range(), NetworkChoice()


@dataclass(frozen=True)
class Purpose:
    """What a result is for, and how it is written. qualities: names of the crf that one may choose from."""

    title: str
    suffix: str
    codec: str
    says: str
    qualities: tuple[tuple[str, float], ...] = ()
    lossless: bool = False


SHARE = Purpose(
    "Share", ".mp4", "h264", "An MP4 that plays on telephones, televisions and the web.",
    (("Small file", 24), ("Good", 18), ("Finest", 14)),
)  # fmt: skip
ARCHIVE = Purpose(
    "Archive", ".mkv", "ffv1", "An MKV that keeps every detail of the original. Large files.", lossless=True
)
EDIT = Purpose("Edit", ".mov", "prores", "A MOV for cutting programs. Large files.")
CODEC_TITLES = {
    "h264": "H.264", "hevc": "H.265 (HEVC)", "av1": "AV1", "vp9": "VP9", "prores": "ProRes", "ffv1": "FFV1 (lossless)",
}  # fmt: skip
PURPOSES = {purpose.title: purpose for purpose in (SHARE, ARCHIVE, EDIT)}


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


def estimate_text(
    facts: FilmFacts,
    trim: Range,
    measured: Measured | str | None,
    shots: Shots | None = None,
    learned: float = 1.0,
) -> str:
    """What is said of the time and the size of the result. learned: by which films here took longer than measured."""
    if measured is None:
        return "Measuring how long it will take on this computer…"
    if isinstance(measured, str):
        return f"How long it will take cannot be said: {plain(measured)}"
    frames, seconds = frames_in(facts, trim), seconds_in(facts, trim, shots, measured)
    if frames is None or seconds is None:
        return f"About {measured.frames / measured.seconds:.2g} frames a second on this computer."
    seconds *= learned
    alone = seconds / (1 + measured.busy)  # the films that were being made meanwhile had their share of this computer
    give = min(_GIVE * measured.spread**0.5, _MOST_GIVE)
    span, size = span_text(alone / give, seconds * give), about_size_text(measured.bytes_for(frames))
    return f"About **{span}** and **{size}**."


def span_text(least: float, most: float) -> str:
    """How long something will take that takes between so and so many seconds, in round numbers."""
    (low, low_unit), (high, high_unit) = _rounded(least), _rounded(most)
    if (low, low_unit) == (high, high_unit):
        return _counted(high, high_unit)
    if low_unit == high_unit:
        return f"{low} to {_counted(high, high_unit)}"
    return f"{_counted(low, low_unit)} to {_counted(high, high_unit)}"


def about_text(seconds: float) -> str:
    """About how long something will take, in a round number."""
    return span_text(seconds, seconds)


def about_size_text(count: int) -> str:
    """About so many bytes: two digits."""
    step = 10 ** max(0, len(str(count)) - 2)
    return size_text(round(count / step) * step)


def _rounded(seconds: float) -> tuple[int, str]:
    """The nearest round number, and its unit."""
    units = ((1, "second"), (60, "minute"), (3600, "hour"))
    length, unit = next((each for each in units if seconds <= _ROUND[-1] * each[0]), units[-1])
    number = seconds / length
    return (min(_ROUND, key=lambda each: abs(each - number)) if number <= _ROUND[-1] else round(number)), unit


def clock_text(seconds: Fraction) -> str:
    """A time of a film, such as 1:02:03 or 0:04.5."""
    tenths = round(seconds * 10)
    whole, tenth = divmod(tenths, 10)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{text}.{tenth}" if tenth else text


def duration_text(seconds: float) -> str:
    """How long something takes, for people."""
    if seconds < 90:
        return _counted(max(1, round(seconds)), "second")
    if seconds < 90 * 60:
        return _counted(round(seconds / 60), "minute")
    hours, minutes = divmod(round(seconds / 60), 60)
    return _counted(hours, "hour") + (f" {_counted(minutes, 'minute')}" if minutes and hours < 10 else "")


def fact_rows(film: StudioFilm, facts: FilmFacts, shots: Shots | None) -> Iterator[tuple[str, str]]:
    """What a card says of the film: name and value of each line."""
    yield "Length", clock_text(facts.length) if facts.length is not None else "not said in the file"
    size = f"{facts.width} × {facts.height}"
    if (facts.display_width, facts.display_height) != (facts.width, facts.height):
        size += f", shown as {facts.display_width} × {facts.display_height}"
    yield "Picture", size
    rate = f"{float(Fraction(facts.rate)):.5g} a second" if facts.rate else "not said in the file"
    yield "Frames", f"{rate}, changing" if facts.variable_rate else rate
    yield "File", f"{size_text(film.size)}, {facts.codec.upper()}" + (f", {facts.bits} bit" if facts.bits > 8 else "")
    yield "Sound", " · ".join(facts.sound) or "none"
    if facts.subtitles:
        yield "Subtitles", " · ".join(facts.subtitles)
    if facts.chapters:
        yield "Chapters", str(facts.chapters)
    yield "Shots", _shots_text(shots)


def _shots_text(shots: Shots | None) -> str:
    if shots is None:
        return "counting…"
    if shots.whole:
        return str(shots.shots)
    return f"{shots.shots} in the first {clock_text(Fraction(round(shots.seconds)))}" if shots.shots else "not counted"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
