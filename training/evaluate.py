"""How good and how quick networks are, side by side, run exactly as the program runs them.

`python -m training.evaluate FOLDER NETWORK [NETWORK ...]`: FOLDER holds colour pictures that were in no training, each
NETWORK is a folder with a prototxt, a caffemodel and pts_in_hull.npy. `--speed` times them beside a full-size network.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.metrics import area_under_curve, chroma_error, colourfulness, psnr
from colorizer.color.grade import Chroma
from colorizer.color.lightness import luma, to_unit
from colorizer.network import Colorizer, NetworkSettings
from colorizer.picture import render
from colorizer.weights.local_models import locate
from training.bins import code, gamut_bins, soft_encoding
from training.data import SUFFIXES
from training.sheets import Picture, blind_sheet, grey_sheet, write

SIDE = 224
SHIFT = 8
CONTRAST = (0.9, 1.1)
Plane = NDArray[np.uint8]
ToChroma = Callable[[Plane], Chroma]
Numbers = dict[str, float]


@dataclass(frozen=True)
class Truth:
    """One picture: RGB (H, W, 3), its luma (H, W) and its true chroma on the network's grid (56, 56, 2)."""

    rgb: Picture
    luma: Plane
    chroma: Chroma


def read_tests(folder: Path) -> list[Truth]:
    """Every picture of the folder, by name. Raises ValueError when there is none."""
    tests = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES):
        bgr = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise ValueError(f"{path} is not a picture that can be read")
        rgb = np.ascontiguousarray(bgr[..., ::-1], np.uint8)
        chroma = cv2.cvtColor(to_unit(rgb), cv2.COLOR_RGB2LAB)[..., 1:]
        small = cv2.resize(chroma, (SIDE // 4, SIDE // 4), interpolation=cv2.INTER_AREA)
        tests.append(Truth(rgb, luma(rgb), np.asarray(small, np.float32)))
    if not tests:
        raise ValueError(f"there is no picture in {folder}")
    return tests


def rarity(tests: Sequence[Truth]) -> NDArray[np.float64]:
    """A weight for every true colour that makes every ab bin of the test count alike, (N, 56, 56).

    Source: Zhang, Isola, Efros 2016, section 3.1 (class-balanced AuC), with the frequencies of the tests themselves.
    """
    bins = gamut_bins()
    whole = np.round(np.stack([test.chroma for test in tests])).clip(-128, 127).astype(np.int8)
    nearest = soft_encoding(bins).bins[code(whole), 0]
    return np.asarray(1 / np.bincount(nearest.ravel(), minlength=len(bins))[nearest], np.float64)


def accuracy(to_chroma: ToChroma, tests: Sequence[Truth]) -> Numbers:
    """PSNR, ab error, colourfulness over the truth's, and AuC plain and rebalanced, of the network's own colours."""
    rows, errors = [], []
    for test in tests:
        chroma = to_chroma(test.luma)
        result = to_unit(render(test.luma, chroma))
        truth = to_unit(test.rgb)
        errors.append(chroma_error(chroma, test.chroma))
        rows.append((psnr(result, truth), colourfulness(result), colourfulness(truth)))
    quality, colour, true_colour = np.mean(rows, axis=0)
    every = np.stack(errors)
    return {
        "PSNR dB": float(quality),
        "ab error": float(every.mean()),
        "colourfulness": float(colour),
        "of the truth's": float(colour / true_colour),
        "AuC %": 100 * area_under_curve(every.ravel()),
        "AuC rebalanced %": 100 * area_under_curve(every.ravel(), rarity(tests).ravel()),
    }


def steadiness(to_chroma: ToChroma, tests: Sequence[Truth]) -> Numbers:
    """Mean ab change when the picture moves by 8 pixels of 224, or its contrast changes by 10 %."""
    shifts, contrasts = [], []
    for test in tests:
        large = np.asarray(cv2.resize(test.luma, (SIDE + SHIFT, SIDE + SHIFT), interpolation=cv2.INTER_AREA), np.uint8)
        here = to_chroma(np.ascontiguousarray(large[:SIDE, :SIDE]))
        right = to_chroma(np.ascontiguousarray(large[:SIDE, SHIFT:]))
        down = to_chroma(np.ascontiguousarray(large[SHIFT:, :SIDE]))
        cells = SHIFT // 4
        shifts += [
            chroma_error(here[:, cells:], right[:, :-cells]).mean(),
            chroma_error(here[cells:], down[:-cells]).mean(),
        ]
        plain = to_chroma(test.luma)
        for factor in CONTRAST:
            other = np.rint((test.luma.astype(np.float32) - 128) * factor + 128).clip(0, 255).astype(np.uint8)
            contrasts.append(chroma_error(plain, to_chroma(other)).mean())
    return {"change by a shift": float(np.mean(shifts)), "change by contrast": float(np.mean(contrasts))}


def square(colorizer: Colorizer) -> ToChroma:
    """The network's colours of a luma plane, seen as a square of 224 pixels."""
    settings = NetworkSettings(SIDE, keep_aspect=False)
    return lambda plane: colorizer.chroma(plane, settings)


def milliseconds(folders: Sequence[Path], threads: int, rounds: int) -> list[tuple[float, float]]:
    """Median and least time of a run at 224 x 224 of each network, in turn, so that a busy machine hits all alike."""
    cv2.setNumThreads(threads)
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)
    runs = [square(Colorizer(locate(folder), "opencv:cpu")) for folder in folders]
    times: list[list[float]] = [[] for _ in folders]
    for turn in range(rounds + 2):
        for run, taken in zip(runs, times, strict=True):
            began = time.perf_counter()
            run(picture)
            if turn > 1:  # the first two turns allocate
                taken.append(1000 * (time.perf_counter() - began))
    return [(float(np.median(taken)), min(taken)) for taken in times]


def colourless(plane: Plane) -> Chroma:
    """The chroma of the grey picture: what every network is compared with."""
    return np.zeros((SIDE // 4, SIDE // 4, 2), np.float32)


def table(rows: dict[str, Numbers]) -> str:
    """The numbers as a table in Markdown, one column for each network."""
    names = list(dict.fromkeys(name for numbers in rows.values() for name in numbers))
    lines = ["| | " + " | ".join(rows) + " |", "|---" * (len(rows) + 1) + "|"]
    for name in names:
        cells = [f"{numbers[name]:.2f}" if name in numbers else "" for numbers in rows.values()]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def speed_table(folders: Sequence[Path], threads: int, rounds: int) -> str:
    """Milliseconds of each network beside the full-size one of 2016 with random weights, as a table in Markdown."""
    from tests.eccv16 import write_eccv16

    with tempfile.TemporaryDirectory() as there:
        large = write_eccv16(Path(there)).folder
        found = milliseconds([*folders, large], threads, rounds)
    names = [*(folder.name or str(folder) for folder in folders), "eccv16 (random weights)"]
    lines = [f"| 224 x 224, {threads} threads | median ms | least ms | of eccv16 |", "|---|---|---|---|"]
    for name, (median, least) in zip(names, found, strict=True):
        lines.append(f"| {name} | {median:.1f} | {least:.1f} | 1/{found[-1][0] / median:.1f} |")
    return "\n".join(lines)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("pictures", type=Path, help="a folder of colour pictures")
    parser.add_argument("networks", type=Path, nargs="+", help="folders of networks; the first is shown on the sheets")
    parser.add_argument("--speed", action="store_true", help="time the networks as well")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument(
        "--blind",
        type=Path,
        help="write a sheet of 24 pictures, ours and the truth in random order; the key goes beside it",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the order on the blind sheet")
    parser.add_argument("--grey", type=Path, help="a folder of black-and-white pictures for --grey-sheet")
    parser.add_argument("--grey-sheet", type=Path)
    return parser.parse_args()


def main() -> None:
    """Print the tables, write the sheets."""
    args = arguments()
    tests = read_tests(args.pictures)
    rows = {"grey": accuracy(colourless, tests)}
    opened = [Colorizer(locate(folder), "opencv:cpu") for folder in args.networks]
    for folder, colorizer in zip(args.networks, opened, strict=True):
        rows[folder.name or str(folder)] = accuracy(square(colorizer), tests) | steadiness(square(colorizer), tests)
    print(f"{len(tests)} pictures, {SIDE} x {SIDE}, luma kept\n\n{table(rows)}")
    if args.blind:
        chosen = [tests[place].rgb for place in np.linspace(0, len(tests) - 1, min(24, len(tests))).astype(int)]
        sheet, key = blind_sheet(opened[0], chosen, args.seed)
        write(args.blind, sheet)
        args.blind.with_suffix(".json").write_text(json.dumps(key, indent=1), encoding="utf-8")
    if args.grey and args.grey_sheet:
        write(args.grey_sheet, grey_sheet(opened, args.grey))
    if args.speed:
        print("\n" + speed_table(args.networks, args.threads, args.rounds))


if __name__ == "__main__":
    main()
