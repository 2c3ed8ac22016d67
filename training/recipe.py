"""The recipe of a training run: every number that decides what comes out."""

import math
from dataclasses import dataclass, field

from training.augment import Ageing

TEMPERATURE = 0.38  # T of the annealed mean at run time; the loader fills 1/T in
FIRST_SIZES = {96: 0.15, 128: 0.6, 160: 0.15, 224: 0.1}
LAST_SIZES = {128: 0.25, 144: 0.25, 192: 0.2, 224: 0.2, 256: 0.1}


@dataclass(frozen=True)
class Recipe:
    """Everything that decides what comes out.

    steps: of the optimiser. batch: crops of 128 x 128 in a step. rebalance: power of the class weights, 0 to 1. colour:
    weight of the shown colour's own error in the loss. sharpness: the logits are multiplied by it before the annealed
    mean (the export does it in the last layer); below 1 is smoother. average: how much of itself the moving average
    keeps in a step. last_part: share of the run that sees larger crops.
    """

    steps: int = 8000
    batch: int = 48
    rate: float = 8e-4
    decay: float = 1e-2
    rebalance: float = 0.55
    colour: float = 0.02
    sharpness: float = 0.6
    average: float = 0.999
    last_part: float = 0.2
    seed: int = 0
    save_every: int = 150
    validate_every: int = 450
    ageing: Ageing = field(default_factory=Ageing)

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or self.save_every < 1 or self.validate_every < 1:
            raise ValueError(f"steps, batch, save_every and validate_every must be positive: {self}")
        if not (
            0 <= self.rebalance <= 1
            and 0 <= self.average < 1
            and 0 <= self.last_part <= 1
            and min(self.rate, self.sharpness) > 0
        ):
            raise ValueError(
                f"rebalance, average and last_part must be from 0 to 1, rate and sharpness above 0: {self}"
            )

    def rate_at(self, step: int) -> float:
        """The learning rate: 200 steps up, then a cosine down to a fiftieth."""
        done = min(step / self.steps, 1.0)
        return self.rate * min(1.0, (step + 1) / 200) * (0.49 * (1 + math.cos(math.pi * done)) + 0.02)

    def sizes_at(self, step: int) -> dict[int, float]:
        """The crop sizes and how often each comes; the last part of the run sees larger ones."""
        return LAST_SIZES if step >= self.steps * (1 - self.last_part) else FIRST_SIZES
