"""How many pictures the studio holds, of one visitor and in all, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from colorizer.errors import InputError
from colorizer.files import size_text
from colorizer.web.preview import PREVIEW_SIDE

PREVIEW_BYTES = PREVIEW_SIDE**2  # what a picture's preview may take beside it
_MOST_PICTURES = 500
_UNUSED_AFTER = 12 * 3600.0  # a computer may sleep through the night and wake up with the pictures still there
_STRANGERS_PICTURES = 50
_STRANGERS_SETS = 100
_SHARE, _VISITORS_SHARE = 4, 4  # pictures may take a fourth of the quota, and a visitor a fourth of that


@dataclass(frozen=True)
class PictureLimits:
    """What picture sets may hold; a visitor has one in each tab.

    pictures: in one set. own_bytes: of one set; all_bytes: of all; None: as much as the disk holds. sets: at once;
    None: any number. unused_after: seconds after which a set that nobody uses may go.
    """

    pictures: int = _MOST_PICTURES
    own_bytes: int | None = None
    all_bytes: int | None = None
    sets: int | None = None
    unused_after: float = _UNUSED_AFTER


def limits_for(quota: int | None, *, shared: bool, kept_seconds: float) -> PictureLimits:
    """The limits of a studio with this quota in bytes. kept_seconds: how long what strangers bring is kept."""
    share = None if quota is None else quota // _SHARE
    if not shared:
        return PictureLimits(all_bytes=share)
    own = None if share is None else share // _VISITORS_SHARE
    return PictureLimits(_STRANGERS_PICTURES, own, share, _STRANGERS_SETS, kept_seconds)


class PictureRoom:
    """Counts what all sets hold together; any number of threads may use it.

    left: the bytes that the quota leaves for pictures beside films, asked at every picture; None: there is no quota.
    """

    def __init__(self, limits: PictureLimits = PictureLimits(), left: Callable[[], int | None] = lambda: None) -> None:
        self.limits = limits
        self._left, self._taken, self._lock = left, 0, Lock()

    def take(self, name: str, size: int, own: int) -> None:
        """Count a picture of this size in. own: what its set holds already. Raises InputError where it is too much."""
        limits, left = self.limits, self._left()
        if limits.own_bytes is not None and own + size > limits.own_bytes:
            raise InputError(
                f"{name} was not taken in: your pictures may take {size_text(limits.own_bytes)} together. "
                "Remove some of them, then add it again."
            )
        with self._lock:
            most = min((room for room in (limits.all_bytes, left) if room is not None), default=None)
            if most is not None and self._taken + size > most:
                raise InputError(
                    f"{name} was not taken in: the pictures of all who are here may take {size_text(max(0, most))} "
                    "(a fourth of COLORIZER_QUOTA_GB, or what films leave of it). Try again later."
                )
            self._taken += size

    def give_back(self, size: int) -> None:
        """Count a picture of this size out."""
        with self._lock:
            self._taken -= size
