"""ONNX Runtime: through CUDA, TensorRT, DirectML, CoreML or the CPU, whichever the installed package brings."""

import sys
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
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
from colorizer.engines.onnx_format import Value, with_outputs
from colorizer.errors import EngineError
from colorizer.settings import settings
from colorizer.weights.local_models import LocalModel

# ONNX Runtime's name for each device, and what it computes in there.
_PROVIDERS = {
    "cuda": ("CUDAExecutionProvider", "tf32"),
    "tensorrt": ("TensorrtExecutionProvider", "f16"),
    "directml": ("DmlExecutionProvider", "f32"),
    "coreml": ("CoreMLExecutionProvider", "f32"),
    "cpu": ("CPUExecutionProvider", "f32"),
}
DEVICES = tuple(_PROVIDERS)
_PACKAGES = {"cuda": "onnxruntime-gpu", "tensorrt": "onnxruntime-gpu", "directml": "onnxruntime-directml"}
_CUDA = "NVIDIA's driver, CUDA and cuDNN (pip install 'onnxruntime-gpu[cuda,cudnn]')"
_NEEDS = {"cuda": _CUDA, "tensorrt": f"TensorRT beside {_CUDA}"}
_ERRORS_ONLY = 4  # fatal ones: everything else reaches the user as an exception of ours
_SAYING = Lock()  # what is printed is turned away for the whole process


class OnnxRuntimeEngine(Engine):
    """A network in ONNX Runtime, on one device; it never falls back to another one."""

    def __init__(self, local: LocalModel, device: str = "cpu", tell: Tell = silence) -> None:
        library = _library()
        provider, _ = _PROVIDERS[device]
        if provider not in library.get_available_providers():
            raise EngineError(
                f"this ONNX Runtime has no {device}. Run pip install {_PACKAGES.get(device, 'onnxruntime')}"
            )
        session = _open(library, device, onnx_file(local, tell), None)
        self._local, self._device, self._session = local, device, session
        self._whole: Any = None  # opened when all that the network knows is asked for
        self._annealed = local.model.runs_on == "caffe"
        first = session.get_inputs()[0]
        self._input = PICTURE if self._annealed else first.name
        self._output = AB if self._annealed else session.get_outputs()[0].name
        self._dtype = np.float16 if first.type == "tensor(float16)" else np.float32
        self.info = EngineInfo.of(identity(device))

    def infer(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> Blob:
        """a* and b* of the batch, (N, 2, h, w), as a copy of its own."""
        demand_finite(batch)
        parts = [batch] if self._annealed else [one[None] for one in batch]
        answers = [self._forward(self._session, [self._output], part, temperature)[0] for part in parts]
        return finite_answer(np.concatenate(answers), self.info)

    def infer_all(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> RawAnswer:
        """What infer gives, with features and logits, of one run."""
        demand_open(self._session, self.info)
        if not self._annealed:
            return RawAnswer(self.infer(batch))
        features = features_name(self._local)
        names = [AB, LOGITS, *([features] if features else [])]
        if self._whole is None:
            self._whole = _open(_library(), self._device, onnx_file(self._local), features)
        answers = self._forward(self._whole, names, demand_finite(batch), temperature)
        ab, logits, *more = (finite_answer(answer, self.info) for answer in answers)
        return RawAnswer(ab, more[0] if more else None, logits)

    def _forward(self, session: Any, outputs: list[str], batch: Blob, temperature: float) -> list[Blob]:
        inputs = {self._input: batch.astype(self._dtype, copy=False)}
        if self._annealed:
            inputs[INVERSE_TEMPERATURE] = np.array(1 / temperature, np.float32)
        try:
            return [np.asarray(answer, np.float32) for answer in session.run(outputs, inputs)]
        except Exception as error:  # the library has no class of its own for its errors
            raise EngineError(f"ONNX Runtime could not run the network on {batch.shape}: {_reason(error)}") from error

    def close(self) -> None:
        """Let go of the network's memory."""
        self._session = self._whole = None


def _open(library: Any, device: str, path: Path, features: str | None) -> Any:
    """The network on the device, and on no other one. features: what it gives besides, if anything."""
    provider, _ = _PROVIDERS[device]
    try:
        if device in {"cuda", "tensorrt"}:
            _find_cuda(library)
        more = [Value(features, ("N", "c", "fh", "fw"))] if features else []
        session = library.InferenceSession(
            with_outputs(path.read_bytes(), more) if more else str(path),
            _session_options(library, device),
            providers=[(provider, _options(device))],
            enable_fallback=0,  # else a device that fails, even in the middle of a film, becomes the CPU
        )
    except Exception as error:  # the library has no class of its own for its errors
        raise EngineError(f"ONNX Runtime cannot run {path} on {device}: {_reason(error)}") from error
    if session.get_providers()[0] != provider:
        needs = _NEEDS.get(device, "its driver")
        raise EngineError(f"ONNX Runtime could not start {device} here. Install {needs}, or use --engine opencv")
    return session


def identity(device: str, _precision: str = "") -> EngineIdentity:
    """What runs under this device's name."""
    return EngineIdentity("onnxruntime", device, _PROVIDERS[device][1])


def missing() -> str:
    """Why ONNX Runtime cannot be used here, with the cure; empty where it can."""
    return "" if find_spec("onnxruntime") else "ONNX Runtime is not installed. Run pip install onnxruntime"


def candidates() -> tuple[str, ...]:
    """What ONNX Runtime can run networks on here, as names of engines."""
    if missing():
        return ()
    there = _library().get_available_providers()
    return tuple(f"onnxruntime:{device}" for device, (provider, _) in _PROVIDERS.items() if provider in there)


def _library() -> Any:
    """The package, told to send no telemetry. Raises EngineError where it is not installed or does not load."""
    if missing():
        raise EngineError(missing())
    try:
        import onnxruntime
    except (ImportError, OSError) as error:
        raise EngineError(
            f"ONNX Runtime does not load ({_reason(error)}). Run pip install --force-reinstall onnxruntime"
        ) from error
    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(_ERRORS_ONLY)
    return onnxruntime


def _find_cuda(library: Any) -> None:
    """Load CUDA from NVIDIA's packages where pip has put them: the system looks for it elsewhere only."""
    if hasattr(library, "preload_dlls"):
        with _SAYING, redirect_stdout(sys.stderr):  # it prints what it misses
            library.preload_dlls()


def _session_options(library: Any, device: str) -> Any:
    options = library.SessionOptions()
    options.log_severity_level = _ERRORS_ONLY
    options.intra_op_num_threads = cores()
    # Threads that wait by spinning would take the processor from the decoder and the encoder.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if device == "directml":  # its documentation asks for both
        options.enable_mem_pattern = False
        options.execution_mode = library.ExecutionMode.ORT_SEQUENTIAL
    return options


def _options(device: str) -> dict[str, str]:
    if device != "tensorrt":
        return {}
    folder = settings().cache_folder / "tensorrt"
    folder.mkdir(parents=True, exist_ok=True)  # TensorRT makes one folder, and not those above it
    return {"trt_fp16_enable": "True", "trt_engine_cache_enable": "True", "trt_engine_cache_path": str(folder)}


def _reason(error: Exception) -> str:
    """The library's own words, on one line."""
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
