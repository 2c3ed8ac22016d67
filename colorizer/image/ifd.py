"""TIFF directories, field by field and unchanged: a TIFF file is made of them, and so is EXIF."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, BinaryIO, Literal

Order = Literal["<", ">"]
_FIELD_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MOST_FIELDS = 4096
SHORT, LONG, RATIONAL, BYTES = 3, 4, 5, 7


@dataclass(frozen=True)
class Field:
    """One field: its TIFF type, and its values as bytes in the structure's byte order."""

    kind: int
    data: bytes


Directory = Mapping[int, Field]
"""Fields by their tag number."""


@dataclass(frozen=True)
class Header:
    """The start of a TIFF structure. big: BigTIFF, with 8-byte offsets. first: the offset of the first directory."""

    order: Order
    big: bool
    first: int


def read_header(file: BinaryIO) -> Header:
    """The header at the start of the file. Raises ValueError where there is none."""
    file.seek(0)
    start = file.read(16)
    order = _ORDERS.get(start[:2])
    if order is None or len(start) < 8:
        raise ValueError("no TIFF header")
    version = struct.unpack(order + "H", start[2:4])[0]
    if version == 42:
        return Header(order, False, struct.unpack(order + "I", start[4:8])[0])
    if version == 43 and len(start) == 16:
        return Header(order, True, struct.unpack(order + "Q", start[8:16])[0])
    raise ValueError("no TIFF header")


def read_directory(file: BinaryIO, header: Header, offset: int) -> tuple[dict[int, Field], int]:
    """The directory at this offset, and the offset of the next one (0: none), without fields that lead out of the file.

    Raises ValueError where no directory lies there.
    """
    count_format, entry_format = ("Q", "HHQ8s") if header.big else ("H", "HHI4s")
    count_bytes, entry_bytes = (8, 20) if header.big else (2, 12)
    budget = file.seek(0, 2)
    if not 8 <= offset < budget:
        raise ValueError("the TIFF directory lies outside the file")
    file.seek(offset)
    count = _unpack(header.order + count_format, file.read(count_bytes))[0]
    if count > _MOST_FIELDS:
        raise ValueError(f"a TIFF directory of {count} fields")
    table = file.read(count * entry_bytes)
    rest = file.read(8 if header.big else 4)
    fields: dict[int, Field] = {}
    for place in range(0, len(table) - entry_bytes + 1, entry_bytes):
        tag, kind, number, inline = _unpack(header.order + entry_format, table[place : place + entry_bytes])
        size = number * _FIELD_BYTES.get(kind, 0)
        if 0 < size <= budget and tag not in fields:
            data = inline[:size] if size <= len(inline) else _data_at(file, header, inline, size)
            if len(data) == size:
                fields[tag] = Field(kind, data)
                budget -= size
    following = _unpack(header.order + ("Q" if header.big else "I"), rest)[0] if len(rest) in (4, 8) else 0
    return fields, following


def _data_at(file: BinaryIO, header: Header, inline: bytes, size: int) -> bytes:
    offset = _unpack(header.order + ("Q" if header.big else "I"), inline)[0]
    if offset >= 2**62:
        return b""
    file.seek(offset)
    return file.read(size)


def integers(field: Field | None, order: Order) -> tuple[int, ...]:
    """The field's whole numbers; empty for a field that is missing or of another type."""
    if field is None or field.kind not in _INTEGERS:
        return ()
    count = len(field.data) // _FIELD_BYTES[field.kind]
    return struct.unpack(f"{order}{count}{_INTEGERS[field.kind]}", field.data)


def rational(field: Field | None, order: Order) -> float | None:
    """The field's first fraction as a float; None where there is no sensible one."""
    if field is None or field.kind != RATIONAL:
        return None
    numerator, denominator = struct.unpack(order + "II", field.data[:8])
    return numerator / denominator if denominator else None


def integer_field(order: Order, kind: int, *values: int) -> Field:
    """A field of these whole numbers."""
    return Field(kind, struct.pack(f"{order}{len(values)}{_INTEGERS[kind]}", *values))


def rational_field(order: Order, value: float) -> Field:
    """A field of one fraction, exact to 1/10000."""
    fraction = Fraction(value).limit_denominator(10_000)
    return Field(RATIONAL, struct.pack(order + "II", fraction.numerator, fraction.denominator))


def structure(order: Order, offset: int, main: Directory, below: Mapping[int, Directory]) -> bytes:
    """A directory to stand at this even offset, followed by those it points to (tag of the pointer to directory)."""
    pointers = {tag: integer_field(order, LONG, 0) for tag in below}
    place = offset + len(_packed(order, offset, {**main, **pointers}))
    tail = b""
    for tag, directory in below.items():
        pointers[tag] = integer_field(order, LONG, place + len(tail))
        tail += _packed(order, place + len(tail), directory)
    return _packed(order, offset, {**main, **pointers}) + tail


def header_bytes(order: Order, first: int) -> bytes:
    """The 8 bytes that a TIFF structure starts with."""
    return struct.pack(order + "2sHI", b"II" if order == "<" else b"MM", 42, first)


def _packed(order: Order, offset: int, directory: Directory) -> bytes:
    outside = offset + 2 + 12 * len(directory) + 4
    table, data = struct.pack(order + "H", len(directory)), b""
    for tag, field in sorted(directory.items()):
        inline = field.data
        if len(inline) > 4:
            inline = struct.pack(order + "I", outside + len(data))
            data += field.data + b"\0" * (len(field.data) % 2)
        count = len(field.data) // _FIELD_BYTES[field.kind]
        table += struct.pack(order + "HHI4s", tag, field.kind, count, inline)
    return table + struct.pack(order + "I", 0) + data


def _unpack(layout: str, data: bytes) -> tuple[Any, ...]:
    try:
        return struct.unpack(layout, data)
    except struct.error as error:
        raise ValueError("a TIFF directory that is cut short") from error


_ORDERS: dict[bytes, Order] = {b"II": "<", b"MM": ">"}
