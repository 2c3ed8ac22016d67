"""From the name a user gives to an open engine; "auto" measures once and remembers."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path

import cv2

from colorizer.engines.base import Engine, Tell, silence
from colorizer.engines.caffe_to_onnx import VERSION
from colorizer.engines.exported import digest
from colorizer.engines.machine import cores, gpu_support, processor
from colorizer.engines.measure import Measurement, candidates, measure_engines, open_named
from colorizer.engines.names import AUTO, REFERENCE, EngineName
from colorizer.engines.registry import runtimes
from colorizer.errors import EngineError, OutputError
from colorizer.files import write_whole
from colorizer.lockfile import alone
from colorizer.settings import GpuUse, settings
from colorizer.weights.local_models import LocalModel

MANY = 1000  # pictures: as good as a film
_FEW = 4  # for so many pictures nothing is measured: that would take longer than it saves
AS_FAST = 1.25  # who takes at most so many times as long as the fastest counts as fast, too
_FORM = 1  # counted up when the file of measurements or the way to measure changes


def open_engine(local: LocalModel, name: str = AUTO, runs: int = MANY, tell: Tell = silence) -> Engine:
    """The engine of this name with the network loaded.

    name: "auto", or as EngineName reads it. Only "auto" chooses (and means COLORIZER_ENGINE where that is set); a named
    engine never falls back in silence. runs: about how many pictures will come, which "auto" takes into account.
    Raises EngineError where it cannot run here, ModelDamaged when the network's files do not load.
    """
    use_gpu = settings().use_gpu
    wanted = _wanted(name)
    if wanted is not None:
        present = () if wanted.device else candidates("auto", (wanted.library,))
        return open_named(local, with_device(wanted, use_gpu, present), tell)
    _demand_gpu(use_gpu)
    rows = stored(local)
    if rows is None and runs <= _FEW and use_gpu != "on":
        return open_named(local, REFERENCE, tell)
    if rows is not None:
        try:
            return open_named(local, EngineName.parse(pick(rows, runs, use_gpu).engine), tell)
        except (EngineError, OutputError) as error:  # a driver has gone, or a device, or a folder: look again
            tell(f"{error}; choosing anew")
    rows = measured(local, fresh=rows is not None, tell=tell)
    return open_named(local, EngineName.parse(pick(rows, runs, use_gpu).engine), tell)


def _no_gpu(reasons: str = "") -> EngineError:
    return EngineError(f"USE_GPU=1 insists on a GPU, and no engine here can use one{reasons}. Unset USE_GPU")


def _demand_gpu(use_gpu: GpuUse) -> None:
    """Raises EngineError, before anything is tried, where a GPU is insisted on and there is none."""
    if use_gpu == "on" and all(EngineName.parse(name).on_cpu for name in candidates(use_gpu)):
        raise _no_gpu()


def is_choice(name: str) -> bool:
    """Whether nobody names the engine, neither this name nor COLORIZER_ENGINE."""
    return _wanted(name) is None


def _wanted(name: str) -> EngineName | None:
    """The engine that is named, by the caller or else by COLORIZER_ENGINE; None where neither names one."""
    named = settings().engine if name == AUTO else name
    try:
        return None if named == AUTO else EngineName.parse(named)
    except EngineError as error:
        if name == AUTO:
            raise EngineError(f"COLORIZER_ENGINE: {error}") from error
        raise


def with_device(name: EngineName, use_gpu: GpuUse, present: Iterable[str]) -> EngineName:
    """The name with the device that it leaves open: a GPU where there is one, for some only on USE_GPU=1.

    present: the engines of this machine, the best device of each library first.
    Raises EngineError where USE_GPU forbids the device that is named, or asks for one that is not there.
    """
    if name.device:
        if use_gpu == "off" and not name.on_cpu:
            raise EngineError(
                f"{name} needs more than the CPU, and USE_GPU=0 forbids it. Name another, or unset USE_GPU"
            )
        return name
    same = [each for each in map(EngineName.parse, present) if each.library == name.library]
    gpus = [each.device for each in same if not each.on_cpu]
    if use_gpu == "on" and not gpus:
        raise EngineError(f"USE_GPU=1 insists on a GPU, and {name} finds none here. Unset USE_GPU, or name {name}:cpu")
    wants_gpu = use_gpu == "on" or (use_gpu == "auto" and name.row.takes_gpu)
    return EngineName(name.library, gpus[0] if gpus and wants_gpu else "cpu")


def pick(rows: Iterable[Measurement], runs: int = MANY, use_gpu: GpuUse = "auto") -> Measurement:
    """The engine for so many pictures: of those that are about as fast as the fastest, the most exact one.

    Raises EngineError when none can be used, which says why for each.
    """
    every = tuple(rows)
    allowed = [row for row in every if is_allowed(row, use_gpu)]
    fit = [row for row in allowed if not row.problem]
    if not fit and use_gpu == "on":
        reasons = "".join(f"; {row.engine}: {row.problem}" for row in allowed)
        raise _no_gpu(reasons)
    if not fit:
        raise EngineError(
            "no engine can run this network: " + "; ".join(f"{row.engine}: {row.problem}" for row in every)
        )
    fastest = min(row.milliseconds(runs) for row in fit)
    return min(
        (row for row in fit if row.milliseconds(runs) <= AS_FAST * fastest),
        key=lambda row: (row.mean_difference, row.milliseconds(runs)),
    )


def is_allowed(row: Measurement, use_gpu: GpuUse) -> bool:
    """Whether USE_GPU lets this engine be chosen."""
    on_cpu = EngineName.parse(row.engine).on_cpu
    return use_gpu == "auto" or on_cpu == (use_gpu == "off")


def measured(local: LocalModel, *, fresh: bool = False, tell: Tell = silence) -> tuple[Measurement, ...]:
    """Every engine of this machine with this network, measured now unless that was done before with the same versions.

    fresh: measure in any case. Raises ModelDamaged when the network's files do not load.
    """
    folder = _path(local).parent
    with ExitStack() as lock:
        with suppress(OSError):  # a folder that cannot be written is told of when there is something to keep
            folder.mkdir(parents=True, exist_ok=True)
            lock.enter_context(alone(folder / ".lock"))  # two that measure at once would disturb each other
        found = None if fresh else stored(local)
        return found or _measure(local, tell)


def _measure(local: LocalModel, tell: Tell) -> tuple[Measurement, ...]:
    """Every engine measured now, and kept where that is possible."""
    tell(f"Choosing what runs {local.model.id} best on this machine (once)")
    rows = measure_engines(local, candidates(settings().use_gpu), tell)
    path = _path(local)
    try:
        _store(path, rows)
    except OSError as error:
        tell(f"What is measured cannot be kept in {path.parent} ({error}): choose another one with COLORIZER_CACHE_DIR")
    return rows


def stored(local: LocalModel) -> tuple[Measurement, ...] | None:
    """What was measured before with this network, this machine and these versions; None where nothing was."""
    try:
        content = json.loads(_path(local).read_text("utf-8"))
        return tuple(Measurement(**row) for row in content["engines"]) or None
    except (OSError, ValueError, TypeError, KeyError, EngineError):  # never measured, or not by this program
        return None


def _store(path: Path, rows: tuple[Measurement, ...]) -> None:
    """Keep the rows, whole or not at all. Raises OSError."""
    content = {"machine": _machine(), "engines": [asdict(row) for row in rows]}
    write_whole(path, json.dumps(content, indent=2).encode())


def _machine() -> dict[str, object]:
    """Everything that measurements depend on, but for the network."""
    gpu = gpu_support() if settings().use_gpu != "off" else None
    about = {"form": _FORM, "export": VERSION, "processor": processor(), "cores": cores(), "gpu": gpu}
    return {**about, "opencv": cv2.__version__, **runtimes()}  # an OpenCV built by hand is no package


def _path(local: LocalModel) -> Path:
    """Where measurements with this network are kept: other versions, another machine or network, another file."""
    about = json.dumps([_machine(), local.model.default_size], sort_keys=True)
    key = hashlib.sha256(about.encode()).hexdigest()[:16]
    return settings().cache_folder / "engines" / f"{local.model.id}-{digest(local)}-{key}.json"
