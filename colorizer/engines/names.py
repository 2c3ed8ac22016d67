"""The names that users give engines: "auto", or an engine with a device and a precision where they care."""

import re
from dataclasses import dataclass
from typing import Self

from colorizer.engines import onnx_runtime, open_vino, opencv_dnn
from colorizer.errors import EngineError

AUTO = "auto"
_DEVICES: dict[str, tuple[str, ...]] = {
    "opencv": opencv_dnn.DEVICES,
    "openvino": open_vino.DEVICES,
    "onnxruntime": onnx_runtime.DEVICES,
}
_PRECISIONS: dict[str, tuple[str, ...]] = {"openvino": open_vino.PRECISIONS}
LIBRARIES = tuple(_DEVICES)
NAMES_HELP = (
    "auto, opencv, openvino or onnxruntime; with :DEVICE and :PRECISION, such as openvino:cpu:f16, for one of them"
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
        if self.library not in _DEVICES:
            raise EngineError(f"there is no engine {self.library!r}. Choose {AUTO}, {', '.join(_DEVICES)}")
        for given, known in ((self.device, self.devices), (self.precision, self.precisions)):
            if given and given not in known:
                choice = ", ".join(f"{self.library}:{each}" for each in self.devices)
                exact = f", with {', '.join(f':{each}' for each in self.precisions)}" if self.precisions else ""
                raise EngineError(f"there is no engine {str(self)!r}. Choose {self.library}, or one of {choice}{exact}")

    @classmethod
    def parse(cls, name: str) -> Self:
        """The engine that the text names."""
        parts = name.split(":")
        if len(parts) > 3 or not all(parts):
            raise EngineError(f"there is no engine {name!r}. Write {NAMES_HELP}")
        return cls(*parts)

    @classmethod
    def of_info(cls, info: str) -> Self:
        """The engine that opens exactly what this says, such as "openvino on cpu (f16)". Raises EngineError."""
        found = re.fullmatch(r"(\w+) on (\w+) \((\w+)\)", info)
        if found is None:
            raise EngineError(f"{info!r} names no engine")
        library, device, precision = found.groups()
        if library == "opencv" and precision == "f16":
            device += "_fp16"
        return cls(library, device, precision if library in _PRECISIONS else "")

    @property
    def devices(self) -> tuple[str, ...]:
        """The devices its library knows."""
        return _DEVICES[self.library]

    @property
    def precisions(self) -> tuple[str, ...]:
        """The precisions its library can be asked for."""
        return _PRECISIONS.get(self.library, ())

    @property
    def on_cpu(self) -> bool:
        """Whether it needs nothing but the processor."""
        return self.device in {"", "cpu"}

    def __str__(self) -> str:
        return ":".join(part for part in (self.library, self.device, self.precision) if part)


def engine_name(name: str) -> str:
    """The name, checked. Raises EngineError for a name that means nothing."""
    return name if name == AUTO else str(EngineName.parse(name))


def all_names() -> tuple[str, ...]:
    """Every name there is, from the shortest to the most exact one of each engine; not all of them run everywhere."""
    names = [AUTO]
    for library, devices in _DEVICES.items():
        names.append(library)
        for device in devices:
            names.append(f"{library}:{device}")
            names += [f"{library}:{device}:{precision}" for precision in _PRECISIONS.get(library, ())]
    return tuple(names)
