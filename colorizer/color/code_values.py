"""Code values of luma and chroma planes: from one depth to another, and from full range to limited."""

import numpy as np

from colorizer.color.lightness import Samples


def at_depth(plane: Samples, bits: int, target_bits: int) -> Samples:
    """The same code values at another depth: shifted up exactly, or rounded to fewer bits."""
    if target_bits == bits:
        return plane
    kind = np.dtype(np.uint8 if target_bits == 8 else np.uint16)
    if target_bits > bits:
        return np.asarray(plane, kind) << (target_bits - bits)
    shift = bits - target_bits
    rounded = (plane.astype(np.uint32) + (1 << (shift - 1))) >> shift
    return np.asarray(np.minimum(rounded, (1 << target_bits) - 1), kind)


def alpha_at_depth(alpha: Samples, bits: int, target_bits: int) -> Samples:
    """How solid each pixel is at another depth, rounded: what is wholly solid stays so."""
    if target_bits == bits:
        return alpha
    most, least = (1 << target_bits) - 1, (1 << bits) - 1
    kind = np.dtype(np.uint8 if target_bits == 8 else np.uint16)
    return np.asarray((alpha.astype(np.uint32) * most + least // 2) // least, kind)


def limited_range(luma: Samples, bits: int) -> Samples:
    """Full-range luma scaled into limited range, 16 to 235 in 8 bit, rounded. Source: ITU-R BT.709."""
    white = (1 << bits) - 1
    unit = 1 << (bits - 8)
    return np.asarray((luma.astype(np.uint32) * (219 * unit) + white // 2) // white + 16 * unit, luma.dtype)


def limited_chroma(plane: Samples, bits: int) -> Samples:
    """Full-range Cb or Cr scaled into limited range, 16 to 240 in 8 bit, rounded. Source: ITU-R BT.709."""
    middle, scale = 1 << (bits - 1), 224 * (1 << (bits - 8)) / ((1 << bits) - 1)
    return np.asarray(np.rint((plane.astype(np.float32) - middle) * scale) + middle, plane.dtype)
