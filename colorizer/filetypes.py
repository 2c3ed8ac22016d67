"""Whether a file is a film or a picture, by its first bytes: enough to send it where it belongs before it is read."""

from pathlib import Path

HEAD = 2048  # bytes that these functions want to see, or the whole file where it is shorter

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
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"II*\0", b"MM\0*", b"BM", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")
_SYNC = 0x47
_PACKETS = ((0, 188), (4, 192))  # transport streams: where the first sync byte stands, and how far the next


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
    return head.startswith(_PICTURES) or (head[:1] == b"P" and head[1:2] in b"123456" and head[2:3].isspace())


def head_of(path: Path) -> bytes:
    """The file's first HEAD bytes; none of what is no file or cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
