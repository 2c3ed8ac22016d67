"""How good and how quick networks are, side by side, run exactly as the program runs them.

`python -m training.evaluate FOLDER NETWORK [NETWORK ...]`: FOLDER holds colour pictures that were in no training, each
NETWORK is a folder with a prototxt, a caffemodel and pts_in_hull.npy. `--speed` times them beside a full-size network.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from colorizer.network import Colorizer, NetworkSettings
from colorizer.weights.local_models import locate
from training.measures import SIDE, Numbers, ToChroma, accuracy, calm, colourless, read_tests, steadiness
from training.sheets import blind_sheet, grey_planes, grey_sheet, write


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
    parser.add_argument("--grey", type=Path, help="a folder of black-and-white pictures: how calm they stay")
    parser.add_argument("--grey-sheet", type=Path, help="write a sheet of the pictures of --grey")
    args = parser.parse_args()
    if args.grey_sheet and not args.grey:
        parser.error("--grey-sheet needs --grey FOLDER")
    return args


def main() -> None:
    """Print the tables, write the sheets."""
    args = arguments()
    tests = read_tests(args.pictures)
    old = grey_planes(args.grey) if args.grey else []
    rows = {"grey": accuracy(colourless, tests)}
    opened = [Colorizer(locate(folder), "opencv:cpu") for folder in args.networks]
    for folder, colorizer in zip(args.networks, opened, strict=True):
        to_chroma = square(colorizer)
        numbers = accuracy(to_chroma, tests) | steadiness(to_chroma, tests)
        rows[folder.name or str(folder)] = numbers | (calm(to_chroma, old) if old else {})
    print(f"{len(tests)} pictures, {SIDE} x {SIDE}, luma kept\n\n{table(rows)}")
    if args.blind:
        chosen = [tests[place].rgb for place in np.linspace(0, len(tests) - 1, min(24, len(tests))).astype(int)]
        sheet, key = blind_sheet(opened[0], chosen, args.seed)
        write(args.blind, sheet)
        args.blind.with_suffix(".json").write_text(json.dumps(key, indent=1), encoding="utf-8")
    if args.grey_sheet:
        write(args.grey_sheet, grey_sheet(opened, old))
    if args.speed:
        print("\n" + speed_table(args.networks, args.threads, args.rounds))


if __name__ == "__main__":
    main()
