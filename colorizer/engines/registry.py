"""The engines, a row each: all that the rest of the program knows of one. The first is the reference for the others."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from colorizer.engines import onnx_runtime, open_vino, opencv_dnn
from colorizer.engines.base import Engine, EngineIdentity, Tell
from colorizer.engines.machine import package_version
from colorizer.engines.onnx_runtime import OnnxRuntimeEngine
from colorizer.engines.open_vino import OpenVinoEngine
from colorizer.engines.opencv_dnn import OpenCvEngine
from colorizer.weights.local_models import LocalModel

Open = Callable[[LocalModel, str, str, Tell], Engine]  # takes a network, one of `devices`, one of `precisions` or ""


def _nothing_missing(_device: str) -> str:
    return ""


@dataclass(frozen=True)
class EngineRow:
    """One engine: how it is named, where it runs, and what opens it.

    library: the first word of its names. devices, precisions: the words that may follow; "cpu" is one of the devices,
    and without precisions a device decides what it computes in. identity: what runs under such a device and precision.
    load_ms: what loading the library typically takes, once a process. packages: those of pip that bring it.
    """

    library: str
    title: str
    devices: tuple[str, ...]
    identity: Callable[[str, str], EngineIdentity]
    open: Open
    missing: Callable[[], str]  # why the library cannot be used here, with the cure; empty where it can
    candidates: Callable[[], tuple[str, ...]]  # the names that auto tries here; may raise EngineError
    packages: tuple[str, ...]
    load_ms: float
    precisions: tuple[str, ...] = ()
    missing_device: Callable[[str], str] = _nothing_missing  # the same for one of its devices, where that is known
    on_request: Callable[[], tuple[str, ...]] = tuple  # names that can be used here and that auto leaves alone
    takes_gpu: bool = True  # whether its name without a device means a GPU where there is one
    device_titles: Mapping[str, str] = field(default_factory=dict)  # of devices that are not written in capitals

    def device_title(self, device: str) -> str:
        """The device's name for people."""
        return self.device_titles.get(device, device.replace("_", " ").upper())

    def identities(self) -> Iterator[tuple[str, EngineIdentity]]:
        """Every exact name, with the identity of what it opens."""
        for device in self.devices:
            for precision in self.precisions or ("",):
                name = ":".join(part for part in (self.library, device, precision) if part)
                yield name, self.identity(device, precision)


_ROWS = (
    EngineRow(
        library="opencv",
        title="OpenCV",
        devices=opencv_dnn.DEVICES,
        identity=opencv_dnn.identity,
        open=lambda local, device, _, __: OpenCvEngine(local, opencv_dnn.device_named(device)),
        missing=opencv_dnn.opencv_problem,
        missing_device=opencv_dnn.missing_device,
        candidates=opencv_dnn.candidates,
        on_request=opencv_dnn.on_request,
        packages=("opencv-python-headless",),
        load_ms=0.0,  # the program has loaded it
        device_titles={"opencl": "OpenCL"},
    ),
    EngineRow(
        library="openvino",
        title="OpenVINO",
        devices=open_vino.DEVICES,
        precisions=open_vino.PRECISIONS,
        identity=open_vino.identity,
        open=OpenVinoEngine,
        missing=open_vino.missing,
        candidates=open_vino.candidates,
        packages=("openvino",),
        load_ms=150.0,
        takes_gpu=False,
    ),
    EngineRow(
        library="onnxruntime",
        title="ONNX Runtime",
        devices=onnx_runtime.DEVICES,
        identity=onnx_runtime.identity,
        open=lambda local, device, _, tell: OnnxRuntimeEngine(local, device, tell),
        missing=onnx_runtime.missing,
        candidates=onnx_runtime.candidates,
        packages=("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml"),
        load_ms=100.0,
        device_titles={"tensorrt": "TensorRT", "directml": "DirectML", "coreml": "CoreML"},
    ),
)
ENGINES = {row.library: row for row in _ROWS}


def runtimes() -> dict[str, str]:
    """The packages here that run networks, with their versions."""
    names = (name for row in ENGINES.values() for name in row.packages)
    return {name: found for name in names if (found := package_version(name))}
