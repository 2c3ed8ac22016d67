"""What a picture says about itself, made right for the result: upright, sRGB, without previews of the old pixels."""

import io
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from colorizer.image import ifd, iptc, xmp
from colorizer.image.ifd import Directory, Field, Order
from colorizer.image.profiles import srgb_profile
from colorizer.image.values import Metadata

ORIENTATION, EXIF, GPS = 274, 34665, 34853
_X_RESOLUTION, _Y_RESOLUTION, _RESOLUTION_UNIT, _DESCRIPTION = 282, 283, 296, 270
_COLOUR_SPACE, _WIDTH, _HEIGHT, _INTEROPERABILITY, _MAKER_NOTE = 40961, 40962, 40963, 40965, 37500
_LARGEST_EXIF = 65_000  # a JPEG segment holds 64 KB
_DESCRIPTIVE = {  # of a picture, not of how a file keeps its pixels: title, camera, date, software, author, rating ...
    *(269, _DESCRIPTION, 271, 272, ORIENTATION, _X_RESOLUTION, _Y_RESOLUTION, 285, _RESOLUTION_UNIT),
    *(305, 306, 315, 316, 18246, 18249, 33432, 40091, 40092, 40093, 40094, 40095),
}
_IPTC, _PHOTOSHOP, _IPTC_RESOURCE = 33723, 34377, 0x0404
_COMMENT = "Comment"
_LONGEST_COMMENT = 16_000  # letters: a JPEG segment holds 64 KB
_KEYWORDS: dict[str, tuple[str, xmp.Form]] = {  # of PNG, with the property of XMP that says the same
    "Title": ("dc:title", "Alt"),
    "Author": ("dc:creator", "Seq"),
    "Description": ("dc:description", "Alt"),
    "Copyright": ("dc:rights", "Alt"),
    _COMMENT: ("", "Alt"),
}


@dataclass(frozen=True)
class SourceMetadata:
    """What a file carries beside its pixels. exif: a TIFF structure, with or without the "Exif" prefix.

    iptc: a block of IPTC IIM. texts: what the file says in words of its own, by keyword, as PNG has it.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    iptc: bytes | None = None
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """The upright picture. turned: width and height changed places. profiled: its ICC profile was applied."""

    width: int
    height: int
    turned: bool
    profiled: bool


def found_in(image: Image.Image) -> SourceMetadata:
    """What Pillow found beside the pixels of an image that it has decoded."""
    info = image.info
    packet = info.get("xmp") or info.get("XML:com.adobe.xmp")
    return SourceMetadata(
        exif=_bytes(info.get("exif")) or _hex_profile(info.get("Raw profile type exif")),
        xmp=packet.encode() if isinstance(packet, str) else _bytes(packet),
        dpi=_sensible(info.get("dpi")),
        iptc=_iptc_block(info),
        texts=_texts(image),
    )


def found_in_tiff(fields: Directory, order: Order, below: Mapping[int, Directory]) -> SourceMetadata:
    """What a TIFF page carries beside its pixels. below: its EXIF and GPS directories."""
    across, down = (ifd.rational(fields.get(tag), order) for tag in (_X_RESOLUTION, _Y_RESOLUTION))
    unit = (ifd.integers(fields.get(_RESOLUTION_UNIT), order) or (2,))[0]
    per_inch = {2: 1.0, 3: 2.54}.get(unit)
    dpi = (across * per_inch, down * per_inch) if across and down and per_inch else None
    packet = fields.get(700)
    kept = {tag: field for tag, field in fields.items() if tag in _DESCRIPTIVE}
    return SourceMetadata(
        exif=_joined(order, kept, below) or None,
        xmp=packet.data if packet else None,
        dpi=_sensible(dpi),
        iptc=_iptc_of_tiff(fields),
    )


def orientation(found: SourceMetadata) -> int:
    """How the stored picture must be turned, 1 to 8: what EXIF says, else what XMP says, else 1."""
    parts = _exif_parts(found.exif)
    if parts:
        said = ifd.integers(parts.main.get(ORIENTATION), parts.order)
        if said and 1 <= said[0] <= 8:
            return said[0]
    return xmp.orientation_in(found.xmp) if found.xmp else 1


def for_result(found: SourceMetadata, shape: Shape) -> tuple[Metadata, tuple[str, ...]]:
    """The metadata for the upright sRGB picture, and notes on what could not be kept."""
    notes = []
    parts = _exif_parts(found.exif)
    exif = _exif_bytes(parts, shape) if parts else b""
    dpi = found.dpi or (_exif_dpi(parts) if parts else None)
    if (found.exif and not parts) or len(exif) > _LARGEST_EXIF:
        notes.append("its EXIF data is damaged or too large, and was not kept")
        exif = b""
    packet = xmp.cleaned(found.xmp) if found.xmp else None
    if found.xmp and packet is None:
        notes.append("its XMP data is damaged or too large, and was not kept")
    block = iptc.cleaned(found.iptc) if found.iptc else None
    if found.iptc and block is None:
        notes.append("its IPTC block is damaged or too large, and was not kept")
    told = [*(iptc.properties(found.iptc) if found.iptc else ()), *_told_in_words(found.texts)]
    described = xmp.with_properties(packet, told)
    if told and described is None:
        notes.append("its captions are too large for XMP, and were not kept there")
    packet = described or packet
    if dpi and shape.turned:
        dpi = dpi[::-1]
    icc = srgb_profile() if shape.profiled else None
    return Metadata(exif or None, packet, dpi, icc, block, found.texts.get(_COMMENT)), tuple(notes)


@dataclass(frozen=True)
class ExifParts:
    """An EXIF structure taken apart: its first directory, and the EXIF and GPS directories by their pointer's tag."""

    order: Order
    main: Directory
    below: Mapping[int, Directory]


