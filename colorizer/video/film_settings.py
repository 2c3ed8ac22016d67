"""Settings of a film: everything that decides how the result looks."""

from dataclasses import dataclass
from fractions import Fraction

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.network import NetworkSettings
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.source.facts import Film

_FASTEST = 1000  # pictures a second
_LONGEST = 10**12  # seconds: no clock of a film comes near, and times beyond it fit no film's counter
_MOST_FRAMES = 10**12
_LONGEST_TEXT = 100  # letters of a time: Python refuses numbers of thousands of digits


@dataclass(frozen=True)
class Encoding:
    """How the result is encoded.

    codec: None takes the one that suits the target's container; "gif" writes an animated GIF, "png" a folder of
    numbered pictures, both without sound. crf, preset: None takes the codec's own.

    >>> from colorizer import Encoding, FilmSettings
    >>> for_archives = FilmSettings(encoding=Encoding("ffv1", lossless=True))
    """

    codec: str | None = None
    crf: float | None = None
    preset: str | None = None
    lossless: bool = False


@dataclass(frozen=True)
class Range:
    """Which part of the film: start and end in seconds from its first picture, and at most so many frames.

    >>> from fractions import Fraction
    >>> from colorizer import FilmSettings, Range
    >>> second_minute = FilmSettings(range=Range(Fraction(60), Fraction(120)))
    """

    start: Fraction | None = None
    end: Fraction | None = None
    max_frames: int | None = None

    def __post_init__(self) -> None:
        for name, seconds in (("start", self.start), ("end", self.end)):
            if seconds is not None and seconds > _LONGEST:
                raise SettingError(f"{name} lies {_LONGEST} seconds or more into the film: no film has a frame there")
        if self.start is not None and self.start < 0:
            raise SettingError("start must not lie before the film: name 0 seconds or more")
        if self.end is not None and self.end <= (self.start or 0):
            raise SettingError(f"end must lie after start, and is {float(self.end):g} seconds")
        if self.max_frames is not None and not 1 <= self.max_frames <= _MOST_FRAMES:
            raise SettingError(
                f"max_frames (--max-frames) must lie between 1 and {_MOST_FRAMES}, and is {self.max_frames}"
            )


@dataclass(frozen=True)
class FilmSettings:
    """Everything that decides how a film looks.

    folder_rate: pictures a second where the source is a folder of numbered pictures; None takes 24.
    Raises SettingError for a rate outside its range.

    >>> from colorizer import FilmSettings, Grade
    >>> FilmSettings(grade=Grade(saturation=1.2), deinterlace=True).grade.saturation
    1.2
    """

    network: NetworkSettings = NetworkSettings()
    grade: Grade = Grade()
    steadiness: Steadiness = Steadiness()
    encoding: Encoding = Encoding()
    range: Range = Range()
    keep_colour_shots: bool = False
    deinterlace: bool = False
    folder_rate: Fraction | None = None

    def __post_init__(self) -> None:
        if self.folder_rate is not None and not 0 < self.folder_rate <= _FASTEST:
            raise SettingError(f"folder_rate must lie above 0 and at most at {_FASTEST}, and is {self.folder_rate}")


def read_time(text: str) -> Fraction:
    """Exact seconds of "90", "1:30" or "0:01:30.5". Raises SettingError for anything else."""
    parts = text.strip().replace(",", ".").split(":")
    plain = all(part.replace(".", "", 1).isdecimal() and part.isascii() for part in parts)
    if not plain or len(parts) > 3 or len(text) > _LONGEST_TEXT or any("." in part for part in parts[:-1]):
        raise SettingError(f"“{text.strip()[:_LONGEST_TEXT]}” is no time. Write minutes and seconds, such as 1:30.")
    seconds = Fraction(0)
    for part in parts:
        seconds = 60 * seconds + Fraction(part)
    return seconds


def expected_frames(film: Film, part: Range) -> int | None:
    """About how many frames the result will have; None where the source does not say."""
    total = film.video.estimated_frames
    if total is not None and film.duration and (part.start or part.end):
        whole = film.duration
        share = (min(part.end or whole, whole) - min(part.start or Fraction(0), whole)) / whole
        total = round(total * share)
    if part.max_frames is not None:
        total = part.max_frames if total is None else min(total, part.max_frames)
    return total
