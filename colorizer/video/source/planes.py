"""Decoded pictures as planes: luma and chroma with the source's own code values, upright."""

import re
from typing import Any

import cv2
import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from colorizer.color.code_values import alpha_at_depth
from colorizer.color.matrices import KR_KB, Matrix
from colorizer.video.source.facts import Orientation, VideoTrack

Plane = NDArray[Any]
"""(H, W) uint8 for 8 bit, uint16 holding the code values themselves (10 bit: 0 to 1023) for 9 to 16 bit."""

_PLANAR = re.compile(r"(yuvj?|yuva)4\d\dp(\d+)?(le|be)?|gray(9|10|12|14|16)?(le|be)?")
_TWO_PLANES = re.compile(r"nv(12|16|24)|p[024]1[026](le|be)?")
# Formats whose samples are packed: the planar format that holds the same values.
_UNPACKED = {
    "yuyv422": "yuv422p", "uyvy422": "yuv422p", "yvyu422": "yuv422p", "uyyvyy411": "yuv411p", "nv21": "yuv420p",
    "nv42": "yuv444p", "y210le": "yuv422p10le", "y212le": "yuv422p12le", "y216le": "yuv422p16le",
    "nv20le": "yuv422p10le",
    "ayuv": "yuv444p", "uyva": "yuv444p", "vuya": "yuv444p", "vuyx": "yuv444p", "vyu444": "yuv444p",
    "xv30le": "yuv444p10le", "v30xle": "yuv444p10le", "xv36le": "yuv444p12le", "xv48le": "yuv444p16le",
    "ayuv64le": "yuv444p16le", "ya8": "gray", "monow": "gray", "monob": "gray",
    "ya16le": "gray16le", "ya16be": "gray16le",
    "grayf32le": "gray16le", "grayf32be": "gray16le", "grayf16le": "gray16le",
}  # fmt: skip


def readable_format(name: str) -> str:
    """The pixel format that frames of this one are read in: itself where its planes can be taken as they are."""
    if _PLANAR.fullmatch(name) or _TWO_PLANES.fullmatch(name):
        return name
    if name in _UNPACKED:
        return _UNPACKED[name]
    return "rgb48le" if max(component.bits for component in VideoFormat(name, 2, 2).components) > 8 else "rgb24"


def luma_bits(name: str) -> int:
    """Bits of a luma sample of frames in this pixel format, as they are read: 8 to 16."""
    return VideoFormat(readable_format(name), 2, 2).components[0].bits


def is_rgb(name: str) -> bool:
    """Whether luma has to be computed from red, green and blue."""
    return readable_format(name).startswith("rgb")


def is_grey(name: str) -> bool:
    """Whether the format has luma only."""
    return readable_format(name).startswith("gray")


