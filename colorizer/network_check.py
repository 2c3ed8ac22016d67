"""Whether a network does on this computer what its row of the catalog says: it is tried on the drawn landscape."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from colorizer import __version__
from colorizer.engines.base import Blob, Engine, Tell, engine_words, silence
from colorizer.engines.choose import open_engine
from colorizer.engines.exported import digest
from colorizer.engines.measure import Measurement, compare, open_named
from colorizer.engines.names import AUTO, REFERENCE
from colorizer.errors import EngineError, ModelDamaged, OutputError
from colorizer.files import write_whole
from colorizer.network import input_shape, network_input
from colorizer.sample import sample_luma
from colorizer.settings import settings
from colorizer.weights.catalog import GREY_RAMP, PREPROCESSED, Model
from colorizer.weights.local_models import CHECK_NAME, LocalModel

_EXACT = 2e-4  # of the range of what the network takes in: tables and resampling in 32 bits stay below it
_AB_LIMIT = 128.0
_FAINT, _ABSURD = 0.5, 60.0  # mean chroma of the landscape: no photograph that people believe has less, or more
_ALIKE = 0.5  # a* and b* that differ no more over the whole picture are one colour
_BAND = 48  # pixels: how broad each level of the ramp is drawn


@dataclass(frozen=True)
class NetworkCheck:
    """What came out when a network was tried.

    problems: a line each, with what to do; none where all is well. engine: what auto chose, as files keep it.
    reference: what its colours were compared with; empty where the reference cannot read the network.
    """

    problems: tuple[str, ...] = ()
    engine: str = ""
    reference: str = ""
    mean_chroma: float = 0.0

    @property
    def text(self) -> str:
        """All of it in a line that goes on after "tried on this computer:"."""
        if self.problems:
            return "; ".join(self.problems)
        agrees = f", which agrees with {engine_words(self.reference)}" if self.reference != self.engine else ""
        if not self.reference:
            agrees = f"; {REFERENCE} cannot run it, so nothing was compared. Leave the engine at auto"
        runs = f"auto takes {engine_words(self.engine)}{agrees}"
        return f"it colours the test picture as it should (mean chroma {self.mean_chroma:.1f}); {runs}"


def checked(local: LocalModel, *, fresh: bool = False, tell: Tell = silence) -> NetworkCheck:
    """What came out when this network was tried, now or before with the same files and version of the program.

    fresh: try it in any case.
    """
    found = None if fresh else stored_check(local)
    if found is None:
        found = check_network(local, tell)
        if all(path.is_file() for path in local.paths.values()):  # else it was removed meanwhile
            _store(local, found, tell)
    return found


def check_network(local: LocalModel, tell: Tell = silence) -> NetworkCheck:
    """What comes out when the network is tried now, on the reference engine and on what auto chooses.

    Its input is compared with the published formulas, its answer with its row, the two engines with each other.
    """
    tell(f"Trying the network {local.model.id} on a drawn picture")
    luma = sample_luma()
    batch = network_input(luma, *input_shape(luma.shape[0], luma.shape[1], local.model), local.model)
    problems = _preprocessing_problems(local.model)
    reference = _run(lambda: open_named(local, REFERENCE, tell), batch)
    if reference.answer is None and local.model.runs_on == "caffe":
        return NetworkCheck((*problems, reference.problem))
    chosen = _run(lambda: open_engine(local, AUTO, tell=tell), batch)  # an ONNX network may suit other engines
    answer = chosen.answer if reference.answer is None else reference.answer
    if answer is not None:
        problems += answer_problems(answer, batch, local.model)
    problems += [chosen.problem] if chosen.answer is None else _disagreement(chosen, reference)
    chroma = 0.0 if problems or answer is None else mean_chroma(answer)
    return NetworkCheck(tuple(problems), chosen.engine, reference.engine, chroma)


def answer_problems(answer: Blob, batch: Blob, model: Model) -> list[str]:
    """What is wrong with the network's answer to the landscape, a line each with what to do.

    answer: as an engine gives it, finite. batch: (1, c, H, W), what the network was given.
    """
    if answer.ndim != 4 or answer.shape[:2] != (1, 2):
        return [f"it answers with an array of {answer.shape}, not with a* and b*, (1, 2, h, w). {_cure(model)}"]
    problems = []
    if grid := _grid_problem(answer.shape[2:], batch.shape[2:], model.cell):
        problems.append(f"{grid}. {_cure(model)}")
    low, high = float(answer.min()), float(answer.max())
    if low < -_AB_LIMIT or high > _AB_LIMIT:
        limits = f"-{_AB_LIMIT:g} to {_AB_LIMIT:g}"
        problems.append(f"its a* and b* go from {low:.0f} to {high:.0f}, and must lie in {limits}. {_cure(model)}")
    elif colour := _colour_problem(answer):
        problems.append(f"{colour}. {_cure(model)}")
    return problems


def _preprocessing_problems(model: Model) -> list[str]:
    """What is wrong with how the program prepares a ramp of greys for this network, by the published formulas."""
    expected = np.array(PREPROCESSED[model.input])
    ramp = np.tile(np.repeat(np.array(GREY_RAMP, np.uint8), _BAND), (_BAND, 1))  # (48, 11 * 48)
    given = network_input(ramp, _BAND // 2, ramp.shape[1] // 2, model)  # a half, as pictures are made smaller too
    found = given[0, :, _BAND // 4, _BAND // 4 :: _BAND // 2]  # the middle of every band, (c, 11)
    off = np.abs(found - expected).max(axis=0)
    worst = int(off.argmax())
    if off[worst] <= _EXACT * np.ptp(expected):
        return []
    return [
        f"the program gives it {found[0, worst]:.4f} for the grey level {GREY_RAMP[worst]} where the published formula "
        f"gives {expected[worst]:.4f}. Install the program again"
    ]


def _grid_problem(grid: tuple[int, ...], given: tuple[int, ...], cell: int | None) -> str:
    said = f"it answers on a grid of {grid[0]} x {grid[1]} for an input of {given[0]} x {given[1]}"
    if cell is None:  # a network of one's own may have any grid that is no finer than what it is given
        fits = all(1 <= side <= most for side, most in zip(grid, given, strict=True))
        return "" if fits else said
    expected = tuple(side // cell for side in given)
    return "" if grid == expected else f"{said}, and must on {expected[0]} x {expected[1]}"


def _colour_problem(answer: Blob) -> str:
    chroma = mean_chroma(answer)
    if chroma < _FAINT:
        return f"it gives the test picture hardly any colour (mean chroma {chroma:.2f})"
    if chroma > _ABSURD:
        return f"it gives the test picture far too much colour (mean chroma {chroma:.0f})"
    if np.ptp(answer, axis=(2, 3)).max() < _ALIKE:
        return "it gives the whole test picture the same colour"
    return ""


def mean_chroma(answer: Blob) -> float:
    """How far from grey the colours are on average. answer: (1, 2, h, w) a* and b*."""
    return float(np.hypot(answer[:, 0], answer[:, 1]).mean())


def _cure(model: Model) -> str:
    if model.in_catalog:
        return "Use another network, and this one again after an update of the program"
    return "Look at how its files were made"


@dataclass(frozen=True)
class _Run:
    """One engine's answer, or why there is none."""

    answer: Blob | None = None
    engine: str = ""
    problem: str = ""


