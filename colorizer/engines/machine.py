"""What this machine is, as far as the speed of a network depends on it."""

import platform
import sysconfig
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import cv2

_NVIDIA = Path("/proc/driver/nvidia")  # where its driver for Linux tells of itself
_PACKAGES = Path(sysconfig.get_path("purelib"))


def cores() -> int:
    """The processors this process may use, containers' limits included."""
    return int(cv2.getNumberOfCPUs())


@cache
def processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:  # not Linux
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


@cache
def package_version(name: str) -> str:
    """The version of an installed package; empty where it is not there. The package is not loaded."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@cache
def gpu_support() -> tuple[str, ...]:
    """What a card of NVIDIA's computes with, as far as it can be seen here: cards, driver, and CUDA from pip."""
    about = [_NVIDIA / "version", *sorted(_NVIDIA.glob("gpus/*/information"))]
    heads = [path.read_text("utf-8", "replace").partition("\n")[0] for path in about if path.is_file()]
    return (*heads, *sorted(path.stem for path in _PACKAGES.glob("nvidia_*.dist-info")))
