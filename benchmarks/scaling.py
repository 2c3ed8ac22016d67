"""How the time and the memory of a film grow with its size and its length: a table, and a plot as SVG.

usage: python -m benchmarks.scaling [--sizes 480p 720p ...] [--seconds 10 60 600] [--rate 24] [--model ID] [-o FILE.svg]

Each film is drawn for ten seconds, repeated to its length, and coloured by a process of its own with the usual
settings. A lower --rate makes a long film affordable: what is compared is the time for a megapixel.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.speed import SIZES, cpu_seconds, peak_megabytes
from colorizer.network import Colorizer
from colorizer.speed import RATE, write_clip
from colorizer.video.film import colorize_film
from colorizer.video.result.mux import find_ffmpeg
from colorizer.weights.local_models import locate

_DRAWN_FRAMES = 240
_WIDTH, _HEIGHT, _MARGIN = 640, 360, 60
_COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0")


@dataclass(frozen=True)
class Run:
    """One film. milliseconds, cpu: of wall time and of all cores' time for a million pixels. peak: megabytes."""

    size: str
    seconds: float
    frames: int
    wall: float
    milliseconds: float
    cpu: float
    peak: float


def measure(size: str, seconds: float, rate: int, model: str, folder: Path) -> Run:
    """One film of this size and length, coloured in a process of its own."""
    drawn, film = folder / f"{size}.mp4", folder / f"{size}-{seconds:g}.mp4"
    width, height = SIZES[size]
    if not drawn.exists():
        write_clip(drawn, width, height, _DRAWN_FRAMES / RATE)
    repeats = max(0, round(seconds * rate / _DRAWN_FRAMES) - 1)
    ffmpeg = [str(find_ffmpeg()), "-v", "error", "-y", "-itsscale", str(RATE / rate), "-stream_loop", str(repeats)]
    subprocess.run([*ffmpeg, "-i", str(drawn), "-t", str(seconds), "-c", "copy", str(film)], check=True)
    command = [sys.executable, "-m", "benchmarks.scaling", "--film", str(film), "--model", model]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    film.unlink()
    found = json.loads(said.splitlines()[-1])
    megapixels = found["frames"] * width * height / 1e6
    wall, cpu = (1000 * found[name] / megapixels for name in ("wall", "cpu"))
    return Run(size, seconds, found["frames"], found["wall"], wall, cpu, found["peak"])


def colour(film: Path, model: str) -> None:
    """Colour this film and print what it took, as JSON."""
    with Colorizer(locate(model)) as colorizer:
        start, cpu = time.perf_counter(), cpu_seconds()
        report = colorize_film(film, film.with_suffix(".coloured.mp4"), colorizer, overwrite=True)
        wall, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    print(json.dumps({"frames": report.frames, "wall": wall, "cpu": cpu, "peak": peak_megabytes()}))


def plot(runs: list[Run]) -> str:
    """Milliseconds a megapixel over the length, a line for each size, as SVG."""
    highest = max(run.milliseconds for run in runs) * 1.1
    lengths = sorted({run.seconds for run in runs})
    lines = []
    for number, size in enumerate(dict.fromkeys(run.size for run in runs)):
        points = [
            (
                _MARGIN + (_WIDTH - 2 * _MARGIN) * lengths.index(run.seconds) / max(1, len(lengths) - 1),
                _HEIGHT - _MARGIN - (_HEIGHT - 2 * _MARGIN) * run.milliseconds / highest,
            )
            for run in runs
            if run.size == size
        ]
        path, ink = " ".join(f"{x:.0f},{y:.0f}" for x, y in points), _COLOURS[number % len(_COLOURS)]
        lines.append(f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
        lines += [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="4" fill="{ink}"/>' for x, y in points]
        lines.append(f'<text x="{points[-1][0] + 8:.0f}" y="{points[-1][1] + 4:.0f}" fill="{ink}">{size}</text>')
    for number, seconds in enumerate(lengths):
        x = _MARGIN + (_WIDTH - 2 * _MARGIN) * number / max(1, len(lengths) - 1)
        lines.append(f'<text x="{x:.0f}" y="{_HEIGHT - _MARGIN / 2:.0f}" text-anchor="middle">{seconds:g} s</text>')
    top, bottom = _MARGIN, _HEIGHT - _MARGIN
    lines.append(f'<path d="M{_MARGIN},{top}V{bottom}H{_WIDTH - _MARGIN}" fill="none" stroke="#888"/>')
    lines.append(f'<text x="{_MARGIN - 6}" y="{top + 4}" text-anchor="end">{highest:.0f}</text>')
    lines.append(f'<text x="{_MARGIN - 6}" y="{bottom + 4}" text-anchor="end">0</text>')
    lines.append(f'<text x="{_WIDTH / 2}" y="24" text-anchor="middle">milliseconds a megapixel, by length</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
    return head + 'font-size="13" fill="#666">' + "".join(lines) + "</svg>\n"


def main() -> None:
    """Print the table, a row as soon as it is measured, and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--seconds", nargs="+", type=float, default=[10, 60, 600])
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--model", default="starter")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--film", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.film:
        colour(options.film, options.model)
        return
    print(f"{'size':>6} {'seconds':>8} {'frames':>7} {'wall s':>8} {'ms/MP':>7} {'cpu ms/MP':>9} {'peak MB':>8}")
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for size in options.sizes:
            for seconds in options.seconds:
                runs.append(measure(size, seconds, options.rate, options.model, Path(folder)))
                row = asdict(runs[-1])
                print(
                    "{size:>6} {seconds:8g} {frames:7d} {wall:8.1f} {milliseconds:7.2f} {cpu:9.2f} {peak:8.0f}".format(
                        **row
                    )
                )
                sys.stdout.flush()
    if options.output:
        options.output.write_text(plot(runs), "utf-8")


if __name__ == "__main__":
    main()
