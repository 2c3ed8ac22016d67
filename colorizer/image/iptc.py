"""Captions, keywords and credits in the old IPTC form: found, kept without what no longer holds, and told as XMP."""

import re
import struct
from collections.abc import Iterator
from itertools import groupby

from colorizer.image import xmp
from colorizer.image.xmp import Property

_RESOURCE = b"8BIM"
_BLOCK = 0x0404  # the resource of Photoshop that holds the block
_LARGEST = 65_000  # a JPEG segment holds 64 KB
_UTF8 = b"\x1b%G"
_CODE, _DATE, _TIME = (1, 90), 55, 60
_OLD_PIXELS = {(2, 200), (2, 201), (2, 202)}  # a preview
_CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
_NAMES: dict[int, tuple[str, str, xmp.Form]] = {  # dataset of record 2: namespace, name and form in XMP
    5: (xmp.DC, "dc:title", "Alt"),
    10: (xmp.PHOTOSHOP, "photoshop:Urgency", ""),
    15: (xmp.PHOTOSHOP, "photoshop:Category", ""),
    20: (xmp.PHOTOSHOP, "photoshop:SupplementalCategories", "Bag"),
    25: (xmp.DC, "dc:subject", "Bag"),
    40: (xmp.PHOTOSHOP, "photoshop:Instructions", ""),
    _DATE: (xmp.PHOTOSHOP, "photoshop:DateCreated", ""),
    80: (xmp.DC, "dc:creator", "Seq"),
    85: (xmp.PHOTOSHOP, "photoshop:AuthorsPosition", ""),
    90: (xmp.PHOTOSHOP, "photoshop:City", ""),
    92: (_CORE, "Iptc4xmpCore:Location", ""),
    95: (xmp.PHOTOSHOP, "photoshop:State", ""),
    100: (_CORE, "Iptc4xmpCore:CountryCode", ""),
    101: (xmp.PHOTOSHOP, "photoshop:Country", ""),
    103: (xmp.PHOTOSHOP, "photoshop:TransmissionReference", ""),
    105: (xmp.PHOTOSHOP, "photoshop:Headline", ""),
    110: (xmp.PHOTOSHOP, "photoshop:Credit", ""),
    115: (xmp.PHOTOSHOP, "photoshop:Source", ""),
    116: (xmp.DC, "dc:rights", "Alt"),
    120: (xmp.DC, "dc:description", "Alt"),
    122: (xmp.PHOTOSHOP, "photoshop:CaptionWriter", ""),
}
_Entry = tuple[int, int, bytes]  # record, dataset, value


def block_in(resources: bytes) -> bytes | None:
    """The IPTC block among Photoshop's resources; None where there is none."""
    place = 0
    while resources[place : place + 4] == _RESOURCE and len(resources) >= place + 7:
        number, name_size = struct.unpack_from(">HB", resources, place + 4)
        place += 6 + (name_size + 2) // 2 * 2
        size = int.from_bytes(resources[place : place + 4], "big")
        if number == _BLOCK:
            return resources[place + 4 : place + 4 + size]
        place += 4 + (size + 1) // 2 * 2
    return None


def resources_with(block: bytes) -> bytes:
    """Photoshop's resources, of which the IPTC block is the only one."""
    head = _RESOURCE + struct.pack(">HHI", _BLOCK, 0, len(block))
    return head + block + bytes(len(block) % 2)


def cleaned(block: bytes) -> bytes | None:
    """The block without previews of the old pixels; None when it is damaged or too large to be kept.

    Source: IPTC IIM 4.2, chapter 1.
    """
    kept = [entry for entry in _entries(block) if entry[:2] not in _OLD_PIXELS]
    whole = b"".join(struct.pack(">3BH", 0x1C, record, dataset, len(value)) + value for record, dataset, value in kept)
    return whole if kept and len(whole) <= _LARGEST else None


def properties(block: bytes) -> list[Property]:
    """What the block says, as properties of XMP.

    Source: IPTC Photo Metadata Standard, which maps each dataset.
    """
    entries = list(_entries(block))
    code = "utf-8" if (*_CODE, _UTF8) in entries else ""
    times = [_text(value, code) for record, dataset, value in entries if (record, dataset) == (2, _TIME)]
    told = sorted(((dataset, value) for record, dataset, value in entries if record == 2), key=lambda entry: entry[0])
    found = []
    for dataset, group in groupby(told, key=lambda entry: entry[0]):
        texts = tuple(text for _, value in group if (text := _text(value, code)))
        if dataset == _DATE and texts:
            texts = (_date(texts[0], times[0] if times else ""),)
        if dataset in _NAMES and any(texts):
            namespace, name, form = _NAMES[dataset]
            found.append(Property(namespace, name, form, texts))
    return found


def _entries(block: bytes) -> Iterator[_Entry]:
    """What the block holds, as far as it is whole. Values of 32 KB and more, which only previews have, end it."""
    place = 0
    while len(block) >= place + 5 and block[place] == 0x1C:
        record, dataset, size = struct.unpack_from(">2BH", block, place + 1)
        value = block[place + 5 : place + 5 + size]
        if size > 0x7FFF or len(value) < size:
            return
        yield record, dataset, value
        place += 5 + size


def _text(value: bytes, code: str) -> str:
    """The value's text: where the block names no code, what is no UTF-8 is Latin."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        text = value.decode("utf-8", "replace") if code else value.decode("cp1252", "replace")
    return text.strip("\0 \r\n\t")


def _date(date: str, time: str) -> str:
    """The date as XMP writes it, with its time where that makes sense; empty for one that is no date."""
    parts = re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", date, re.ASCII)
    if not parts:
        return ""
    clock = re.fullmatch(r"(\d\d)(\d\d)(\d\d)([+-]\d\d)(\d\d)", time, re.ASCII)
    year, *days = parts.groups()
    day = "-".join([year, *(each for each in days if each != "00")])  # 00: nobody knows
    return f"{day}T{clock[1]}:{clock[2]}:{clock[3]}{clock[4]}:{clock[5]}" if clock and len(day) == 10 else day
