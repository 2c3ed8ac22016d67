"""An image without a container: the steps of the Dockerfile run in a folder, and the studio started in it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
USER = 1000


def instruction(name: str) -> str:
    """What the Dockerfile's last instruction of this name says, its lines joined."""
    text = DOCKERFILE.read_text("utf-8").replace("\\\n", " ")
    return re.findall(rf"^{name} (.*)$", text, re.MULTILINE)[-1]


def in_the_context() -> list[str]:
    """What .dockerignore lets through."""
    return [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")]


@dataclass(frozen=True)
class Image:
    """The folders that the image would have, below `root`; its environment; and who runs in it."""

    root: Path
    environment: dict[str, str]
    identity: dict[str, object]

    @property
    def prefix(self) -> Path:
        return self.root / "opt" / "colorizer"

    @property
    def data(self) -> Path:
        return self.root / "data"

    def run(self, command: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.prefix / "studio", env={**self.environment, **more}, capture_output=True, text=True,
            check=False, timeout=60, **self.identity,
        )  # fmt: skip

    def files(self) -> dict[str, int]:
        """Every file that is not in a volume, with the time of its last change."""
        volumes = (self.root / "data", self.root / "models")
        return {
            str(path): path.lstat().st_mtime_ns
            for path in self.root.rglob("*")
            if not any(path.is_relative_to(volume) for volume in volumes)
        }

    @contextmanager
    def started(self, port_variable: str = "STREAMLIT_SERVER_PORT", **more: str) -> Iterator["Started"]:
        """The studio as the image starts it, on a free port, until SIGTERM."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**self.environment, port_variable: str(port), **more}
        command = json.loads(instruction("CMD"))
        with (self.root / "log.txt").open("w+") as log:
            process = subprocess.Popen(
                command, cwd=self.prefix / "studio", env=environment, stdout=log, stderr=log, **self.identity
            )
            studio = Started(port, process, self.root / "log.txt")
            try:
                studio.wait()
                yield studio
            finally:
                process.terminate()
                process.wait(20)


@dataclass(frozen=True)
class Started:
    """A studio that runs."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def status(self, path: str, **headers: str) -> int:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.log.read_text("utf-8")
            try:
                assert self.status("/_stcore/health") == 200
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError(self.log.read_text("utf-8"))


@pytest.fixture(scope="session")
def image() -> Iterator[Image]:
    """Filled by deploy/install.sh from what .dockerignore lets through, with the packages that are installed here."""
    root = Path(tempfile.mkdtemp(prefix="colorizer-image-"))  # pytest's own folders are closed to other users
    root.chmod(0o755)
    try:
        yield _filled(root)
    finally:
        shutil.rmtree(root)


def _filled(root: Path) -> Image:
    source, python = root / "source", _python()
    for name in in_the_context():
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, target)
    _wheel(source)
    (root / "bin").mkdir()
    (root / "bin" / "python3").symlink_to(python)
    here = {"PATH": f"{root}/bin:/usr/bin:/bin", "PYTHONPATH": sysconfig.get_path("purelib"), "HOME": str(root)}
    prefix = f"{root}/opt/colorizer"
    for step in (
        ["packages", "requirements.txt", prefix],
        ["program", ".", prefix, f"{root}/data", f"{root}/models"],
    ):
        subprocess.run(
            ["sh", "deploy/install.sh", *step], cwd=source, env={**here, "PIP_NO_INDEX": "1"}, check=True, timeout=120
        )
    shutil.rmtree(source)
    told = dict(pair.split("=", 1) for pair in instruction("ENV").split())
    environment = {name: _moved(value, root) for name, value in told.items()}
    environment["PATH"] = f"{prefix}/bin:/usr/bin:/bin"
    unprivileged = os.geteuid() == 0 and _open_to_others(python) and _open_to_others(Path(here["PYTHONPATH"]))
    if unprivileged:
        for volume in ("data", "models"):
            os.chown(root / volume, USER, 0)
    identity = {"user": USER, "group": USER, "extra_groups": []} if unprivileged else {}
    return Image(root, {**environment, "PYTHONPATH": here["PYTHONPATH"]}, identity)


def _wheel(source: Path) -> None:
    """Without the network: setuptools is here already."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "."]
    subprocess.run(command, cwd=source, check=True, timeout=120)
    for rest in (source / "build", source / "colorizer", source / "models"):
        shutil.rmtree(rest)  # the wheel is all that is left to install from


def _python() -> Path:
    """This interpreter, or one of the same version that other users may run."""
    own = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    system = Path(f"/usr/bin/python3.{sys.version_info.minor}")
    return system if not _open_to_others(own) and system.exists() else own


def _open_to_others(path: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (path, *path.parents))


def _moved(value: str, root: Path) -> str:
    return f"{root}{value}" if value.startswith("/") else value
