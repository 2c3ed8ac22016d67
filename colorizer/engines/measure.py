"""How fast each engine runs a network here, and whether it gives the colours that cv2.dnn gives."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from colorizer.engines.base import Blob, Engine, EngineInfo, Tell, silence
from colorizer.engines.names import LIBRARIES, EngineName
from colorizer.engines.registry import ENGINES
from colorizer.errors import EngineError, ModelDamaged, OutputError
from colorizer.settings import GpuUse
from colorizer.weights.local_models import LocalModel

MEAN_LIMIT, HIGH_LIMIT = 0.5, 5.0  # ab difference from the reference: on average, and at the 99.9th percentile
_RUNS, _ENOUGH = 5, 0.6  # at most so many timed runs, and none after so many seconds
_LEAVES = 900


@dataclass(frozen=True)
class Measurement:
    """One engine with one network on this machine; where it cannot be used, `problem` says why.

    start_ms: what the first picture takes longer than any later one, the loading of library and network included.
    run_ms: one picture at the network's own size. mean_difference, high_difference: in ab from the reference engine.
    """

    engine: str  # the name that opens exactly this one
    device: str
    precision: str
    start_ms: float = 0.0
    run_ms: float = 0.0
    mean_difference: float = 0.0
    high_difference: float = 0.0
    problem: str = ""

    def milliseconds(self, runs: int) -> float:
        """What so many pictures take, from nothing to the last answer."""
        return self.start_ms + runs * self.run_ms

    def is_of(self, info: EngineInfo) -> bool:
        """Whether it is what was measured of this engine."""
        return EngineInfo(EngineName.parse(self.engine).library, self.device, self.precision) == info


def open_named(local: LocalModel, name: EngineName, tell: Tell = silence) -> Engine:
    """The engine with the network loaded. Raises EngineError where it cannot run, ModelDamaged for broken files."""
    return name.row.open(local, name.device or "cpu", name.precision, tell)


def candidates(use_gpu: GpuUse, libraries: Iterable[str] = LIBRARIES) -> tuple[str, ...]:
    """The engines to choose from on this machine, the reference first."""
    return _allowed(use_gpu, (name for library in libraries for name in _offered(library)))


def on_request(use_gpu: GpuUse) -> tuple[str, ...]:
    """The engines of this machine that are only for those who ask for them."""
    return _allowed(use_gpu, (name for row in ENGINES.values() for name in row.on_request()))


def _allowed(use_gpu: GpuUse, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in names if use_gpu != "off" or EngineName.parse(name).on_cpu)


def _offered(library: str) -> tuple[str, ...]:
    """What the library can run on here; nothing where it is there and does not even load."""
    try:
        return ENGINES[library].candidates()
    except EngineError:
        return ()


def measure_engines(local: LocalModel, names: Iterable[str], tell: Tell = silence) -> tuple[Measurement, ...]:
    """Every engine tried on the same drawn picture, the first one that answers being the reference.

    Raises ModelDamaged when the network's own files do not load.
    """
    batch = sample_batch(local)
    reference: Blob | None = None
    rows = []
    for name in names:
        tell(f"Trying {name} with the network {local.model.id}")
        row, answer = _measure(local, name, batch, tell)
        if answer is not None and reference is not None:
            row = compare(row, answer, reference)
        if reference is None:
            reference = answer
        rows.append(row)
    return tuple(rows)


def _measure(local: LocalModel, name: str, batch: Blob, tell: Tell) -> tuple[Measurement, Blob | None]:
    parsed = EngineName.parse(name)
    row = Measurement(name, parsed.device, parsed.precision)
    start = time.perf_counter()
    try:
        with open_named(local, parsed, tell) as engine:
            row = replace(row, device=engine.info.device, precision=engine.info.precision)
            answer = engine.infer(batch)
            first = time.perf_counter() - start
            run = _best_run(engine, batch)
    except ModelDamaged as error:
        if local.model.runs_on == "caffe":
            raise
        return replace(row, problem=str(error)), None  # an ONNX network that one library cannot read may suit another
    except (EngineError, OutputError) as error:  # the latter: it prepares a file, and there is no place for it
        return replace(row, problem=str(error)), None
    extra = 1e3 * max(first - run, 0) + parsed.row.load_ms
    return replace(row, start_ms=extra, run_ms=1e3 * run), answer


def _best_run(engine: Engine, batch: Blob) -> float:
    """Seconds of the fastest of a few runs: what disturbs a run only ever makes it longer."""
    times: list[float] = []
    while len(times) < _RUNS and sum(times) < _ENOUGH:
        start = time.perf_counter()
        engine.infer(batch)
        times.append(time.perf_counter() - start)
    return min(times)


def compare(row: Measurement, answer: Blob, reference: Blob) -> Measurement:
    """The row with its differences in ab, and with a problem where they are too large."""
    if answer.shape != reference.shape:
        return replace(row, problem=f"answers in another shape, {answer.shape} instead of {reference.shape}")
    difference = np.abs(answer - reference)
    mean, high = float(difference.mean()), float(np.percentile(difference, 99.9))
    wrong = (
        "" if mean <= MEAN_LIMIT and high <= HIGH_LIMIT else f"other colours: {mean:.2f} on average, {high:.1f} at most"
    )
    return replace(row, mean_difference=mean, high_difference=high, problem=wrong)


def sample_batch(local: LocalModel) -> Blob:
    """The drawn picture as this network takes it, (1, 1, s, s) L* - 50, or (1, 3, s, s) grey RGB in [0, 1]."""
    drawn = draw_leaves(local.model.default_size)
    if local.model.input == "lightness":
        return (100 * drawn - 50)[None, None]
    return np.repeat(drawn[None, None], 3, axis=1)


def draw_leaves(side: int) -> Blob:
    """A picture with the statistics of photographs, the same one every time: (side, side) in [0, 1].

    Discs of all sizes fall on each other, each with its own grey and its own gradient: edges, occlusion and a power
    spectrum of 1/f^2. Source: Lee, Mumford, Huang 2001, the dead leaves model.
    """
    rng = np.random.default_rng(5)
    canvas = np.full((side, side), 0.5, np.float32)
    radii = 0.35 * side / np.sqrt(1 + rng.random(_LEAVES) * 600)  # a density of r^-3
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32)
    for radius in rng.permutation(radii):
        row, column = rng.random(2) * side
        angle, slope, grey = rng.random() * 2 * np.pi, rng.normal(0, 0.15), rng.beta(1.5, 1.5)
        tilt = slope * ((columns - column) * np.cos(angle) + (rows - row) * np.sin(angle)) / radius
        inside = (rows - row) ** 2 + (columns - column) ** 2 < radius**2
        canvas[inside] = (grey + tilt)[inside]
    soft = np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.7), np.float32) + rng.normal(0, 0.01, canvas.shape)
    return np.clip(soft, 0, 1).astype(np.float32)
