"""Photographs the studio for the documentation: its own pages with the program's own drawings, in headless Chromium.

usage: python -m scripts.photograph_studio [--chromium FILE]
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from colorizer import read_picture
from colorizer.sample import sample_picture
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
_SIZE = ViewportSize(width=1240, height=800)
_PATIENCE = 60  # seconds


def main() -> None:
    """Write the pictures anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome"))
    chromium = parser.parse_args().chromium
    with tempfile.TemporaryDirectory() as folder, _studio(Path(folder)) as address, sync_playwright() as playwright:
        film = Path(folder, "a-walk.mp4")
        _write_film(film)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport=_SIZE, color_scheme="light")
        page.set_default_timeout(1000 * _PATIENCE)
        page.goto(address)
        page.get_by_role("button", name="Try a sample").click()
        page.locator("img.after[data-shown]").first.wait_for()
        _save(page, "studio")
        page.goto(f"{address}videos")
        page.locator("input.files").set_input_files(film)
        page.get_by_text("Measuring").wait_for(state="hidden")
        page.get_by_text("About ").first.wait_for()
        _save(page, "videos")
        browser.close()


def _write_film(path: Path) -> None:
    """A walk past the drawn landscape, to the right and then, after a cut, to the left."""
    luma = read_picture(sample_picture()).luma
    spec = VideoSpec(720, 540, Fraction(1, 24), Fraction(24))
    neutral = np.full(spec.chroma_shape, 128, np.uint8)
    with SegmentWriter(path, spec) as writer:
        for number in range(144):
            left = 4 * (number % 72)
            seen = luma[120:660, left : left + 720]
            limited = np.rint(16 + (seen if number < 72 else seen[:, ::-1]) * (219 / 255))
            writer.write(number, np.ascontiguousarray(limited, np.uint8), neutral, neutral)


def _save(page: Page, name: str) -> None:
    page.wait_for_timeout(1500)  # for what fades in
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(256).save(FOLDER / f"{name}.png", optimize=True)


@contextmanager
def _studio(folder: Path) -> Iterator[str]:
    """The address of a studio that keeps everything in this folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {f"COLORIZER_{name}_DIR": str(folder / name.lower()) for name in ("DATA", "CACHE")}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **own}, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                break
            except OSError:
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(_PATIENCE)


if __name__ == "__main__":
    main()
