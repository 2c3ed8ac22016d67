"""Motion between neighbouring frames, how far to trust it, and where in a key frame each pixel came from."""

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from colorizer.color.grade import Chroma
from colorizer.color.lightness import Float32
from colorizer.video.colour.shots import Small

_SMALLEST_SIDE = 32  # below it the flow has no patches to match: nothing is taken to move
_LUMA_DOUBT = 12.0  # levels of difference after following the motion that leave trust at 1/e
_PATH_DOUBT = 1.5  # pixels missed on the way there and back that leave trust at 1/e
_LEAST_GAIN, _MOST_GAIN = 0.5, 2.0
_NONE = np.empty(0, np.float32)  # no second map, no first guess


@dataclass(frozen=True)
class Motion:
    """Between an earlier frame and the next: flows (h, w, 2) in pixels of the guide, and trust (h, w) from 0 to 1.

    back: from the later frame's pixels to the earlier one's. ahead: the other way. Each trust is on its flow's grid.
    """

    back: Float32
    back_trust: Float32
    ahead: Float32
    ahead_trust: Float32


@dataclass(frozen=True)
class Carried:
    """Where in the key frame each pixel of a frame is: places (h, w, 2) as x and y, and trust (h, w) from 0 to 1."""

    places: Float32
    trust: Float32

    def sample(self, chroma: Chroma) -> Chroma:
        """The key frame's chroma (h, w, 2) where it has moved to."""
        return _sampled(chroma, self.places)


def hold(shape: tuple[int, int], trust: float = 1.0) -> Carried:
    """The key frame itself: nothing has moved yet."""
    return Carried(_own_places(shape), np.full(shape, trust, np.float32))


def carry(carried: Carried, flow: Float32, trust: Float32) -> Carried:
    """The same for the frame next to it: flow leads from its pixels to those of `carried`."""
    sources = _own_places(trust.shape) + flow
    return Carried(_sampled(carried.places, sources), _sampled(carried.trust, sources) * trust)


class MotionFinder:
    """Finds motion; holds the buffers of the flow, so one finder serves one thread."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._flow.setFinestScale(1)  # half the guide's size, not a quarter: chroma then keeps to what moves
        self._flow.setGradientDescentIterations(4)  # of 12: steadier, and nearer to the true colours (0.990 for 0.993)

    def between(self, earlier: Small, later: Small) -> Motion:
        """The motion both ways, computed once. Source: Kroeger et al. 2016 (DIS) for the flow."""
        if min(earlier.shape) < _SMALLEST_SIDE:
            back = ahead = np.zeros((*earlier.shape, 2), np.float32)
        else:
            back = np.asarray(self._flow.calc(later, earlier, _NONE), np.float32)
            ahead = np.asarray(self._flow.calc(earlier, later, _NONE), np.float32)
        return Motion(back, _trust(later, earlier, back, ahead), ahead, _trust(earlier, later, ahead, back))


def _trust(here: Small, there: Small, flow: Float32, returning: Float32) -> Float32:
    """How likely each pixel here is the pixel there that the flow leads to: (h, w), 0 to 1.

    It looks the same there, up to one change of brightness and contrast for the whole frame, and the flow back from
    there leads here again: what is covered by something else in the other frame fails one or the other.
    """
    sources = _own_places(flow.shape[:2]) + flow
    seen, own = _sampled(there.astype(np.float32), sources), here.astype(np.float32)
    mean, spread = (float(value[0, 0]) for value in cv2.meanStdDev(own))
    seen_mean, seen_spread = (float(value[0, 0]) for value in cv2.meanStdDev(seen))
    gain = float(np.clip((spread + 1) / (seen_spread + 1), _LEAST_GAIN, _MOST_GAIN))
    difference = cv2.blur(np.abs(own - (seen - seen_mean) * gain - mean), (5, 5)) / _LUMA_DOUBT
    missed = (flow + _sampled(returning, sources)) / _PATH_DOUBT
    across, down = cv2.split(missed)  # NumPy's sum over an axis of two is four times slower
    doubt = np.asarray(difference * difference + across * across + down * down, np.float32)
    return np.asarray(cv2.exp(-doubt), np.float32)


def _sampled(plane: Float32, places: Float32) -> Float32:
    return np.asarray(cv2.remap(plane, places, _NONE, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32)


@lru_cache(maxsize=4)
def _own_places(shape: tuple[int, ...]) -> Float32:
    rows, columns = np.indices(shape, np.float32)
    places = np.dstack([columns, rows])
    places.flags.writeable = False
    return places
