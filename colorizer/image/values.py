"""Pictures as values: what was read from a file, and how a result is to be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from colorizer.color.lightness import Samples, full_scale
from colorizer.color.merge import Tone
from colorizer.errors import SettingError

WriteFormat = Literal["PNG", "JPEG", "WEBP", "TIFF"]
WRITE_FORMATS: tuple[WriteFormat, ...] = get_args(WriteFormat)


@dataclass(frozen=True)
class Metadata:
    """What a picture says about itself, made right for the upright sRGB picture.

    exif: a TIFF structure without the "Exif" prefix; orientation 1, no thumbnail. xmp: a packet without orientation.
    dpi: across and down. icc: the sRGB profile when the source had a profile (its pixels were converted), else None.
    iptc: captions in the old form, for formats that have a place for it; comment: of the file. XMP tells both, too.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    icc: bytes | None = None
    iptc: bytes | None = None
    comment: str | None = None


@dataclass(frozen=True, eq=False)
class SourcePicture:
    """A picture as the colouriser wants it: upright, luma only, and all that is needed to write the result.

    name: the file's name, for messages. format: JPEG, PNG, WEBP, TIFF, BMP, GIF, PPM, JPEG2000, AVIF, HEIF, JXL or RAW.
    luma: (H, W) uint8, uint16 or float32 in [0, 1], sRGB encoding. alpha: of the same shape and type, None when all
    is opaque. notes: sentences for the user about what was decided while reading. tone: (h, w, 2), the colour that
    it has itself, on a small grid; None where it is grey.
    """

    name: str
    format: str
    luma: Samples
    alpha: Samples | None = None
    had_colour: bool = False
    metadata: Metadata = field(default_factory=Metadata)
    notes: tuple[str, ...] = ()
    tone: Tone | None = None

    def __post_init__(self) -> None:
        full_scale(self.luma.dtype)
        if self.luma.ndim != 2 or self.luma.size == 0:
            raise ValueError(f"luma must have the shape (H, W) with no side of zero, and has {self.luma.shape}")
        if self.alpha is not None and (self.alpha.shape, self.alpha.dtype) != (self.luma.shape, self.luma.dtype):
            raise ValueError(
                f"alpha must have luma's shape and type {self.luma.shape} {self.luma.dtype}, "
                f"and has {self.alpha.shape} {self.alpha.dtype}"
            )


@dataclass(frozen=True)
class Provenance:
    """How a result was made; written into its XMP. model_hashes: file name to SHA-256."""

    model: str
    model_hashes: Mapping[str, str]
    engine: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class SaveOptions:
    """How a result is to be written.

    format: None takes the target's suffix, else the source's format where it can be written, else PNG.
    quality: 1 to 100, for JPEG and WebP (100: WebP without loss). strip_metadata drops what the source says of itself;
    the resolution, the provenance and the sRGB profile say nothing about a person or a place, and stay.

    >>> from colorizer import SaveOptions, gray_file
    >>> gray_file("old.png", "small.jpg", save=SaveOptions(quality=80, strip_metadata=True)).target.name
    'small.jpg'
    """

    format: WriteFormat | None = None
    quality: int = 95
    strip_metadata: bool = False

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in WRITE_FORMATS:
            raise SettingError(f"format must be one of {', '.join(WRITE_FORMATS)}, and is {self.format!r}")
        if not 1 <= self.quality <= 100:
            raise SettingError(f"quality must lie between 1 and 100, and is {self.quality}")


def one_line(text: str) -> str:
    """The text fit for a message: no line breaks, nothing that a terminal would act on."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
