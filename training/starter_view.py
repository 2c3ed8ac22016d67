"""What the frozen starter network knows of a picture, as the networks that draw its colour are told."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from training.bins import gamut_bins
from training.recipe import TEMPERATURE

LIGHTNESS, ENTROPY = 50.0, 3.0  # what these two are divided by in the guide


class StarterView(nn.Module):
    """The starter, frozen: L* - 50 (N, 1, H, W) -> guide (N, F + 4, H/4, W/4) and its colour (N, 2, H/4, W/4) in ab.

    The guide's channels: features, lightness, entropy of the bins, and the colour divided by `scale`.
    net: has features_and_logits. sharpness: as in the starter's recipe; its export multiplies the logits by it.
    bias: (Q,) what the export adds to the logits before, for vividness.
    """

    def __init__(self, net: nn.Module, sharpness: float, scale: float, bias: Tensor | None = None) -> None:
        super().__init__()
        self.net = net.eval().requires_grad_(False)
        points = torch.from_numpy(gamut_bins().astype(np.float32))
        self.sharpness, self.scale = sharpness, scale
        self.register_buffer("points", points)
        self.register_buffer("bias", torch.zeros(len(points)) if bias is None else bias)

    @torch.no_grad()
    def forward(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        """Guide and colour, both float32."""
        kind = lightness.device.type
        with torch.autocast(kind, torch.bfloat16, enabled=kind == "cuda"):
            features, logits = self.net.features_and_logits(lightness)
        rows = (logits.permute(0, 2, 3, 1).float() + self.bias) * self.sharpness  # (N, h, w, Q)
        colour = (torch.softmax(rows / TEMPERATURE, -1) @ self.points).permute(0, 3, 1, 2)
        logs = torch.log_softmax(rows, -1)
        entropy = -(logs.exp() * logs).sum(-1)[:, None]
        small = functional.avg_pool2d(lightness, 4)
        parts = [features.float(), small / LIGHTNESS, entropy / ENTROPY, colour / self.scale]
        return torch.cat(parts, 1), colour


def load_starter(run: Path, scale: float, vivid: float = 0.0) -> StarterView:
    """The moving average of a starter's training run, frozen. vivid: as in its export.

    Raises FileNotFoundError when the run has no checkpoint.
    """
    import json

    from training.export import load_average, vivid_bias

    recipe = json.loads((run / "recipe.json").read_text(encoding="utf-8"))
    bias = torch.from_numpy(vivid_bias(np.load(run / "frequency.npy"), vivid)) if vivid else None
    return StarterView(load_average(run), float(recipe["sharpness"]), scale, bias)
