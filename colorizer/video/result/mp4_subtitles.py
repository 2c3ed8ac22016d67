"""Subtitles in MP4 and MOV that nobody asked to be shown: ffmpeg switches the first one on, whatever it is told."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_SUBTITLES = {b"sbtl", b"subt", b"text", b"clcp"}  # handlers; chapters have one of them, too
_SHOWN = 1  # track_enabled, in the last byte of the flags of a tkhd box


def switch_off_subtitles(path: Path) -> None:
    """Mark every subtitle of the file as one that is only shown on request. Raises OSError.

    Source: ISO/IEC 14496-12, boxes moov, trak, tkhd and hdlr.
    """
    with path.open("r+b") as file:
        for moov, moov_end in _boxes(file, 0, path.stat().st_size, b"moov"):
            for trak, trak_end in _boxes(file, moov, moov_end, b"trak"):
                if _handler(file, trak, trak_end) in _SUBTITLES:
                    _switch_off(file, trak, trak_end)


def _handler(file: BinaryIO, trak: int, end: int) -> bytes:
    for mdia, mdia_end in _boxes(file, trak, end, b"mdia"):
        for hdlr, _ in _boxes(file, mdia, mdia_end, b"hdlr"):
            file.seek(hdlr + 8)  # version, flags and four bytes that mean nothing
            return file.read(4)
    return b""


def _switch_off(file: BinaryIO, trak: int, end: int) -> None:
    for tkhd, _ in _boxes(file, trak, end, b"tkhd"):
        file.seek(tkhd + 3)
        flags = file.read(1)[0]
        file.seek(tkhd + 3)
        file.write(bytes([flags & ~_SHOWN]))


def _boxes(file: BinaryIO, start: int, end: int, wanted: bytes) -> Iterator[tuple[int, int]]:
    """The boxes of this kind in this stretch: the first byte of the content, and the end."""
    while start + 8 <= end:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:  # a box of more than 4 GB
            head, size = 16, struct.unpack(">Q", file.read(8))[0]
        size = size or end - start
        if size < head:
            return
        if kind == wanted:
            yield start + head, start + size
        start += size
