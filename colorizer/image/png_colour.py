"""What a PNG without a profile says of its colours, in gAMA and cHRM, as a profile."""

import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from colorizer.image.profiles import SRGB_PRIMARIES, Colours

_SRGB_GAMMA = 0.45455
_ALIKE = 0.05  # libpng takes gammas that differ by less, relative to each other, for the same
_GAMMAS = (0.01, 10.0)
_REC709 = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_SRGB_CURVE = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # IEC 61966-2-1 as a parametric curve
_Floats = NDArray[np.float64]


def png_profile(info: Mapping[Any, Any], colours: Colours) -> bytes | None:
    """The ICC profile of a PNG's samples: its own, else one made of gAMA and cHRM; None for sRGB and unsaid.

    info: what Pillow found. Like browsers, this takes cHRM for nothing without gAMA, and a gamma near sRGB's for sRGB.
    Source: PNG specification, third edition, 4.3.
    """
    own = info.get("icc_profile")
    gamma = info.get("gamma")
    if own or "srgb" in info or not isinstance(gamma, int | float) or not _GAMMAS[0] < gamma < _GAMMAS[1]:
        return own if isinstance(own, bytes) else None
    is_srgb_curve = abs(gamma / _SRGB_GAMMA - 1) < _ALIKE
    curve = _SRGB_CURVE if is_srgb_curve else (0, 1 / gamma)
    if colours == "grey":
        return None if is_srgb_curve else _profile(b"GRAY", {b"kTRC": _curve_tag(curve)})
    matrix = _matrix(info.get("chromaticity"))
    if matrix is None and is_srgb_curve:
        return None
    matrix = SRGB_PRIMARIES if matrix is None else matrix
    tags = {name: _xyz_tag(matrix[:, place]) for place, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))}
    return _profile(b"RGB ", tags | dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve_tag(curve)))


def _matrix(chromaticity: Any) -> _Floats | None:
    """From linear RGB of these primaries to XYZ at D50, (3, 3); None where they make no sense, or are those of sRGB.

    chromaticity: x and y of white, red, green and blue.
    """
    try:
        points = np.array(chromaticity, np.float64).reshape(4, 2)
        if np.allclose(points.ravel(), _REC709, atol=0.002):
            return None
        x, y = points.T
        white, *primaries = np.stack([x / y, np.ones(4), (1 - x - y) / y], -1)
        adapted = np.linalg.solve(_BRADFORD, np.diag(_BRADFORD @ _D50 / (_BRADFORD @ white)) @ _BRADFORD)
        rgb = np.stack(primaries, -1)
        matrix = adapted @ rgb * np.linalg.solve(rgb, white)
    except (TypeError, ValueError, FloatingPointError, np.linalg.LinAlgError):
        return None
    return matrix if np.isfinite(matrix).all() and np.abs(matrix).max() < 4 else None


def _profile(space: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """A display profile of version 4. Source: ICC.1:2022, 7.2 and 7.3."""
    text = b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", 8, 28) + "PNG.".encode("utf-16-be")
    tags = {b"desc": text, b"cprt": text, b"wtpt": _xyz_tag(_D50), **tags}
    table, data, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(tag))
        data += tag + bytes(-len(tag) % 4)
    kind = struct.pack(">I4s4s4s6H4s", 0x04300000, b"mntr", space, b"XYZ ", 2000, 1, 1, 0, 0, 0, b"acsp")
    head = struct.pack(">I4x", start + len(data)) + kind
    return head + bytes(28) + struct.pack(">3i", *_fixed(_D50)) + bytes(48) + table + data


def _curve_tag(curve: tuple[float, ...]) -> bytes:
    kind, *values = curve
    return b"para" + bytes(4) + struct.pack(f">HH{len(values)}i", int(kind), 0, *_fixed(values))


def _xyz_tag(xyz: _Floats) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *_fixed(xyz))


def _fixed(values: Any) -> list[int]:
    return [math.floor(value * 65536 + 0.5) for value in values]
