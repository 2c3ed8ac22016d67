"""What corrections by hand stand on: all that a network says about the pictures that were looked at last."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from colorizer.answer import Answer
from colorizer.corrections.spreading import Grid, lightness_of
from colorizer.image.values import SourcePicture
from colorizer.network import Colorizer, NetworkSettings

MOST_KEPT = 6  # at about 4 MB each


@dataclass(frozen=True, eq=False)
class PictureAnswer:
    """One picture's answer. lightness: (h, w) L* on its grid. centres: (Q, 2) the bins' colours, None without bins.

    width, height: of the full picture. notes: what was said while it was read.
    """

    answer: Answer
    lightness: Grid
    centres: NDArray[np.float32] | None
    width: int
    height: int
    notes: tuple[str, ...]

    @classmethod
    def of(cls, source: SourcePicture, colorizer: Colorizer, settings: NetworkSettings) -> "PictureAnswer":
        """What the network says about a picture. Raises EngineError."""
        answer = colorizer.answer(source.luma, settings)
        height, width = source.luma.shape
        return cls(answer, lightness_of(answer, source.luma), colorizer.centres(), width, height, source.notes)


class AnswerCache:
    """The answers of the pictures that were asked for last; any number of threads may use it."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], PictureAnswer] = OrderedDict()
        self._lock = Lock()

    def find(self, picture_id: str, network_key: str) -> PictureAnswer | None:
        """The answer of this network about this picture, where it is still known."""
        with self._lock:
            found = self._known.get((picture_id, network_key))
            if found is not None:
                self._known.move_to_end((picture_id, network_key))
            return found

    def keep(self, picture_id: str, network_key: str, found: PictureAnswer) -> PictureAnswer:
        """Keep this answer in place of the one that was not asked for longest; the answer."""
        with self._lock:
            self._known[picture_id, network_key] = found
            self._known.move_to_end((picture_id, network_key))
            while len(self._known) > MOST_KEPT:
                self._known.popitem(last=False)
        return found

    def forget(self, picture_id: str) -> None:
        """Let go of all answers about this picture."""
        with self._lock:
            for key in [key for key in self._known if key[0] == picture_id]:
                del self._known[key]
