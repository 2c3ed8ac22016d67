"""What kind of file it is: told from its first bytes, whatever its name says, and opened by that kind's reader only."""

import re
from collections.abc import Callable
from typing import BinaryIO

from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    ImageFile,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from colorizer.filetypes import film_kind

START_BYTES = 512
READABLE = "JPEG, PNG, TIFF, WebP, GIF, BMP, PPM, JPEG 2000, HEIC and AVIF"
_FOR_FILMS = "Colour it with `colorizer video`, or on the Videos page of the studio"
_Open = Callable[[BinaryIO], ImageFile.ImageFile]


class KindNotSupported(ValueError):
    """The file is of a kind that cannot be read here. Its message goes on after "the file ..."; cure: what to do."""

    def __init__(self, words: str, cure: str = "Open it in its own program and save it as PNG") -> None:
        super().__init__(words)
        self.cure = cure


def format_of(start: bytes) -> str:
    """The format of a file that starts with these bytes. Raises KindNotSupported for anything but a known picture."""
    for pattern, name in _PICTURES:
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


def opened(name: str, file: BinaryIO) -> ImageFile.ImageFile:
    """The picture, with its header read and nothing decoded. Raises KindNotSupported where a reader is missing."""
    file.seek(0)
    return _OPENERS[name](file)


def _heif(file: BinaryIO) -> ImageFile.ImageFile:
    try:
        from pillow_heif import HeifImageFile
    except ImportError as error:
        raise KindNotSupported("is HEIC, which needs a package: pip install pillow-heif") from error
    image: ImageFile.ImageFile = HeifImageFile(file)  # type: ignore[no-untyped-call]
    return image


def _avif(file: BinaryIO) -> ImageFile.ImageFile:
    try:
        from PIL import AvifImagePlugin
    except ImportError as error:
        raise KindNotSupported("is AVIF, which needs a newer Pillow: pip install --upgrade pillow") from error
    if not AvifImagePlugin.SUPPORTED:
        raise KindNotSupported("is AVIF, which this build of Pillow cannot read")
    return AvifImagePlugin.AvifImageFile(file)


def _is_text(start: bytes) -> bool:
    try:
        text = start.decode("utf-8-sig", "strict" if len(start) < START_BYTES else "ignore")
    except UnicodeDecodeError:
        return False
    return all(letter.isprintable() or letter.isspace() for letter in text)


_OPENERS: dict[str, _Open] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "WEBP": WebPImagePlugin.WebPImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "PPM": PpmImagePlugin.PpmImageFile,
    "JPEG2000": Jpeg2KImagePlugin.Jpeg2KImageFile,
    "HEIF": _heif,
    "AVIF": _avif,
}
_PICTURES = [
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
