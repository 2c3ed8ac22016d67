"""From samples of any kind to luma: strip by strip, so that a large picture is held once and not four times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from PIL import Image

from colorizer.color.lightness import Samples, full_scale, luma, to_unit
from colorizer.color.merge import Tone
from colorizer.image.profiles import Colours, to_srgb

_STRIP_PIXELS = 1_000_000
_COLOUR_SPREAD = 16 / 255  # channels further apart than this are colour, not a tint or a decoder's rounding
_COLOUR_SHARE = 1e-3
TONE_SIDE = 640  # pixels: eyes see colour coarsely
_NO_TONE = 4 / 255  # a mean of an area that differs by less is a decoder's rounding
_TURNS: dict[int, Callable[[Samples], Samples]] = {  # what brings a stored picture upright; EXIF 2.32, Orientation
    2: lambda plane: plane[:, ::-1],
    3: lambda plane: plane[::-1, ::-1],
    4: lambda plane: plane[::-1],
    5: lambda plane: plane.T,
    6: lambda plane: plane[::-1].T,
    7: lambda plane: plane[::-1, ::-1].T,
    8: lambda plane: plane.T[::-1],
}


@dataclass(frozen=True)
class Raster:
    """Decoded samples, handed out a strip at a time.

    strip: rows -> (n, W, channels), colours first, then alpha when has_alpha. Integers fill their type's range.
    """

    width: int
    height: int
    dtype: np.dtype[Any]
    colours: Colours
    has_alpha: bool
    strip: Callable[[slice], Samples]

    def strips(self, multiple: int = 1) -> Iterator[tuple[slice, Samples]]:
        """All strips from the top, each with the rows it fills: so many that `multiple` divides them, but the last."""
        step = max(1, _STRIP_PIXELS // self.width // multiple) * multiple
        for top in range(0, self.height, step):
            rows = slice(top, min(top + step, self.height))
            yield rows, self.strip(rows)


@dataclass(frozen=True, eq=False)
class Planes:
    """What is left of a picture: luma and alpha (None when all is opaque). profiled: an ICC profile was understood.

    tone: the colour that it has itself, however faint, at no more than TONE_SIDE a side; None where it is grey.
    """

    luma: Samples
    alpha: Samples | None
    had_colour: bool
    profiled: bool
    notes: tuple[str, ...]
    tone: Tone | None = None


def planes(raster: Raster, icc: bytes | None) -> Planes:
    """Luma in sRGB, and alpha, of these samples."""
    notes: list[str] = []
    if raster.dtype not in (np.uint8, np.uint16):
        raster = _in_unit_range(raster, notes)
    profile = to_srgb(icc, raster.colours, raster.dtype)
    luma_plane = np.empty((raster.height, raster.width), raster.dtype)
    alpha = np.empty_like(luma_plane) if raster.has_alpha else None
    coloured, tones = 0, list[Tone]()
    factor = -(-max(raster.width, raster.height) // TONE_SIDE)
    for rows, strip in raster.strips(factor):
        shown = strip
        if alpha is not None:
            alpha[rows], shown = strip[..., -1], strip[..., :-1]
        colours = shown if profile.convert is None else profile.convert(shown)
        luma_plane[rows], found = _strip_luma(colours)
        coloured += found
        if colours.shape[2] > 1:
            tones.append(_strip_tone(colours, factor))
    if alpha is not None and alpha.min() == full_scale(raster.dtype):
        alpha = None
    notes += [profile.note] if profile.note else []
    had_colour = coloured > _COLOUR_SHARE * luma_plane.size
    return Planes(luma_plane, alpha, had_colour, profile.known, tuple(notes), _whole_tone(tones))


def upright(plane: Samples, orientation: int) -> Samples:
    """The plane, (H, W) or (H, W, n), turned and mirrored as its EXIF orientation (1 to 8) asks for."""
    turn = _TURNS.get(orientation)
    if turn is None:
        return plane
    if plane.ndim > 2:
        return np.dstack([turn(plane[..., number]) for number in range(plane.shape[2])])
    return np.ascontiguousarray(turn(plane))


def raster_of(image: Image.Image) -> Raster:
    """The samples of a decoded Pillow image. Raises ValueError for a mode that no picture format here has."""
    mode = image.mode
    if mode.startswith("I;16"):
        return _plain_raster(image, np.dtype(np.uint16))
    if mode in ("I", "F"):
        return _plain_raster(image, np.dtype(np.float32))
    see_through = "transparency" in image.info or mode in ("LA", "La", "PA", "RGBA", "RGBa")
    if mode in ("1", "L", "LA", "La"):
        return _converted_raster(image, "grey", "LA" if see_through else "L")
    if mode in ("P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "YCbCr"):
        return _converted_raster(image, "rgb", "RGBA" if see_through else "RGB")
    if mode == "CMYK":
        return _converted_raster(image, "cmyk", mode)
    if mode == "LAB":
        return _converted_raster(image, "lab", mode)
    raise ValueError(f"pixels of the kind {mode} are not supported")


def keyed(samples: Samples, key: int | tuple[int, ...]) -> Samples:
    """The samples with an alpha channel: transparent where all channels have the key's values, opaque elsewhere."""
    opaque = np.any(samples != np.array(key, samples.dtype), axis=2, keepdims=True)
    return np.concatenate([samples, opaque * samples.dtype.type(full_scale(samples.dtype))], axis=2)


