"""Two networks that draw a picture's colour: one from noise on a coarse grid, one from there to the fine grid.

The coarse grid is 1/16 of the network's input, the fine grid 1/4. Chroma is in units of `Architecture.scale`.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

CELLS = 4  # fine cells on a side of a coarse one
WAVES = 32  # frequencies of the time's embedding
PLACES = (1, 2, 4)  # half-waves across the picture, of the position's embedding
LIMIT = 7.0  # no chroma is farther out than this, in units of the scale
DILATIONS = (1, 2, 4, 1)


@dataclass(frozen=True)
class Architecture:
    """What the weights fit: saved beside them. scale: the standard deviation of a* and b*, about."""

    features: int = 96
    width: int = 192
    depth: int = 7
    heads: int = 6
    wider: int = 3
    refiner: int = 64
    scale: float = 14.0

    def __post_init__(self) -> None:
        if min(self.features, self.width, self.depth, self.heads, self.wider, self.refiner) < 1 or not self.scale > 0:
            raise ValueError(f"every number of the architecture must be positive: {self}")
        if self.width % self.heads:
            raise ValueError(f"a width of {self.width} does not fall into {self.heads} heads")

    @property
    def guide(self) -> int:
        """Channels known at every fine cell: features, lightness, the bins' entropy, the starter's colour."""
        return self.features + 4

    @property
    def condition(self) -> int:
        """Channels known at every coarse cell: the guide's means, and how features and lightness vary inside it."""
        return self.guide + self.features + 1


class Standard(nn.Module):
    """Every channel to mean 0 and spread 1, as measured once by `fit`. (N, C, h, w) -> (N, C, h, w)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(1, channels, 1, 1))
        self.register_buffer("spread", torch.ones(1, channels, 1, 1))

    @torch.no_grad()
    def fit(self, values: Tensor) -> None:
        """Measure on (N, C, h, w). A channel that hardly varies is not blown up."""
        spread = values.std((0, 2, 3), keepdim=True)
        self.mean.copy_(values.mean((0, 2, 3), keepdim=True))
        self.spread.copy_(spread + 0.1 * spread.mean())

    def forward(self, values: Tensor) -> Tensor:
        """The standardised channels."""
        return (values - self.mean) / self.spread


def pooled(guide: Tensor, varying: int) -> Tensor:
    """The guide's means over coarse cells, and the deviation of its first `varying` channels inside them.

    (N, C, 4 h, 4 w) -> (N, C + varying, h, w).
    """
    mean = functional.avg_pool2d(guide, CELLS)
    part = guide[:, :varying]
    square = functional.avg_pool2d(part * part, CELLS)
    return torch.cat([mean, torch.sqrt(functional.relu(square - mean[:, :varying] ** 2) + 1e-4)], 1)


def signal(time: Tensor) -> Tensor:
    """The picture's share at times 0 (all picture) to 1 (all noise): the cosine schedule."""
    return torch.cos(time * (math.pi / 2))


def noise_share(time: Tensor) -> Tensor:
    """The noise's share at times 0 to 1."""
    return torch.sin(time * (math.pi / 2))


def time_embedding(time: Tensor) -> Tensor:
    """Sines and cosines of times (N,) -> (N, 2 WAVES)."""
    angles = time[:, None] * torch.exp(torch.linspace(0, 6, WAVES, device=time.device))
    return torch.cat([angles.sin(), angles.cos()], 1)


def positions(height: int, width: int, device: torch.device) -> Tensor:
    """Where in the picture each cell lies, (1, 4 len(PLACES), height, width), whatever the grid's size and aspect."""
    rows = ((torch.arange(height, device=device) + 0.5) / height).view(1, 1, -1, 1).expand(1, 1, height, width)
    columns = ((torch.arange(width, device=device) + 0.5) / width).view(1, 1, 1, -1).expand(1, 1, height, width)
    waves = [math.pi * half * axis for half in PLACES for axis in (rows, columns)]
    return torch.cat([part for wave in waves for part in (wave.sin(), wave.cos())], 1)


