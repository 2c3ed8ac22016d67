"""The bytes of a result: which samples and which metadata go into a file of each format."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from colorizer.color.lightness import Samples, from_unit, full_scale, to_unit
from colorizer.errors import OutputError
from colorizer.image import iptc, xmp
from colorizer.image.metadata import with_resolution
from colorizer.image.png_writing import write_png
from colorizer.image.tiff_writing import write_tiff
from colorizer.image.values import Metadata, Provenance, SaveOptions, SourcePicture, WriteFormat

_STRIP_PIXELS = 500_000
_LONGEST_SIDE: dict[WriteFormat, int] = {"PNG": 2**31 - 1, "JPEG": 65_500, "WEBP": 16_383, "TIFF": 2**31 - 1}
_LARGEST_PACKET = 65_000
_FULL_COLOUR_FROM = 90  # the quality from which a JPEG keeps its chroma at full resolution


@dataclass(frozen=True, eq=False)
class ResultPicture:
    """A picture to be written. pixels: (H, W, 3) RGB or (H, W) grey, of the source's size; uint8, uint16 or float32."""

    pixels: Samples
    source: SourcePicture
    provenance: Provenance | None = None

    def __post_init__(self) -> None:
        full_scale(self.pixels.dtype)
        if self.pixels.shape not in (self.source.luma.shape, (*self.source.luma.shape, 3)):
            raise ValueError(f"pixels must have the size {self.source.luma.shape}, and have {self.pixels.shape}")


def write(file: BinaryIO, written: WriteFormat, result: ResultPicture, options: SaveOptions) -> None:
    """Writes a whole picture file into an empty file. Raises OutputError where the format cannot hold the picture."""
    source = result.source
    if max(source.luma.shape) > _LONGEST_SIDE[written]:
        raise OutputError(
            f"{written} holds at most {_LONGEST_SIDE[written]} pixels a side, and {source.name} has "
            f"{max(source.luma.shape)}. Choose PNG or TIFF"
        )
    metadata = _metadata(result, options)
    canvas = _Canvas(result.pixels, source.alpha, _stored_type(result.pixels.dtype, written), written == "JPEG")
    if written == "PNG":
        write_png(file, canvas.shape, canvas.dtype, canvas.strips(), metadata)
    elif written == "TIFF":
        write_tiff(file, canvas.shape, canvas.dtype, canvas.strips(), metadata)
    elif written == "WEBP":
        _write_webp(file, canvas, metadata, options.quality)
    else:
        _write_jpeg(file, canvas, metadata, options.quality)


def is_eight_bit(written: WriteFormat) -> bool:
    """Whether this format holds 8 bits per sample and no more."""
    return written in ("JPEG", "WEBP")


@dataclass(frozen=True, eq=False)
class _Canvas:
    """Pixels and alpha as they go into the file, handed out a strip at a time. on_white: alpha is composed on white."""

    pixels: Samples
    alpha: Samples | None
    dtype: np.dtype[Any]
    on_white: bool = False

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels in the file."""
        channels = (1 if self.pixels.ndim == 2 else 3) + (self.alpha is not None and not self.on_white)
        return self.pixels.shape[0], self.pixels.shape[1], channels

    def strips(self) -> Iterator[Samples]:
        """(n, W, channels) from the top, all with the same n but the last."""
        step = max(1, _STRIP_PIXELS // self.pixels.shape[1])
        for top in range(0, self.pixels.shape[0], step):
            yield self._strip(slice(top, top + step))

    def _strip(self, rows: slice) -> Samples:
        strip = self.pixels[rows] if self.pixels.ndim == 3 else self.pixels[rows, :, None]
        if self.alpha is None:
            return _in_type(strip, self.dtype)
        alpha = self.alpha[rows, :, None]
        if not self.on_white:
            return np.concatenate([_in_type(strip, self.dtype), _in_type(alpha, self.dtype)], axis=2)
        cover = to_unit(alpha)
        return from_unit(to_unit(strip) * cover + (1 - cover), self.dtype)


def _in_type(samples: Samples, dtype: np.dtype[Any]) -> Samples:
    return samples if samples.dtype == dtype else from_unit(to_unit(samples), dtype)


def _stored_type(dtype: np.dtype[Any], written: WriteFormat) -> np.dtype[Any]:
    if is_eight_bit(written):
        return np.dtype(np.uint8)
    return np.dtype(np.uint16) if written == "PNG" and dtype.kind == "f" else dtype


def _metadata(result: ResultPicture, options: SaveOptions) -> Metadata:
    """What goes into the file. The sRGB profile is one of colours: a grey file must not have it."""
    of_source = result.source.metadata
    kept = Metadata(dpi=of_source.dpi, icc=of_source.icc) if options.strip_metadata else of_source
    if result.pixels.ndim == 2:
        kept = replace(kept, icc=None)
    if result.provenance is None:
        return kept
    packet = xmp.with_provenance(kept.xmp, result.provenance)
    if len(packet) > _LARGEST_PACKET:
        packet = xmp.with_provenance(None, result.provenance)
    return replace(kept, xmp=packet)


def _eight_bit_image(canvas: _Canvas) -> Image.Image:
    height, width, channels = canvas.shape
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    image = Image.new(mode, (width, height))
    top = 0
    for strip in canvas.strips():
        image.paste(Image.frombytes(mode, (width, len(strip)), np.ascontiguousarray(strip).tobytes()), (0, top))
        top += len(strip)
    return image


def _write_webp(file: BinaryIO, canvas: _Canvas, metadata: Metadata, quality: int) -> None:
    image = _eight_bit_image(canvas)
    if image.mode in ("L", "LA"):
        image = image.convert("RGB" if image.mode == "L" else "RGBA")
    exif = with_resolution(metadata.exif, metadata.dpi) or b""
    lossless = quality == 100
    image.save(
        file,
        "WEBP",
        quality=quality,
        lossless=lossless,
        exif=exif,
        xmp=metadata.xmp or b"",
        icc_profile=metadata.icc or b"",
    )


def _write_jpeg(file: BinaryIO, canvas: _Canvas, metadata: Metadata, quality: int) -> None:
    _eight_bit_image(canvas).save(
        file,
        "JPEG",
        quality=quality,
        subsampling=0 if quality >= _FULL_COLOUR_FROM else 2,
        dpi=metadata.dpi or (0, 0),
        exif=b"Exif\0\0" + metadata.exif if metadata.exif else b"",
        icc_profile=metadata.icc or b"",
        comment=metadata.comment.encode("utf-8", "replace") if metadata.comment else b"",
        extra=b"".join(_segments(metadata)),
    )


def _segments(metadata: Metadata) -> Iterator[bytes]:
    """The segments of a JPEG for which Pillow has no place of its own."""
    for marker, start, data in (
        (b"\xff\xe1", b"http://ns.adobe.com/xap/1.0/\0", metadata.xmp),
        (b"\xff\xed", b"Photoshop 3.0\0", iptc.resources_with(metadata.iptc) if metadata.iptc else None),
    ):
        if data:
            yield marker + struct.pack(">H", len(start) + len(data) + 2) + start + data