def _plain_raster(image: Image.Image, dtype: np.dtype[Any]) -> Raster:
    key = image.info.get("transparency")

    def strip(rows: slice) -> Samples:
        part = np.asarray(image.crop((0, rows.start, image.width, rows.stop)))
        samples = part.astype(dtype, copy=False)[..., None]
        return samples if key is None else keyed(samples, key)

    return Raster(image.width, image.height, dtype, "grey", key is not None, strip)


def _converted_raster(image: Image.Image, colours: Colours, mode: str) -> Raster:
    def strip(rows: slice) -> Samples:
        part = image.crop((0, rows.start, image.width, rows.stop))
        samples = np.asarray(part if part.mode == mode else part.convert(mode))
        return samples if samples.ndim == 3 else samples[..., None]

    return Raster(image.width, image.height, np.dtype(np.uint8), colours, mode in ("LA", "RGBA"), strip)


def _strip_luma(colours: Samples) -> tuple[Samples, int]:
    """The strip's luma, and how many of its pixels have a colour. colours: (n, W, 1 or 3) in sRGB."""
    if colours.shape[2] == 1:
        return colours[..., 0], 0
    red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
    most = np.maximum(np.maximum(red, green), blue)
    least = np.minimum(np.minimum(red, green), blue)
    coloured = int(np.count_nonzero(most - least > _COLOUR_SPREAD * full_scale(colours.dtype)))
    return luma(np.ascontiguousarray(colours)), coloured


def _strip_tone(colours: Samples, factor: int) -> Tone:
    """The strip's tone, each place the mean of `factor` x `factor` pixels. colours: (n, W, 3) in sRGB."""
    rows, columns = (max(1, round(side / factor)) for side in colours.shape[:2])
    small = to_unit(cv2.resize(np.ascontiguousarray(colours), (columns, rows), interpolation=cv2.INTER_AREA))
    return np.asarray(small[..., [0, 2]] - luma(small)[..., None], np.float32)


def _whole_tone(tones: list[Tone]) -> Tone | None:
    whole = np.concatenate(tones) if tones else None
    return whole if whole is not None and np.abs(whole).max() > _NO_TONE else None


def _in_unit_range(raster: Raster, notes: list[str]) -> Raster:
    """The raster as float32 in [0, 1]: what is no number becomes black, and a range beyond white is scaled to fit."""
    peak, broken, negative = 0.0, False, False
    for _, strip in raster.strips():
        shown = strip[..., :-1] if raster.has_alpha else strip
        finite = np.isfinite(shown)
        broken |= not finite.all()
        peak = max(peak, float(np.max(shown, initial=0, where=finite)))
        negative |= bool(np.min(shown, initial=0, where=finite) < 0)
    scale = peak if peak > 1 else 1.0
    if scale > 1:
        notes.append(f"its samples reach {peak:.6g}; they were divided by that, so that the brightest is white")
    if broken:
        notes.append("some of its samples are no finite numbers; they became black or white")
    if negative:
        notes.append("some of its samples are below zero; they became black")

    def strip_in_range(rows: slice) -> Samples:
        strip = np.array(raster.strip(rows), np.float32)
        np.nan_to_num(strip, copy=False, nan=0.0, posinf=scale, neginf=0.0)
        strip[..., : -1 if raster.has_alpha else None] /= np.float32(scale)
        return np.asarray(np.clip(strip, 0, 1))

    return replace(raster, dtype=np.dtype(np.float32), strip=strip_in_range)
