"""Train the networks that draw a picture's colour, for a given starter. `python -m training.variations --help`."""

import argparse
import json
import math
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch

from training.batches import Batch, Batches
from training.data import Pictures, load
from training.denoiser import Architecture
from training.recipe import Recipe
from training.starter_view import load_starter
from training.variations_measures import measure
from training.variations_run import Pair, VariationsRecipe, VariationsRun

LINE = 50  # steps between two lines on the screen


def crops(pictures: Pictures, recipe: VariationsRecipe, chosen: argparse.Namespace, spent: float) -> Iterator[Batch]:
    """Batches of crops until the training ends: the starter's own."""
    weights = dict(pair.split("=") for pair in chosen.set)
    chances = np.array([float(weights.get(name, 1)) for name in pictures.sets])
    plan = Recipe(minutes=recipe.minutes, steps=10**7, batch=recipe.batch, seed=recipe.seed + 1000 + int(spent))
    return Batches(pictures, chances, plan, frozenset(chosen.portrait), chosen.workers).ahead(0, spent)


def train(run: VariationsRun, batches: Iterator[Batch], result: Path) -> None:
    """Train until the time is spent, with a line and now and then a checkpoint."""
    velocity, refined, pictures = [], [], 0
    began, saved = time.monotonic(), time.monotonic()
    while run.done < 1:
        batch = next(batches)
        losses = run.learn(batch)
        velocity += [losses[0], *(run.replay() for _ in range(run.recipe.replays))]
        refined.append(losses[1])
        pictures += len(batch.codes)
        if run.fresh % LINE == 0:
            numbers = [float(torch.stack(some).mean()) for some in (velocity, refined)]
            if not all(math.isfinite(number) for number in numbers):
                raise ValueError(f"the loss is {numbers} at step {run.step}: take up last.pt with a lower --rate")
            pace = pictures / (time.monotonic() - began)
            line = f"step {run.step} ({run.done:.0%}) v-loss {numbers[0]:.4f} refined {numbers[1]:.4f}"
            print(f"{line} {pace:.0f} pictures a second", flush=True)
            velocity, refined, pictures, began = [], [], 0, time.monotonic()
            if time.monotonic() - saved > run.recipe.save_seconds:
                run.save(result)
                saved = time.monotonic()
    run.save(result)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.variations", description=__doc__)
    parser.add_argument("pictures", type=Path, help="a folder of colour pictures (or of tar files of them)")
    parser.add_argument("run", type=Path, help="the folder for last.pt; a run there is taken up again")
    parser.add_argument("--starter", type=Path, required=True, help="the folder of the starter's training run")
    parser.add_argument("--vivid", type=float, default=0.0, help="as in the starter's export")
    parser.add_argument("--result", type=Path, help="where variations.pt, numbers and sheet go (default: the run)")
    parser.add_argument("--index", type=Path, help="a tab-separated file with the columns file and set")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=WEIGHT", help="draw a set more often")
    parser.add_argument("--portrait", action="append", default=[], metavar="SET", help="a set of portraits")
    parser.add_argument("--cache", type=Path, help="the folder for the decoded pictures (default: cache in the run's)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that make crops")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--held", type=int, default=300, help="held-out pictures to measure at the end, at most")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    for part in (VariationsRecipe, Architecture):
        for field in fields(part):
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=field.type, default=field.default)
    return parser.parse_args()


def main() -> None:
    """Read the command line, train, measure."""
    args = arguments()
    torch.set_num_threads(args.threads)
    recipe, arch = (
        part(**{f.name: getattr(args, f.name) for f in fields(part)}) for part in (VariationsRecipe, Architecture)
    )
    result = args.result or args.run
    for folder in (args.run, result):
        folder.mkdir(parents=True, exist_ok=True)
    pictures = load(args.pictures, args.cache or args.run / "cache", args.index)
    torch.manual_seed(recipe.seed)
    run = VariationsRun(Pair(arch), load_starter(args.starter, arch.scale, args.vivid), recipe, args.run, args.device)
    resumed = run.resume()
    batches = crops(pictures, recipe, args, run.seconds if resumed else 0.0)
    if not resumed:
        run.prepare(next(batches))
    sizes = [sum(value.numel() for value in part.parameters()) / 1e6 for part in (run.pair.coarse, run.pair.fine)]
    print(f"{len(pictures)} pictures, {sizes[0]:.2f} + {sizes[1]:.2f} million weights, step {run.step}", flush=True)
    run.began = time.monotonic()
    train(run, batches, result)
    numbers = measure(run.average, run.starter, pictures, args.held, result / "variations.jpg")
    (result / "variations.json").write_text(json.dumps(asdict(recipe) | numbers, indent=1), encoding="utf-8")
    print(json.dumps(numbers, indent=1), flush=True)


if __name__ == "__main__":
    main()
