"""A training run: its network, moving average and optimiser, saved and taken up again."""

import copy
import math
from pathlib import Path

import torch
from torch import nn

from training.batches import Batch
from training.net import Net
from training.objective import Objective
from training.recipe import Recipe


class Run:
    """A training run in a folder: network, its moving average, optimiser, step; saved and taken up again."""

    def __init__(self, net: Net, recipe: Recipe, folder: Path, device: torch.device) -> None:
        self.recipe, self.folder, self.device = recipe, folder, device
        self.net = net.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval()
        self.optimiser = torch.optim.AdamW(self.net.parameters(), recipe.rate, weight_decay=recipe.decay)
        self.step = 0
        self.losses: list[tuple[int, float]] = []
        self.validations: list[tuple[int, dict[str, float]]] = []

    def save(self) -> None:
        """Write last.pt, whole or not at all."""
        part = self.folder / "last.pt.part"
        torch.save(
            {
                "net": self.net.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "losses": self.losses,
                "validations": self.validations,
                "norm": len(self.net.norms) > 0,
                "bins": self.net.table[-1].channels,
            },
            part,
        )
        part.replace(self.folder / "last.pt")

    def resume(self) -> bool:
        """Take up last.pt if there is one."""
        path = self.folder / "last.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.losses, self.validations = state["step"], state["losses"], state["validations"]
        return True

    def learn(self, batch: Batch, objective: Objective) -> float:
        """One step of the optimiser; the loss before it. Raises ValueError when the loss is no longer a number."""
        for group in self.optimiser.param_groups:
            group["lr"] = self.recipe.rate_at(self.step)
        lightness = batch.lightness.to(self.device, memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16):
            logits = self.net(lightness)
        loss = objective(logits, batch.codes.to(self.device))
        value = float(loss.detach())
        if not math.isfinite(value):
            raise ValueError(f"the loss is {value} at step {self.step}: take up last.pt with a lower --rate")
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return value

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average a little towards the network."""
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        for slow, fast in zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True):
            if slow.dtype.is_floating_point:
                slow.lerp_(fast, 1 - keep)
            else:
                slow.copy_(fast)
