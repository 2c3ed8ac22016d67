"""How good drawn colours are on held-out pictures: numbers, and a contact sheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.augment import crop
from training.data import Pictures, lightness_table
from training.denoiser import CELLS, Architecture, Denoiser, Refiner, sample
from training.starter_view import ENTROPY, StarterView

SIZE = 224
DRAWN = 8  # samples of each picture
SHOWN, DRAWN_SHOWN, SIDE = 20, 4, 128
FLAT = 3.0  # a place is flat where L* deviates by less than this around it
BATCH = 50


class Networks(Protocol):
    """Both networks and what they were made for."""

    arch: Architecture
    coarse: Denoiser
    fine: Refiner


@dataclass(frozen=True)
class Drawn:
    """Pictures and their colours on the fine grid, all in ab.

    lightness: (N, 1, H, W) L* - 50. true, starter: (N, 2, h, w). entropy: (N, h, w). samples: (DRAWN, N, 2, h, w).
    """

    lightness: Tensor
    true: Tensor
    starter: Tensor
    entropy: Tensor
    samples: Tensor


def flat_places(lightness: Tensor) -> Tensor:
    """Where the picture is flat: L* - 50 (N, 1, H, W) -> (N, 1, H/4, W/4) of 0 and 1. Looks at 20 x 20 pixels."""
    mean, square = (
        functional.avg_pool2d(functional.avg_pool2d(values, 4), 5, 1, 2, count_include_pad=False)
        for values in (lightness, lightness**2)
    )
    return (square - mean**2 < FLAT**2).float()


def steps_between(chroma: Tensor, flat: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """For rows, then columns: lengths of the steps between neighbouring cells, and 1 where both are flat.

    chroma: (N, 2, h, w). flat: (N, 1, h, w). Yields (N, h - 1, w) and (N, h, w - 1).
    """
    for axis in (2, 3):
        count = chroma.shape[axis] - 1
        step = chroma.narrow(axis, 1, count) - chroma.narrow(axis, 0, count)
        both = flat.narrow(axis, 1, count) * flat.narrow(axis, 0, count)
        yield torch.sqrt((step**2).sum(1) + 1e-6), both[:, 0]


def restlessness(chroma: Tensor, flat: Tensor) -> float:
    """The mean step between neighbouring cells where the picture is flat, in the chroma's unit."""
    pairs = list(steps_between(chroma, flat))
    return float(
        sum((step * both).sum() for step, both in pairs) / max(1.0, float(sum(both.sum() for _, both in pairs)))
    )


