"""What every inference engine is: prepared input in, a* and b* out."""

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Blob = NDArray[np.float32]


@dataclass(frozen=True)
class EngineInfo:
    """What really runs: the engine's name, the device it found, and the precision it computes in."""

    name: str
    device: str
    precision: str

    def __str__(self) -> str:
        return f"{self.name} on {self.device} ({self.precision})"


class Engine(Protocol):
    """A loaded network. Not safe to share between threads: whoever owns it holds the lock."""

    info: EngineInfo

    def infer(self, batch: Blob) -> Blob:
        """a* and b* of a batch, (N, 2, h, w).

        batch: (N, 1, H, W) L* - 50, or (N, 3, H, W) grey RGB in [0, 1], as the model's row says.
        Raises EngineError when the network cannot run on it.
        """

    def close(self) -> None:
        """Let go of the network's memory."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
