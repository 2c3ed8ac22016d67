"""How good drawn colours are on a folder of colour pictures that were in no training, beside the starter's own.

`python -m training.variations_evaluate FOLDER variations.pt --starter RUN`. It runs the networks in torch.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.metrics import area_under_curve, colourfulness
from colorizer.color.lightness import lightness, to_unit
from colorizer.picture import render
from training.encoder import load_encoder, pretrained_file
from training.evaluate import SIDE, Truth, rarity, read_tests
from training.layers import encoder_layers
from training.net import Net
from training.starter_view import load_starter
from training.variations_measures import Drawn, distance, draw, numbers_of, sheet
from training.variations_run import load_variations

Floats = NDArray[np.float32]
SEEN = 224  # side of the picture that the pretrained encoder looks at


def planes(tests: Sequence[Truth]) -> tuple[Tensor, Tensor]:
    """L* - 50 of every picture as a square (N, 1, SIDE, SIDE), and the true ab (N, 2, SIDE / 4, SIDE / 4)."""
    squares = [
        cv2.resize(lightness(to_unit(test.luma)), (SIDE, SIDE), interpolation=cv2.INTER_AREA) - 50 for test in tests
    ]
    chroma = np.stack([test.chroma.transpose(2, 0, 1) for test in tests])
    return torch.from_numpy(np.stack(squares)[:, None].astype(np.float32)), torch.from_numpy(chroma)


class Encoder(nn.Module):
    """EfficientNet-Lite0 as it was trained, on colour: RGB (N, 3, H, W) from 0 to 1 -> mean features (N, 320)."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.net = Net(1)
        load_encoder(self.net, path)
        self.net.parts["stem"] = nn.Conv2d(3, 32, 3, 2, 1)
        self.net.parts["stem"].weight.data.copy_(torch.load(path, weights_only=True)["_conv_stem.weight"])
        self.net.parts["stem"].bias.data.zero_()
        self.eval()

    @torch.no_grad()
    def forward(self, rgb: Tensor) -> Tensor:
        """The features."""
        rows = encoder_layers()
        values = {"data_l": rgb * 2 - 1}
        for row in rows:
            values[row.name] = self.net._run(row, values)
        return values[rows[-1].name].mean((2, 3))


def frechet(first: Floats, second: Floats) -> float:
    """The Frechet distance of two sets of features (N, D) and (M, D), each taken as a normal distribution.

    Source: Heusel et al. 2017; the trace of the square root as the nuclear norm of the centred sets' product.
    """
    means = first.mean(0), second.mean(0)
    one, other = (
        (values - mean) / np.sqrt(len(values) - 1) for values, mean in zip((first, second), means, strict=True)
    )
    shared = np.linalg.norm(one @ other.T, "nuc")
    return float(((means[0] - means[1]) ** 2).sum() + (one**2).sum() + (other**2).sum() - 2 * shared)


def features(encoder: Encoder, pictures: Sequence[NDArray[np.uint8]]) -> Floats:
    """The encoder's features of RGB pictures, each seen as a square, (N, 320)."""
    found = []
    for picture in pictures:
        small = cv2.resize(picture, (SEEN, SEEN), interpolation=cv2.INTER_AREA)
        found.append(encoder(torch.from_numpy(to_unit(small)).permute(2, 0, 1)[None])[0].numpy())
    return np.stack(found)


def picture_numbers(tests: Sequence[Truth], drawn: Drawn, encoder: Encoder) -> dict[str, float]:
    """What needs whole pictures or the tests' own frequencies: colourfulness, AuC and the distance of features."""
    weights = rarity(tests).ravel()
    true = [test.rgb for test in tests]
    real, vivid = features(encoder, true), np.mean([colourfulness(to_unit(one)) for one in true])
    numbers = {}
    for name, chroma in (("starter", drawn.starter), ("one sample", drawn.samples[0])):
        maps = chroma.permute(0, 2, 3, 1).cpu().numpy()
        shown = [render(test.luma, one) for test, one in zip(tests, maps, strict=True)]
        errors = distance(chroma, drawn.true).cpu().numpy().ravel()
        numbers[f"{name}, colourfulness of the truth's"] = (
            np.mean([colourfulness(to_unit(one)) for one in shown]) / vivid
        )
        numbers[f"{name}, AuC rebalanced %"] = 100 * area_under_curve(errors, weights)
        numbers[f"{name}, features' distance"] = frechet(real, features(encoder, shown))
    grey = [np.repeat(test.luma[..., None], 3, 2) for test in tests]
    numbers["grey, features' distance"] = frechet(real, features(encoder, grey))
    return {name: round(float(value), 4) for name, value in numbers.items()}


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.variations_evaluate", description=__doc__)
    parser.add_argument("pictures", type=Path, help="a folder of colour pictures")
    parser.add_argument("variations", type=Path, help="variations.pt")
    parser.add_argument("--starter", type=Path, required=True, help="the folder of the starter's training run")
    parser.add_argument("--vivid", type=float, default=0.0, help="as in the starter's export")
    parser.add_argument("--pretrained", type=Path, help="the pretrained encoder (default: the package's own)")
    parser.add_argument("--guidance", type=float, nargs="+", default=[1.0], help="one column each")
    parser.add_argument("--most", type=int, default=10**6, help="pictures, at most")
    parser.add_argument("--sheet", type=Path, help="write a sheet: grey, true, the starter's, four samples")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    return parser.parse_args()


def main() -> None:
    """Print the table, write the sheet."""
    args = arguments()
    torch.set_num_threads(args.threads)
    every = read_tests(args.pictures)
    tests = every[:: max(1, len(every) // args.most)][: args.most]
    pair = load_variations(args.variations).to(args.device)
    starter = load_starter(args.starter, pair.arch.scale, args.vivid).to(args.device)
    encoder, columns = Encoder(args.pretrained or pretrained_file()), []
    for number, guidance in enumerate(args.guidance):
        drawn = draw(pair, starter, *planes(tests), guidance)
        columns.append(numbers_of(drawn) | picture_numbers(tests, drawn, encoder))
        if args.sheet and number == 0:
            cv2.imwrite(str(args.sheet), sheet(drawn))
    print(f"{len(tests)} pictures, {SIDE} x {SIDE}\n\n| guidance | " + " | ".join(map(str, args.guidance)) + " |")
    print("|---" * (1 + len(columns)) + "|")
    for name in columns[0]:
        print(f"| {name} | " + " | ".join(f"{column[name]:.3f}" for column in columns) + " |")


if __name__ == "__main__":
    main()