def exif_parts(exif: bytes) -> ExifParts:
    """The parts of an EXIF structure without prefix. Raises ValueError for a damaged one."""
    file = io.BytesIO(exif)
    header = ifd.read_header(file)
    main, _ = ifd.read_directory(file, header, header.first)
    return ExifParts(header.order, main, directories_below(file, header, main))


def directories_below(file: Any, header: ifd.Header, main: Directory) -> dict[int, Directory]:
    """The EXIF and GPS directories that this one points to; damaged ones are left out."""
    below: dict[int, Directory] = {}
    for tag in (EXIF, GPS):
        for offset in ifd.integers(main.get(tag), header.order)[:1]:
            try:
                below[tag], _ = ifd.read_directory(file, header, offset)
            except ValueError:
                continue
    return below


def _exif_parts(exif: bytes | None) -> ExifParts | None:
    if not exif:
        return None
    while exif.startswith(b"Exif\0\0"):
        exif = exif[6:]
    try:
        return exif_parts(exif)
    except ValueError:
        return None


def _exif_dpi(parts: ExifParts) -> tuple[float, float] | None:
    return found_in_tiff(parts.main, parts.order, {}).dpi


def _exif_bytes(parts: ExifParts, shape: Shape) -> bytes:
    order = parts.order
    main = {tag: field for tag, field in parts.main.items() if tag in _DESCRIPTIVE and not _of_the_old_file(tag, field)}
    if ORIENTATION in main:
        main[ORIENTATION] = ifd.integer_field(order, ifd.SHORT, 1)
    if shape.turned and {_X_RESOLUTION, _Y_RESOLUTION} <= main.keys():
        main[_X_RESOLUTION], main[_Y_RESOLUTION] = main[_Y_RESOLUTION], main[_X_RESOLUTION]
    below = {tag: dict(directory) for tag, directory in parts.below.items() if directory}
    camera = below.get(EXIF, {})
    camera.pop(_INTEROPERABILITY, None)
    if _WIDTH in camera or _HEIGHT in camera:
        camera[_WIDTH] = ifd.integer_field(order, ifd.LONG, shape.width)
        camera[_HEIGHT] = ifd.integer_field(order, ifd.LONG, shape.height)
    if shape.profiled and _COLOUR_SPACE in camera:
        camera[_COLOUR_SPACE] = ifd.integer_field(order, ifd.SHORT, 1)
    blob = _joined(order, main, below)
    if len(blob) > _LARGEST_EXIF and _MAKER_NOTE in camera:
        del camera[_MAKER_NOTE]
        blob = _joined(order, main, below)
    return blob


