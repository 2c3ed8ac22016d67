"""What the network is asked to get right."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.augment import crop
from training.batches import Batch
from training.bins import class_weights, code, soft_encoding
from training.data import Pictures
from training.recipe import TEMPERATURE, Recipe

FLAT = 3.0  # a place is flat where L* varies by less than this around it (about 8 levels of luma)
DARK = 30.0  # L* below which a place is dark
CALM_STEPS = (1, 4)  # cells between the two places whose colours are compared


class Objective(nn.Module):
    """The loss: rebalanced cross entropy of the soft-encoded colours, how far the shown colour is off, colour where
    there is none, unrest where the picture is flat, and colours that change when the picture moves."""

    def __init__(self, points: NDArray[np.int64], frequency: NDArray[np.float64], recipe: Recipe) -> None:
        super().__init__()
        encoding = soft_encoding(points)
        self.recipe, self.sharpness = recipe, recipe.sharpness
        self.register_buffer("bins", torch.from_numpy(encoding.bins))
        self.register_buffer("shares", torch.from_numpy(encoding.shares))
        self.register_buffer("weights", torch.from_numpy(class_weights(frequency, recipe.rebalance)))
        self.register_buffer("points", torch.from_numpy(points.astype(np.float32)))

    def forward(self, logits: Tensor, batch: Batch) -> Tensor:
        """The loss of logits (N, Q, h, w) for a batch's true colours."""
        codes, lightness = batch.codes, batch.lightness
        rows = logits.permute(0, 2, 3, 1).float()  # (N, h, w, Q)
        bins = self.bins[codes]  # (N, h, w, 5)
        weight = self.weights[bins[..., 0]]
        entropy = -(functional.log_softmax(rows, -1).gather(-1, bins) * self.shares[codes]).sum(-1)
        total = weight.sum()
        loss = (entropy * weight).sum() / total
        mean = functional.softmax(rows * (self.sharpness / TEMPERATURE), -1) @ self.points
        true = torch.stack([codes // 256 - 128, codes % 256 - 128], -1).float()
        loss = loss + self.recipe.colour * (_length(mean - true) * weight).sum() / total
        flat = flat_places(lightness)
        loss = loss + self.recipe.grey * false_colour(mean, true, lightness, flat)
        loss = loss + self.recipe.calm * unrest(mean, true, flat)
        if len(batch.moves):
            loss = loss + self.recipe.shift * moved_apart(mean, batch.moves)
        return loss


def _length(ab: Tensor) -> Tensor:
    """The length of each colour (..., 2) -> (...), smooth at zero."""
    return torch.sqrt((ab**2).sum(-1) + 1) - 1


def flat_places(lightness: Tensor) -> Tensor:
    """Where the picture is flat: L* - 50 (N, 1, H, W) -> (N, H/4, W/4) of 0 and 1. Looks at 20 x 20 pixels."""
    mean = functional.avg_pool2d(functional.avg_pool2d(lightness, 4), 5, 1, 2, count_include_pad=False)
    square = functional.avg_pool2d(functional.avg_pool2d(lightness**2, 4), 5, 1, 2, count_include_pad=False)
    return (square - mean**2 < FLAT**2).float()[:, 0]


def false_colour(mean: Tensor, true: Tensor, lightness: Tensor, flat: Tensor) -> Tensor:
    """How much colour is shown where the truth is nearly grey; counts twice in dark and twice in flat places."""
    more = functional.relu(_length(mean) - _length(true) - 2) * torch.exp(-_length(true) / 6)
    dark = (functional.avg_pool2d(lightness, 4)[:, 0] + 50 < DARK).float()
    return (more * (1 + dark) * (1 + flat)).mean()


def unrest(mean: Tensor, true: Tensor, flat: Tensor) -> Tensor:
    """Steps of the shown colour (N, h, w, 2) between two flat places that are larger than the truth's, on average."""
    total = torch.zeros((), device=mean.device)
    count = torch.ones((), device=mean.device)
    for axis in (1, 2):
        for step in CALM_STEPS:
            here, there = ([slice(None)] * 3 for _ in range(2))
            here[axis], there[axis] = slice(step, None), slice(None, -step)
            first, second = tuple(here), tuple(there)
            both = flat[first] * flat[second]
            larger = functional.relu(_length(mean[first] - mean[second]) - _length(true[first] - true[second]))
            total = total + (larger * both).sum()
            count = count + both.sum()
    return total / count


def moved_apart(mean: Tensor, moves: Tensor) -> Tensor:
    """How far the colours (N, h, w, 2) of two views of the same picture are apart where both see it, on average.

    moves: (N / 2, 2) cells that view N / 2 + i lies off view i. Source of the aim: Zhang 2019, "Making Convolutional
    Networks Shift-Invariant Again".
    """
    half = len(moves)
    total = torch.zeros((), device=mean.device)
    for first, second, (down, right) in zip(mean[:half], mean[half:], moves.tolist(), strict=True):
        rows, columns = first.shape[0] - abs(down), first.shape[1] - abs(right)
        seen = first[max(down, 0) :, max(right, 0) :][:rows, :columns]
        again = second[max(-down, 0) :, max(-right, 0) :][:rows, :columns]
        total = total + _length(seen - again).mean()
    return total / half


def frequencies(
    pictures: Pictures, chances: NDArray[np.float64], points: NDArray[np.int64], draws: int = 4000
) -> NDArray[np.float64]:
    """How often each bin is the nearest one to a training colour, as the batches will show them, (Q,), sums to 1."""
    encoding, rng = soft_encoding(points), np.random.default_rng(0)
    train, _ = pictures.split()
    total = np.zeros(len(points))
    for index in rng.choice(train, draws, p=chances[train] / chances[train].sum()):
        _, chroma = crop(*pictures.picture(int(index)), 128, None)
        total += np.bincount(encoding.bins[code(chroma).ravel(), 0], minlength=len(points))
    return total / total.sum()
