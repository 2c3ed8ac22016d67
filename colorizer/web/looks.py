"""How a picture is shown, as it is written in addresses: by which network, in which grade, how large."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from colorizer.color.grade import GRADE_RANGES, Grade
from colorizer.errors import SettingError

_PLAIN = Grade()


@dataclass(frozen=True)
class Look:
    """How a picture is shown: by which network, in which grade."""

    network_key: str
    grade: Grade = _PLAIN


def read_look(query: Mapping[str, str]) -> Look:
    """The look that an address asks for. Raises SettingError for one that makes no sense."""
    default = _PLAIN.as_dict()
    values = {name: _number(query, name, default[name]) for name in GRADE_RANGES}
    return Look(query.get("network", ""), Grade(**values))


def read_side(query: Mapping[str, str], largest: int) -> int:
    """The size that an address asks for, at most `largest`. Raises SettingError for one that makes no sense."""
    side = _number(query, "side", largest)
    if not 16 <= side <= largest:
        raise SettingError(f"side must lie between 16 and {largest}, and is {side:g}")
    return int(side)


def look_query(look: Look) -> dict[str, str]:
    """The part of an address that says how a picture is shown."""
    changed = {name: value for name, value in look.grade.as_dict().items() if value != _PLAIN.as_dict()[name]}
    return {"network": look.network_key, **{name: f"{value:g}" for name, value in changed.items()}}


def _number(query: Mapping[str, str], name: str, default: float) -> float:
    text = query.get(name, str(default))
    try:
        value = float(text)
    except ValueError as error:
        raise SettingError(f"{name} must be a number, and is {text!r}") from error
    if not isfinite(value):
        raise SettingError(f"{name} must be a finite number, and is {text!r}")
    return value
