"""Colour profiles: from whatever a picture's ICC profile says to sRGB."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from colorizer.color.lightness import Samples, from_unit, luma, to_unit

Colours = Literal["grey", "rgb", "cmyk", "lab"]
Conversion = Callable[[Samples], Samples]
"""(n, W, 1), (n, W, 3) or (n, W, 4) samples in the profile's colours -> (n, W, 1) or (n, W, 3) in sRGB, same type."""

_MODES: dict[Colours, str] = {"grey": "L", "rgb": "RGB", "cmyk": "CMYK", "lab": "LAB"}
_SIGNATURES: dict[Colours, bytes] = {"grey": b"GRAY", "rgb": b"RGB ", "cmyk": b"CMYK"}
_STEPS = 65536
# Columns: the sRGB primaries of IEC 61966-2-1, adapted to the D50 of the connection space by Bradford's matrix.
SRGB_PRIMARIES = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
_Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Profiled:
    """How samples become sRGB. convert: None when they are sRGB already. known: a profile was there and understood."""

    convert: Conversion | None
    known: bool
    note: str | None = None


@cache
def srgb_profile() -> bytes:
    """An sRGB profile to embed, the same bytes at every run."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]  # the date it was made


def to_srgb(icc: bytes | None, colours: Colours, dtype: np.dtype[Any]) -> Profiled:
    """What to do with samples of these colours and this type. A broken or unfit profile is ignored with a note."""
    if colours == "lab":
        return Profiled(_by_transform(ImageCms.createProfile("LAB"), "lab"), False)
    if not icc:
        return Profiled(_plain_cmyk, False, _NO_CMYK_PROFILE) if colours == "cmyk" else Profiled(None, False)
    space = icc[16:20]
    try:
        if space != _SIGNATURES[colours] and (colours, space) != ("grey", b"RGB "):
            raise ValueError("the profile is for other colours")
        convert, note = _conversion(icc, colours, dtype)
    except (ImageCms.PyCMSError, OSError, ValueError, struct.error, TypeError, np.linalg.LinAlgError):
        fallback = _plain_cmyk if colours == "cmyk" else None
        return Profiled(fallback, False, "its colour profile is broken or unfit; it was ignored")
    return Profiled(convert, True, note)


_NO_CMYK_PROFILE = "its CMYK colours have no profile; plain process colours were assumed"
_TONES_ONLY = "its colour profile is a table; at this bit depth only its tone curve was applied"


def _conversion(icc: bytes, colours: Colours, dtype: np.dtype[Any]) -> tuple[Conversion | None, str | None]:
    by_lcms = _by_transform(ImageCms.ImageCmsProfile(io.BytesIO(icc)), colours, rgb_profile=icc[16:20] == b"RGB ")
    if colours == "cmyk":
        return by_lcms, None
    exact = _exact_conversion(icc, colours)
    if _changes_nothing(exact or by_lcms, colours):
        return None, None
    if exact and (colours == "grey" or dtype != np.uint8):  # lcms is quicker for colours, but coarse for grey
        return exact, None
    return (by_lcms, None) if dtype == np.uint8 else (_along_the_greys(by_lcms, colours), _TONES_ONLY)


def _by_transform(profile: Any, colours: Colours, *, rgb_profile: bool = False) -> Conversion:
    mode = "RGB" if rgb_profile else _MODES[colours]
    transform = ImageCms.buildTransform(
        profile,
        ImageCms.createProfile("sRGB"),
        mode,
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        # Ink is never quite black: without compensation black text would come out grey.
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION if colours == "cmyk" else ImageCms.Flags.NONE,
    )

    def convert(strip: Samples) -> Samples:
        if strip.shape[2] == 1:
            strip = strip[..., 0] if mode == "L" else np.repeat(strip, 3, axis=2)
        image = _image_of(np.ascontiguousarray(strip), mode)
        converted = np.asarray(ImageCms.applyTransform(image, transform))
        return luma(converted)[..., None] if colours == "grey" else converted

    return convert


def _image_of(strip: Samples, mode: str) -> Image.Image:
    return Image.frombuffer(mode, (strip.shape[1], strip.shape[0]), strip, "raw", mode, 0, 1)


def _plain_cmyk(strip: Samples) -> Samples:
    return np.asarray(_image_of(np.ascontiguousarray(strip), "CMYK").convert("RGB"))


def _changes_nothing(convert: Conversion, colours: Colours) -> bool:
    """Whether the profile is sRGB, or as good as: then the samples stay as they are."""
    if colours == "grey":
        nodes = np.arange(256, dtype=np.uint8)[None, :, None]
    else:
        steps = np.arange(0, 256, 15, dtype=np.uint8)
        nodes = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(1, -1, 3)
    return bool(np.abs(convert(nodes).astype(np.int16) - nodes).max() <= 1)


def _along_the_greys(convert: Conversion, colours: Colours) -> Conversion:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 1 if colours == "grey" else 3, axis=2)
    tones = _resampled(convert(ramp)[0].mean(axis=1) / 255)
    return lambda strip: _looked_up(tones, strip)


def _exact_conversion(icc: bytes, colours: Colours) -> Conversion | None:
    """The exact conversion of a profile made of curves and a matrix; None for one made of tables.

    Source: ICC.1:2022, sections 8.3 and F.3.
    """
    tags = _tags(icc)
    if b"kTRC" in tags:
        tones = _encoded(_curve(tags[b"kTRC"]))
        return lambda strip: _looked_up(tones, strip)
    if not {b"rTRC", b"gTRC", b"bTRC", b"rXYZ", b"gXYZ", b"bXYZ"} <= tags.keys():
        return None
    curves = [_curve(tags[name]) for name in (b"rTRC", b"gTRC", b"bTRC")]
    if colours == "grey":
        tones = _encoded(np.mean(curves, axis=0))
        return lambda strip: _looked_up(tones, strip)
    primaries = np.stack([_xyz(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")], -1)
    return _by_matrix(curves, np.linalg.solve(SRGB_PRIMARIES, primaries))


def _by_matrix(curves: list[_Curve], matrix: NDArray[np.float64]) -> Conversion:
    def convert(strip: Samples) -> Samples:
        linear = np.stack([_looked_up(curve, to_unit(strip[..., c])) for c, curve in enumerate(curves)], -1)
        return from_unit(_looked_up(_srgb_tones(), linear @ matrix.T.astype(np.float32)), strip.dtype)

    return convert


def _looked_up(curve: _Curve, samples: Samples) -> Samples:
    """The curve's values (65536 over [0, 1]) for samples of any type, in that type."""
    if samples.dtype.kind == "u":
        step = 257 if samples.dtype == np.uint8 else 1
        return from_unit(curve[::step].astype(np.float32), samples.dtype)[samples]
    values = np.interp(np.clip(samples, 0, 1) * (_STEPS - 1), np.arange(_STEPS), curve)
    return np.asarray(values, np.float32)


