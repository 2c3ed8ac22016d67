"""Luma, chroma and a grade in, colour out: one call, no network, as often as a slider moves."""

from collections.abc import Iterator
from functools import cache
from itertools import repeat

import cv2
import numpy as np
from numpy.typing import NDArray

from colorizer.color.grade import Chroma, Grade, apply_grade
from colorizer.color.lightness import Float32, Samples, area_mean, from_unit, lightness, to_unit
from colorizer.color.matrices import LUMA_WEIGHTS, Matrix, luma_weights
from colorizer.color.merge import Tone, colour_difference, merge, toned, within_gamut
from colorizer.color.upsample import chroma_by_lightness, chroma_strips, guided_chroma, guided_shape

_STRIP_PIXELS = 60_000  # small enough for the processor's cache: more than twice as fast as half a million
_NO_CHANGE = Grade()


def render(luma_plane: Samples, chroma: Chroma, grade: Grade = _NO_CHANGE, tone: Tone | None = None) -> Samples:
    """The coloured picture, (H, W, 3) RGB in the luma's own sample type.

    luma_plane: (H, W) uint8, uint16 or float32. chroma: (h, w, 2) a* and b* on the network's grid. tone: (h, w, 2), the
    colour that the original has itself, which comes through below full intensity; None for a grey one.
    Turned back to grey, the result is luma_plane again, within rounding.

    >>> from colorizer import Colorizer, Grade, locate, read_picture, render
    >>> luma = read_picture("old.png").luma
    >>> with Colorizer(locate("starter")) as network:
    ...     chroma = network.chroma(luma)
    >>> render(luma, chroma, Grade(hue=10)).shape
    (40, 60, 3)
    """
    if grade.intensity == 0:
        return original(luma_plane, tone)
    result = np.empty((*luma_plane.shape, 3), luma_plane.dtype)
    for rows, strip in _rendered(luma_plane, chroma, grade, tone):
        result[rows] = strip
    return result


def original(luma_plane: Samples, tone: Tone | None) -> Samples:
    """The picture as it was, (H, W, 3) RGB in the luma's own sample type. tone: (h, w, 2); None for a grey one."""
    height, width = luma_plane.shape
    result = np.empty((height, width, 3), luma_plane.dtype)
    result[:] = luma_plane[..., None]
    if tone is not None:
        for rows, strip in chroma_strips(tone, height, width, pixels=_STRIP_PIXELS):
            unit = to_unit(luma_plane[rows])
            planes = [unit + plane for plane in toned(unit, strip)]
            result[rows] = from_unit(np.asarray(cv2.merge(planes), np.float32), luma_plane.dtype)
    return result


def render_quickly(luma_plane: NDArray[np.uint8], chroma: Chroma, grade: Grade = _NO_CHANGE) -> NDArray[np.uint8]:
    """What `render` returns, within what eyes see, in less than half the time: (H, W, 3) RGB for views that move.

    luma_plane: (H, W). chroma: (h, w, 2) a* and b*. Turned back to grey, it is luma_plane again, within rounding.
    """
    height, width = luma_plane.shape
    result = np.repeat(luma_plane[..., None], 3, axis=2)
    if grade.intensity > 0:
        unit, _ = _code_tables(8, full_range=True)
        red, blue = _differences(luma_plane, apply_grade(chroma, grade), bits=8, full_range=True, weights=LUMA_WEIGHTS)
        for rows in _strips(height, width):
            own = _looked_up(unit, luma_plane[rows])
            share = np.float32(grade.intensity)
            planes = [own + share * plane for plane in within_gamut(own, red[rows], blue[rows])]
            result[rows] = from_unit(np.asarray(cv2.merge(planes), np.float32), luma_plane.dtype)
    return result


def _rendered(luma_plane: Samples, chroma: Chroma, grade: Grade, tone: Tone | None) -> Iterator[tuple[slice, Samples]]:
    height, width = luma_plane.shape
    guided = guided_chroma(apply_grade(chroma, grade), luma_plane)
    tones: Iterator[tuple[slice, Tone | None]] = repeat((slice(0), None))
    if tone is not None and grade.intensity < 1:
        tones = chroma_strips(tone, height, width, pixels=_STRIP_PIXELS)
    strips = chroma_strips(guided, height, width, pixels=_STRIP_PIXELS)
    for (rows, strip), (_, own) in zip(strips, tones, strict=False):
        yield rows, from_unit(merge(to_unit(luma_plane[rows]), strip, grade.intensity, own), luma_plane.dtype)


