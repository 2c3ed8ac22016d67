"""What is wanted of a film: everything that decides how the result looks."""

from dataclasses import dataclass
from fractions import Fraction

from colorizer.color.grade import Grade
from colorizer.errors import SettingError
from colorizer.network import NetworkSettings
from colorizer.video.facts import Film
from colorizer.video.propagate import Steadiness

_FASTEST = 1000  # pictures a second


@dataclass(frozen=True)
class Encoding:
    """How the result is encoded.

    codec: None takes the one that suits the target's container; "gif" writes an animated GIF, "png" a folder of
    numbered pictures, both without sound. crf, preset: None takes the codec's own.
    """

    codec: str | None = None
    crf: float | None = None
    preset: str | None = None
    lossless: bool = False


@dataclass(frozen=True)
class Range:
    """Which part of the film: start and end in seconds of its clock, and at most so many frames."""

    start: Fraction | None = None
    end: Fraction | None = None
    max_frames: int | None = None

    def __post_init__(self) -> None:
        if self.start is not None and self.start < 0:
            raise SettingError(f"start must not lie before the film, and is {float(self.start):g} seconds")
        if self.end is not None and self.end <= (self.start or 0):
            raise SettingError(f"end must lie after start, and is {float(self.end):g} seconds")
        if self.max_frames is not None and self.max_frames < 1:
            raise SettingError(f"max_frames must be at least 1, and is {self.max_frames}")


@dataclass(frozen=True)
class FilmSettings:
    """Everything that decides how a film looks.

    folder_rate: pictures a second where the source is a folder of numbered pictures; None takes 24.
    Raises SettingError for a rate outside its range.
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


def expected_frames(film: Film, wanted: Range) -> int | None:
    """About how many frames the result will have; None where the source does not say."""
    total = film.video.estimated_frames
    if total is not None and film.duration and (wanted.start or wanted.end):
        whole = film.duration
        share = (min(wanted.end or whole, whole) - min(wanted.start or Fraction(0), whole)) / whole
        total = round(total * share)
    if wanted.max_frames is not None:
        total = wanted.max_frames if total is None else min(total, wanted.max_frames)
    return total
