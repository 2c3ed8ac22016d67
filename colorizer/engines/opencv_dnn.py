"""The reference engine: OpenCV's own DNN module, which reads the Caffe files as they are."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.engines.base import (
    DEFAULT_TEMPERATURE,
    Blob,
    Engine,
    EngineIdentity,
    EngineInfo,
    RawAnswer,
    demand_finite,
    demand_open,
    finite_answer,
)
from colorizer.engines.prototxt import Layer, read_prototxt, source_of
from colorizer.errors import EngineError, ModelDamaged
from colorizer.weights.local_models import LocalModel

Device = Literal["cpu", "cuda", "cuda_fp16", "opencl"]
DEVICES: tuple[Device, ...] = ("cpu", "cuda", "cuda_fp16", "opencl")

_CENTRES_LAYER = "class8_ab"
_LOGITS_LAYER = "conv8_313"
_TEMPERATURE_LAYER = "conv8_313_rh"
_TARGETS: dict[Device, tuple[int, int]] = {
    "cpu": (cv2.dnn.DNN_BACKEND_OPENCV, cv2.dnn.DNN_TARGET_CPU),
    "cuda": (cv2.dnn.DNN_BACKEND_CUDA, cv2.dnn.DNN_TARGET_CUDA),
    "cuda_fp16": (cv2.dnn.DNN_BACKEND_CUDA, cv2.dnn.DNN_TARGET_CUDA_FP16),
    "opencl": (cv2.dnn.DNN_BACKEND_OPENCV, cv2.dnn.DNN_TARGET_OPENCL),
}
_ON_REQUEST = {"opencl"}
_OPENCV_4 = "pip install 'opencv-python-headless>=4.10,<5'"


class OpenCvEngine(Engine):
    """A network in cv2.dnn. The Caffe networks get their cluster centres and 1/T here, before the first run."""

    def __init__(self, local: LocalModel, device: Device = "cpu") -> None:
        problem = opencv_problem() or missing_device(device)
        if problem:
            raise EngineError(problem)
        self._local, self._device = local, device
        self._single = local.model.runs_on == "onnx"  # such a network often takes one picture and no more
        self._output = "" if self._single else _CENTRES_LAYER
        self._whole: _Whole | None = None  # opened when all that the network knows is asked for
        self._open(DEFAULT_TEMPERATURE)
        self.info = EngineInfo.of(identity(device))

    def _open(self, temperature: float) -> None:
        """Load the files. OpenCV melts 1/T into the layer before it at the first run, so each T needs a new network."""
        self._net = self._load(temperature)
        self._temperature = temperature

    def _load(self, temperature: float) -> cv2.dnn.Net:
        try:
            net = _read_onnx(self._local) if self._single else _read_caffe(self._local, temperature)
        except cv2.error as error:
            raise ModelDamaged(f"OpenCV cannot load the network {self._local.model.id}: {_reason(error)}") from error
        backend, target = _TARGETS[self._device]
        net.setPreferableBackend(backend)
        net.setPreferableTarget(target)
        return net

    def infer(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> Blob:
        """a* and b* of the batch, (N, 2, h, w), as a copy of its own."""
        if temperature != self._temperature and not self._single:
            self._open(temperature)
        demand_finite(batch)
        parts = [one[None] for one in batch] if self._single else [batch]
        try:
            answers = [self._forward(part) for part in parts]
        except cv2.error as error:
            raise EngineError(f"OpenCV could not run the network on {batch.shape}: {_reason(error)}") from error
        return self._finite(np.concatenate(answers))

    def _finite(self, answer: Blob) -> Blob:
        if self._device != "cpu":
            return finite_answer(answer, self.info)
        return finite_answer(answer, self.info, "Its weights are broken: get the network's files anew")

    def _forward(self, batch: Blob) -> Blob:
        self._net.setInput(batch)
        return np.array(self._net.forward(self._output) if self._output else self._net.forward(), np.float32)

    def infer_all(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> RawAnswer:
        """What infer gives, bit for bit, with features and logits, of one run."""
        demand_open(None if self._net.empty() else self._net, self.info)
        if self._single:
            return RawAnswer(self.infer(batch))
        if self._whole is None or self._whole.temperature != temperature:
            self._whole = self._open_whole(temperature)
        demand_finite(batch)
        try:
            self._whole.net.setInput(batch)
            parts = self._whole.net.forward(self._whole.outputs)
        except cv2.error as error:
            raise EngineError(f"OpenCV could not run the network on {batch.shape}: {_reason(error)}") from error
        ab, scaled, *features = (self._finite(cast("Blob", part)) for part in parts)
        scaled *= np.float32(temperature)
        return RawAnswer(ab, features[0] if features else None, scaled)

    def _open_whole(self, temperature: float) -> "_Whole":
        """The network with more outputs. The logits are asked for after 1/T, so that OpenCV melts layers as always."""
        net = self._load(temperature)
        source = source_of(read_layers(self._local), _LOGITS_LAYER)
        number = -1 if source is None else _number(net, source)
        features = [] if number < 0 else [net.getLayer(number).name]
        return _Whole(net, temperature, [_CENTRES_LAYER, _TEMPERATURE_LAYER, *features])

    def close(self) -> None:
        """Let go of the network's memory."""
        self._net = cv2.dnn.Net()
        self._whole = None