def _resampled(curve: _Curve) -> _Curve:
    return np.interp(np.linspace(0, 1, _STEPS), np.linspace(0, 1, len(curve)), curve)


def _encoded(linear: _Curve) -> _Curve:
    return np.interp(linear, np.linspace(0, 1, _STEPS), _srgb_tones())


@cache
def _srgb_tones() -> _Curve:
    linear = np.linspace(0, 1, _STEPS)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _tags(icc: bytes) -> dict[bytes, bytes]:
    count = struct.unpack(">I", icc[128:132])[0]
    entries = (struct.unpack(">4sII", icc[132 + 12 * n : 144 + 12 * n]) for n in range(min(count, 100)))
    return {name: icc[offset : offset + size] for name, offset, size in entries}


def _xyz(tag: bytes) -> _Curve:
    return np.array(struct.unpack(">3i", tag[8:20])) / 65536


def _curve(tag: bytes) -> _Curve:
    """The curve's 65536 values over [0, 1]. Raises ValueError for a type that is neither curv nor para."""
    if tag[:4] == b"curv":
        count = struct.unpack(">I", tag[8:12])[0]
        if count > 1:
            return _resampled(np.frombuffer(tag, ">u2", count, 12) / 65535)
        gamma = 1.0 if count == 0 else struct.unpack(">H", tag[12:14])[0] / 256
        return np.asarray(np.linspace(0, 1, _STEPS) ** gamma)
    if tag[:4] != b"para":
        raise ValueError("a tone curve of an unknown type")
    return _parametric(struct.unpack(">H", tag[8:10])[0], tag[12:])


def _parametric(kind: int, data: bytes) -> _Curve:
    """The parametric curve of ICC.1:2022, table 68: kinds 0 to 4."""
    if kind > 4:
        raise ValueError("a parametric curve of an unknown kind")
    count = (1, 3, 4, 5, 7)[kind]
    g, a, b, c, d, e, f = [n / 65536 for n in struct.unpack(f">{count}i", data[: 4 * count])] + [0.0] * (7 - count)
    x = np.linspace(0, 1, _STEPS)
    if kind == 0:
        return np.asarray(x**g)
    if kind in (1, 2):
        offset = c
        c, d, e, f = 0.0, (-b / a if a else 0.0), offset, offset
    powered = np.power(np.maximum(a * x + b, 0), g) + e
    return np.asarray(np.clip(np.where(x >= d, powered, c * x + f), 0, 1))
