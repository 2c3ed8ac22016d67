"""The recipe of a training run: every number that decides what comes out."""

import math
from dataclasses import dataclass, field

from training.augment import Ageing

TEMPERATURE = 0.38  # T of the annealed mean at run time; the loader fills 1/T in
FIRST_SIZES = {128: 0.5, 160: 0.2, 224: 0.3}
LAST_SIZES = {128: 0.2, 192: 0.2, 224: 0.45, 256: 0.15}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out.

    steps: of the optimiser, at most. minutes: of wall time, at most. batch: crops of 128 x 128 in a step. encoder: the
    pretrained encoder's share of the rate. rebalance: power of the class weights, 0 to 1. colour: weight of the shown
    colour's own error in the loss. grey: weight of colour shown where there is none, most in dark and flat places.
    calm: weight of steps in the shown colour where the picture is flat. shift: weight of the difference between the
    colours of two views of a picture that lie a few cells apart; above 0 every picture comes as two views.
    sharpness: the logits are multiplied by it before the annealed mean (the export does it in the last layer); below 1
    is smoother. average: how much of itself the moving average keeps in a step. last_part: share of the run that sees
    larger crops.
    """

    steps: int = 8000
    minutes: float = 1e6
    batch: int = 48
    rate: float = 1e-3
    encoder: float = 0.4
    decay: float = 1e-2
    rebalance: float = 0.5
    colour: float = 0.02
    grey: float = 0.03
    calm: float = 0.1
    shift: float = 0.0
    sharpness: float = 0.6
    average: float = 0.999
    last_part: float = 0.3
    seed: int = 0
    save_every: int = 150
    validate_every: int = 450
    ageing: Ageing = field(default_factory=Ageing)

    def __post_init__(self) -> None:
        if min(self.steps, self.batch, self.save_every, self.validate_every) < 1:
            raise ValueError(f"steps, batch, save_every and validate_every must be positive: {self}")
        if not (
            0 <= self.rebalance <= 1
            and 0 <= self.average < 1
            and 0 <= self.last_part <= 1
            and min(self.minutes, self.rate, self.sharpness) > 0
            and min(self.colour, self.grey, self.calm, self.shift, self.encoder) >= 0
        ):
            raise ValueError(
                "rebalance, average and last_part must be from 0 to 1, minutes, rate and sharpness above 0, and no "
                f"weight below 0: {self}"
            )

    def done(self, step: int, seconds: float) -> float:
        """The share of the run that lies behind after `step` steps and `seconds` of it, 0 to 1."""
        return min(1.0, max(step / self.steps, seconds / (60 * self.minutes)))

    def rate_at(self, step: int, done: float) -> float:
        """The learning rate: 200 steps up, then a cosine down to a hundredth."""
        return self.rate * min(1.0, (step + 1) / 200) * (0.495 * (1 + math.cos(math.pi * done)) + 0.01)

    def sizes_at(self, done: float) -> dict[int, float]:
        """The crop sizes and how often each comes; the last part of the run sees larger ones."""
        return LAST_SIZES if done >= 1 - self.last_part else FIRST_SIZES
