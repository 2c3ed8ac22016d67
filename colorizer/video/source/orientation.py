"""How a decoded picture becomes upright, as it says itself."""

from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame

from colorizer.video.source.facts import Orientation


def orientation_of(picture: VideoFrame) -> Orientation:
    """How the picture becomes upright: its display matrix rounded to quarter turns and mirror images."""
    a, b, c, d = _display_matrix(picture)
    if abs(b) + abs(c) > abs(a) + abs(d):  # x' = c y, y' = b x
        return Orientation(transpose=True, flip_rows=b < 0, flip_columns=c < 0)
    return Orientation(flip_rows=d < 0, flip_columns=a < 0)


def _display_matrix(picture: VideoFrame) -> tuple[float, float, float, float]:
    try:
        side_data: Any = picture.side_data  # declared as a dict of names, and keyed by Type
    except ValueError:  # PyAV has no name for what comes along, such as EXIF; it then tells of turns, not of mirrors
        turn = np.deg2rad(picture.rotation)
        return float(np.cos(turn)), float(-np.sin(turn)), float(np.sin(turn)), float(np.cos(turn))
    matrix = side_data.get(Type.DISPLAYMATRIX)
    if matrix is None:
        return 1, 0, 0, 1
    a, b, _, c, d = (int(v) for v in np.frombuffer(memoryview(matrix), np.int32)[:5])
    return a, b, c, d
