"""How steady the colour of a film is, and what steadiness costs.

usage: python -m benchmarks.steadiness FOLDER [--model ID] [--key-every N] [--steady F] [--frames N] [--side N]

FOLDER holds clips with true colours, one shot each. Every clip is made grey and coloured anew frame by frame, and with
propagation. Printed for each clip and as the mean: CDC and WE-DIS (grey itself has a floor of both), the distance in
a*b* to the true colours, the mean chroma, and for propagation frames for each network run and milliseconds a frame
without the network on one core.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.metrics import WarpingError, chroma_error, colour_distribution_consistency, histograms
from benchmarks.quality import Picture, true_chroma
from colorizer.color.grade import Chroma
from colorizer.color.lightness import luma
from colorizer.network import Colorizer
from colorizer.picture import render
from colorizer.video.colour.propagate import Coloured, Steadiness, propagate
from colorizer.video.colour.shots import Small, small_luma
from colorizer.weights.local_models import locate


@dataclass(frozen=True)
class Row:
    """CDC and WE-DIS in 1e-3 and 1e-4, ab error, mean chroma."""

    cdc: float
    warping: float
    error: float
    chroma: float


@dataclass(frozen=True)
class Frame:
    """One frame of a clip: true colours, luma, guide, and the network's answer."""

    truth: Picture
    grey: Picture
    guide: Small
    chroma: Chroma


def pictures(path: Path, side: int) -> Iterator[Picture]:
    """Every frame of a clip as RGB, at most `side` pixels wide."""
    capture = cv2.VideoCapture(str(path))
    try:
        while True:
            found, picture = capture.read()
            if not found:
                return
            scale = min(1.0, side / picture.shape[1])
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
    finally:
        capture.release()


def read_clip(path: Path, colorizer: Colorizer, side: int, most: int | None) -> list[Frame]:
    """The frames of a clip, each with what the network says about it."""
    frames = []
    for truth in islice(pictures(path, side), most):
        grey = luma(truth)
        frames.append(Frame(truth, grey, small_luma(grey, 8, True), colorizer.chroma(grey)))
    return frames


def carried(frames: list[Frame], settings: Steadiness) -> tuple[list[Coloured], float]:
    """What propagation makes of the clip, and the seconds of one core that it took."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    start = time.thread_time()
    pairs = ((frame.guide, frame.chroma) for frame in frames)
    coloured = list(propagate(pairs, frames[0].grey.shape, lambda chroma: chroma, settings))
    seconds = time.thread_time() - start
    cv2.setNumThreads(threads)
    return coloured, seconds


def measure(frames: list[Frame], results: list[Picture], warping: WarpingError) -> Row:
    """The four measures of one result."""
    chromas = [true_chroma(result) for result in results]
    errors = [
        chroma_error(chroma, true_chroma(frame.truth)).mean() for chroma, frame in zip(chromas, frames, strict=True)
    ]
    return Row(
        1e3 * colour_distribution_consistency([histograms(result) for result in results]),
        1e4 * warping.of([_reduced(result, frame.guide) for result, frame in zip(results, frames, strict=True)]),
        float(np.mean(errors)),
        float(np.mean([np.linalg.norm(chroma, axis=-1).mean() for chroma in chromas])),
    )


def _reduced(result: Picture, guide: Small) -> NDArray[np.float32]:
    small = cv2.resize(result, guide.shape[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def clip_table(frames: list[Frame], settings: Steadiness) -> tuple[dict[str, Row], float, float]:
    """A row for each way, the frames for each network run, and the milliseconds a frame."""
    coloured, seconds = carried(frames, settings)
    ways: dict[str, Callable[[int, Frame], Picture]] = {
        "grey": lambda _, frame: np.repeat(frame.grey[..., None], 3, axis=2),
        "truth": lambda _, frame: frame.truth,
        "frame by frame": lambda _, frame: render(frame.grey, frame.chroma),
        "ours": lambda place, frame: render(frame.grey, coloured[place].chroma),
    }
    warping = WarpingError([frame.guide for frame in frames])
    table = {}
    for way, make in ways.items():
        table[way] = measure(frames, [make(place, frame) for place, frame in enumerate(frames)], warping)
    runs = sum(frame.network_ran for frame in coloured)
    return table, len(frames) / max(runs, 1), 1e3 * seconds / len(frames)


def print_rows(name: str, table: dict[str, Row]) -> None:
    """One block of the table, with the ratios to frame by frame."""
    grey, each, ours = table["grey"], table["frame by frame"], table["ours"]
    print(f"\n{name}")
    for way, row in table.items():
        print(
            f"  {way:15s} CDC {row.cdc:6.3f}e-3 WE {row.warping:6.3f}e-4 ab {row.error:6.3f} chroma {row.chroma:5.2f}"
        )
    excess = (ours.cdc - grey.cdc) / (each.cdc - grey.cdc) if each.cdc != grey.cdc else float("nan")
    print(f"  CDC excess over grey {excess:+.3f}, ab error {ours.error / each.error:.4f}, ", end="")
    print(f"chroma {ours.chroma / each.chroma:.3f} of frame by frame")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--key-every", type=int)
    parser.add_argument("--steady", type=float, default=Steadiness().steady)
    parser.add_argument("--frames", type=int, help="at most so many of each clip")
    parser.add_argument("--side", type=int, default=512)
    options = parser.parse_args()
    settings = Steadiness(options.key_every, options.steady)
    tables, costs = [], []
    with Colorizer(locate(options.model)) as colorizer:
        for path in sorted(options.folder.glob("*.mp4")):
            table, spacing, cost = clip_table(read_clip(path, colorizer, options.side, options.frames), settings)
            tables.append(table)
            costs.append((spacing, cost))
            print_rows(path.name, table)
            print(f"  {spacing:.1f} frames a network run, {cost:.1f} ms a frame")
    mean = {way: Row(*np.mean([astuple(table[way]) for table in tables], axis=0)) for way in tables[0]}
    print_rows(f"mean of {len(tables)}", mean)
    print("  {:.1f} frames a network run, {:.1f} ms a frame".format(*np.mean(costs, axis=0)))


if __name__ == "__main__":
    main()
