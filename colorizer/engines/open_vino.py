"""OpenVINO: Intel's runtime, on the CPU with half precision where the hardware has it, on GPUs and NPUs."""

import sys
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from colorizer.engines.base import (
    DEFAULT_TEMPERATURE,
    Blob,
    Engine,
    EngineIdentity,
    EngineInfo,
    RawAnswer,
    Tell,
    demand_finite,
    demand_open,
    finite_answer,
    silence,
)
from colorizer.engines.caffe_to_onnx import AB, INVERSE_TEMPERATURE, LOGITS, PICTURE
from colorizer.engines.exported import features_name, onnx_file
from colorizer.engines.machine import cores
from colorizer.errors import EngineError
from colorizer.settings import settings
from colorizer.weights.local_models import LocalModel

DEVICES = ("cpu", "gpu", "npu")
PRECISIONS = ("f32", "f16", "bf16")
_CAPABILITY = {"f32": "FP32", "f16": "FP16", "bf16": "BF16"}
_ONE_SHAPE_ONLY = {"npu"}  # devices that want every side of the input fixed before they compile
_SHAPES = 4  # compiled networks that are kept on such a device
_COMPILE_CACHE = {"gpu", "npu"}  # on the CPU a network is compiled in a tenth of a second

_Shape = tuple[int, ...] | None
_Key = tuple[bool, _Shape]  # whether all that the network knows is asked for, and of what input


