"""How much memory the studio takes for a large upload and a large download.

usage: python -m benchmarks.server [--megabytes 1000]

It starts a studio with a data folder of its own, sends a film of that size in pieces as the page does, takes a finished
film of that size home, and reads the server's memory after each. Linux only: it reads /proc.
"""

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FilmOrder, State
from colorizer.jobs.store import Store
from colorizer.web.films.uploads import CHUNK

_PATIENCE = 60.0  # seconds until the studio must answer
_MATROSKA = b"\x1a\x45\xdf\xa3"  # how such a film begins; the rest is of no matter here


def finished_job(data: Path, size: int) -> str:
    """The id of a job whose result has this many bytes, none of which take room on the disk."""
    store = Store(DataFolder(data))
    job = store.add(FilmOrder(Path("/film.mp4"), "film.mp4"))
    store.claim(0)
    job.target.parent.mkdir(parents=True)
    with job.target.open("wb") as file:
        file.truncate(size)
    store.release(job.id, State.DONE)
    return job.id


@contextmanager
def studio(data: Path) -> Iterator[tuple[int, int]]:
    """The process and the port of a running studio."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    variables = {**os.environ, "COLORIZER_DATA_DIR": str(data)}
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait(port)
            yield process.pid, port
        finally:
            process.terminate()


def _wait(port: int) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/")  # the first page loads what every later one needs
            connection.getresponse().read()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def upload(port: int, size: int) -> float:
    """Seconds that a film of so many bytes took to arrive."""
    token = generate_xsrf_token_string()
    headers = {"X-Xsrftoken": token, "Cookie": f"_streamlit_xsrf={token}", "Origin": f"http://127.0.0.1:{port}"}
    connection = http.client.HTTPConnection("127.0.0.1", port)
    start = time.perf_counter()
    connection.request("POST", "/api/uploads", json.dumps({"name": "film.mkv", "size": size, "modified": 1}), headers)
    address = f"/api/uploads/{json.loads(connection.getresponse().read())['id']}"
    for offset in range(0, size, CHUNK):
        piece = bytes(min(CHUNK, size - offset))
        piece = _MATROSKA + piece[len(_MATROSKA) :] if offset == 0 else piece
        connection.request("PUT", address, piece, {**headers, "Upload-Offset": str(offset)})
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.NO_CONTENT:
            raise RuntimeError(f"the studio answered {answer.status} at byte {offset}")
    return time.perf_counter() - start


def download(port: int, job_id: str, size: int) -> float:
    """Seconds that a finished film of so many bytes took to come."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    start, came = time.perf_counter(), 0
    connection.request("GET", f"/api/jobs/{job_id}/result?dl=1")
    answer = connection.getresponse()
    while data := answer.read(2**20):
        came += len(data)
    if came != size:
        raise RuntimeError(f"{came} of {size} bytes came, status {answer.status}")
    return time.perf_counter() - start


def memory(process: int, name: str) -> float:
    """Megabytes that the process holds (VmRSS), or has held at most (VmHWM)."""
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    size = parser.parse_args().megabytes * 10**6
    with tempfile.TemporaryDirectory() as folder:
        job_id = finished_job(Path(folder), size)
        with studio(Path(folder)) as (process, port):
            before = memory(process, "VmRSS")
            print(f"{'':10} {'seconds':>8} {'MB more':>8} {'MB more at most':>16}")
            for what in ("upload", "download"):
                seconds = upload(port, size) if what == "upload" else download(port, job_id, size)
                now, most = memory(process, "VmRSS") - before, memory(process, "VmHWM") - before
                print(f"{what:10} {seconds:8.1f} {now:8.1f} {most:16.1f}")


if __name__ == "__main__":
    main()
