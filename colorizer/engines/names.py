"""The names that users give engines: "auto", or an engine with a device and a precision where they care."""

from dataclasses import dataclass
from typing import Self

from colorizer.engines.base import EngineInfo
from colorizer.engines.registry import ENGINES, EngineRow
from colorizer.errors import EngineError

AUTO = "auto"
LIBRARIES = tuple(ENGINES)
NAMES_HELP = (
    f"{', '.join((AUTO, *LIBRARIES[:-1]))} or {LIBRARIES[-1]}; with :DEVICE and :PRECISION, such as openvino:cpu:f16, "
    "for one of them"
)


@dataclass(frozen=True)
class EngineName:
    """One engine by its name; an empty device or precision leaves it to the engine.

    Raises EngineError for a name that means nothing, listing what could have been meant.
    """

    library: str
    device: str = ""
    precision: str = ""

    def __post_init__(self) -> None:
        if self.library not in ENGINES:
            raise EngineError(f"there is no engine {self.library!r}. Choose {AUTO}, {', '.join(ENGINES)}")
        for given, known in ((self.device, self.row.devices), (self.precision, self.row.precisions)):
            if given and given not in known:
                choice = ", ".join(f"{self.library}:{each}" for each in self.row.devices)
                precisions = ", ".join(f":{each}" for each in self.row.precisions)
                exact = f", with {precisions}" if precisions else ""
                raise EngineError(f"there is no engine {str(self)!r}. Choose {self.library}, or one of {choice}{exact}")

    @classmethod
    def parse(cls, name: str) -> Self:
        """The engine that the text names."""
        parts = name.split(":")
        if len(parts) > 3 or not all(parts):
            raise EngineError(f"there is no engine {name!r}. Write {NAMES_HELP}")
        return cls(*parts)

    @classmethod
    def of_stored(cls, stored: str) -> Self:
        """The engine that opens exactly the identity that a file holds. Raises EngineError where none does.

        Older files hold the line for people in its place: it is compared with that of every engine.
        """
        for row in ENGINES.values():
            for name, identity in row.identities():
                if stored in (str(identity), str(EngineInfo.of(identity))):
                    return cls.parse(name)
        raise EngineError(f"{stored!r} names no engine")

    @property
    def row(self) -> EngineRow:
        """All that is known of its library."""
        return ENGINES[self.library]

    @property
    def on_cpu(self) -> bool:
        """Whether it needs nothing but the processor."""
        return self.device in {"", "cpu"}

    def __str__(self) -> str:
        return ":".join(part for part in (self.library, self.device, self.precision) if part)


REFERENCE = EngineName(LIBRARIES[0], "cpu")


def engine_name(name: str) -> str:
    """The name, checked. Raises EngineError for a name that means nothing."""
    return name if name == AUTO else str(EngineName.parse(name))


def all_names() -> tuple[str, ...]:
    """Every name there is, from the shortest to the most exact one of each engine; not all of them run everywhere."""
    names = [AUTO]
    for library, row in ENGINES.items():
        names.append(library)
        for device in row.devices:
            names.append(f"{library}:{device}")
            names += [f"{library}:{device}:{precision}" for precision in row.precisions]
    return tuple(names)