class OpenVinoEngine(Engine):
    """A network in OpenVINO. precision: "" for f16 where the device computes in it, else f32."""

    def __init__(self, local: LocalModel, device: str = "cpu", precision: str = "", tell: Tell = silence) -> None:
        core = _core(device)
        real = precision or ("f16" if "f16" in _fast(core, device) else "f32")
        if real not in _fast(core, device):
            found = ", ".join(_fast(core, device))
            raise EngineError(f"OpenVINO cannot compute in {real} on this {device}. Choose one of {found}")
        self._core, self._device, self._local = core, device, local
        self._annealed = local.model.runs_on == "caffe"
        self._model = _read(core, local, (AB,), tell)
        self._whole: Any = None  # read when all that the network knows is asked for
        self._config = {"PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1", "INFERENCE_PRECISION_HINT": real}
        if device == "cpu":
            self._config["INFERENCE_NUM_THREADS"] = str(cores())
        if device in _COMPILE_CACHE:
            self._config["CACHE_DIR"] = str(settings().cache_folder / "openvino")
        self._requests: dict[_Key, Any] = {}
        self.info = EngineInfo.of(identity(device, real))
        if device not in _ONE_SHAPE_ONLY:
            self._request(self._model, None)

    def infer(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> Blob:
        """a* and b* of the batch, (N, 2, h, w), as a copy of its own."""
        demand_finite(batch)
        single = not self._annealed or self._device in _ONE_SHAPE_ONLY
        parts = [one[None] for one in batch] if single else [batch]
        answers = [self._forward(self._model, part, temperature)[0] for part in parts]
        return finite_answer(np.concatenate(answers), self.info)

    def infer_all(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> RawAnswer:
        """What infer gives, with features and logits, of one run."""
        demand_open(self._model, self.info)
        if not self._annealed:
            return RawAnswer(self.infer(batch))
        demand_finite(batch)
        if self._whole is None:
            features = features_name(self._local)
            self._whole = _read(self._core, self._local, (AB, LOGITS, *([features] if features else [])))
        parts = [one[None] for one in batch] if self._device in _ONE_SHAPE_ONLY else [batch]
        count = len(self._whole.outputs)
        answers = zip(*(self._forward(self._whole, part, temperature, count) for part in parts), strict=True)
        ab, logits, *more = (finite_answer(np.concatenate(answer), self.info) for answer in answers)
        return RawAnswer(ab, more[0] if more else None, logits)

    def _forward(self, model: Any, batch: Blob, temperature: float, count: int = 1) -> list[Blob]:
        inputs: dict[str | int, Blob] = {0: np.ascontiguousarray(batch)}
        if self._annealed:
            inputs = {PICTURE: inputs[0], INVERSE_TEMPERATURE: np.array(1 / temperature, np.float32)}
        request = self._request(model, batch.shape if self._device in _ONE_SHAPE_ONLY else None)
        try:
            found = request.infer(inputs, share_inputs=True)
            return [np.array(found[number], np.float32) for number in range(count)]
        except RuntimeError as error:
            raise EngineError(f"OpenVINO could not run the network on {batch.shape}: {_reason(error)}") from error

    def _request(self, model: Any, shape: _Shape) -> Any:
        """What runs the network on inputs of this shape; None: of any."""
        key = (model is self._whole, shape)
        if key not in self._requests:
            while shape is not None and len(self._requests) >= _SHAPES:
                del self._requests[next(iter(self._requests))]
            try:
                if shape is not None:
                    model.reshape({0: list(shape)})
                compiled = self._core.compile_model(model, self._device.upper(), self._config)
            except RuntimeError as error:
                raise EngineError(
                    f"OpenVINO cannot prepare the network for the {self._device}: {_reason(error)}"
                ) from error
            self._requests[key] = compiled.create_infer_request()
        return self._requests[key]

    def close(self) -> None:
        """Let go of the network's memory."""
        self._requests.clear()
        self._model = self._whole = None


def identity(device: str, precision: str) -> EngineIdentity:
    """What runs under the name of this device and precision."""
    return EngineIdentity("openvino", device, precision)


def missing() -> str:
    """Why OpenVINO cannot be used here, with the cure; empty where it can."""
    return "" if find_spec("openvino") else "OpenVINO is not installed. Run pip install openvino"


def candidates() -> tuple[str, ...]:
    """What OpenVINO can run networks on here, as names of engines, with every precision the hardware is made for."""
    if missing():
        return ()
    core = _runtime()
    present = [device for device in DEVICES if _is_there(core, device)]
    return tuple(f"openvino:{device}:{precision}" for device in present for precision in _fast(core, device))


def _library() -> Any:
    """The package. Its model converter stays out: importing it reports to an analytics service on the internet."""
    if missing():
        raise EngineError(missing())
    converter = "openvino.tools.ovc"
    if "openvino" in sys.modules or converter in sys.modules:
        import openvino

        return openvino
    sys.modules[converter] = None  # type: ignore[assignment]  # an import of it fails, and OpenVINO does without
    try:
        import openvino
    except (ImportError, OSError) as error:
        raise EngineError(
            f"OpenVINO does not load ({_reason(error)}). Run pip install --force-reinstall openvino"
        ) from error
    finally:
        del sys.modules[converter]
    return openvino


@cache
def _runtime() -> Any:
    """OpenVINO's core: one for the whole process, which threads may share, as OpenVINO advises."""
    return _library().Core()


def _core(device: str) -> Any:
    core = _runtime()
    if not _is_there(core, device):
        found = ", ".join(core.available_devices)
        raise EngineError(
            f"OpenVINO finds no {device} here, only {found}. Install its driver, or use --engine openvino:cpu"
        )
    return core


def _is_there(core: Any, device: str) -> bool:
    """Whether there is such a device; several GPUs are called GPU.0, GPU.1 and so on, and the first one is taken."""
    return any(name.partition(".")[0] == device.upper() for name in core.available_devices)


def _fast(core: Any, device: str) -> tuple[str, ...]:
    """The precisions that the device's hardware is made for."""
    able = set(core.get_property(device.upper(), "OPTIMIZATION_CAPABILITIES"))
    return tuple(precision for precision in PRECISIONS if precision == "f32" or _CAPABILITY[precision] in able)


def _read(core: Any, local: LocalModel, outputs: tuple[str, ...], tell: Tell = silence) -> Any:
    """The network with these outputs (all it has where it was no Caffe network), taking and giving 32-bit floats."""
    path = onnx_file(local, tell)
    preprocess = _library().preprocess
    try:
        model = core.read_model(path)
        if local.model.runs_on == "caffe":
            model.add_outputs([name for name in outputs if name not in (AB, LOGITS)])
            for result in model.get_results():
                if not result.input_value(0).names & set(outputs):
                    model.remove_result(result)
        steps = preprocess.PrePostProcessor(model)
        for number in range(len(model.inputs)):
            steps.input(number).tensor().set_element_type(_library().Type.f32)
        for number in range(len(model.outputs)):
            steps.output(number).tensor().set_element_type(_library().Type.f32)
        built: Any = steps.build()
        return built
    except RuntimeError as error:
        raise EngineError(f"OpenVINO cannot read {path}: {_reason(error)}. Use --engine opencv") from error


def _reason(error: Exception) -> str:
    """OpenVINO's own words, without the places in its source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Exception from", "Check '"))] or lines
    return " ".join(said)[:200].rstrip(".") or "no reason given"
