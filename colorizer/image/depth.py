"""How many bits a sample has in its file: Pillow reads most deep samples as 8 bit, and seldom says so."""

from typing import BinaryIO

from PIL import ImageFile

_HEAD = 2**16  # bytes in which a file describes its picture
_COMPONENT = 42  # where a bare JPEG 2000 codestream tells of its first component


def stored_bits(kind: str, file: BinaryIO, image: ImageFile.ImageFile) -> int:
    """The bits of a sample as the file says; 8 where it says nothing. image: the same file, opened and not yet decoded.

    Source: ISO/IEC 15444-1, A.5.1 and I.5.3.1 (JPEG 2000); AV1 Codec ISO Media File Format Binding, 2.3 (AVIF).
    """
    if kind == "PPM":
        options = image.tile[0][3]  # of Pillow's decoder, the largest sample at the end
        return int(options[-1]).bit_length() if isinstance(options, tuple) else 8
    if kind not in {"JPEG2000", "AVIF"}:
        return int(image.info.get("bit_depth", 8))
    file.seek(0)
    head = file.read(_HEAD)
    return _jpeg2000_bits(head) if kind == "JPEG2000" else _avif_bits(head)


def _jpeg2000_bits(head: bytes) -> int:
    box = head.find(b"ihdr")
    told = head[box + 14 if box >= 0 else _COMPONENT]
    return 8 if told == 0xFF else (told & 0x7F) + 1  # the former: its components differ


def _avif_bits(head: bytes) -> int:
    box = head.find(b"av1C")
    flags = head[box + 6] if 0 <= box < len(head) - 6 else 0
    return 8 if not flags & 0x40 else 12 if flags & 0x20 else 10
