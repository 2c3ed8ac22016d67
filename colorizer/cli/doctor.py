"""`colorizer doctor`: what is here, what is missing, and what to do about it."""

import argparse
import platform
import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import cv2

from colorizer import __version__
from colorizer.assets import glance, model_folder, verify
from colorizer.catalog import CATALOG, DEFAULT_MODEL, Model
from colorizer.cli.report import print_table
from colorizer.engines.opencv_dnn import DEVICES, missing_device, opencv_problem
from colorizer.errors import ColorizerError
from colorizer.image.colorize import open_colorizer
from colorizer.integrity import size_text
from colorizer.settings import settings
from colorizer.video.mux import find_ffmpeg

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
    models = settings().models_folder
    return [
        Check("colorizer", "ok", f"{__version__}, Python {platform.python_version()}, {platform.platform()}"),
        _opencv(),
        *(_package(name) for name in _PACKAGES),
        *(_device(name, missing_device(name)) for name in DEVICES),
        _starter(),
        *(_model(model) for model in CATALOG),
        _ffmpeg(),
        free_space(models, shutil.disk_usage(_existing(models)).free),
    ]


def _opencv() -> Check:
    problem = opencv_problem()
    if problem:
        return Check("OpenCV", "problem", cv2.__version__, problem)
    twins = [name for name in ("opencv-python", "opencv-contrib-python") if _version(name)]
    if twins and _version("opencv-python-headless"):
        cure = f"pip uninstall {' '.join(twins)} opencv-python-headless, then install the headless one again"
        return Check("OpenCV", "problem", f"{' and '.join(twins)} beside opencv-python-headless", cure)
    return Check("OpenCV", "ok", f"{cv2.__version__}, {cv2.getNumThreads()} threads, {_build_facts()}")


def _build_facts() -> str:
    """The lines of OpenCV's build report that say how fast the network can be."""
    wanted = ("Dispatched code generation", "NVIDIA CUDA", "OpenCL", "Parallel framework")
    lines = [line.strip() for line in cv2.getBuildInformation().splitlines()]
    return "; ".join(" ".join(line.split()) for line in lines if line.startswith(wanted))


def _package(name: str) -> Check:
    found = _version(name)
    return Check(name, "ok", found) if found else Check(name, "problem", "not installed", f"pip install {name}")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _device(name: str, missing: str) -> Check:
    return Check(f"engine opencv:{name}", "note" if missing else "ok", "not available" if missing else "ready", missing)


def _starter() -> Check:
    try:
        with open_colorizer() as colorizer:
            return Check(f"network {DEFAULT_MODEL}", "ok", f"loads; auto chose {colorizer.info}")
    except ColorizerError as error:
        return Check(f"network {DEFAULT_MODEL}", "problem", "does not load", str(error))


def _model(model: Model) -> Check:
    folder = model_folder(model)
    if glance(model).state == "not downloaded":
        cure = f"colorizer models download {model.id}"
        return Check(f"model {model.id}", "note", f"not downloaded ({size_text(model.size)})", cure)
    if verify(model).state == "damaged":
        return Check(f"model {model.id}", "problem", f"damaged, in {folder}", f"colorizer models verify {model.id}")
    return Check(f"model {model.id}", "ok", f"verified, in {folder}")


def _ffmpeg() -> Check:
    try:
        return Check("ffmpeg", "ok", str(find_ffmpeg()))
    except ColorizerError as error:
        return Check("ffmpeg", "problem", "not found", str(error))


def free_space(folder: Path, free: int) -> Check:
    """Whether the disk below the folder has room for what is made and downloaded. free: bytes."""
    scarce = free < _SCARCE_BYTES
    cure = f"free some space, or set COLORIZER_MODELS_DIR to another disk than that of {folder}" if scarce else ""
    return Check("free disk", "note" if scarce else "ok", f"{free / 1e9:.1f} GB for {folder}", cure)


def _existing(folder: Path) -> Path:
    return next((parent for parent in (folder, *folder.parents) if parent.exists()), Path(sys.prefix))