class Block(nn.Module):
    """One transformer block whose norms and gates follow the time. Tokens (N, T, D) -> (N, T, D)."""

    def __init__(self, arch: Architecture, local: bool) -> None:
        super().__init__()
        width, wide = arch.width, arch.wider * arch.width
        self.heads = arch.heads
        self.local = nn.Conv2d(width, width, 3, 1, 1, groups=width) if local else None
        self.query_key_value = nn.Linear(width, 3 * width)
        self.project = nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, wide), nn.Linear(wide, width)
        style = torch.zeros(1, 6, width)
        style[:, 2::3] = 1
        self.style = nn.Parameter(style)  # shift, gain, gate of the attention; the same of what follows it
        for layer in (self.project, self.narrow):
            nn.init.normal_(layer.weight, std=0.01)

    def forward(self, tokens: Tensor, height: int, width: int, style: Tensor) -> Tensor:
        """style: (N, 6, D), what the time says, added to the block's own."""
        if self.local is not None:
            grid = tokens.transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], height, width)
            tokens = tokens + self.local(grid).flatten(2).transpose(1, 2)
        parts = (style + self.style).chunk(6, 1)  # each (N, 1, D)
        tokens = tokens + parts[2] * self.attend(_normed(tokens) * (1 + parts[1]) + parts[0])
        wide = functional.silu(self.widen(_normed(tokens) * (1 + parts[4]) + parts[3]))
        return tokens + parts[5] * self.narrow(wide)

    def attend(self, tokens: Tensor) -> Tensor:
        """Every token looks at all others."""
        count, length, width = tokens.shape
        split = [
            part.reshape(count, length, self.heads, width // self.heads).transpose(1, 2)
            for part in self.query_key_value(tokens).chunk(3, 2)
        ]
        seen = functional.scaled_dot_product_attention(*split)  # (N, heads, T, D / heads)
        return self.project(seen.transpose(1, 2).reshape(count, length, width))


def _normed(tokens: Tensor) -> Tensor:
    """Every token to mean 0 and variance 1."""
    return functional.layer_norm(tokens, tokens.shape[-1:])


class Denoiser(nn.Module):
    """The coarse network: noisy chroma (N, 2, h, w), condition, time -> the velocity v (N, 2, h, w).

    Source: Peebles and Xie 2023 (the transformer), Salimans and Ho 2022 (v), Chen et al. 2023 (one map of the time for
    all blocks).
    """

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        width = arch.width
        self.varying = arch.features + 1
        self.standard = Standard(arch.condition)
        self.noisy = nn.Conv2d(2, width, 1)
        self.known = nn.Conv2d(arch.condition + 4 * len(PLACES), width, 1)
        self.time = nn.Sequential(nn.Linear(2 * WAVES, width), nn.SiLU(), nn.Linear(width, width), nn.SiLU())
        self.style, self.last_style = nn.Linear(width, 6 * width), nn.Linear(width, 2 * width)
        self.blocks = nn.ModuleList(Block(arch, number % 2 == 0) for number in range(arch.depth))
        self.out = nn.Linear(width, 2)
        for layer in (self.style, self.last_style, self.out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def condition(self, guide: Tensor) -> Tensor:
        """What is known of every coarse cell, standardised: (N, G, 4 h, 4 w) -> (N, C, h, w). Zeros: nothing known."""
        return self.standard(pooled(guide, self.varying))

    def forward(self, noisy: Tensor, condition: Tensor, embedded: Tensor) -> Tensor:
        """embedded: what time_embedding returns, (N, 2 WAVES)."""
        count, _, height, width = noisy.shape
        places = positions(height, width, noisy.device).to(condition.dtype).expand(count, -1, -1, -1)
        grid = self.noisy(noisy) + self.known(torch.cat([condition, places], 1))
        tokens = grid.flatten(2).transpose(1, 2)  # (N, h w, D)
        time = self.time(embedded)
        style = self.style(time).view(count, 6, -1)
        for block in self.blocks:
            tokens = block(tokens, height, width, style)
        shift, gain = self.last_style(time)[:, None].chunk(2, 2)
        velocity = self.out(_normed(tokens) * (1 + gain) + shift)
        return velocity.transpose(1, 2).reshape(count, 2, height, width)


def _prior() -> Tensor:
    """Log weights of the 3 x 3 coarse neighbours at each fine cell of a coarse one: bilinear, (1, 9, 4, 4)."""
    offset = (torch.arange(CELLS) + 0.5) / CELLS - 0.5
    axis = functional.relu(1 - (offset[None] - torch.tensor([-1.0, 0.0, 1.0])[:, None]).abs())  # (3, 4)
    both = torch.einsum("iy,jx->ijyx", axis, axis).reshape(1, 9, CELLS, CELLS)
    return torch.log(both + 0.01)


def neighbours(coarse: Tensor) -> Tensor:
    """The 3 x 3 neighbours of every coarse cell at its fine cells: (N, 2, h, w) -> (N, 18, 4 h, 4 w), a* first."""
    height, width = coarse.shape[2:]
    rows = torch.cat([coarse[:, :, :1], coarse, coarse[:, :, -1:]], 2)
    every = torch.cat([rows[:, :, :, :1], rows, rows[:, :, :, -1:]], 3)
    shifted = [every[:, :, top : top + height, left : left + width] for top in range(3) for left in range(3)]
    planes = [part[:, axis : axis + 1] for axis in (0, 1) for part in shifted]
    return functional.interpolate(torch.cat(planes, 1), scale_factor=CELLS, mode="nearest")


def _mixed(near: Tensor, weights: Tensor) -> Tensor:
    """Neighbours (N, 18, H, W) mixed by weights (N, 9, H, W) that sum to 1: (N, 2, H, W)."""
    return torch.cat([(near[:, part] * weights).sum(1, keepdim=True) for part in (slice(9), slice(9, 18))], 1)


class Refiner(nn.Module):
    """The fine network: coarse chroma (N, 2, h, w) and the guide (N, G, 4 h, 4 w) -> chroma (N, 2, 4 h, 4 w).

    Each fine cell takes a mixture of the coarse cells around it, chosen by what belongs together, and adds a little.
    Source: Teed and Deng 2020 for the mixture (convex upsampling).
    """

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        width = arch.refiner
        self.standard = Standard(arch.guide)
        self.known, self.colour = nn.Conv2d(arch.guide, width, 1), nn.Conv2d(2, width, 3, 1, 1)
        self.first = nn.ModuleList(nn.Conv2d(width, width, 3, 1, step, step) for step in DILATIONS)
        self.second = nn.ModuleList(nn.Conv2d(width, width, 3, 1, step, step) for step in DILATIONS)
        self.out = nn.Conv2d(width, 11, 3, 1, 1)
        self.register_buffer("prior", _prior())
        # A constant of its own: an engine that reads ONNX may not take the softmax of one.
        self.register_buffer("bilinear", torch.softmax(_prior(), 1), persistent=False)
        for layer in self.second:
            nn.init.normal_(layer.weight, std=0.01)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, coarse: Tensor, guide: Tensor) -> Tensor:
        """The refined chroma."""
        near = neighbours(coarse)
        height, width = coarse.shape[2:]
        prior = self.prior.repeat(1, 1, height, width)
        start = _mixed(near, self.bilinear.repeat(1, 1, height, width))
        values = self.known(self.standard(guide)) + self.colour(start)
        for first, second in zip(self.first, self.second, strict=True):
            values = values + second(functional.silu(first(functional.silu(values))))
        out = self.out(functional.silu(values))
        return _mixed(near, torch.softmax(out[:, :9].float() + prior, 1)) + out[:, 9:]


@torch.no_grad()
def sample(net: Denoiser, condition: Tensor, noise: Tensor, steps: int = 14, guidance: float = 1.0) -> Tensor:
    """Coarse chroma (N, 2, h, w) drawn by DDIM from noise of that shape; the same noise gives the same colours.

    guidance: above 1 follows the condition more than it asks for, at twice the work.
    """
    values = noise
    for now, then in pairwise(torch.linspace(1, 0, steps + 1, device=noise.device)):
        embedded = time_embedding(now.expand(len(noise)))
        velocity = net(values, condition, embedded).float()
        if guidance != 1:
            free = net(values, torch.zeros_like(condition), embedded).float()
            velocity = free + guidance * (velocity - free)
        clean = (signal(now) * values - noise_share(now) * velocity).clamp(-LIMIT, LIMIT)
        rest = noise_share(now) * values + signal(now) * velocity
        values = signal(then) * clean + noise_share(then) * rest
    return values
