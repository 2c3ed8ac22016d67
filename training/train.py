"""Train the starter network, from nothing or from a network that is there. `python -m training.train --help`."""

import argparse
import json
import os
import time
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from training.batches import Batches
from training.bins import gamut_bins
from training.data import load
from training.encoder import load_encoder, pretrained_file
from training.net import Net
from training.objective import Objective, frequencies
from training.progress import Validation, draw_losses, draw_sheet, validate
from training.recipe import Recipe
from training.run import Run
from training.warm import reinstate_norm, warm_start


def train(run: Run, batches: Batches, objective: Objective, validation: Validation) -> None:
    """Train to the end of the recipe, with lines, and on the way numbers, a plot and a contact sheet."""
    recipe, recent, began, pictures = run.recipe, [], time.monotonic(), 0
    for batch in batches.ahead(run.step, run.seconds):
        recent.append(run.learn(batch, objective))
        pictures += len(batch.codes)
        last = run.step == recipe.steps or run.done >= 1
        if run.step % 50 == 0 or last:
            loss = run.note(recent)
            pace = pictures / (time.monotonic() - began)
            print(f"step {run.step} ({run.done:.0%}) loss {loss:.4f} {pace:.0f} pictures a second", flush=True)
            recent, began, pictures = [], time.monotonic(), 0
        if run.step % recipe.save_every == 0 or last:
            run.save()
        if run.step % recipe.validate_every == 0 or last:
            run.validations.append((run.step, validate(run.average, validation, objective)))
            print(f"step {run.step} " + json.dumps(run.validations[-1][1]), flush=True)
            draw_losses(run.losses, run.validations, run.folder / "loss.png")
            draw_sheet(run.average, validation, objective, run.folder / f"sheet_{run.step:06d}.jpg")
        if last:
            break


def begin(run: Run, args: argparse.Namespace, points: NDArray[np.int64], validation: Validation) -> None:
    """The first weights: another run's, a finished network's, or the pretrained encoder alone."""
    if args.from_average is not None:
        run.start_from(args.from_average)
        return
    if args.start is None:
        load_encoder(run.net, args.pretrained or pretrained_file())
    else:
        plain = Net(len(points), norm=False)
        missing = warm_start(plain, args.start, points, run.recipe.sharpness)
        print("new layers:", ", ".join(missing) or "none", flush=True)
        if args.norm == "yes":
            reinstate_norm(plain, run.net, validation.lightness[:192])
        else:
            run.net.load_state_dict(plain.state_dict())
    run.average.load_state_dict(run.net.state_dict())


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
        "--portrait", action="append", default=[], metavar="SET", help="a set of pictures with a person in the middle"
    )
    parser.add_argument(
        "--cache", type=Path, help="the folder for the decoded pictures (default: cache in the run's folder)"
    )
    parser.add_argument("--from-average", type=Path, help="another run's average.pt to start from")
    parser.add_argument("--pretrained", type=Path, help="the pretrained encoder (default: the package's own)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes that make crops")
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
    if not run.resume():
        begin(run, args, points, validation)
    print(
        f"{len(pictures)} pictures, {len(points)} bins, step {run.step}: ",
        validate(run.average, validation, objective),
        flush=True,
    )
    batches = Batches(pictures, chances, recipe, frozenset(args.portrait), args.workers)
    train(run, batches, objective, validation)


if __name__ == "__main__":
    main()
