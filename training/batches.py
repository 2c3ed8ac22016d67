"""Batches of crops, made ahead of the network by a thread of their own."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.augment import aged, crop
from training.bins import code
from training.data import Pictures, lightness_table
from training.recipe import Recipe

AREA = 128 * 128  # the batch size is stated for crops of this area; larger crops come in smaller batches
_AHEAD = 4


@dataclass(frozen=True)
class Batch:
    """lightness: (N, 1, S, S) L* - 50. codes: (N, S / 4, S / 4) rows of the soft encoding."""

    lightness: Tensor
    codes: Tensor


class Batches:
    """Batches of a recipe. A step's batch depends on seed and step alone: a resumed run goes on as it would."""

    def __init__(self, pictures: Pictures, chances: NDArray[np.float64], recipe: Recipe) -> None:
        self.pictures = pictures
        self.indices, _ = pictures.split()
        self.chances = chances[self.indices] / chances[self.indices].sum()
        self.recipe = recipe
        self.table = lightness_table()

    def make(self, step: int) -> Batch:
        """The batch of one step."""
        rng = np.random.default_rng([self.recipe.seed, step])
        sizes = self.recipe.sizes_at(step)
        size = int(rng.choice(list(sizes), p=list(sizes.values())))
        count = max(4, round(self.recipe.batch * AREA / size**2))
        grey, codes = [], []
        for index in rng.choice(self.indices, count, p=self.chances):
            luma, chroma = crop(*self.pictures.picture(int(index)), size, rng)
            grey.append(aged(luma, chroma, rng, self.recipe.ageing).astype(np.uint8))
            codes.append(code(chroma))
        lightness = self.table[np.stack(grey)][:, None] - 50
        return Batch(torch.from_numpy(lightness), torch.from_numpy(np.stack(codes)))

    def ahead(self, first: int) -> Iterator[Batch]:
        """The batches from step `first` to the end of the recipe, each made while the ones before it are used."""
        steps = iter(range(first, self.recipe.steps))
        pool = ThreadPoolExecutor(1, "batches")
        try:
            waiting = deque(pool.submit(self.make, step) for step in islice(steps, _AHEAD))
            while waiting:
                batch = waiting.popleft().result()
                waiting.extend(pool.submit(self.make, step) for step in islice(steps, 1))
                yield batch
        finally:
            pool.shutdown(cancel_futures=True)