class PlaneReader:
    """Takes the planes out of decoded pictures of one film. keep_colour: chroma too."""

    def __init__(self, track: VideoTrack, *, keep_colour: bool = False) -> None:
        self._track = track
        self._keep_colour = keep_colour
        self._format = readable_format(track.pixel_format)
        self.resized = 0  # pictures of another size, fitted to the first one's

    def read(self, picture: VideoFrame) -> tuple[Plane, Plane | None, Plane | None]:
        """Luma, Cb and Cr (None without colour). Views of the picture's memory where that is possible."""
        track = self._track
        self.resized += (picture.width, picture.height) != (track.width, track.height)
        if (picture.width, picture.height) != (track.width, track.height) or picture.format.name != self._format:
            picture = self._fitted(picture)
        if self._format.startswith("rgb"):
            planes = _from_rgb(_packed(picture, 3), track.matrix, self._keep_colour)
        else:
            planes = self._yuv(picture)
        luma, cb, cr = planes
        if cb is None or cr is None:
            return _upright(luma, track.orientation), None, None
        return _upright(luma, track.orientation), _upright(cb, track.orientation), _upright(cr, track.orientation)

    def alpha(self, picture: VideoFrame) -> Plane | None:
        """How solid each pixel is: (H, W), all of the track's depth, upright; None where the picture does not say."""
        track = self._track
        if not any(component.is_alpha for component in picture.format.components):
            return None
        is_planar = picture.format.name.startswith("yuva") and picture.format.name == track.pixel_format
        name = track.pixel_format if is_planar else "rgba" if track.bits == 8 else "rgba64le"
        if (picture.width, picture.height, picture.format.name) != (track.width, track.height, name):
            picture = picture.reformat(track.width, track.height, name)
        if is_planar:
            return _upright(self._samples(picture, 3, picture.width, picture.height), track.orientation)
        alpha = _packed(picture, 4)[..., 3]
        return _upright(alpha_at_depth(alpha, 8 if track.bits == 8 else 16, track.bits), track.orientation)

    def _fitted(self, picture: VideoFrame) -> VideoFrame:
        width, height = self._track.width, self._track.height
        if (picture.width, picture.height) == (width, height) and picture.format.name == self._track.pixel_format:
            return picture.reformat(format=self._format)
        return picture.reformat(width, height, self._format)  # the size or format changes in the middle of the film

    def _yuv(self, picture: VideoFrame) -> tuple[Plane, Plane | None, Plane | None]:
        luma = self._samples(picture, 0, picture.width, picture.height)
        if not self._keep_colour or self._format.startswith("gray"):
            return luma, None, None
        width = picture.format.chroma_width(picture.width)
        height = picture.format.chroma_height(picture.height)
        if _TWO_PLANES.fullmatch(self._format):
            both = self._samples(picture, 1, 2 * width, height)
            return luma, both[:, 0::2], both[:, 1::2]
        return luma, self._samples(picture, 1, width, height), self._samples(picture, 2, width, height)

    def _samples(self, picture: VideoFrame, number: int, width: int, height: int) -> Plane:
        plane, bits = picture.planes[number], picture.format.components[0].bits
        kind = np.dtype(np.uint8) if bits <= 8 else np.dtype(">u2" if picture.format.is_big_endian else "<u2")
        line = plane.line_size // kind.itemsize
        values: Plane = np.frombuffer(memoryview(plane), kind, line * height).reshape(height, line)[:, :width]
        values.flags.writeable = False
        if not kind.isnative:
            values = values.astype(np.uint16)
        return values >> (16 - bits) if self._format.startswith("p") else values


def _packed(picture: VideoFrame, channels: int) -> Plane:
    """(H, W, channels) of a picture in rgb24, rgba, rgb48le or rgba64le."""
    plane = picture.planes[0]
    kind = np.dtype(np.uint8 if picture.format.name in {"rgb24", "rgba"} else np.uint16)
    line = plane.line_size // kind.itemsize
    rows: Plane = np.frombuffer(memoryview(plane), kind, line * picture.height).reshape(picture.height, line)
    return rows[:, : channels * picture.width].reshape(picture.height, picture.width, channels)


def _from_rgb(rgb: Plane, matrix: Matrix, keep_colour: bool) -> tuple[Plane, Plane | None, Plane | None]:
    """Full-range luma, and chroma, of (H, W, 3) RGB. A grey pixel keeps its value. Source: ITU-R BT.601, 709, 2020."""
    kr, kb = KR_KB[matrix]
    weights = np.array([[kr, 1 - kr - kb, kb]])
    if not keep_colour:
        return cv2.transform(rgb, weights), None, None
    half = float(np.iinfo(rgb.dtype).max // 2 + 1)
    blue = (np.array([0, 0, 1.0]) - weights[0]) / (2 * (1 - kb))
    red = (np.array([1.0, 0, 0]) - weights[0]) / (2 * (1 - kr))
    rows = np.column_stack([np.stack([weights[0], blue, red]), [0, half, half]])
    luma, cb, cr = cv2.split(cv2.transform(rgb, rows))
    return luma, cb, cr


def _upright(plane: Plane, orientation: Orientation) -> Plane:
    if orientation.transpose:
        plane = cv2.transpose(plane)
    if orientation.flip_rows or orientation.flip_columns:
        rows = slice(None, None, -1) if orientation.flip_rows else slice(None)
        columns = slice(None, None, -1) if orientation.flip_columns else slice(None)
        plane = np.ascontiguousarray(plane[rows, columns])
    return plane
