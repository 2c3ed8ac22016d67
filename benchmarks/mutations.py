"""Damaged films and pictures through the real command line: no traceback, no hang, nothing left behind.

usage: python -m benchmarks.mutations [--films N] [--pictures N] [--seed N] [--keep FOLDER]

Small files of every kind are made here, and changed at random: bytes, blocks, cuts, repetitions. The command colours
whole folders of them, so that one bad file has neighbours. Printed: how many were made and refused, and whatever went
wrong; the exit status is 1 where anything did. What went wrong is kept in the folder.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

SUFFIXES = {  # of films: what ffmpeg makes them with
    ".mp4": ["-c:v", "libx264", "-c:a", "aac"],
    ".mov": ["-c:v", "mjpeg", "-c:a", "pcm_s16le"],
    ".mkv": ["-c:v", "ffv1", "-c:a", "flac"],
    ".avi": ["-c:v", "mpeg4", "-c:a", "mp2"],
    ".ts": ["-c:v", "mpeg2video", "-c:a", "mp2"],
    ".mpg": ["-c:v", "mpeg1video", "-c:a", "mp2"],
    ".webm": ["-c:v", "libvpx", "-c:a", "libopus"],
    ".dv": ["-target", "ntsc-dv"],
}
PICTURES = {"JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif", "WEBP": ".webp", "GIF": ".gif", "BMP": ".bmp"}
AT_ONCE = 20  # files of a folder, and so of a run of the command
WITHIN = 60.0  # seconds for one file
Bytes = NDArray[np.uint8]


@dataclass
class Outcome:
    """What became of all runs: how many files were made and refused, and what went wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def films(folder: Path) -> dict[str, bytes]:
    """A second of picture and sound in each container, by suffix."""
    made = {}
    for suffix, codecs in SUFFIXES.items():
        path = folder / f"whole{suffix}"
        command = [
            imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i",
            "testsrc=size=96x64:rate=25:duration=1", "-f", "lavfi", "-i", "sine=frequency=440:duration=1",
            "-pix_fmt", "yuv420p", *codecs, str(path),
        ]  # fmt: skip
        subprocess.run(command, check=True)
        made[suffix] = path.read_bytes()
    return made


def pictures() -> dict[str, bytes]:
    """A small picture of each format, by suffix."""
    rng, made = np.random.default_rng(0), {}
    picture = Image.fromarray(rng.integers(0, 256, (8, 12), np.uint8)).resize((96, 64))
    for name, suffix in PICTURES.items():
        file = BytesIO()
        picture.save(file, name, **({"comment": b"a picture"} if name == "JPEG" else {}))
        made[suffix] = file.getvalue()
    return made


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """The bytes, changed in one of six ways."""
    changed: Bytes = np.frombuffer(data, np.uint8).copy()
    length = len(changed)
    place, size = int(rng.integers(length)), int(rng.integers(1, max(2, length // 8)))
    way = int(rng.integers(6))
    if way == 0:  # a few bytes anywhere
        changed[rng.integers(0, length, int(rng.integers(1, 9)))] = rng.integers(0, 256)
    elif way == 1:  # the head, which says what all the rest is
        where = rng.integers(0, min(length, 512), 4)
        changed[where] = rng.integers(0, 256, 4)
    elif way == 2:  # noise over a block
        changed[place : place + size] = rng.integers(0, 256, len(changed[place : place + size]))
    elif way == 3:  # a block of zeros, as a bad disk leaves
        changed[place : place + size] = 0
    elif way == 4:  # cut short
        return changed[: max(1, place)].tobytes()
    else:  # a block is missing, or comes twice
        again = changed[place : place + size] if rng.random() < 0.5 else changed[:0]
        return np.concatenate([changed[:place], again, changed[place + len(again) or place + size :]]).tobytes()
    return changed.tobytes()


def batches(whole: dict[str, bytes], count: int, rng: np.random.Generator, root: Path) -> Iterator[Path]:
    """Folders of at most AT_ONCE mutated files."""
    suffixes = sorted(whole)
    for start in range(0, count, AT_ONCE):
        folder = root / f"{start:05d}"
        folder.mkdir(parents=True)
        for number in range(start, min(count, start + AT_ONCE)):
            suffix = suffixes[number % len(suffixes)]
            (folder / f"{number:05d}{suffix}").write_bytes(mutated(whole[suffix], rng))
        yield folder


def colour(verb: str, folder: Path, outcome: Outcome) -> bool:
    """Run the command over a folder and note what became of it; whether all was well."""
    target = folder.with_name(f"{folder.name}-out")
    files = len(list(folder.iterdir()))
    before = len(outcome.faults)
    command = [sys.executable, "-m", "colorizer", verb, str(folder), "-o", f"{target}/", "--engine", "opencv:cpu"]
    began = time.monotonic()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=files * WITHIN, check=False)
    except subprocess.TimeoutExpired:
        outcome.faults.append(f"{folder}: still running after {files * WITHIN:.0f} s")
        return False
    said = done.stdout + done.stderr
    if "Traceback" in said or done.returncode not in {0, 1}:
        outcome.faults.append(f"{folder}: exit status {done.returncode}: {said[-1500:]}")
    results = [path for path in target.rglob("*") if path.is_file()] if target.exists() else []
    for path in results:
        flaw = flaw_of(verb, path)
        if flaw:
            outcome.faults.append(f"{path}: {flaw}")
    made = [path for path in results if not path.name.endswith((".json", ".chroma"))]
    outcome.counts.update(made=len(made), refused=files - len(made))
    print(f"{folder.name}: {len(made)} of {files} made, {time.monotonic() - began:.0f} s", flush=True)
    return len(outcome.faults) == before


def flaw_of(verb: str, path: Path) -> str:
    """What is wrong with a result; empty where nothing is."""
    if path.name.startswith(".") or path.suffix in {".part", ".tmp"}:
        return "was left behind"
    if path.name.endswith((".json", ".chroma")):
        return ""
    try:
        if verb == "image":
            with Image.open(path) as picture:
                picture.load()
            return ""
        return film_flaw(path)
    except (OSError, SyntaxError, ValueError, av.error.FFmpegError) as error:
        return f"cannot be read: {error}"


def film_flaw(path: Path) -> str:
    """What is wrong with the pictures of a film that was made: none, or times that do not go on."""
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    if not times:
        return "has no picture"
    if None in times or any(later <= earlier for earlier, later in pairwise(times)):
        return "has pictures whose times do not go on"
    return ""


def main() -> int:
    """Mutate, colour, print what became of it; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--films", type=int, default=1000)
    parser.add_argument("--pictures", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("mutations"))
    options = parser.parse_args()
    rng, outcome = np.random.default_rng(options.seed), Outcome()
    with tempfile.TemporaryDirectory() as there:
        root = Path(there)
        kinds = {"video": (films(root), options.films), "image": (pictures(), options.pictures)}
        for verb, (whole, count) in kinds.items():
            for folder in batches(whole, count, rng, root / verb):
                if not colour(verb, folder, outcome):
                    shutil.copytree(folder, options.keep / verb / folder.name, dirs_exist_ok=True)
                shutil.rmtree(folder)
                shutil.rmtree(folder.with_name(f"{folder.name}-out"), ignore_errors=True)
    print(f"\n{outcome.counts['made']} made, {outcome.counts['refused']} refused, {len(outcome.faults)} went wrong")
    print("\n".join(outcome.faults))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