@dataclass(frozen=True)
class _Whole:
    """A network that is asked for more than its colours, and the names of what it is asked for."""

    net: cv2.dnn.Net
    temperature: float
    outputs: list[str]


def identity(device: str, _precision: str = "") -> EngineIdentity:
    """What runs under this device's name."""
    return EngineIdentity("opencv", device.removesuffix("_fp16"), "f16" if device == "cuda_fp16" else "f32")


def opencv_problem() -> str:
    """Why the OpenCV that is installed cannot be used, with the cure; empty where it can."""
    return importer_problem(cv2.__version__, has_importer=hasattr(cv2.dnn, "readNetFromCaffe"))


def importer_problem(version: str, *, has_importer: bool) -> str:
    """Why an OpenCV of this version cannot read Caffe networks, with the cure; empty where it can."""
    if int(version.split(".", 1)[0]) < 5 and has_importer:
        return ""
    return f"OpenCV {version} cannot read Caffe networks: OpenCV 5 removed the importer. Run {_OPENCV_4}"


def device_named(name: str) -> Device:
    """The device of this name. Raises EngineError when there is none."""
    for device in DEVICES:
        if device == name:
            return device
    raise EngineError(f"OpenCV knows no device {name!r}. Choose one of {', '.join(DEVICES)}")


def available_devices() -> tuple[Device, ...]:
    """The devices this OpenCV can really use here, the CPU first."""
    return tuple(device for device in DEVICES if not missing_device(device))


def candidates() -> tuple[str, ...]:
    """What OpenCV can run networks on here, as names of engines; OpenCL is for those who ask for it."""
    return tuple(f"opencv:{device}" for device in available_devices() if device not in _ON_REQUEST)


def on_request() -> tuple[str, ...]:
    """What can be used here as well, and is no candidate."""
    return tuple(f"opencv:{device}" for device in available_devices() if device in _ON_REQUEST)


def missing_device(device: str) -> str:
    """Why the device cannot be used here, with the cure; empty where it can."""
    if device in {"cuda", "cuda_fp16"} and not _cuda_is_there():
        return (
            "OpenCV cannot use CUDA here: the package from pip is built without it. "
            "Install an OpenCV 4 built with CUDA, or use --engine opencv:cpu"
        )
    if device == "opencl" and not cv2.ocl.haveOpenCL():
        return "OpenCV finds no OpenCL device here. Install its driver, or use --engine opencv:cpu"
    return ""


def _cuda_is_there() -> bool:
    if not hasattr(cv2, "cuda") or cv2.cuda.getCudaEnabledDeviceCount() < 1:
        return False
    return cv2.dnn.DNN_TARGET_CUDA in cv2.dnn.getAvailableTargets(cv2.dnn.DNN_BACKEND_CUDA)


def read_network(local: LocalModel) -> tuple[tuple[Layer, ...], Blob]:
    """Every layer of a Caffe network with its weights, as cv2.dnn reads them, and the centres of the bins, (Q, 2).

    Raises EngineError without an OpenCV that can read it, ModelDamaged when the files do not load.
    """
    problem = opencv_problem()
    if problem:
        raise EngineError(problem)
    try:
        net = _read_caffe(local, DEFAULT_TEMPERATURE)  # not run yet: a run melts layers together
        layers = tuple(replace(layer, blobs=_blobs(net, layer)) for layer in read_layers(local))
        return layers, read_centres(local.paths["centres"])
    except cv2.error as error:
        raise ModelDamaged(f"OpenCV cannot load the network {local.model.id}: {_reason(error)}") from error


