"""A training run: its network, moving average and optimiser, saved and taken up again."""

import copy
import math
import time
from pathlib import Path

import torch
from torch import nn

from training.batches import Batch
from training.net import Net
from training.objective import Objective
from training.recipe import Recipe


def half_precision(device: torch.device) -> torch.autocast:
    """Autocast to bfloat16 where the device computes in it, and not where it would only imitate it."""
    able = device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=able)


class Run:
    """A training run in a folder: network, its moving average, optimiser, step; saved and taken up again."""

    def __init__(self, net: Net, recipe: Recipe, folder: Path, device: torch.device) -> None:
        self.recipe, self.folder, self.device = recipe, folder, device
        self.net = net.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net).eval()
        self.optimiser = torch.optim.AdamW(
            self.net.groups(recipe.rate, recipe.encoder), weight_decay=recipe.decay, fused=device.type == "cuda"
        )
        self.step, self.earlier, self.began = 0, 0.0, time.monotonic()
        self.losses: list[tuple[int, float]] = []
        self.validations: list[tuple[int, dict[str, float]]] = []

    @property
    def seconds(self) -> float:
        """How long the run has trained in all."""
        return self.earlier + time.monotonic() - self.began

    @property
    def done(self) -> float:
        """The share of the run that lies behind, 0 to 1."""
        return self.recipe.done(self.step, self.seconds)

    def save(self) -> None:
        """Write last.pt, which the run is taken up from, and average.pt, the result in half precision."""
        self._write(
            "last.pt",
            {
                "net": self.net.state_dict(),
                "average": self.average.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "step": self.step,
                "seconds": self.seconds,
                "losses": self.losses,
                "validations": self.validations,
                "norm": len(self.net.norms) > 0,
                "bins": self.net.table[-1].channels,
            },
        )
        half = {name: v.half() if v.is_floating_point() else v for name, v in self.average.state_dict().items()}
        self._write("average.pt", half)

    def _write(self, name: str, state: object) -> None:
        """A file of the run's folder, whole or not at all."""
        part = self.folder / f"{name}.part"
        torch.save(state, part)
        part.replace(self.folder / name)

    def start_from(self, average: Path) -> None:
        """Begin with another run's average.pt."""
        state = torch.load(average, map_location=self.device, weights_only=True)
        self.net.load_state_dict(state)
        self.average.load_state_dict(self.net.state_dict())

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
        self.earlier, self.began = state["seconds"], time.monotonic()
        return True

    def learn(self, batch: Batch, objective: Objective) -> torch.Tensor:
        """One step of the optimiser; the loss before it, still on the device so that nothing waits for it."""
        rate = self.recipe.rate_at(self.step, self.done)
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group["scale"]
        batch = batch.to(self.device)
        with half_precision(self.device):
            logits = self.net(batch.lightness)
        loss = objective(logits, batch)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return loss.detach()

    def note(self, losses: list[torch.Tensor]) -> float:
        """The mean of the latest losses, kept for the plot. Raises ValueError when it is no longer a number."""
        value = float(torch.stack(losses).mean())
        if not math.isfinite(value):
            raise ValueError(f"the loss is {value} at step {self.step}: take up last.pt with a lower --rate")
        self.losses.append((self.step, value))
        return value

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average a little towards the network."""
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        pairs = list(zip(self.average.state_dict().values(), self.net.state_dict().values(), strict=True))
        slow, fast = zip(*(pair for pair in pairs if pair[0].dtype.is_floating_point), strict=True)
        torch._foreach_lerp_(list(slow), list(fast), 1 - keep)
        for old, new in pairs:
            if not old.dtype.is_floating_point:
                old.copy_(new)
