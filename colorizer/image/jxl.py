"""What a JPEG XL file says of its picture before it is decoded: its decoder looks at no limit."""

from dataclasses import dataclass
from typing import BinaryIO

_CONTAINER = b"\0\0\0\x0cJXL "
_HEAD = 64  # bytes of a codestream in which its picture is described
_MOST_BOXES = 100
_SIDES = ((9, 1), (13, 1), (18, 1), (30, 1))  # bits of a number, and what is added to it
_DEPTHS = ((0, 8), (0, 10), (0, 12), (6, 1))
_RATIOS = ((0, 1), (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))  # width to height


@dataclass(frozen=True)
class JxlHead:
    """Width, height and bits of a sample."""

    width: int
    height: int
    bits: int


def read_head(file: BinaryIO) -> JxlHead:
    """What the file says of its picture. Raises ValueError for a damaged one. Source: ISO/IEC 18181-1, D.2 and D.3."""
    bits = _Bits(_codestream(file))
    is_small = bits.take(1)

    def side() -> int:
        return (bits.take(5) + 1) * 8 if is_small else bits.number(_SIDES)

    height = side()
    across, down = _RATIOS[bits.take(3)]
    width = height * across // down if across else side()
    return JxlHead(width, height, _depth(bits))


def _depth(bits: "_Bits") -> int:
    """The bits of a sample; 8 where a picture in front, a film or another size makes it too long to find out."""
    if bits.take(1):  # all is as usual
        return 8
    if bits.take(1):
        bits.take(3)  # orientation
        if bits.take(1) or bits.take(1) or bits.take(1):
            return 8
    return 8 if bits.take(1) else bits.number(_DEPTHS)  # floats come as such


class _Bits:
    """Numbers of so many bits, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self._left, self._count = int.from_bytes(data, "little"), 8 * len(data)

    def take(self, count: int) -> int:
        if count > self._count:
            raise ValueError("the picture is cut short")
        value = self._left & (1 << count) - 1
        self._left >>= count
        self._count -= count
        return value

    def number(self, choices: tuple[tuple[int, int], ...]) -> int:
        """A number of one of four lengths."""
        length, added = choices[self.take(2)]
        return self.take(length) + added


def _codestream(file: BinaryIO) -> bytes:
    """The beginning of the codestream, after its mark."""
    file.seek(0)
    start = file.read(8)
    if not start.startswith(_CONTAINER):
        return start[2:] + file.read(_HEAD)
    file.seek(0)
    for _ in range(_MOST_BOXES):
        size, kind = int.from_bytes(file.read(4), "big"), file.read(4)
        head = 8
        if size == 1:
            size, head = int.from_bytes(file.read(8), "big"), 16
        if kind in {b"jxlc", b"jxlp"}:
            return file.read(_HEAD)[6 if kind == b"jxlp" else 2 :]
        if size < head:
            break
        file.seek(size - head, 1)
    raise ValueError("there is no picture in it")
