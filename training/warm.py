"""A first set of weights from a network that is already there, whatever its bins."""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.net import INPUT_SCALE, Net


def warm_start(net: Net, folder: Path, points: NDArray[np.int64], sharpness: float = 1.0) -> list[str]:
    """Fill the network from the Caffe files in a folder; the names of the layers that found nothing.

    Each bin's row of the last layer comes from the nearest bin of the old network, divided by the sharpness, so
    that the colours shown stay what they were.
    Raises ValueError when a layer has another shape, or the network has batch norm.
    """
    if len(net.norms):
        raise ValueError("a warm start needs a network without batch norm: the old weights have theirs folded in")
    old = cv2.dnn.readNetFromCaffe(str(folder / "starter.prototxt"), str(folder / "starter.caffemodel"))
    old_points = np.load(folder / "pts_in_hull.npy")
    nearest = ((points[:, None] - old_points[None]) ** 2).sum(-1).argmin(1)
    names, missing = set(old.getLayerNames()), []
    for name, part in net.parts.items():
        if name not in names:
            missing.append(name)
            continue
        weight, bias = (np.array(old.getParam(name, which), np.float32) for which in (0, 1))
        bias = bias.ravel()
        if name == "conv8_313":
            weight, bias = weight[nearest] / sharpness, bias[nearest] / sharpness
        if name == "stem":
            weight = weight / INPUT_SCALE
        if weight.shape != tuple(part.weight.shape):
            raise ValueError(
                f"layer {name} of {folder} is {weight.shape}, this network's is {tuple(part.weight.shape)}"
            )
        part.weight.data.copy_(torch.from_numpy(weight))
        part.bias.data.copy_(torch.from_numpy(bias))
    return missing


@torch.no_grad()
def reinstate_norm(plain: Net, net: Net, lightness: torch.Tensor) -> None:
    """Give `net`, which has batch norm, the weights of `plain`, which has none, so that both compute the same.

    Each norm takes the mean and variance its convolution shows on `lightness` (N, 1, H, W), and undoes them again.
    """
    net.load_state_dict(plain.state_dict(), strict=False)
    seen: dict[str, torch.Tensor] = {}
    hooks = [
        plain.parts[name].register_forward_hook(lambda _m, _i, out, name=name: seen.__setitem__(name, out))
        for name in net.norms
    ]
    plain(lightness)
    for hook in hooks:
        hook.remove()
    for name, norm in net.norms.items():
        norm.running_mean.copy_(seen[name].mean((0, 2, 3)))
        norm.running_var.copy_(seen[name].var((0, 2, 3)))
        norm.weight.copy_(torch.sqrt(norm.running_var + norm.eps))
        norm.bias.copy_(norm.running_mean)
