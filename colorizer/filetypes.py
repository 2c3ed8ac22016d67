"""What a file is, told from its first bytes, whatever its name says: a film, a picture of a format, or neither."""

import re
from pathlib import Path

HEAD = 2048  # bytes that film_kind and is_picture want to see, or the whole file where it is shorter
START_BYTES = 512  # that format_of wants to see
READABLE = "JPEG, PNG, TIFF, WebP, GIF, BMP, PPM, JPEG 2000, HEIC, AVIF, JPEG XL and raw files"
_FOR_FILMS = "Colour it with `colorizer video`, or on the Videos page of the studio"

_BEGINNINGS = (
    (b"\x1a\x45\xdf\xa3", "Matroska"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "Windows Media"),
    (b"FLV\x01", "Flash"),
    (b"OggS", "Ogg"),
    (b"GIF8", "GIF"),
    (b"DKIF", "IVF"),
    (b"YUV4MPEG2 ", "raw video"),
    (b".RMF", "RealMedia"),
    (b"\x06\x0e\x2b\x34", "MXF"),
    (b"\xb7\xd8\x00\x20\x37\x49\xda\x11", "Windows recording"),
    (b"nut/multimedia container\0", "NUT"),
    (b"\x1f\x07\x00", "DV"),
    (b"\x00\x00\x01\xba", "MPEG"),
    (b"\x00\x00\x01\xb3", "MPEG"),
    (b"\x00\x00\x00\x01", "raw video"),
)
_QUICKTIME = (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip", b"pnot")
_PICTURE_BRANDS = (b"heic", b"heix", b"mif1", b"avif")
_NO_FILM_BRANDS = (*_PICTURE_BRANDS, b"msf1", b"avis", b"M4A ", b"M4B ")
_STILL_PICTURES = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n",
    b"II*\0",
    b"MM\0*",
    b"BM",
    b"\0\0\0\x0cjP  ",
    b"\xff\x4f\xff\x51",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
)
_FORMATS = [
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (rb"\xff\xd8\xff", "JPEG"),
        (rb"\x89PNG\r\n\x1a\n", "PNG"),
        (rb"RIFF....WEBP", "WEBP"),
        (rb"II[*+]\0|MM\0[*+]", "TIFF"),
        (rb"GIF8[79]a", "GIF"),
        (rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", "BMP"),
        (rb"P[1-6f]\s", "PPM"),
        (rb"\xff\x4f\xff\x51|\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
        (rb"\xff\x0a|\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
        (rb"IIU\0|IIR[OS]|MMOR|FUJIFILMCCD-RAW|....ftypcrx |FOVb|\0MRM", "RAW"),  # DNG, NEF and others are TIFF
    )
]
_OTHERS = [
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (rb"PK[\x03\x05]", "a ZIP archive"),
        (rb"\x1f\x8b|7z\xbc\xaf|Rar!", "an archive"),
        (rb"%PDF", "a PDF document"),
        (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript document"),
        (rb"8BPS", "a Photoshop document"),
        (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg", "an SVG drawing"),
        (rb"version https://git-lfs", "a Git LFS pointer"),
    )
]
_SYNC = 0x47
_PACKETS = ((0, 188), (4, 192))  # transport streams: where the first sync byte stands, and how far the next


class KindNotSupported(ValueError):
    """The file is of a kind that cannot be read here. Its message goes on after "the file ..."; cure: what to do."""

    def __init__(self, words: str, cure: str = "Open it in its own program and save it as PNG") -> None:
        super().__init__(words)
        self.cure = cure


def film_kind(head: bytes) -> str:
    """The kind of film that a file with these first bytes may be; empty where it is none.

    head: the first HEAD bytes. Whether it can be decoded is found out later, in a process of its own.
    """
    if head[4:8] in _QUICKTIME:
        return "" if head[4:8] == b"ftyp" and head[8:12] in _NO_FILM_BRANDS else "MP4"
    if head[:4] == b"RIFF":
        return "AVI" if head[8:12] == b"AVI " else ""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    packets = (range(first, len(head), step) for first, step in _PACKETS)
    if any(len(places) > 1 and all(head[place] == _SYNC for place in places) for places in packets):
        return "MPEG transport stream"
    return ""


def is_picture(head: bytes) -> bool:
    """Whether a file with these first bytes is a picture that stands still. A GIF may move, and counts as none."""
    if head[4:8] == b"ftyp":
        return head[8:12] in _PICTURE_BRANDS
    if head[:4] == b"RIFF":
        return head[8:12] == b"WEBP"
    return head.startswith(_STILL_PICTURES) or (head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace())


def head_of(path: Path) -> bytes:
    """The file's first HEAD bytes; none of what is no file or cannot be read."""
    if not path.is_file():  # a pipe would keep us waiting
        return b""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""


def format_of(start: bytes) -> str:
    """The format of a file that starts with these bytes. Raises KindNotSupported for anything but a known picture."""
    for pattern, name in _FORMATS:
        if pattern.match(start):
            return name
    if start[4:8] == b"ftyp":
        brands = re.findall(b"....", start[8 : int.from_bytes(start[:4], "big")], re.DOTALL)
        if {b"avif", b"avis"} & set(brands):
            return "AVIF"
        if {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"} & set(brands):
            return "HEIF"
    if film_kind(start):
        raise KindNotSupported("is a film, not a picture", _FOR_FILMS)
    for pattern, name in _OTHERS:
        if pattern.match(start):
            raise KindNotSupported(f"is {name}, not a picture that can be read")
    if _is_text(start):
        raise KindNotSupported("is text, not a picture")
    raise KindNotSupported(f"is no picture of a kind that can be read ({READABLE})")


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8-sig", "strict" if len(start) < START_BYTES else "ignore")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter.isspace() for letter in text)
