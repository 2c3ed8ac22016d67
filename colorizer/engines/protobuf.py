"""The few lines of the protocol-buffer wire format that writing a network takes."""

import struct
from collections.abc import Sequence

_VARINT, _BYTES, _FOUR_BYTES = 0, 2, 5


def _varint(value: int) -> bytes:
    low = bytearray()
    value &= 2**64 - 1  # a negative one as two's complement, ten bytes long
    while value > 0x7F:
        low.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*low, value])


def number(field: int, value: int) -> bytes:
    """An integer field."""
    return _varint(field << 3 | _VARINT) + _varint(value)


def real(field: int, value: float) -> bytes:
    """A 32-bit float field."""
    return _varint(field << 3 | _FOUR_BYTES) + struct.pack("<f", value)


def head(field: int, length: int) -> bytes:
    """What stands before `length` bytes of a message, a string or packed numbers."""
    return _varint(field << 3 | _BYTES) + _varint(length)


def block(field: int, content: bytes | str) -> bytes:
    """A message, string or bytes field."""
    data = content.encode() if isinstance(content, str) else content
    return head(field, len(data)) + data


def packed(field: int, values: Sequence[int]) -> bytes:
    """A packed field of integers."""
    return block(field, b"".join(_varint(value) for value in values))
