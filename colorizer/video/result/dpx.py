"""Pictures as DPX, what film scanners write: with the header of the picture each was made from, time code and all.

Source: SMPTE ST 268-1.
"""

import struct
from pathlib import Path

import numpy as np

from colorizer.errors import SourceUnreadable
from colorizer.video.source.planes import Plane

_SMALLEST, _LARGEST = 1408, 1 << 20  # bytes before the samples: all that must be known of a picture, and more
_RGB, _FILLED = 50, 1  # descriptor; packing: 10 bits at the upper end of a word of 32, 12 of one of 16
_DEPTHS = (8, 10, 12, 16)


def dpx_bytes(rgb: Plane, source: Path) -> bytes:
    """A DPX file with these samples, (H, W, 3) uint8 or uint16 in their whole range, in the depth of the source.

    Every field of the source's header that is not about how samples are stored is kept: time code, film and scanner.
    Raises SourceUnreadable.
    """
    header = _read_header(source)
    order = ">" if header[:4] == b"SDPX" else "<"
    height, width = rgb.shape[:2]
    most = (1 << header[803]) - 1
    whole = np.iinfo(rgb.dtype).max
    samples = ((rgb.astype(np.uint32) * most + whole // 2) // whole).astype(np.uint32)
    data = _packed(samples, header[803], order)
    for place, form, value in (
        (4, "I", len(header)), (16, "I", len(header) + len(data)), (770, "H", 1), (772, "I", width), (776, "I", height),
        (780, "I", 0), (784, "I", 0), (792, "I", most), (804, "H", _FILLED), (806, "H", 0), (808, "I", len(header)),
        (812, "I", 0), (816, "I", 0),
    ):  # fmt: skip
        struct.pack_into(order + form, header, place, value)
    header[800] = _RGB
    return bytes(header) + data


def _packed(samples: Plane, bits: int, order: str) -> bytes:
    """The samples as they are stored; each row begins at a word of 32 bits."""
    height = len(samples)
    if bits == 10:
        words = samples[..., 0] << 22 | samples[..., 1] << 12 | samples[..., 2] << 2
        return bytes(words.astype(f"{order}u4").tobytes())
    kind = "u1" if bits == 8 else f"{order}u2"
    rows = (samples << 4 if bits == 12 else samples).astype(kind).reshape(height, -1)
    missing = -(rows.shape[1] * rows.itemsize) % 4 // rows.itemsize
    return bytes(np.pad(rows, ((0, 0), (0, int(missing)))).tobytes())


def _read_header(path: Path) -> bytearray:
    """Everything before the samples."""
    try:
        with path.open("rb") as file:
            head = file.read(_SMALLEST)
            order = {b"SDPX": ">", b"XPDS": "<"}.get(head[:4])
            if order is None or len(head) < _SMALLEST or head[803] not in _DEPTHS:
                raise SourceUnreadable(f"{path.name} is no DPX of 8, 10, 12 or 16 bits: write PNG (--codec png)")
            (offset,) = struct.unpack_from(f"{order}I", head, 4)
            file.seek(0)
            return bytearray(file.read(min(max(offset, _SMALLEST), _LARGEST)))
    except OSError as error:
        raise SourceUnreadable(f"{path} may not be read: {error.strerror}") from error
