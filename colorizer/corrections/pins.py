"""What a user corrected, as values and as the small JSON that every part of the program shares."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import isfinite
from pathlib import Path
from typing import Any

from colorizer.errors import CorrectionsInvalid
from colorizer.files import disk_errors, write_whole

VERSION = 1
MOST_PINS = 500
DEFAULT_REACH = 1.4
SMALLEST_REACH, LARGEST_REACH = 0.05, 3.0
_AB_LIMIT = 128.0
_MOST_BYTES = 1_000_000
_PIN_RANGES = {
    "x": (0.0, 1.0),
    "y": (0.0, 1.0),
    "a": (-_AB_LIMIT, _AB_LIMIT),
    "b": (-_AB_LIMIT, _AB_LIMIT),
    "reach": (SMALLEST_REACH, LARGEST_REACH),
}


@dataclass(frozen=True, order=True)
class Pin:
    """One place and its colour.

    x, y: 0 to 1, fractions of the upright picture's width and height. a, b: CIE a* and b*, -128 to 128; 0 and 0 is
    grey. reach: 0.05 to 3, how far its colour may go, in sides of a square of the picture's area.
    Raises CorrectionsInvalid for a value outside its range.

    >>> from colorizer import Corrections, Pin
    >>> blue_dress = Corrections((Pin(x=0.3, y=0.6, a=12, b=-30),))
    """

    x: float
    y: float
    a: float
    b: float
    reach: float = DEFAULT_REACH

    def __post_init__(self) -> None:
        for name, (low, high) in _PIN_RANGES.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
                raise CorrectionsInvalid(f"{name} of a pin must be a number, and is {_shown(value)}")
            if not low <= value <= high:
                raise CorrectionsInvalid(f"{name} of a pin must lie between {low:g} and {high:g}, and is {value:g}")


@dataclass(frozen=True)
class Corrections:
    """All that a user corrected in one picture. Raises CorrectionsInvalid for more than 500 pins.

    >>> from colorizer import Corrections
    >>> Corrections.from_json('{"version": 1, "pins": [{"x": 0.3, "y": 0.6, "a": 12, "b": -30}]}').pins[0].a
    12.0
    """

    pins: tuple[Pin, ...] = ()

    def __post_init__(self) -> None:
        if len(self.pins) > MOST_PINS:
            raise CorrectionsInvalid(f"There are {len(self.pins)} pins; at most {MOST_PINS} are possible")

    def __bool__(self) -> bool:
        return bool(self.pins)

    def as_json(self) -> str:
        """The JSON that `from_json` reads; the same corrections give the same text."""
        return json.dumps({"version": VERSION, "pins": [asdict(pin) for pin in self.pins]})

    @classmethod
    def from_json(cls, text: str | bytes) -> "Corrections":
        """The corrections in this text. Raises CorrectionsInvalid, which names the first wrong field."""
        try:
            page = json.loads(text)
        except json.JSONDecodeError as error:
            raise CorrectionsInvalid(f"The corrections are not JSON (line {error.lineno}: {error.msg})") from error
        except (ValueError, RecursionError) as error:
            raise CorrectionsInvalid("The corrections are not JSON") from error
        _check_fields(page, "The corrections", {"version", "pins"}, {"version", "pins"})
        version = page["version"]
        if isinstance(version, bool) or not isinstance(version, int) or version < 1:
            raise CorrectionsInvalid(f"version must be {VERSION}, and is {_shown(version)}")
        if version > VERSION:
            raise CorrectionsInvalid(
                f"The corrections are of version {version}, and this program reads version {VERSION}. "
                "Install a newer version of the program"
            )
        if not isinstance(page["pins"], list):
            raise CorrectionsInvalid(f"pins must be a list, and is {_shown(page['pins'])}")
        return cls(tuple(_pin(number, entry) for number, entry in enumerate(page["pins"], 1)))


def read_corrections(path: Path) -> Corrections:
    """The corrections in this file. Raises CorrectionsInvalid, which names the file.

    >>> from pathlib import Path
    >>> from colorizer import Corrections, Pin, read_corrections, write_corrections
    >>> write_corrections(Path("old.json"), Corrections((Pin(x=0.3, y=0.6, a=12, b=-30),)))
    >>> len(read_corrections(Path("old.json")).pins)
    1
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CorrectionsInvalid(f"{path} cannot be read ({error.strerror or error})") from error
    if len(text) > _MOST_BYTES:
        raise CorrectionsInvalid(f"{path} is larger than any corrections are. Name a file of corrections")
    try:
        return Corrections.from_json(text)
    except CorrectionsInvalid as error:
        raise CorrectionsInvalid(f"{path}: {error}") from error


def write_corrections(path: Path, corrections: Corrections) -> None:
    """Write the corrections into this file, whole or not at all. Raises OutputError.

    >>> from pathlib import Path
    >>> from colorizer import Corrections, Pin, write_corrections
    >>> write_corrections(Path("blue.json"), Corrections((Pin(x=0.3, y=0.6, a=12, b=-30),)))
    """
    with disk_errors(path):
        write_whole(path, corrections.as_json().encode())


def _pin(number: int, entry: Any) -> Pin:
    """The pin that stands at this place of the list, counted from 1."""
    names = {field.name for field in fields(Pin)}
    _check_fields(entry, f"pin {number}", {"x", "y", "a", "b"}, names)
    try:
        pin = Pin(**entry)
    except CorrectionsInvalid as error:
        raise CorrectionsInvalid(f"pin {number}: {error}") from error
    return Pin(**{name: float(getattr(pin, name)) for name in names})


def _check_fields(entry: Any, what: str, needed: set[str], known: set[str]) -> None:
    """Raises CorrectionsInvalid where this is no object with the needed fields, or has others than the known ones."""
    if not isinstance(entry, Mapping):
        raise CorrectionsInvalid(f"{what} must be an object, and is {_shown(entry)}")
    if missing := sorted(needed - entry.keys()):
        raise CorrectionsInvalid(f"{what} must have {', '.join(missing)}")
    if unknown := sorted(entry.keys() - known):
        raise CorrectionsInvalid(f"{what} must not have {_shown(unknown[0])}; known are {', '.join(sorted(known))}")


def _shown(value: Any) -> str:
    """The value as a message shows it: short, on one line."""
    text = json.dumps(value, ensure_ascii=True)
    return text if len(text) <= 40 else f"{text[:37]}..."
