"""What this machine is, as far as the speed of a network depends on it."""

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import cv2

RUNTIMES = ("opencv-python-headless", "openvino", "onnxruntime", "onnxruntime-gpu", "onnxruntime-directml")


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


def runtimes() -> dict[str, str]:
    """The packages here that run networks, with their versions."""
    return {name: found for name in RUNTIMES if (found := package_version(name))}
