"""A training run of the networks that draw a picture's colour: its recipe, its losses, its files."""

import copy
import math
import random
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.batches import Batch
from training.denoiser import CELLS, Architecture, Denoiser, Refiner, noise_share, signal, time_embedding
from training.starter_view import StarterView
from training.variations_measures import flat_places, steps_between


@dataclass(frozen=True)
class VariationsRecipe:
    """Everything that decides what comes out.

    minutes: of training. batch: crops of 128 x 128 in a step. draws: noises of each crop in a step. replays: steps of
    the coarse network alone on earlier crops after each batch: they cost little, and it wants many. kept: earlier
    batches to draw from. dropped: share of the steps that know nothing. noise: of the coarse colours given to the
    refiner, at most. turned: share of the crops whose hues are turned for the refiner. calm: weight of steps where the
    picture is flat.
    """

    minutes: float = 2.0
    batch: int = 384
    draws: int = 2
    replays: int = 4
    kept: int = 300
    rate: float = 1e-3
    decay: float = 1e-2
    warm: int = 100
    average: float = 0.999
    dropped: float = 0.1
    noise: float = 0.4
    turned: float = 0.5
    calm: float = 0.3
    save_seconds: float = 30.0
    seed: int = 0

    def __post_init__(self) -> None:
        if min(self.batch, self.draws, self.kept, self.warm) < 1 or self.replays < 0:
            raise ValueError(f"batch, draws, kept and warm must be positive, replays at least 0: {self}")
        shares = (self.dropped, self.turned, self.average)
        if not (min(self.minutes, self.rate) > 0 and all(0 <= share <= 1 for share in shares)):
            raise ValueError(f"minutes and rate must be above 0; dropped, turned and average from 0 to 1: {self}")

    def rate_at(self, step: int, done: float) -> float:
        """The learning rate: `warm` steps up, then a cosine to a thousandth as the time runs out."""
        return (
            self.rate * min(1.0, (step + 1) / self.warm) * (0.4995 * (1 + math.cos(math.pi * min(1.0, done))) + 0.001)
        )


@dataclass(frozen=True)
class Coarse:
    """One batch on the coarse grid: true chroma in units of the scale (N, 2, h, w), and the guide pooled there."""

    true: Tensor
    condition: Tensor


class Pair(nn.Module):
    """Both networks."""

    def __init__(self, arch: Architecture) -> None:
        super().__init__()
        self.arch = arch
        self.coarse, self.fine = Denoiser(arch), Refiner(arch)