def _run(open_it: Callable[[], Engine], batch: Blob) -> _Run:
    try:
        with open_it() as engine:
            return _Run(engine.infer(batch), str(engine.info.identity))
    except (ModelDamaged, EngineError, OutputError) as error:
        return _Run(problem=str(error))


def _disagreement(chosen: _Run, reference: _Run) -> list[str]:
    if chosen.answer is None or reference.answer is None:
        return []
    wrong = compare(Measurement(chosen.engine, "", ""), chosen.answer, reference.answer).problem
    return [f"{engine_words(chosen.engine)}, which auto takes, {wrong}. Use --engine {REFERENCE}"] if wrong else []


def stored_check(local: LocalModel) -> NetworkCheck | None:
    """What came out before with the same files and version of the program; None where it was not tried."""
    for path in _places(local):
        with suppress(OSError, ValueError, TypeError, KeyError):  # none there, or not by this program
            content = json.loads(path.read_text("utf-8"))
            if (content["version"], content["files"]) == (__version__, digest(local)):
                check = NetworkCheck(**content["check"])
                return NetworkCheck(tuple(check.problems), check.engine, check.reference, float(check.mean_chroma))
    return None


def _store(local: LocalModel, check: NetworkCheck, tell: Tell) -> None:
    """Keep it beside a downloaded network; in the cache for any other, and where that folder cannot be written."""
    content = {"version": __version__, "files": digest(local), "check": asdict(check)}
    data = json.dumps(content, indent=2).encode()
    for path in _places(local):
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
            return
    where = _places(local)[-1].parent
    tell(f"What came out cannot be kept in {where}: choose another folder with COLORIZER_CACHE_DIR")


def _places(local: LocalModel) -> list[Path]:
    cached = settings().cache_folder / "checks" / f"{digest(local)}.json"
    is_ours = local.model.in_catalog and not local.model.bundled
    return [next(iter(local.paths.values())).parent / CHECK_NAME, cached] if is_ours else [cached]
