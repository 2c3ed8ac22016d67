"""Pictures opened by the reader of their own kind only, whatever their names say."""

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

from colorizer.filetypes import KindNotSupported

_Open = Callable[[BinaryIO], ImageFile.ImageFile]


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


def _jxl(file: BinaryIO) -> ImageFile.ImageFile:
    try:
        from pillow_jxl.JpegXLImagePlugin import JXLImageFile
    except ImportError as error:
        raise KindNotSupported("is JPEG XL, which needs a package: pip install pillow-jxl-plugin") from error
    image: ImageFile.ImageFile = JXLImageFile(file)
    return image


def _avif(file: BinaryIO) -> ImageFile.ImageFile:
    try:
        from PIL import AvifImagePlugin
    except ImportError as error:
        raise KindNotSupported("is AVIF, which needs a newer Pillow: pip install --upgrade pillow") from error
    if not AvifImagePlugin.SUPPORTED:
        raise KindNotSupported("is AVIF, which this build of Pillow cannot read")
    return AvifImagePlugin.AvifImageFile(file)


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
    "JXL": _jxl,
}