class VariationsRun:
    """A training run in a folder: networks, their moving average, optimiser; saved and taken up again."""

    def __init__(self, pair: Pair, starter: StarterView, recipe: VariationsRecipe, folder: Path, device: str) -> None:
        self.recipe, self.folder, self.device = recipe, folder, torch.device(device)
        self.starter = starter.to(self.device, memory_format=torch.channels_last)
        self.pair = pair.to(self.device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.pair).eval().requires_grad_(False)
        self.optimiser = torch.optim.AdamW(
            self.pair.parameters(), recipe.rate, (0.9, 0.99), weight_decay=recipe.decay, fused=device == "cuda"
        )
        self.kept: deque[Coarse] = deque(maxlen=recipe.kept)
        self.random = random.Random(recipe.seed)
        self.step, self.fresh, self.earlier, self.began = 0, 0, 0.0, time.monotonic()

    @property
    def seconds(self) -> float:
        """How long the run has trained in all."""
        return self.earlier + time.monotonic() - self.began

    @property
    def done(self) -> float:
        """The share of the run's time that is spent."""
        return self.seconds / (60 * self.recipe.minutes)

    def learn(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """One step of both networks on a fresh batch; both losses before it, on the device."""
        guide, true = self._told(batch)
        with torch.no_grad():
            small = Coarse(functional.avg_pool2d(true, CELLS), self.pair.coarse.condition(guide))
        half = torch.bfloat16 if self.device.type == "cuda" else torch.float32
        self.kept.append(Coarse(small.true, small.condition.to(half)))
        losses = self._velocity_loss(small), self._refined_loss(small.true, guide, true, batch)
        self._improve(losses[0] + losses[1])
        self.fresh += 1
        return losses[0].detach(), losses[1].detach()

    def replay(self) -> Tensor:
        """One step of the coarse network on an earlier batch with new noise; its loss."""
        small = self.random.choice(self.kept)
        loss = self._velocity_loss(Coarse(small.true, small.condition.float()))
        self._improve(loss)
        return loss.detach()

    def _told(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """The guide and the true chroma in units of the scale, (N, 2, h, w), on the device."""
        lightness = batch.lightness.to(self.device, non_blocking=True, memory_format=torch.channels_last)
        codes = batch.codes.to(self.device, non_blocking=True).long()
        guide, _ = self.starter(lightness)
        true = torch.stack([codes // 256 - 128, codes % 256 - 128], 1).float() / self.pair.arch.scale
        return guide, true

    def prepare(self, batch: Batch) -> None:
        """Measure the mean and spread of what the networks are told."""
        guide, _ = self._told(batch)
        with torch.no_grad():
            self.pair.fine.standard.fit(guide)
            self.pair.coarse.standard.fit(self.pair.coarse.condition(guide))
        self.average.load_state_dict(self.pair.state_dict())

    def _velocity_loss(self, small: Coarse) -> Tensor:
        """Mean squared error of v at random times, the condition dropped now and then."""
        true = small.true.repeat(self.recipe.draws, 1, 1, 1)
        condition = small.condition.repeat(self.recipe.draws, 1, 1, 1)
        count = len(true)
        # Times evenly spread over the batch from a random start, so that batches are alike.
        time_ = (torch.arange(count, device=self.device) / count + torch.rand(1, device=self.device)) % 1
        keep = (torch.rand(count, 1, 1, 1, device=self.device) >= self.recipe.dropped).float()
        noise = torch.randn_like(true)
        clear, share = signal(time_).view(-1, 1, 1, 1), noise_share(time_).view(-1, 1, 1, 1)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            velocity = self.pair.coarse(clear * true + share * noise, condition * keep, time_embedding(time_))
        return functional.mse_loss(velocity.float(), clear * noise - share * true)

    def _refined_loss(self, coarse: Tensor, guide: Tensor, true: Tensor, batch: Batch) -> Tensor:
        """Error of the refiner from a blurred and noisy coarse truth, and its unrest where the picture is flat."""
        turn = turns(len(true), self.recipe.turned, self.device)
        true, coarse = (torch.einsum("nij,njhw->nihw", turn, values) for values in (true, coarse))
        soft = functional.avg_pool2d(coarse, 3, 1, 1, count_include_pad=False)
        share, level = torch.rand(2, len(true), 1, 1, 1, device=self.device)
        coarse = torch.lerp(coarse, soft, 0.7 * share) + self.recipe.noise * level**2 * torch.randn_like(coarse)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            found = self.pair.fine(coarse, guide).float()
        error = functional.smooth_l1_loss(found, true, beta=0.2)
        flat = flat_places(batch.lightness.to(self.device, non_blocking=True))
        pairs = zip(steps_between(found, flat), steps_between(true, flat), strict=True)
        unrest = sum((functional.relu(ours - real) * both).mean() for (ours, both), (real, _) in pairs)
        return error + self.recipe.calm * unrest

    def _improve(self, loss: Tensor) -> None:
        """One step of the optimiser, and the moving average after it."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate_at(self.step, self.done)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.pair.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.average.parameters()), list(self.pair.parameters()), 1 - keep)

    def save(self, result: Path) -> None:
        """Write last.pt, which the run is taken up from, and variations.pt into `result`, in half precision."""
        names = ("pair", "average", "optimiser")
        state = {name: getattr(self, name).state_dict() for name in names}
        numbers = {"step": self.step, "fresh": self.fresh, "seconds": self.seconds}
        _write(self.folder / "last.pt", state | numbers | {"arch": asdict(self.pair.arch)})
        half = {name: value.half().cpu() for name, value in self.average.state_dict().items()}
        _write(result / "variations.pt", numbers | {"arch": asdict(self.pair.arch), "weights": half})

    def resume(self) -> bool:
        """Take up last.pt if there is one."""
        path = self.folder / "last.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        for name in ("pair", "average", "optimiser"):
            getattr(self, name).load_state_dict(state[name])
        self.step, self.fresh, self.earlier = state["step"], state["fresh"], state["seconds"]
        return True


def _write(path: Path, state: object) -> None:
    """A file, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    torch.save(state, part)
    part.replace(path)


def load_variations(path: Path) -> Pair:
    """Both networks from variations.pt, ready to use. Raises FileNotFoundError when there is none."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    pair = Pair(Architecture(**state["arch"]))
    pair.load_state_dict(state["weights"])
    return pair.eval().requires_grad_(False)


def turns(count: int, share: float, device: torch.device) -> Tensor:
    """Matrices (N, 2, 2) that turn the hues of a share of the pictures by any angle and leave the others' alone.

    So the refiner learns to believe the colours that it is given, not the ones that it would guess.
    """
    angle = torch.randn(count, device=device) * (torch.rand(count, device=device) < share)
    cosine, sine = angle.cos(), angle.sin()
    return torch.stack([torch.stack([cosine, -sine], 1), torch.stack([sine, cosine], 1)], 1)