def render_planes(
    luma_plane: Samples,
    chroma: Chroma,
    grade: Grade = _NO_CHANGE,
    *,
    bits: int,
    full_range: bool,
    matrix: Matrix,
    shape: tuple[int, int],
    own: tuple[Samples, Samples] | None = None,
) -> tuple[Samples, Samples]:
    """The Cb and Cr planes of a video frame, each of the given (h, w) shape and of the luma's own sample type.

    luma_plane: (H, W) code values of `bits` bits, 8 to 16, in uint8 or uint16. chroma: (h, w, 2) a* and b* on any small
    grid. own: Cb and Cr of the source, of this shape, depth and range, which come through below full intensity; None
    for grey. Raises ValueError when the bits do not fit the sample type or a side is zero.
    Source: ITU-R BT.601, BT.709 and BT.2020 (non-constant luminance) for weights, scale and ranges.
    """
    if not 8 <= bits <= 8 * luma_plane.dtype.itemsize:
        raise ValueError(f"{luma_plane.dtype} samples cannot have {bits} bits")
    centre = 1 << (bits - 1)
    planes = np.full((2, *shape), centre, luma_plane.dtype)
    share = 0.0 if grade.leaves_grey else grade.intensity
    if share > 0:
        codes = area_mean(luma_plane, *shape)
        unit, _ = _code_tables(bits, full_range)
        weights = luma_weights(matrix)
        red, blue = _differences(codes, apply_grade(chroma, grade), bits=bits, full_range=full_range, weights=weights)
        scale = (1 << bits) - 1 if full_range else 224 << (bits - 8)
        for rows in _strips(*shape):
            fitting = within_gamut(_looked_up(unit, codes[rows]), red[rows], blue[rows], weights)
            for plane, channel in zip(planes, (2, 0), strict=True):
                _encode(fitting[channel], share * scale / (2 * (1 - float(weights[channel]))), centre, plane[rows])
    if own is not None and grade.intensity < 1:
        for plane, other in zip(planes, own, strict=True):
            mixed = plane + np.float32(1 - grade.intensity) * (other.astype(np.float32) - np.float32(centre))
            plane[:] = np.rint(np.clip(mixed, 0, (1 << bits) - 1))
    return planes[0], planes[1]


def _differences(
    codes: Samples, chroma: Chroma, *, bits: int, full_range: bool, weights: Float32
) -> tuple[Float32, Float32]:
    """R' - Y' and B' - Y' of every luma code, which may still leave the gamut.

    They are found on the guided grid and bound to the gamut where they are shown: quicker, and as near to the truth.
    """
    unit, level = _code_tables(bits, full_range)
    small = area_mean(codes, *guided_shape(chroma.shape, codes.shape))
    small_unit, small_level = _looked_up(unit, small), _looked_up(level, small)
    guided = chroma_by_lightness(chroma, small_level)
    red, blue = (
        np.asarray(cv2.resize(plane, codes.shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)
        for plane in colour_difference(small_unit, small_level, guided, weights)
    )
    return red, blue


def _strips(height: int, width: int) -> Iterator[slice]:
    step = max(1, _STRIP_PIXELS // width)
    return (slice(start, start + step) for start in range(0, height, step))


def _encode(difference: Float32, scale: float, centre: int, plane: Samples) -> None:
    """Write the differences into the plane as code values, rounded; none of them is below 0."""
    if plane.dtype == np.uint8:
        cv2.convertScaleAbs(difference, plane, scale, centre)
    else:
        plane[:] = np.rint(difference * np.float32(scale) + np.float32(centre))


def _looked_up(table: Float32, codes: Samples) -> Float32:
    return np.asarray(cv2.LUT(codes, table) if codes.dtype == np.uint8 else np.take(table, codes), np.float32)


@cache
def _code_tables(bits: int, full_range: bool) -> tuple[Float32, Float32]:
    """Luma in [0, 1], and L* of grey, of every luma code."""
    codes = np.arange(1 << bits, dtype=np.float32)
    black, white = (0, (1 << bits) - 1) if full_range else (16 << (bits - 8), 235 << (bits - 8))
    unit = np.clip((codes - black) / (white - black), 0, 1).astype(np.float32)
    return unit, lightness(unit)
