"""What a training run shows of itself: numbers on held-out pictures, a plot of the loss, a contact sheet."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.augment import crop
from training.batches import Batch
from training.data import Pictures, lightness_table
from training.recipe import TEMPERATURE
from training.run import half_precision

SIZE = 224
SHOWN = 24
SHIFT = 8


class Loss(Protocol):
    """Logits and codes to a loss; knows the bins' colours."""

    points: Tensor
    sharpness: float

    def __call__(self, logits: Tensor, batch: Batch) -> Tensor:
        """The loss of logits for a batch's true colours."""


@dataclass(frozen=True)
class Validation:
    """Held-out pictures, whole: L* - 50 (N, 1, S, S), luma 0 to 255 (N, S, S), and chroma (N, S / 4, S / 4, 2)."""

    lightness: Tensor
    luma: NDArray[np.float32]
    chroma: NDArray[np.int8]

    @classmethod
    def of(cls, pictures: Pictures, most: int = 480) -> "Validation":
        """The held-out pictures of a collection, at most `most`, spread over it."""
        _, held = pictures.split()
        held = held[:: max(1, len(held) // most)][:most]
        if len(held) == 0:
            held = np.arange(min(len(pictures), most))
        pairs = [crop(*pictures.picture(int(index)), SIZE, None) for index in held]
        luma = np.stack([np.round(pair[0].clip(0, 255)) for pair in pairs])
        lightness = lightness_table()[luma.astype(np.uint8)][:, None] - 50
        return cls(torch.from_numpy(lightness), luma, np.stack([pair[1] for pair in pairs]))


@torch.no_grad()
def predict(net: nn.Module, lightness: Tensor, loss: Loss) -> tuple[Tensor, Tensor]:
    """Logits (N, Q, h, w) and the annealed mean (N, h, w, 2) in ab."""
    device = loss.points.device
    with half_precision(device):
        logits = net(lightness.to(device, memory_format=torch.channels_last)).float()
    shares = torch.softmax(logits.permute(0, 2, 3, 1) * (loss.sharpness / TEMPERATURE), -1)
    return logits, shares @ loss.points


def validate(net: nn.Module, held: Validation, loss: Loss) -> dict[str, float]:
    """Loss, mean ab distance, mean chroma over the true one, and ab change by a shift, on the held-out pictures."""
    losses, errors, chroma = [], [], []
    for start in range(0, len(held.luma), 24):
        part = slice(start, start + 24)
        logits, mean = predict(net, held.lightness[part], loss)
        true = torch.from_numpy(held.chroma[part].astype(np.int64)).to(mean.device)
        codes = (true[..., 0] + 128) * 256 + true[..., 1] + 128
        batch = Batch(held.lightness[part].to(mean.device), codes, torch.zeros((0, 2), dtype=torch.int64))
        losses.append(float(loss(logits, batch)))
        errors.append(float((mean - true).norm(dim=-1).mean()))
        chroma.append(float(mean.norm(dim=-1).mean()))
    real = float(np.linalg.norm(held.chroma.astype(np.float32), axis=-1).mean())
    numbers = {"loss": np.mean(losses), "ab_error": np.mean(errors), "chroma_ratio": np.mean(chroma) / real}
    numbers["shift"] = shift_change(net, held.lightness[: 4 * SHOWN], loss)
    return {name: round(float(value), 4) for name, value in numbers.items()}


def shift_change(net: nn.Module, lightness: Tensor, loss: Loss) -> float:
    """Mean ab distance between the colours of a picture and of the same picture moved by 8 pixels both ways."""
    side, cells = SIZE - 32, SHIFT // 4
    here = predict(net, lightness[..., :side, :side], loss)[1]
    moved = predict(net, lightness[..., SHIFT : SHIFT + side, SHIFT : SHIFT + side], loss)[1]
    return float((here[:, cells:, cells:] - moved[:, :-cells, :-cells]).norm(dim=-1).mean())


def draw_sheet(net: nn.Module, held: Validation, loss: Loss, path: Path) -> None:
    """The same 24 held-out pictures each time: grey, coloured and true, one below the other."""
    chosen = np.linspace(0, len(held.luma) - 1, min(SHOWN, len(held.luma))).astype(int)
    _, mean = predict(net, held.lightness[chosen], loss)
    columns = []
    for place, ab in zip(chosen, mean.cpu().numpy(), strict=True):
        lightness = held.lightness[place, 0].numpy() + 50
        column = [
            _shown(lightness, colours) for colours in (np.zeros_like(ab), ab, held.chroma[place].astype(np.float32))
        ]
        columns.append(np.vstack(column))
    blank = [np.zeros_like(columns[0])] * (-len(columns) % 8)
    columns += blank
    rows = [np.hstack(columns[start : start + 8]) for start in range(0, len(columns), 8)]
    cv2.imwrite(str(path), np.vstack(rows))


def _shown(lightness: NDArray[np.float32], ab: NDArray[np.float32]) -> NDArray[np.uint8]:
    """An 8-bit BGR picture from L* (S, S) and ab on a smaller grid."""
    full = cv2.resize(ab, lightness.shape[::-1], interpolation=cv2.INTER_CUBIC)
    bgr = cv2.cvtColor(np.dstack([lightness, full]).astype(np.float32), cv2.COLOR_LAB2BGR)
    return np.round(bgr.clip(0, 1) * 255).astype(np.uint8)


def draw_losses(losses: list[tuple[int, float]], validations: list[tuple[int, dict[str, float]]], path: Path) -> None:
    """A plot of the loss while training and on the held-out pictures."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, left = plt.subplots(figsize=(8, 4))
    if losses:
        left.plot(*zip(*losses, strict=True), label="training")
    if validations:
        left.plot([step for step, _ in validations], [row["loss"] for _, row in validations], "o-", label="held out")
        right = left.twinx()
        right.plot(
            [step for step, _ in validations], [row["ab_error"] for _, row in validations], "s--", color="tab:green"
        )
        right.set_ylabel("ab error, held out")
    left.set_xlabel("step")
    left.set_ylabel("loss")
    left.legend()
    figure.tight_layout()
    figure.savefig(path)
    plt.close(figure)
