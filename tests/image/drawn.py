"""Pictures drawn for the tests, and files made of them by other programs' code than the one that is tested."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from colorizer.image.values import Metadata, SourcePicture

TOP = {np.uint8: 255, np.uint16: 65535, np.float32: 1}


def noise(height, width, channels=1, kind=np.uint8, seed=0):
    """(H, W) samples, or (H, W, channels) for more than one: every value equally likely."""
    shape = (height, width) if channels == 1 else (height, width, channels)
    unit = np.random.default_rng(seed).random(shape)
    return unit.astype(np.float32) if kind is np.float32 else np.rint(unit * TOP[kind]).astype(kind)


def arrow(height=24, width=16):
    """(H, W) uint8: smooth, and different under every turn and mirroring."""
    down, across = np.mgrid[0:height, 0:width]
    return np.uint8(255 * (0.6 * down / height + 0.3 * across / width))


def saved(image, kind, **options):
    """The bytes of a Pillow image in this format."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def source(luma, alpha=None, metadata=None, kind="PNG", name="old photo.png"):
    """A picture as it is after reading."""
    return SourcePicture(name, kind, luma, alpha, False, metadata or Metadata())


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def plain_png(samples, colour_type, *extra, size=None):
    """A PNG without filters. samples: (H, W, channels) uint8 or uint16. extra: whole chunks before the data."""
    height, width = size or samples.shape[:2]
    rows = np.ascontiguousarray(samples, samples.dtype.newbyteorder(">")).view(np.uint8).reshape(len(samples), -1)
    data = zlib.compress(b"".join(b"\0" + row.tobytes() for row in rows))
    header = struct.pack(">2I5B", width, height, 8 * samples.itemsize, colour_type, 0, 0, 0)
    chunks = [png_chunk(b"IHDR", header), *extra, png_chunk(b"IDAT", data), png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def exif_bytes(orientation=None):
    """EXIF with a date, a camera, a place, an artist with an umlaut in UTF-8, and a preview to be dropped."""
    exif = Image.Exif()
    exif[271], exif[306], exif[282], exif[283], exif[296] = "Zorki", "1953:07:14 10:00:00", 300.0, 150.0, 2
    exif[34665] = {36867: "1953:07:14 10:00:00", 40962: 9999, 40963: 8888, 40961: 65535, 37500: b"maker"}
    exif[34853] = {1: "N", 2: (52.0, 31.0, 12.0)}
    if orientation:
        exif[274] = orientation
    blob = exif.tobytes()[6:]
    return blob.replace(b"Zorki", "Zö".encode() + b"ki")


def xmp_packet(orientation=6):
    """An XMP packet with a title, a stale orientation and another program's claim of authorship."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/" tiff:Orientation="{orientation}" xmp:CreatorTool="Scanner 3">'
        '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Großmutter &amp; Hund</rdf:li></rdf:Alt></dc:title>'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()