def _blobs(net: cv2.dnn.Net, layer: Layer) -> tuple[Blob, ...]:
    number = _number(net, layer)
    if number < 0 or layer.kind == "Input":
        return ()
    return tuple(np.array(blob, np.float32) for blob in net.getLayer(number).blobs)


def _number(net: cv2.dnn.Net, layer: Layer) -> int:
    """OpenCV's number of a layer, which it calls by its name in the file, or by what it makes; -1: it has none."""
    return next((number for name in (layer.name, *layer.tops) if (number := net.getLayerId(name)) >= 0), -1)


def read_layers(local: LocalModel) -> tuple[Layer, ...]:
    """The layers of a Caffe network without their weights. Raises EngineError, or ModelDamaged without the file."""
    return read_prototxt(_bytes(local.paths["prototxt"]).tobytes().decode("utf-8", "replace"))


def _read_onnx(local: LocalModel) -> cv2.dnn.Net:
    return cv2.dnn.readNetFromONNX(_bytes(local.paths["onnx"]))


def _read_caffe(local: LocalModel, temperature: float) -> cv2.dnn.Net:
    """The network with its two open layers filled: the ab bins' centres and the annealed mean's 1/T.

    Source: Zhang, Isola, Efros 2016, section 2.3 (annealed mean).
    """
    # Buffers rather than names: OpenCV cannot open a path with letters outside the system's code page.
    net = cv2.dnn.readNetFromCaffe(_bytes(local.paths["prototxt"]), _bytes(local.paths["weights"]))
    centres = read_centres(local.paths["centres"])
    bins = len(centres)
    _check_bins(net, bins, local)
    _layer(net, _TEMPERATURE_LAYER, local).blobs = [np.full((1, bins), 1 / temperature, np.float32)]
    _layer(net, _CENTRES_LAYER, local).blobs = [np.ascontiguousarray(centres.T).reshape(2, bins, 1, 1)]
    return net


def read_centres(path: Path) -> Blob:
    """The cluster centres, (Q, 2) a* and b*. Raises ModelDamaged for any other array."""
    try:
        centres = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ModelDamaged(f"{path.name} is not a NumPy file: {error}") from error
    right_shape = isinstance(centres, np.ndarray) and centres.ndim == 2 and centres.shape[1] == 2 and len(centres) > 0
    if not right_shape or not np.issubdtype(centres.dtype, np.number) or not np.isfinite(centres).all():
        raise ModelDamaged(f"{path.name} must hold the ab cluster centres as Q rows of two finite numbers")
    return np.asarray(centres, np.float32)


def _check_bins(net: cv2.dnn.Net, bins: int, local: LocalModel) -> None:
    _layer(net, _LOGITS_LAYER, local)
    channels = net.getParam(_LOGITS_LAYER, 0).shape[0]
    if channels != bins:
        raise ModelDamaged(
            f"the files of {local.model.id} do not belong together: the network answers with {channels} ab bins, "
            f"and {local.paths['centres'].name} holds {bins}"
        )


def _layer(net: cv2.dnn.Net, name: str, local: LocalModel) -> cv2.dnn.Layer:
    number = net.getLayerId(name)
    if number < 0:
        raise ModelDamaged(f"{local.paths['prototxt'].name} has no layer {name}: it is not a colorization network")
    return net.getLayer(number)


def _bytes(path: Path) -> NDArray[np.uint8]:
    """The file's bytes as the buffer that OpenCV takes (it takes a bytes object for a file name)."""
    try:
        return np.fromfile(path, np.uint8)
    except OSError as error:
        raise ModelDamaged(f"{path} cannot be read: {error.strerror}") from error


def _reason(error: cv2.error) -> str:
    """OpenCV's own words, without the place in its source."""
    text = cast("str", getattr(error, "err", None) or str(error))
    return " ".join(text.split())[:200] or "no reason given"
