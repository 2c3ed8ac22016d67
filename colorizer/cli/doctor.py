"""`colorizer doctor`: what is here, what is missing, and what to do about it."""

import argparse
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2

from colorizer import __version__
from colorizer.cli.bench import numbers
from colorizer.cli.terminal import print_table, say
from colorizer.engines.choose import MANY, measured, pick, stored
from colorizer.engines.machine import package_version
from colorizer.engines.measure import Measurement
from colorizer.engines.names import AUTO, engine_name
from colorizer.engines.opencv_dnn import opencv_problem
from colorizer.engines.registry import ENGINES, runtimes
from colorizer.errors import ColorizerError
from colorizer.files import size_text
from colorizer.settings import set_malformed_aside, settings
from colorizer.video.result.mux import find_ffmpeg
from colorizer.weights.catalog import CATALOG, Model
from colorizer.weights.local_models import ModelStatus, glance, local_model, verify

_PACKAGES = ("numpy", "pillow", "pillow-heif", "av", "imageio-ffmpeg", "scenedetect", "rich", "streamlit")
_SCARCE_BYTES = 2 * 10**9

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True)
class Check:
    """One finding; a cure where there is something to do."""

    name: str
    state: State
    found: str
    cure: str = ""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    parser = subparsers.add_parser("doctor", help="check this installation", description="Check this installation.")
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    """Print every finding; 1 where something keeps the program from working."""
    checks = all_checks()
    print_table(("", "what", "found", "what to do"), [(c.state, c.name, c.found, c.cure) for c in checks])
    return 1 if any(check.state == "problem" for check in checks) else 0


def all_checks() -> list[Check]:
    """Every finding, from the ground up."""
    malformed = set_malformed_aside()
    models = [_examined(model) for model in CATALOG]
    folders = {"COLORIZER_DATA_DIR": settings().data_folder, "COLORIZER_MODELS_DIR": settings().models_folder}
    return [
        Check("colorizer", "ok", f"{__version__}, Python {platform.python_version()}, {platform.platform()}"),
        *(Check(name, "problem", wrong, f"correct it, or unset {name}") for name, wrong in malformed.items()),
        _opencv(),
        *(_package(name) for name in _PACKAGES),
        Check("engines", "ok", ", ".join(f"{name} {found}" for name, found in runtimes().items())),
        *_engines(models),
        *(_model(model) for model in models),
        _ffmpeg(),
        *(free_space(each, shutil.disk_usage(_existing(each)).free, name) for name, each in folders.items()),
    ]


def _opencv() -> Check:
    problem = opencv_problem()
    if problem:
        return Check("OpenCV", "problem", cv2.__version__, problem)
    twins = [name for name in ("opencv-python", "opencv-contrib-python") if package_version(name)]
    if twins and package_version("opencv-python-headless"):
        cure = f"pip uninstall {' '.join(twins)} opencv-python-headless, then install the headless one again"
        return Check("OpenCV", "problem", f"{' and '.join(twins)} beside opencv-python-headless", cure)
    return Check("OpenCV", "ok", f"{cv2.__version__}, {cv2.getNumThreads()} threads, {_build_facts()}")


def _build_facts() -> str:
    """The lines of OpenCV's build report that say how fast the network can be."""
    prefixes = ("Dispatched code generation", "NVIDIA CUDA", "OpenCL", "Parallel framework")
    lines = [line.strip() for line in cv2.getBuildInformation().splitlines()]
    return "; ".join(" ".join(line.split()) for line in lines if line.startswith(prefixes))


def _package(name: str) -> Check:
    found = package_version(name)
    return Check(name, "ok", found) if found else Check(name, "problem", "not installed", f"pip install {name}")


def _engines(models: list[ModelStatus]) -> list[Check]:
    """Which engines there are, and how fast each of them runs every network that is here."""
    notes = (Check(f"engine {name}", "note", "not available", cure) for name, cure in _absent() if cure)
    here = [found for found in models if found.model.bundled or found.state == "present"]
    return [*_named(), *notes, *(check for found in here for check in _network(found))]


def _absent() -> Iterator[tuple[str, str]]:
    """Every engine, and every device of it, with the cure where it cannot be used here."""
    for library, row in ENGINES.items():
        yield library, row.missing()
        for device in row.devices:
            yield f"{library}:{device}", row.missing_device(device)


def _named() -> Iterator[Check]:
    """What COLORIZER_ENGINE names, where it is set."""
    name = settings().engine
    try:
        engine_name(name)
    except ColorizerError as error:
        yield Check("COLORIZER_ENGINE", "problem", name, f"{error}. Or unset COLORIZER_ENGINE")
        return
    if name != AUTO:
        yield Check("COLORIZER_ENGINE", "ok", f"{name} is used wherever no engine is named")


def _network(model: ModelStatus) -> list[Check]:
    """How fast each engine runs this network, and what auto makes of it; one that failed before is tried again."""
    model_id = model.model.id
    try:
        local = local_model(model)
        rows = measured(local, fresh=any(row.problem for row in stored(local) or ()), tell=say)
    except ColorizerError as error:
        return [Check(f"network {model_id}", "problem", "does not load", str(error))]
    engines = [_engine(row, model_id) for row in rows]
    try:
        chosen = [pick(rows, runs, settings().use_gpu).engine for runs in (1, MANY)]
    except ColorizerError as error:
        return [*engines, Check(f"network {model_id}", "problem", "pictures and films are refused", str(error))]
    found = f"loads; auto runs it on {chosen[0]} for one picture, on {chosen[1]} for films"
    return [*engines, Check(f"network {model_id}", "ok", found)]


def _engine(row: Measurement, model_id: str) -> Check:
    if row.problem:
        return Check(f"engine {row.engine}", "note", f"cannot be used for {model_id}", row.problem)
    speed, start, difference = numbers(row)
    found = f"{model_id}: {speed} ms a picture, {start} ms to start, {difference} away in ab"
    return Check(f"engine {row.engine}", "ok", found)


def _examined(model: Model) -> ModelStatus:
    """The model as it is on this disk; its bytes are read where all of its files seem to be there."""
    found = glance(model)
    return found if found.state == "not downloaded" else verify(model)


def _model(found: ModelStatus) -> Check:
    model = found.model
    if found.state == "not downloaded":
        cure = f"colorizer models download {model.id}"
        return Check(f"model {model.id}", "note", f"not downloaded ({size_text(model.size)})", cure)
    if found.state == "damaged":
        cure = f"colorizer models verify {model.id}"
        return Check(f"model {model.id}", "problem", f"damaged, in {found.folder}", cure)
    return Check(f"model {model.id}", "ok", f"verified, in {found.folder}")


def _ffmpeg() -> Check:
    try:
        return Check("ffmpeg", "ok", str(find_ffmpeg()))
    except ColorizerError as error:
        return Check("ffmpeg", "problem", "not found", str(error))


def free_space(folder: Path, free: int, chosen_with: str) -> Check:
    """Whether the disk below the folder has room for what is made and downloaded. free: bytes."""
    scarce = free < _SCARCE_BYTES
    cure = f"free some space, or set {chosen_with} to another disk than that of {folder}" if scarce else ""
    return Check("free disk", "note" if scarce else "ok", f"{free / 1e9:.1f} GB for {folder}", cure)


def _existing(folder: Path) -> Path:
    return next((parent for parent in (folder, *folder.parents) if parent.exists()), Path(sys.prefix))
