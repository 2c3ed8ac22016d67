"""From the name a user gives to an open engine."""

from typing import cast

from colorizer.assets import LocalModel
from colorizer.engines.base import Engine
from colorizer.engines.opencv_dnn import DEVICES, Device, OpenCvEngine, missing_device
from colorizer.errors import EngineError
from colorizer.settings import GpuUse, settings

AUTO = "auto"


def engine_names() -> tuple[str, ...]:
    """Every name that open_engine takes."""
    return (AUTO, "opencv", *(f"opencv:{device}" for device in DEVICES))


def open_engine(local: LocalModel, name: str, temperature: float) -> Engine:
    """The engine of this name with the network loaded. Raises EngineError where it cannot run here.

    name: "auto", "opencv" or "opencv:DEVICE". Only "auto" chooses; a named device never falls back in silence.
    """
    device = choose_device(name, settings().use_gpu, cuda=not missing_device("cuda"))
    return OpenCvEngine(local, device, temperature)


def choose_device(name: str, use_gpu: GpuUse, *, cuda: bool) -> Device:
    """The device that the name and USE_GPU ask for. Raises EngineError for a name or a wish that cannot be met."""
    if name not in engine_names():
        raise EngineError(f"there is no engine {name!r}. Choose one of {', '.join(engine_names())}")
    if name.startswith("opencv:"):
        device = cast("Device", name.removeprefix("opencv:"))
        if device != "cpu" and use_gpu == "off":
            raise EngineError(f"{name} needs a GPU, and USE_GPU=0 forbids it. Use opencv:cpu, or unset USE_GPU")
        return device
    if use_gpu == "on" and not cuda:
        raise EngineError(missing_device("cuda") + ", or unset USE_GPU")
    return "cuda" if cuda and use_gpu != "off" else "cpu"
