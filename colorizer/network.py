"""From luma to chroma: a model on an engine, with the lock that makes it safe to share."""

from dataclasses import dataclass
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.answer import Answer, features_on_grid
from colorizer.closing import Closing
from colorizer.color.grade import Chroma
from colorizer.color.lightness import Samples, lightness_at, reduced, to_unit
from colorizer.engines.base import DEFAULT_TEMPERATURE, Blob, EngineInfo, Tell, silence
from colorizer.engines.choose import MANY, is_choice, open_engine
from colorizer.engines.names import AUTO
from colorizer.engines.opencv_dnn import read_centres
from colorizer.errors import SettingError
from colorizer.weights.catalog import Model
from colorizer.weights.local_models import LocalModel

SMALLEST_SIZE, LARGEST_SIZE, SIZE_STEP = 128, 512, 32
_LARGEST_ASPECT = 3.0  # beyond it the network sees the picture squeezed: a thin strip has no context
_AB_LIMIT = 128.0


@dataclass(frozen=True)
class NetworkSettings:
    """What is asked of the network; changing any of it runs the network again.

    size: 128 to 512 in steps of 32, the side of the square that has the input's area. None: the model's own.
    keep_aspect: the input has the picture's aspect, instead of being square.
    temperature: 0.05 to 2, T of the annealed mean: low is vivid, high is calm.
    Raises SettingError for a value outside its range.

    >>> from colorizer import NetworkSettings, colorize_file
    >>> colorize_file("old.png", "vivid.png", network=NetworkSettings(size=128, temperature=0.2)).target.name
    'vivid.png'
    """

    size: int | None = None
    keep_aspect: bool = True
    temperature: float = DEFAULT_TEMPERATURE

    def __post_init__(self) -> None:
        if self.size is not None and (not SMALLEST_SIZE <= self.size <= LARGEST_SIZE or self.size % SIZE_STEP):
            raise SettingError(
                f"size must lie between {SMALLEST_SIZE} and {LARGEST_SIZE} in steps of {SIZE_STEP}, and is {self.size}"
            )
        if not 0.05 <= self.temperature <= 2:
            raise SettingError(f"temperature must lie between 0.05 and 2, and is {self.temperature:g}")


_DEFAULTS = NetworkSettings()


class Colorizer(Closing):
    """A network ready to colour; a context manager that any number of threads may share.

    engine: "auto", or the name of one engine (see colorizer.engines.names). runs: about how many pictures will come;
    "auto" opens what starts quickest for a few, what runs fastest for many. tell: hears what takes a while at first.
    Raises ModelDamaged or EngineError when the network cannot be opened.

    >>> from colorizer import Colorizer, locate, read_picture
    >>> with Colorizer(locate("starter"), "opencv:cpu") as network:
    ...     network.chroma(read_picture("old.png").luma).shape[2]  # a* and b*
    2
    """

    def __init__(self, local: LocalModel, engine: str = AUTO, *, runs: int = MANY, tell: Tell = silence) -> None:
        self.local = local
        self.is_choice = is_choice(engine)  # nobody named the engine: "auto" did
        self._engine = open_engine(local, engine, runs, tell)
        self._lock = Lock()  # a cv2.dnn network gives wrong answers, without a word, to two threads at once

    @property
    def info(self) -> EngineInfo:
        """What really runs."""
        return self._engine.info

    def chroma(self, luma_plane: Samples, settings: NetworkSettings = _DEFAULTS) -> Chroma:
        """The network's colours for a picture, (h, w, 2) a* and b* on its own small grid.

        luma_plane: (H, W) uint8, uint16 or float32. Raises EngineError when the network cannot run on it.
        """
        batch = self._batch(luma_plane, settings)
        with self._lock:
            answer = self._engine.infer(batch, settings.temperature)
        return _chroma(answer)

    def answer(self, luma_plane: Samples, settings: NetworkSettings = _DEFAULTS) -> Answer:
        """All that the network says about a picture in one run: its chroma, and features and bins where it has them.

        luma_plane: (H, W) uint8, uint16 or float32. The chroma is that of `chroma`: bit for bit on OpenCV and wherever
        an engine computes in f32, else within what its precision allows. The first call opens the network once more.
        Raises EngineError when the network cannot run on it.
        """
        batch = self._batch(luma_plane, settings)
        with self._lock:
            raw = self._engine.infer_all(batch, settings.temperature)
        chroma = _chroma(raw.ab)
        features = None if raw.features is None else features_on_grid(raw.features[0], *chroma.shape[:2])
        bins = None if raw.logits is None else np.ascontiguousarray(raw.logits[0].transpose(1, 2, 0))
        return Answer(chroma, features, bins)

    def centres(self) -> NDArray[np.float32] | None:
        """The a* and b* of the bins, (Q, 2), in the order of Answer.bins; None for a network without bins."""
        return read_centres(self.local.paths["centres"]) if "centres" in self.local.paths else None

    def _batch(self, luma_plane: Samples, settings: NetworkSettings) -> Blob:
        height, width = input_shape(luma_plane.shape[0], luma_plane.shape[1], self.local.model, settings)
        return network_input(luma_plane, height, width, self.local.model)

    def close(self) -> None:
        """Let go of the network."""
        with self._lock:
            self._engine.close()


def input_shape(height: int, width: int, model: Model, settings: NetworkSettings = _DEFAULTS) -> tuple[int, int]:
    """Height and width of the network's input for a picture of this size: whole multiples of the model's step."""
    if model.fixed_size is not None:
        return model.fixed_size, model.fixed_size
    size = settings.size or model.default_size
    aspect = min(max(width / height, 1 / _LARGEST_ASPECT), _LARGEST_ASPECT) if settings.keep_aspect else 1.0
    stretch = float(np.sqrt(aspect))
    return _multiple(size / stretch, model.multiple), _multiple(size * stretch, model.multiple)


def network_input(luma_plane: Samples, height: int, width: int, model: Model) -> Blob:
    """What the network sees: (1, 1, height, width) L* - 50, or (1, 3, height, width) grey RGB in [0, 1]."""
    if model.input == "lightness":
        return (lightness_at(luma_plane, height, width) - 50)[None, None]
    plane = to_unit(reduced(luma_plane, height, width))
    small = np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_AREA), np.float32)
    return np.repeat(small[None, None], 3, axis=1)


def _chroma(answer: Blob) -> Chroma:
    chroma = np.ascontiguousarray(answer[0].transpose(1, 2, 0))  # (1, 2, h, w) -> (h, w, 2)
    return np.asarray(np.clip(chroma, -_AB_LIMIT, _AB_LIMIT), np.float32)


def _multiple(side: float, step: int) -> int:
    return max(step, round(side / step) * step)
