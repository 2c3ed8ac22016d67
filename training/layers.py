"""The starter network as a table of layers: torch runs it, the Caffe writer writes it, both from here."""

from dataclasses import dataclass
from typing import Literal

MULTIPLE = 16  # height and width of the input must be multiples of this

Kind = Literal["conv", "deconv", "sum"]


@dataclass(frozen=True)
class Layer:
    """One layer. `inputs` names the layers it reads; "sum" adds two of them."""

    name: str
    kind: Kind
    inputs: tuple[str, ...]
    channels: int
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    relu: bool = True
    norm: bool = True

    def __post_init__(self) -> None:
        if self.channels < 1 or self.kernel < 1 or self.stride < 1 or self.dilation < 1:
            raise ValueError(f"layer {self.name}: channels, kernel, stride and dilation must be positive: {self}")

    @property
    def pad(self) -> int:
        """The border that keeps the size (divided or multiplied by the stride)."""
        if self.kind == "deconv":
            return (self.kernel - self.stride) // 2
        return self.dilation * (self.kernel - 1) // 2


def _residual(name: str, source: str, channels: int, dilation: int = 1) -> list[Layer]:
    """Two 3x3 convolutions whose result is added to their input; the last row's name is `name`_sum."""
    return [
        Layer(f"{name}a", "conv", (source,), channels, 3, dilation=dilation),
        Layer(f"{name}b", "conv", (f"{name}a",), channels, 3, dilation=dilation, relu=False),
        Layer(f"{name}_sum", "sum", (f"{name}b", source), channels),
    ]


def starter_layers(bins: int) -> tuple[Layer, ...]:
    """The starter network: residual encoder to 1/16 with dilation, decoder to 1/4.

    Input "data_l" (1, H, W), L* - 50, H and W multiples of 16. The last, "conv8_313", is (bins, H/4, W/4) logits.
    """
    return (
        Layer("conv1_1", "conv", ("data_l",), 32, 3, 2),
        Layer("conv1_2", "conv", ("conv1_1",), 32, 3),
        Layer("conv2_1", "conv", ("conv1_2",), 64, 3, 2),
        *_residual("conv2_2", "conv2_1", 64),
        Layer("conv3_1", "conv", ("conv2_2_sum",), 128, 3, 2),
        *_residual("conv3_2", "conv3_1", 128),
        *_residual("conv3_3", "conv3_2_sum", 128),
        Layer("conv4_1", "conv", ("conv3_3_sum",), 192, 3, 2),
        *_residual("conv4_2", "conv4_1", 192),
        *_residual("conv4_3", "conv4_2_sum", 192),
        *_residual("conv4_4", "conv4_3_sum", 192, 2),
        *_residual("conv4_5", "conv4_4_sum", 192, 4),
        Layer("up3", "deconv", ("conv4_5_sum",), 128, 4, 2, relu=False),
        Layer("up3_sum", "sum", ("up3", "conv3_3_sum"), 128),
        *_residual("conv5_1", "up3_sum", 128),
        Layer("up2", "deconv", ("conv5_1_sum",), 96, 4, 2, relu=False),
        Layer("skip2", "conv", ("conv2_2_sum",), 96, relu=False),
        Layer("up2_sum", "sum", ("up2", "skip2"), 96),
        *_residual("conv6_1", "up2_sum", 96),
        Layer("conv8_313", "conv", ("conv6_1_sum",), bins, relu=False, norm=False),
    )
