"""Batches of crops, made ahead of the network by processes of their own."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from training.augment import aged, crop, matted, veiled
from training.bins import code
from training.data import Pictures, lightness_table
from training.recipe import Recipe

AREA = 128 * 128  # the batch size is stated for crops of this area; larger crops come in smaller batches
PORTRAIT_MATS = 0.3  # how often a portrait gets a plain backdrop
CELL = 4  # pixels of a crop to a cell of the network's answer
FARTHEST = 8  # cells that the second view of a picture lies off the first, at most: the encoder's coarsest step

Crop = tuple[NDArray[np.uint8], NDArray[np.int32]]


@dataclass(frozen=True)
class Batch:
    """lightness: (N, 1, S, S) L* - 50. codes: (N, S / 4, S / 4) rows of the soft encoding.

    moves: (N / 2, 2) cells down and right that crop N / 2 + i lies off crop i of the same picture; (0, 2) where the
    crops are of different pictures.
    """

    lightness: Tensor
    codes: Tensor
    moves: Tensor

    def pin_memory(self) -> "Batch":
        """The same batch where a graphics card can fetch it by itself."""
        return Batch(self.lightness.pin_memory(), self.codes.pin_memory(), self.moves)

    def to(self, device: torch.device) -> "Batch":
        """The same batch on a device."""
        lightness = self.lightness.to(device, non_blocking=True, memory_format=torch.channels_last)
        return Batch(lightness, self.codes.to(device, non_blocking=True).long(), self.moves)


class Batches(IterableDataset[Batch]):
    """Batches of a recipe. A step's batch depends on seed, step and the run's share that is done.

    portraits: the sets whose pictures show a person in the middle. workers: processes that make batches.
    """

    def __init__(
        self,
        pictures: Pictures,
        chances: NDArray[np.float64],
        recipe: Recipe,
        portraits: frozenset[str] = frozenset(),
        workers: int = 0,
    ) -> None:
        self.pictures, self.recipe, self.workers = pictures, recipe, workers
        self.indices, _ = pictures.split()
        self.chances = chances[self.indices] / chances[self.indices].sum()
        self.portraits = np.isin(pictures.sets, sorted(portraits))
        self.table = lightness_table()
        self.first, self.began = 0, time.monotonic()

    def make(self, step: int, done: float) -> Batch:
        """The batch of one step, when a share `done` of the run lies behind."""
        rng = np.random.default_rng([self.recipe.seed, step])
        sizes = self.recipe.sizes_at(done)
        size = int(rng.choice(list(sizes), p=list(sizes.values())))
        count = max(4, round(self.recipe.batch * AREA / size**2))
        if not self.recipe.shift:
            crops = [self._crop(int(index), size, rng) for index in rng.choice(self.indices, count, p=self.chances)]
            return self._batch(crops, np.zeros((0, 2), np.int64))
        chosen = rng.choice(self.indices, count // 2, p=self.chances)
        wide = [self._crop(int(index), size + CELL * FARTHEST, rng) for index in chosen]
        corners = rng.integers(0, FARTHEST + 1, (2, len(wide), 2))
        crops = [_view(one, corner, size) for view in corners for one, corner in zip(wide, view, strict=True)]
        return self._batch(crops, corners[1] - corners[0])

    def _crop(self, index: int, size: int, rng: np.random.Generator) -> Crop:
        """A square of a picture, aged: luma (size, size) and codes (size / 4, size / 4)."""
        luma, chroma = crop(*self.pictures.picture(index), size, rng)
        if rng.random() < (PORTRAIT_MATS if self.portraits[index] else self.recipe.ageing.mat):
            luma, chroma = matted(luma, chroma, rng)
        luma, chroma = veiled(luma, chroma, rng, self.recipe.ageing)
        return aged(luma, chroma, rng, self.recipe.ageing).astype(np.uint8), code(chroma).astype(np.int32)

    def _batch(self, crops: list[Crop], moves: NDArray[np.int64]) -> Batch:
        """The crops as tensors."""
        grey, codes = (np.stack(part) for part in zip(*crops, strict=True))
        lightness = self.table[grey][:, None] - 50
        return Batch(torch.from_numpy(lightness), torch.from_numpy(codes), torch.from_numpy(moves))

    def __iter__(self) -> Iterator[Batch]:
        """This worker's batches: every so-many-th step, so that all workers' batches in turn are the run's."""
        cv2.setNumThreads(1)
        worker = get_worker_info()
        number, count = (worker.id, worker.num_workers) if worker else (0, 1)
        for step in range(self.first + number, self.recipe.steps, count):
            yield self.make(step, self.recipe.done(step, time.monotonic() - self.began))

    def ahead(self, first: int, spent: float = 0.0) -> Iterator[Batch]:
        """The batches from step `first` to the end of the recipe, after `spent` seconds of the run."""
        self.first, self.began = first, time.monotonic() - spent
        pinned = torch.cuda.is_available()
        return iter(
            DataLoader(
                self,
                batch_size=None,
                num_workers=self.workers,
                prefetch_factor=3 if self.workers else None,
                pin_memory=pinned,
                multiprocessing_context="fork" if self.workers else None,
            )
        )


def _view(wide: Crop, corner: NDArray[np.int64], size: int) -> Crop:
    """The square of `size` pixels of a wider crop whose first cell is `corner`."""
    row, column = corner.tolist()
    cells = size // CELL
    luma = wide[0][CELL * row : CELL * row + size, CELL * column : CELL * column + size]
    return luma, wide[1][row : row + cells, column : column + cells]
