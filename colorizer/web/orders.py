"""From what was chosen on the Videos page to an order, and to words about it: pure functions."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.integrity import size_text
from colorizer.jobs.inspection import FilmFacts
from colorizer.jobs.model import Order
from colorizer.jobs.trial import Measured
from colorizer.video.propagate import Steadiness
from colorizer.video.wanted import Encoding, FilmSettings, Range, read_time
from colorizer.web.develop import Recipe
from colorizer.web.screening import Shots
from colorizer.web.shelf import Reel

_STEADY, _WHOLE, _NETWORK = Steadiness(), Range(), Recipe()


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
    recipe: Recipe = _NETWORK


def order_of(reel: Reel, facts: FilmFacts, choices: Choices, grade: Grade, wanted: Range = _WHOLE) -> Order:
    """The order for this film. Raises SettingError."""
    settings = FilmSettings(
        choices.recipe.network,
        grade,
        choices.steadiness,
        choices.encoding,
        wanted,
        choices.keep_colour_shots,
        choices.deinterlace and facts.interlaced,
    )
    model = choices.recipe.model or ""
    return Order(
        reel.path, reel.name, settings, suffix=choices.suffix, model=model, engine=choices.recipe.engine
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
    first = Fraction(facts.first)
    return Range(first + start if start else None, first + end if end is not None else None)


def beyond_text(end_text: str, facts: FilmFacts) -> str:
    """What to say of an end that lies behind the film's own; empty for any other. Raises SettingError for no time."""
    if not end_text.strip() or facts.length is None:
        return ""
    length, end = clock_text(facts.length), read_time(end_text)
    if end <= facts.length or clock_text(end) == length:
        return ""
    return f"The film is {length} long: it is made to its end."


def frames_in(facts: FilmFacts, wanted: Range) -> int | None:
    """About how many frames this part of the film has; None where nothing says."""
    if facts.frames is None or not facts.length:
        return facts.frames
    first = Fraction(facts.first)
    start = (wanted.start or first) - first
    end = facts.length if wanted.end is None else wanted.end - first
    return round(facts.frames * (end - start) / facts.length)


def estimate_text(facts: FilmFacts, wanted: Range, measured: Measured | str | None) -> str:
    """What is said of the time and the size of the result."""
    if measured is None:
        return "Measuring how long it will take on this computer…"
    if isinstance(measured, str):
        return f"How long it will take cannot be said: {measured}"
    frames = frames_in(facts, wanted)
    if frames is None:
        return f"About {measured.frames / measured.seconds:.0f} frames a second on this computer."
    return f"About **{duration_text(measured.seconds_for(frames))}** and **{size_text(measured.bytes_for(frames))}**."


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


def fact_rows(reel: Reel, facts: FilmFacts, shots: Shots | None) -> Iterator[tuple[str, str]]:
    """What a card says of the film: name and value of each line."""
    yield "Length", clock_text(facts.length) if facts.length is not None else "not said in the file"
    size = f"{facts.width} × {facts.height}"
    if (facts.display_width, facts.display_height) != (facts.width, facts.height):
        size += f", shown as {facts.display_width} × {facts.display_height}"
    yield "Picture", size
    rate = f"{float(Fraction(facts.rate)):.5g} a second" if facts.rate else "not said in the file"
    yield "Frames", f"{rate}, changing" if facts.variable_rate else rate
    yield "File", f"{size_text(reel.size)}, {facts.codec.upper()}" + (f", {facts.bits} bit" if facts.bits > 8 else "")
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
