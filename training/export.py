"""From a training run to the three files the program reads. `python -m training.export --help`."""

import argparse
import io
import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.bins import mixed
from training.caffe import caffemodel, prototxt
from training.net import Net
from training.recipe import TEMPERATURE

Pair = tuple[NDArray[np.float32], NDArray[np.float32]]
NAMES = ("starter.prototxt", "starter.caffemodel", "pts_in_hull.npy")
TOLERANCE = 0.5  # largest ab difference between torch and cv2.dnn that float16 weights may make


def load_average(*runs: Path) -> Net:
    """The moving average of a run's network, ready to use; of several runs, which went on from one another, the mean.

    Raises FileNotFoundError when a run has no checkpoint.
    """
    states = [torch.load(run / "average.pt", map_location="cpu", weights_only=True) for run in runs]
    state = {name: torch.stack([each[name].float() for each in states]).mean(0) for name in states[0]}
    net = Net(len(state["parts.conv8_313.bias"]), norm=any(name.startswith("norms.") for name in state))
    net.load_state_dict(state)
    return net.eval()


def shown(weights: dict[str, Pair], last: str, sharpness: float, bias: NDArray[np.float32]) -> dict[str, Pair]:
    """The weights with the last layer's logits moved by `bias` (Q,) and then multiplied by `sharpness`."""
    weight, old = weights[last]
    return weights | {last: (weight * np.float32(sharpness), (old + bias) * np.float32(sharpness))}


def vivid_bias(frequency: NDArray[np.float64], vivid: float) -> NDArray[np.float32]:
    """What to add to the logits, (Q,), so that rare colours are chosen more often (vivid above 0) or less (below 0).

    The same as having trained with class weights raised to a power larger by `vivid`, without training again.
    """
    return np.asarray(-vivid * np.log(mixed(frequency)), np.float32)


def export(run: Path, folder: Path, vivid: float = 0.0, gain: float = 1.0, others: Sequence[Path] = ()) -> None:
    """Write the three files of the run's averaged network into `folder`, each whole or not at all.

    gain: the bins' colours are multiplied by it, so that every colour shown is. others: runs whose weights are averaged
    with this one's. Raises ValueError when cv2.dnn does not read back what torch computes.
    """
    net = load_average(run, *others)
    points = np.asarray(gain * np.load(run / "pts_in_hull.npy"), np.float32)
    sharpness = json.loads((run / "recipe.json").read_text(encoding="utf-8"))["sharpness"]
    bias = vivid_bias(np.load(run / "frequency.npy"), vivid)
    text = prototxt(net.table).encode()
    blobs = caffemodel(net.table, shown(net.folded(), net.table[-1].name, sharpness, bias), points, TEMPERATURE)
    lightness = _test_input()
    with torch.no_grad():
        logits = net(torch.from_numpy(lightness)).numpy() + bias[:, None, None]
    check(text, blobs, lightness, annealed_mean(logits * sharpness, points))
    folder.mkdir(parents=True, exist_ok=True)
    centres = io.BytesIO()
    np.save(centres, points)
    for name, content in zip(NAMES, (text, blobs, centres.getvalue()), strict=True):
        part = folder / f"{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)


def annealed_mean(logits: NDArray[np.float32], points: NDArray[np.floating] | NDArray[np.int64]) -> NDArray[np.float32]:
    """The colour shown: logits (N, Q, h, w) -> (N, 2, h, w) in ab. Source: Zhang, Isola, Efros 2016, section 2.3."""
    annealed = np.exp((logits - logits.max(1, keepdims=True)) / TEMPERATURE)
    return np.asarray(np.einsum("nqhw,qc->nchw", annealed / annealed.sum(1, keepdims=True), points), np.float32)


def _test_input() -> NDArray[np.float32]:
    """A smooth random picture that is no square, (1, 1, 96, 160) L* - 50."""
    coarse = np.random.default_rng(0).uniform(-50, 50, (12, 16)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (160, 96), interpolation=cv2.INTER_LINEAR)[None, None], np.float32)


def check(text: bytes, blobs: bytes, lightness: NDArray[np.float32], wanted: NDArray[np.float32]) -> None:
    """Return when cv2.dnn reads a network that gives the wanted colours. Raises ValueError otherwise."""
    net = cv2.dnn.readNetFromCaffe(np.frombuffer(text, np.uint8), np.frombuffer(blobs, np.uint8))
    net.setInput(lightness)
    difference = float(np.abs(net.forward() - wanted).max())
    if not difference <= TOLERANCE:
        raise ValueError(f"cv2.dnn {cv2.__version__} reads the exported network as another: {difference:.2f} off in ab")


def main() -> None:
    """Read the command line, then export."""
    parser = argparse.ArgumentParser(
        prog="python -m training.export", description="Write a run's network as Caffe files."
    )
    parser.add_argument("run", type=Path, help="the folder of the training run")
    parser.add_argument("folder", type=Path, help="where the three files go")
    parser.add_argument(
        "--vivid", type=float, default=0.0, help="above 0 more vivid, below 0 calmer; 0.1 is a small step"
    )
    parser.add_argument(
        "--with", dest="others", type=Path, nargs="*", default=[], metavar="RUN",
        help="runs that this one went on from: their weights are averaged with its own",
    )  # fmt: skip
    parser.add_argument("--gain", type=float, default=1.0, help="how much stronger every colour is shown")
    args = parser.parse_args()
    if not (args.run / "average.pt").exists():
        raise SystemExit(
            f"{args.run} has no average.pt: give the folder of a run of training.train that has saved once"
        )
    export(args.run, args.folder, args.vivid, args.gain, args.others)
    total = sum((args.folder / name).stat().st_size for name in NAMES)
    print(f"{args.folder}: {', '.join(NAMES)}, {total / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
