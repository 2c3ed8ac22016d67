"""A part of a picture in as many pixels as it has, for looking closely: as it was, and in colour."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import ceil, floor
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.grade import Chroma, Grade, apply_grade
from colorizer.color.lightness import from_unit, to_unit
from colorizer.color.merge import merge
from colorizer.color.upsample import guided_chroma
from colorizer.errors import SettingError
from colorizer.image.reading import read_picture
from colorizer.image.values import SourcePicture
from colorizer.picture import original
from colorizer.web.colouring import Picture
from colorizer.web.preview import jpeg, preview_luma, shrink

LARGEST_SIDE = 4096
_EIGHT_BITS = np.dtype(np.uint8)
Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Part:
    """A part of a picture: its edges as fractions of the picture's width and height, 0 to 1. side: most pixels."""

    left: float
    top: float
    right: float
    bottom: float
    side: int

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise SettingError("part must be left, top, right and bottom, each from 0 to 1")
        if not 16 <= self.side <= LARGEST_SIDE:
            raise SettingError(f"detail must lie between 16 and {LARGEST_SIDE}, and is {self.side}")

    def pixels(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of a plane of this size that the part touches, at least one of each."""
        rows = slice(floor(self.top * height), max(floor(self.top * height) + 1, ceil(self.bottom * height)))
        columns = slice(floor(self.left * width), max(floor(self.left * width) + 1, ceil(self.right * width)))
        return rows, columns


def read_part(query: Mapping[str, str]) -> Part | None:
    """The part that an address asks for; None where it asks for all. Raises SettingError for what makes no sense."""
    if "part" not in query:
        return None
    try:
        left, top, right, bottom = map(float, query["part"].split(","))
        side = int(query.get("detail", LARGEST_SIDE))
    except ValueError as error:
        raise SettingError("part must be four numbers, and detail a whole one") from error
    return Part(left, top, right, bottom, side)


class DetailViews:
    """Makes views of parts, one at a time. The picture that was looked at last is kept in memory, and no other."""

    def __init__(self, read: Callable[[Path, str], SourcePicture] = read_picture) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="picture-details")
        self._last: tuple[str, SourcePicture, Bytes] | None = None

    def before(self, picture: Picture, part: Part) -> bytes:
        """A JPEG of this part as the picture was. Raises InputError."""
        return self._thread.submit(self._view, picture, lambda source, _: part_before(source, part)).result()

    def after(self, picture: Picture, part: Part, chroma: Chroma | None, grade: Grade) -> bytes:
        """A JPEG of this part of the result; without chroma it is grey. Raises InputError."""
        if chroma is None:
            return self._thread.submit(self._view, picture, lambda source, _: part_luma(source, part)).result()
        make = partial(part_after, part=part, chroma=chroma, grade=grade)
        return self._thread.submit(self._view, picture, make).result()

    def close(self) -> None:
        """Stop, after the view that is in the making."""
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _view(self, picture: Picture, make: Callable[[SourcePicture, Bytes], Bytes]) -> bytes:
        if self._last is None or self._last[0] != picture.id:
            self._last = None  # before the next one is read: two large pictures at once are too much
            source = self._read(picture.path, picture.name)
            self._last = (picture.id, source, preview_luma(source))
        _, source, small = self._last
        return jpeg(make(source, small))


def part_luma(source: SourcePicture, part: Part) -> Bytes:
    """The luma of a part, (h, w); where it is transparent, on white."""
    rows, columns = part.pixels(*source.luma.shape)
    luma = to_unit(shrink(source.luma[rows, columns], part.side))
    if source.alpha is not None:
        luma = 1 - (1 - luma) * to_unit(shrink(source.alpha[rows, columns], part.side))
    return np.asarray(from_unit(luma, _EIGHT_BITS), np.uint8)


def part_before(source: SourcePicture, part: Part) -> Bytes:
    """A part as the picture was: (h, w) grey, or (h, w, 3) RGB."""
    luma = part_luma(source, part)
    if source.tone is None:
        return luma
    return np.asarray(original(luma, _cut(source.tone, source, part, luma.shape)), np.uint8)


def part_after(source: SourcePicture, small: Bytes, *, part: Part, chroma: Chroma, grade: Grade) -> Bytes:
    """A part in colour, (h, w, 3) RGB. small: the picture's reduced luma, which the colours follow to the pixels."""
    luma, share = part_luma(source, part), grade.intensity
    if source.tone is not None:
        grade = replace(grade, intensity=1)
    guided = guided_chroma(apply_grade(chroma, grade), small)
    colour = from_unit(merge(to_unit(luma), _cut(guided, source, part, luma.shape)), _EIGHT_BITS)
    if source.tone is not None and share < 1:
        colour = cv2.addWeighted(colour, share, part_before(source, part), 1 - share, 0)
    return np.asarray(colour, np.uint8)


def _cut(grid: Chroma, source: SourcePicture, part: Part, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """What a grid over the whole picture says of a part, brought to a shape: (*shape, 2)."""
    whole = source.luma.shape
    rows, columns = part.pixels(*whole)
    scale_y, scale_x = grid.shape[0] / whole[0], grid.shape[1] / whole[1]
    step_y = (rows.stop - rows.start) / shape[0] * scale_y
    step_x = (columns.stop - columns.start) / shape[1] * scale_x
    place = np.array([
        [step_x, 0, columns.start * scale_x + step_x / 2 - 0.5],
        [0, step_y, rows.start * scale_y + step_y / 2 - 0.5],
    ])  # fmt: skip
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(grid, place, (shape[1], shape[0]), flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, np.float32)