def held_out(pictures: Pictures, most: int) -> tuple[Tensor, Tensor]:
    """Held-out pictures, whole: L* - 50 (N, 1, SIZE, SIZE) and true ab (N, 2, SIZE / 4, SIZE / 4)."""
    _, held = pictures.split()
    held = held[:: max(1, len(held) // most)][:most] if len(held) else np.arange(min(len(pictures), most))
    pairs = [crop(*pictures.picture(int(index)), SIZE, None) for index in held]
    luma = np.stack([np.round(pair[0].clip(0, 255)) for pair in pairs]).astype(np.uint8)
    chroma = np.stack([pair[1].astype(np.float32).transpose(2, 0, 1) for pair in pairs])
    return torch.from_numpy(lightness_table()[luma][:, None] - 50), torch.from_numpy(chroma)


def noise_of(seeds: range, height: int, width: int) -> Tensor:
    """One noise a seed, the same on every machine, (len(seeds), 2, height, width)."""
    each = [torch.randn(2, height, width, generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(each)


@torch.no_grad()
def draw(pair: Networks, starter: StarterView, lightness: Tensor, true: Tensor, guidance: float = 1.0) -> Drawn:
    """DRAWN samples of every picture, on the networks' device. The arguments are as in Drawn."""
    device, scale = next(pair.fine.parameters()).device, pair.arch.scale
    parts: list[tuple[Tensor, ...]] = []
    for start in range(0, len(lightness), BATCH):
        seen = lightness[start : start + BATCH].to(device)
        guide, colour = starter(seen)
        height, width = (side // CELLS for side in colour.shape[2:])
        count = len(seen)
        noise = noise_of(range(DRAWN), height, width).to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
            condition = pair.coarse.condition(guide).repeat(DRAWN, 1, 1, 1)
            coarse = sample(pair.coarse, condition, noise.repeat_interleave(count, 0), guidance=guidance)
            fine = [pair.fine(one, guide).float() * scale for one in coarse.view(DRAWN, count, 2, height, width)]
        entropy = guide[:, -3] * ENTROPY
        parts.append((colour, entropy, torch.stack(fine, 1)))
    colour, entropy, samples = (torch.cat(some) for some in zip(*parts, strict=True))
    return Drawn(lightness.to(device), true.to(device), colour, entropy, samples.transpose(0, 1))


def distance(first: Tensor, second: Tensor) -> Tensor:
    """Euclidean distance in ab, (..., 2, h, w) -> (..., h, w)."""
    return (first - second).norm(dim=-3)


def numbers_of(drawn: Drawn) -> dict[str, float]:
    """The numbers of a set of pictures; what is "of" something is the share of it."""
    starter = distance(drawn.starter, drawn.true).mean((1, 2))  # (N,)
    each = distance(drawn.samples, drawn.true).mean((2, 3))  # (DRAWN, N)
    best = torch.stack([each[start : start + 4].min(0).values for start in range(0, DRAWN, 4)]).mean()
    mean = distance(drawn.samples.mean(0), drawn.true).mean()
    between = [distance(drawn.samples[i], drawn.samples[j]) for i, j in combinations(range(DRAWN), 2)]
    apart = torch.stack(between).mean(0)  # (N, h, w)
    unsure = drawn.entropy > drawn.entropy.median()
    flat = flat_places(drawn.lightness)
    calm = restlessness(drawn.starter, flat)
    vivid = [colourfulness(drawn.lightness, one) for one in (drawn.true, drawn.starter, *drawn.samples[:2])]
    found = {
        "starter, ab error": starter.mean(),
        "one sample, ab error": each.mean(),
        "best of four, of the starter's": best / starter.mean(),
        "mean of eight, of the starter's": mean / starter.mean(),
        "distance between samples, upper half of the entropy": apart[unsure].mean(),
        "distance between samples, lower half of the entropy": apart[~unsure].mean(),
        "restlessness, starter": calm,
        "restlessness, truth, of the starter's": restlessness(drawn.true, flat) / calm,
        "restlessness, sample, of the starter's": restlessness(drawn.samples[0], flat) / calm,
        "colourfulness, starter, of the truth's": vivid[1] / vivid[0],
        "colourfulness, sample, of the truth's": np.mean(vivid[2:]) / vivid[0],
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def colourfulness(lightness: Tensor, chroma: Tensor) -> float:
    """Mean colourfulness on the fine grid, of RGB from 0 to 255. Source: Hasler and Suesstrunk 2003."""
    small = functional.avg_pool2d(lightness, 4) + 50
    values = []
    for lab in torch.cat([small, chroma], 1).permute(0, 2, 3, 1).cpu().numpy():
        red, green, blue = np.moveaxis(255 * cv2.cvtColor(lab.copy(), cv2.COLOR_LAB2RGB).clip(0, 1), 2, 0)
        first, second = red - green, (red + green) / 2 - blue
        values.append(np.hypot(first.std(), second.std()) + 0.3 * np.hypot(first.mean(), second.mean()))
    return float(np.mean(values))


def shown(lightness: Tensor, chroma: Tensor) -> NDArray[np.uint8]:
    """An 8-bit BGR picture (H, W, 3) from L* - 50 (1, H, W) and ab (2, h, w)."""
    grey = lightness[0].cpu().numpy() + 50
    full = cv2.resize(chroma.permute(1, 2, 0).cpu().numpy(), grey.shape[::-1], interpolation=cv2.INTER_CUBIC)
    bgr = cv2.cvtColor(np.dstack([grey, full]).astype(np.float32), cv2.COLOR_LAB2BGR)
    return np.asarray(np.round(bgr.clip(0, 1) * 255), np.uint8)


def sheet(drawn: Drawn) -> NDArray[np.uint8]:
    """Two pictures a row: grey, true, the starter's and four samples of each."""
    strips = []
    for place in np.linspace(0, len(drawn.true) - 1, min(SHOWN, len(drawn.true))).astype(int):
        true = drawn.true[place]
        colours = [torch.zeros_like(true), true, drawn.starter[place], *drawn.samples[:DRAWN_SHOWN, place]]
        cells = [
            cv2.resize(shown(drawn.lightness[place], one), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
            for one in colours
        ]
        strips.append(np.hstack([*cells, np.full((SIDE, 12, 3), 255, np.uint8)]))
    strips += [np.full_like(strips[0], 255)] * (len(strips) % 2)
    return np.vstack([np.hstack(strips[start : start + 2]) for start in range(0, len(strips), 2)])


def measure(pair: nn.Module, starter: StarterView, pictures: Pictures, most: int, path: Path) -> dict[str, float]:
    """The numbers on held-out pictures, at most `most`; the contact sheet goes to `path`."""
    drawn = draw(pair, starter, *held_out(pictures, most))
    cv2.imwrite(str(path), sheet(drawn), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return numbers_of(drawn)
