"""What the network is asked to get right."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.augment import crop
from training.bins import class_weights, code, soft_encoding
from training.data import Pictures
from training.recipe import TEMPERATURE, Recipe


class Objective(nn.Module):
    """The loss: rebalanced cross entropy of the soft-encoded colours, and how far the shown colour is off."""

    def __init__(self, points: NDArray[np.int64], frequency: NDArray[np.float64], recipe: Recipe) -> None:
        super().__init__()
        encoding = soft_encoding(points)
        self.colour, self.sharpness = recipe.colour, recipe.sharpness
        self.register_buffer("bins", torch.from_numpy(encoding.bins))
        self.register_buffer("shares", torch.from_numpy(encoding.shares))
        self.register_buffer("weights", torch.from_numpy(class_weights(frequency, recipe.rebalance)))
        self.register_buffer("points", torch.from_numpy(points.astype(np.float32)))

    def forward(self, logits: Tensor, codes: Tensor) -> Tensor:
        """The loss of logits (N, Q, h, w) for true colours as codes (N, h, w)."""
        rows = logits.permute(0, 2, 3, 1).reshape(-1, logits.shape[1]).float()  # (M, Q)
        codes = codes.reshape(-1)
        bins = self.bins[codes]
        weight = self.weights[bins[:, 0]]
        entropy = -(functional.log_softmax(rows, 1).gather(1, bins) * self.shares[codes]).sum(1)
        loss = (entropy * weight).sum() / weight.sum()
        if self.colour:
            mean = functional.softmax(rows * (self.sharpness / TEMPERATURE), 1) @ self.points
            true = torch.stack([codes // 256 - 128, codes % 256 - 128], 1).float()
            distance = torch.sqrt(((mean - true) ** 2).sum(1) + 1) - 1
            loss = loss + self.colour * (distance * weight).sum() / weight.sum()
        return loss


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
