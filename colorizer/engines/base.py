"""What every inference engine is: prepared input in, a* and b* out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from colorizer.closing import Closing
from colorizer.errors import EngineError

Blob = NDArray[np.float32]
Tell = Callable[[str], None]  # takes a line for the user, before something that takes a while
DEFAULT_TEMPERATURE = 0.38


def silence(_line: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class EngineIdentity:
    """Which engine runs, as files keep it: `library:device:precision`, such as openvino:cpu:f16.

    Raises EngineError for a part that is empty, or more than one word.
    """

    library: str
    device: str
    precision: str

    def __post_init__(self) -> None:
        if not all(re.fullmatch(r"\w+", part) for part in (self.library, self.device, self.precision)):
            raise EngineError(f"{str(self)!r} names no engine")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The identity that the text says. Raises EngineError where it says none."""
        parts = text.split(":")
        if len(parts) != 3:
            raise EngineError(f"{text!r} names no engine")
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.library}:{self.device}:{self.precision}"


@dataclass(frozen=True)
class EngineInfo:
    """What really runs: the engine's name, the device it found, and the precision it computes in.

    As text it is a line for people, which nothing reads back: files keep the identity.
    """

    name: str
    device: str
    precision: str

    @classmethod
    def of(cls, identity: EngineIdentity) -> Self:
        """What runs under this identity."""
        return cls(identity.library, identity.device, identity.precision)

    @property
    def identity(self) -> EngineIdentity:
        """What files keep of it."""
        return EngineIdentity(self.name, self.device, self.precision)

    def __str__(self) -> str:
        return f"{self.name} on {self.device} ({self.precision})"


def engine_words(stored: str) -> str:
    """The line for people of a stored identity. Any other text as it is: older files hold that line itself."""
    try:
        return str(EngineInfo.of(EngineIdentity.parse(stored)))
    except EngineError:
        return stored


@dataclass(frozen=True)
class RawAnswer:
    """All that a network gives in one run, of N pictures.

    ab: (N, 2, h, w) a* and b*. features: (N, c, h', w') what the logits are made of. logits: (N, Q, h, w) of the ab
    bins, before the temperature. The last two are None for a network that has none, as those in ONNX form.
    """

    ab: Blob
    features: Blob | None = None
    logits: Blob | None = None


class Engine(Closing, Protocol):
    """A loaded network. Not safe to share between threads: whoever owns it holds the lock."""

    info: EngineInfo

    def infer(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> Blob:
        """a* and b* of a batch, (N, 2, h, w), as a copy of its own.

        batch: (N, 1, H, W) L* - 50, or (N, 3, H, W) grey RGB in [0, 1], as the model's row says.
        temperature: T of the annealed mean; a network that has none (in ONNX form) does not look at it.
        Raises EngineError when the network cannot run on it, or when a number of the batch or the answer is not finite.
        """

    def infer_all(self, batch: Blob, temperature: float = DEFAULT_TEMPERATURE) -> RawAnswer:
        """What infer gives, and what the network knew on the way there, of one run; copies of their own.

        The first call opens the network a second time, with more outputs: infer alone never pays for them.
        Raises what infer raises.
        """


def demand_finite(batch: Blob) -> Blob:
    """The batch. Raises EngineError where a number in it is not finite: engines differ in what they make of a NaN."""
    if not np.isfinite(batch).all():
        raise EngineError("the network was given a picture with numbers that are not finite: check the source")
    return batch


def demand_open(network: object, info: EngineInfo) -> None:
    """Raises EngineError where there is no network any more."""
    if network is None:
        raise EngineError(f"{info} was closed, and cannot run any more")


def finite_answer(answer: Blob, info: EngineInfo, cure: str = "Use --engine opencv:cpu") -> Blob:
    """The answer as float32. Raises EngineError, which ends with the cure, where a number in it is not finite."""
    if not np.isfinite(answer).all():
        raise EngineError(f"{info} answered with numbers that are not finite. {cure}")
    return np.array(answer, np.float32)
