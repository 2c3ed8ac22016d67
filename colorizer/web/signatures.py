"""What a file is, by its first bytes: enough to refuse what is no film before gigabytes of it have come."""

HEAD = 2048  # bytes that `film_kind` wants to see, or the whole file where it is shorter

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
_NO_FILM_BRANDS = (b"heic", b"heix", b"mif1", b"msf1", b"avif", b"avis", b"M4A ", b"M4B ")
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
    for first, step in _PACKETS:
        places = range(first, len(head), step)
        if len(places) > 1 and all(head[place] == _SYNC for place in places):
            return "MPEG transport stream"
    return next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), "")
