"""Train the starter network, from nothing or from a network that is there. `python -m training.train --help`."""

import argparse
import json
import math
import os
import time
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch

from training.batches import Batches
from training.bins import gamut_bins
from training.data import load
from training.net import Net
from training.objective import Objective, frequencies
from training.progress import Validation, draw_losses, draw_sheet, validate
from training.recipe import Recipe
from training.run import Run
from training.warm import reinstate_norm, warm_start


def train(run: Run, batches: Batches, objective: Objective, validation: Validation, epoch: int) -> None:
    """Train to the end of the recipe, with a line, a plot and a contact sheet on the way."""
    recipe, recent, began = run.recipe, [], time.monotonic()
    for batch in batches.ahead(run.step):
        recent.append(run.learn(batch, objective))
        if run.step % 50 == 0:
            run.losses.append((run.step, float(np.mean(recent))))
            pace = (time.monotonic() - began) / len(recent)
            print(f"step {run.step}/{recipe.steps} loss {run.losses[-1][1]:.4f} {pace:.2f} s a step", flush=True)
            recent, began = [], time.monotonic()
        last = run.step == recipe.steps
        if run.step % recipe.save_every == 0 or last:
            run.save()
        if run.step % recipe.validate_every == 0 or last:
            run.validations.append((run.step, validate(run.average, validation, objective)))
            print(f"step {run.step} " + json.dumps(run.validations[-1][1]), flush=True)
            draw_losses(run.losses, run.validations, run.folder / "loss.png")
        if run.step % epoch == 0 or last:
            draw_sheet(run.average, validation, objective, run.folder / f"sheet_{run.step:06d}.jpg")


def sheet_every(pictures: int, recipe: Recipe) -> int:
    """The steps between two contact sheets: one epoch, or as many as take 100 steps where pictures are few."""
    epoch = max(1, pictures // recipe.batch)
    return epoch * max(1, math.ceil(100 / epoch))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train the starter network.")
    parser.add_argument(
        "pictures", type=Path, help="a folder of colour pictures (or of tar files of them), or one tar file"
    )
    parser.add_argument(
        "run", type=Path, help="the folder for checkpoints, plots and sheets; a run there is taken up again"
    )
    parser.add_argument(
        "--from",
        dest="start",
        type=Path,
        help="a folder with starter.prototxt, .caffemodel and pts_in_hull.npy to start from",
    )
    parser.add_argument(
        "--norm", choices=["yes", "no"], default="yes", help="train with batch norm (it is folded away on export)"
    )
    parser.add_argument("--index", type=Path, help="a tab-separated file with the columns file and set")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=WEIGHT",
        help="draw the pictures of a set this much more often",
    )
    parser.add_argument(
        "--cache", type=Path, help="the folder for the decoded pictures (default: cache in the run's folder)"
    )
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    for field in fields(Recipe):
        if field.name != "ageing":
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=field.type, default=field.default)
    return parser.parse_args()


def main() -> None:
    """Read the command line, then train."""
    args = arguments()
    torch.set_num_threads(args.threads)
    recipe = Recipe(**{field.name: getattr(args, field.name) for field in fields(Recipe) if field.name != "ageing"})
    args.run.mkdir(parents=True, exist_ok=True)
    (args.run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2), encoding="utf-8")
    try:
        pictures = load(args.pictures, args.cache or args.run / "cache", args.index)
    except ValueError as error:
        raise SystemExit(str(error)) from error
    weights = dict(pair.split("=") for pair in args.set)
    chances = np.array([float(weights.get(name, 1)) for name in pictures.sets])
    points = gamut_bins()
    np.save(args.run / "pts_in_hull.npy", points)
    frequency = frequencies(pictures, chances, points)
    np.save(args.run / "frequency.npy", frequency)
    objective = Objective(points, frequency, recipe).to(args.device)
    validation = Validation.of(pictures)
    torch.manual_seed(recipe.seed)
    net = Net(len(points), norm=args.norm == "yes")
    run = Run(net, recipe, args.run, torch.device(args.device))
    if not run.resume() and args.start is not None:
        plain = Net(len(points), norm=False)
        print("new layers:", ", ".join(warm_start(plain, args.start, points, recipe.sharpness)) or "none", flush=True)
        if args.norm == "yes":
            reinstate_norm(plain, net, validation.lightness[:192])
        else:
            net.load_state_dict(plain.state_dict())
        run.average.load_state_dict(net.state_dict())
    print(
        f"{len(pictures)} pictures, {len(points)} bins, step {run.step}: ",
        validate(run.average, validation, objective),
        flush=True,
    )
    train(run, Batches(pictures, chances, recipe), objective, validation, sheet_every(len(pictures), recipe))


if __name__ == "__main__":
    main()