def _joined(order: Order, main: Directory, below: Mapping[int, Directory]) -> bytes:
    filled = {tag: directory for tag, directory in below.items() if directory}
    return ifd.header_bytes(order, 8) + ifd.structure(order, 8, main, filled) if main or filled else b""


def _of_the_old_file(tag: int, field: Field) -> bool:
    """Descriptions in which ImageJ and tifffile say how the file's pixels lie would make them misread the result."""
    return tag == _DESCRIPTION and field.data.startswith((b"ImageJ=", b'{"shape"', b"<?xml"))


def _iptc_block(info: Mapping[Any, Any]) -> bytes | None:
    resources = info.get("photoshop")
    if isinstance(resources, dict):
        return _bytes(resources.get(_IPTC_RESOURCE))
    profile = _hex_profile(info.get("Raw profile type iptc"))
    return (iptc.block_in(profile) or profile) if profile else None


def _iptc_of_tiff(fields: Directory) -> bytes | None:
    """The block of a TIFF; a writer that took it for whole numbers of 4 bytes may have turned each of them."""
    for tag, found in ((_IPTC, lambda data: data), (_PHOTOSHOP, iptc.block_in)):
        block = found(fields[tag].data) if tag in fields else None
        if block and block[3:4] == b"\x1c" != block[:1]:
            block = np.frombuffer(block[: len(block) // 4 * 4], "<u4").astype(">u4").tobytes()
        if block:
            return block
    return None


def _texts(image: Image.Image) -> dict[str, str]:
    """The words of a file: those of a PNG by their keywords, and the comments of any other."""
    comments = [data for name, data in getattr(image, "applist", ()) if name == "COM"] or [image.info.get("comment")]
    texts = {name: str(text).strip() for name in _KEYWORDS if (text := image.info.get(name))}
    said = "\n".join(text for data in comments if (text := _decoded_text(data)))
    return {_COMMENT: said[:_LONGEST_COMMENT], **texts} if said else texts


def _decoded_text(data: Any) -> str:
    if isinstance(data, bytes):
        try:
            data = data.decode("utf-8")
        except UnicodeDecodeError:
            data = data.decode("latin-1")
    return data.strip("\0 \r\n\t") if isinstance(data, str) else ""


def _told_in_words(texts: Mapping[str, str]) -> Iterator[xmp.Property]:
    """What the words of a file say, as properties of XMP."""
    for keyword, (name, form) in _KEYWORDS.items():
        if texts.get(keyword):
            yield xmp.Property(xmp.DC, name, form, (texts[keyword],)) if name else xmp.comment_property(texts[keyword])


def _bytes(value: Any) -> bytes | None:
    return value if isinstance(value, bytes) and value else None


def _hex_profile(text: Any) -> bytes | None:
    """EXIF as old versions of ImageMagick put it into PNG: three lines of heading, then hexadecimal digits."""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:])) if isinstance(text, str) else None
    except ValueError:
        return None


def _sensible(dpi: Any) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in dpi)
    except (TypeError, ValueError, ZeroDivisionError, struct.error):
        return None
    return (across, down) if all(math.isfinite(n) and 1 <= n <= 65_535 for n in (across, down)) else None


def with_resolution(exif: bytes | None, dpi: tuple[float, float] | None) -> bytes | None:
    """EXIF that also tells the resolution, for formats that have no other place for it."""
    parts = exif_parts(exif) if exif else ExifParts("<", {}, {})
    if dpi is None or _X_RESOLUTION in parts.main:
        return exif
    across, down = (ifd.rational_field(parts.order, value) for value in dpi)
    unit = ifd.integer_field(parts.order, ifd.SHORT, 2)
    resolution = {_X_RESOLUTION: across, _Y_RESOLUTION: down, _RESOLUTION_UNIT: unit}
    return _joined(parts.order, {**parts.main, **resolution}, parts.below)
