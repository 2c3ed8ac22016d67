"""The starter network as a table of layers: torch runs it, the Caffe writer writes it, both from here."""

from dataclasses import dataclass
from typing import Literal

MULTIPLE = 32  # height and width of the input must be multiples of this

Kind = Literal["conv", "deconv", "sum"]
Activation = Literal["", "relu", "relu6"]
# EfficientNet-Lite0's stages: blocks, kernel, stride of the first block, expansion, channels.
# Source: Tan and Le 2019, table 1; the Lite variant has no squeeze-and-excite and ReLU6 for every activation.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM = 32
DECODER = ((160, "4_2"), (128, "2_1"), (96, "1_1"))  # channels, and the encoder's block added, at 1/16, 1/8 and 1/4


@dataclass(frozen=True)
class Layer:
    """One layer. `inputs` names the layers it reads; "sum" adds two of them. encoder: it begins pretrained."""

    name: str
    kind: Kind
    inputs: tuple[str, ...]
    channels: int
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    group: int = 1
    activation: Activation = "relu"
    norm: bool = True
    encoder: bool = False

    def __post_init__(self) -> None:
        if min(self.channels, self.kernel, self.stride, self.dilation, self.group) < 1:
            raise ValueError(
                f"layer {self.name}: channels, kernel, stride, dilation and group must be positive: {self}"
            )
        if self.channels % self.group:
            raise ValueError(f"layer {self.name}: {self.channels} channels do not fall into {self.group} groups")

    @property
    def pad(self) -> int:
        """The border that keeps the size (divided or multiplied by the stride)."""
        if self.kind == "deconv":
            return (self.kernel - self.stride) // 2
        return self.dilation * (self.kernel - 1) // 2


def _block(name: str, before: Layer, channels: int, kernel: int, stride: int, expansion: int) -> list[Layer]:  # noqa: PLR0917
    """An inverted residual block: widen, filter each channel by itself, narrow; added to its input where they fit."""
    source, inputs = before.name, before.channels
    wide, rows = inputs * expansion, []
    if expansion > 1:
        rows.append(Layer(f"{name}_expand", "conv", (source,), wide, activation="relu6", encoder=True))
    deep = rows[-1].name if rows else source
    rows += [
        Layer(f"{name}_depth", "conv", (deep,), wide, kernel, stride, group=wide, activation="relu6", encoder=True),
        Layer(f"{name}_project", "conv", (f"{name}_depth",), channels, activation="", encoder=True),
    ]
    if stride == 1 and inputs == channels:
        rows.append(Layer(f"{name}_sum", "sum", (f"{name}_project", source), channels, activation=""))
    return rows


def encoder_layers() -> tuple[Layer, ...]:
    """EfficientNet-Lite0 without its head, on one grey plane: 1/2 after the stem, 1/32 at its end."""
    rows = [Layer("stem", "conv", ("data_l",), STEM, 3, 2, activation="relu6", encoder=True)]
    for stage, (blocks, kernel, stride, expansion, channels) in enumerate(STAGES):
        for block in range(blocks):
            rows += _block(f"block{stage}_{block}", rows[-1], channels, kernel, 1 if block else stride, expansion)
    return tuple(rows)


def _residual(name: str, source: str, channels: int) -> list[Layer]:
    """Two 3x3 convolutions whose result is added to their input; the last row's name is `name`_sum."""
    return [
        Layer(f"{name}a", "conv", (source,), channels, 3),
        Layer(f"{name}b", "conv", (f"{name}a",), channels, 3, activation=""),
        Layer(f"{name}_sum", "sum", (f"{name}b", source), channels),
    ]


def starter_layers(bins: int) -> tuple[Layer, ...]:
    """The starter network: EfficientNet-Lite0 down to 1/32, then a decoder to 1/4 that adds the encoder's finer grids.

    Input "data_l" (1, H, W), L* - 50, H and W multiples of 32. The last, "conv8_313", is (bins, H/4, W/4) logits.
    """
    encoder = encoder_layers()
    ends = {row.name.removeprefix("block").rsplit("_", 1)[0]: row.name for row in encoder}  # the last row of each block
    rows = [*encoder, Layer("middle", "conv", (encoder[-1].name,), 256)]
    for level, (channels, skip) in zip((4, 3, 2), DECODER, strict=True):
        rows += [
            Layer(f"up{level}", "deconv", (rows[-1].name,), channels, 4, 2, activation=""),
            Layer(f"skip{level}", "conv", (ends[skip],), channels, activation=""),
            Layer(f"up{level}_sum", "sum", (f"up{level}", f"skip{level}"), channels),
            *_residual(f"refine{level}", f"up{level}_sum", channels),
        ]
    return (*rows, Layer("conv8_313", "conv", (rows[-1].name,), bins, activation="", norm=False))
