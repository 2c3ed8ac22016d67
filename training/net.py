"""The starter network in torch, built from its table of layers."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.layers import Layer, starter_layers

INPUT_SCALE = 1 / 50  # L* - 50 to -1 .. 1; the export folds it into the first convolution
_ACTIVATIONS = {"": lambda out: out, "relu": functional.relu, "relu6": functional.relu6}


class Net(nn.Module):
    """(N, 1, H, W) L* - 50 -> (N, Q, H/4, W/4) logits of the ab bins. H and W are multiples of 32."""

    def __init__(self, bins: int, norm: bool = True) -> None:
        super().__init__()
        self.table = starter_layers(bins)
        self.parts = nn.ModuleDict()
        self.norms = nn.ModuleDict()
        channels = {"data_l": 1}
        for row in self.table:
            channels[row.name] = row.channels
            if row.kind in ("conv", "deconv"):
                self.parts[row.name] = _convolution(row, channels[row.inputs[0]])
                if norm and row.norm:
                    # The pretrained encoder's own constants, and torch's for the rest.
                    eps, momentum = (1e-3, 0.01) if row.encoder else (1e-5, 0.1)
                    self.norms[row.name] = nn.BatchNorm2d(row.channels, eps, momentum)
        self._start(norm)

    def _start(self, norm: bool) -> None:
        """Residual branches begin at zero where no batch norm holds them."""
        for name, part in self.parts.items():
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
            nn.init.zeros_(part.bias)
            if not norm and name.endswith("b"):
                nn.init.zeros_(part.weight)
        nn.init.normal_(self.parts["conv8_313"].weight, std=0.01)

    def forward(self, lightness: Tensor) -> Tensor:
        """Logits of the ab bins."""
        return self.features_and_logits(lightness)[1]

    def features_and_logits(self, lightness: Tensor) -> tuple[Tensor, Tensor]:
        """What the last layer reads (N, 96, H/4, W/4), which says what belongs together, and the logits of the bins."""
        values = {"data_l": lightness * INPUT_SCALE}
        for row in self.table:
            values[row.name] = self._run(row, values)
        last = self.table[-1]
        return values[last.inputs[0]], values[last.name]

    def groups(self, rate: float, encoder: float) -> list[dict[str, object]]:
        """The parameters for an optimiser: the decoder's at `rate`, the pretrained encoder's at `encoder` times it."""
        early = {row.name for row in self.table if row.encoder}
        sides: tuple[list[nn.Parameter], list[nn.Parameter]] = ([], [])
        for name, parameter in self.named_parameters():
            sides[name.split(".")[1] in early].append(parameter)
        return [{"params": sides[0], "scale": 1.0, "lr": rate}, {"params": sides[1], "scale": encoder, "lr": rate}]

    def _run(self, row: Layer, values: dict[str, Tensor]) -> Tensor:
        out = values[row.inputs[0]]
        if row.kind == "sum":
            out = out + values[row.inputs[1]]
        else:
            out = self.parts[row.name](out)
            if row.name in self.norms:
                out = self.norms[row.name](out)
        return _ACTIVATIONS[row.activation](out)

    def folded(self) -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Weight and bias of every convolution with batch norm and the input scale folded in, by layer name."""
        result = {}
        for row in self.table:
            if row.kind not in ("conv", "deconv"):
                continue
            weight, bias = (p.detach().double() for p in (self.parts[row.name].weight, self.parts[row.name].bias))
            if row.name in self.norms:
                norm = self.norms[row.name]
                gain = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
                weight = weight * gain.view((1, -1, 1, 1) if row.kind == "deconv" else (-1, 1, 1, 1))
                bias = (bias - norm.running_mean.double()) * gain + norm.bias.detach().double()
            if row.inputs == ("data_l",):
                weight = weight * INPUT_SCALE
            result[row.name] = (weight.float().cpu().numpy(), bias.float().cpu().numpy())
        return result


def _convolution(row: Layer, channels: int) -> nn.Conv2d | nn.ConvTranspose2d:
    """The convolution of one row. A deconvolution's weight is (in, out, k, k), as in Caffe."""
    if row.kind == "deconv":
        return nn.ConvTranspose2d(channels, row.channels, row.kernel, row.stride, row.pad)
    return nn.Conv2d(channels, row.channels, row.kernel, row.stride, row.pad, row.dilation, row.group)
