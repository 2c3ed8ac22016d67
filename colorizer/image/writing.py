"""From a picture to a file, or the bytes of one."""

import errno
import io
import os
import re
from pathlib import Path

from colorizer.color.lightness import Samples
from colorizer.errors import OutputError, TargetExists
from colorizer.files import appearing
from colorizer.image.encoding import ResultPicture, is_eight_bit, write
from colorizer.image.values import WRITE_FORMATS, Provenance, SaveOptions, SourcePicture, WriteFormat, one_line

_SUFFIXES: dict[str, WriteFormat] = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
_NOT_WRITTEN = re.compile(
    r"\.(gif|bmp|dib|hei[cf]|avif|jp2|j2k|jxl|dng|p[bgpnf]m|pdf|svg|psd|eps|mp4|mkv|mov|avi|webm)"
)
_SHOWN = {"HEIF": "HEIC", "JPEG2000": "JPEG 2000", "JXL": "JPEG XL", "RAW": "a raw file"}
_AS_THE_SOURCE = SaveOptions()
_REASONS = {
    errno.ENOSPC: "the disk is full. Free some space, or choose another folder",
    errno.EDQUOT: "your quota on this disk is used up. Free some space, or choose another folder",
    errno.EACCES: "the folder or the file must not be written. Choose another folder",
    errno.EPERM: "the folder or the file must not be written. Choose another folder",
    errno.EROFS: "the disk is read-only. Choose another folder",
    errno.ENOENT: "its folder is not there. Make the folder first",
    errno.ENOTDIR: "its folder is a file. Choose another folder",
    errno.EISDIR: "it is a folder. Choose another name",
    errno.ENAMETOOLONG: "its name is too long. Choose a shorter one",
    errno.EFBIG: "the file is larger than this disk allows. Choose another folder, or JPEG",
}


def chosen_format(options: SaveOptions, source: SourcePicture, target: Path | None = None) -> WriteFormat:
    """The format that the result gets. Raises OutputError for a suffix of another or no such format."""
    suffix = target.suffix.lower() if target else ""
    by_name, shown = _SUFFIXES.get(suffix), one_line(str(target))
    if _NOT_WRITTEN.fullmatch(suffix):
        raise OutputError(f"{shown} cannot be written: results are PNG, JPEG, WebP or TIFF. Choose such a name")
    if options.format and by_name and by_name != options.format:
        raise OutputError(
            f"{shown} has the name of a {by_name}, and {options.format} was asked for. Change one of them"
        )
    if options.format or by_name:
        return options.format or by_name or "PNG"
    return next((written for written in WRITE_FORMATS if written == source.format), "PNG")


def suffix_of(written: WriteFormat) -> str:
    """The usual ending of a file of this format, with its dot: ".png", ".jpg", ".webp" or ".tif"."""
    return next(suffix for suffix, named in _SUFFIXES.items() if named == written)


def names_a_format(target: Path) -> bool:
    """Whether the target's suffix says which format it is to have."""
    return target.suffix.lower() in _SUFFIXES


def saving_notes(
    pixels: Samples, source: SourcePicture, written: WriteFormat, *, as_original: bool = False
) -> tuple[str, ...]:
    """Sentences for the user about what this format cannot hold (16 bit, transparency); empty when nothing is lost.

    as_original: the source's own format was wanted, as far as it is written.
    """
    notes = []
    if as_original and source.format not in WRITE_FORMATS:
        shown = _SHOWN.get(source.format, source.format)
        notes.append(not_written_note(shown, written))
    bits = 8 * pixels.dtype.itemsize
    if is_eight_bit(written) and bits > 8:
        notes.append(f"{written} holds 8 bits per sample, so the {bits}-bit samples were rounded to 8 bit")
    if written == "PNG" and pixels.dtype.kind == "f":
        notes.append("PNG holds no fractions, so the samples were rounded to 16 bit")
    if written == "JPEG" and source.alpha is not None:
        notes.append("JPEG has no transparency, so the picture was put on white")
    return tuple(notes)


def not_written_note(kind: str, written: WriteFormat) -> str:
    """What to say where a source of this kind became another one, and nobody had chosen which."""
    return f"{kind} is not written, so the result is a {written}; other formats can be chosen"


def encode_picture(
    pixels: Samples,
    source: SourcePicture,
    options: SaveOptions = _AS_THE_SOURCE,
    provenance: Provenance | None = None,
) -> bytes:
    """The bytes of a picture file.

    pixels: (H, W, 3) RGB or (H, W) grey; uint8, uint16 or float32 in [0, 1]; alpha and metadata come from the source.
    Raises OutputError where the format cannot hold a picture of this size.
    """
    file, result = io.BytesIO(), ResultPicture(pixels, source, provenance)
    try:
        write(file, chosen_format(options, source), result, options)
    except (OSError, MemoryError, ValueError) as error:
        raise OutputError(f"the result of {source.name} cannot be made: {_reason(error)}") from error
    return file.getvalue()


def save_picture(
    target: str | Path,
    pixels: Samples,
    source: SourcePicture,
    options: SaveOptions = _AS_THE_SOURCE,
    provenance: Provenance | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """The target, now a whole picture file; on any failure nothing is left behind and an older file stays as it was.

    pixels as for encode_picture. Raises TargetExists unless overwrite, and OutputError where it cannot be written.

    >>> from colorizer import read_picture, save_picture
    >>> picture = read_picture("old.png")
    >>> save_picture("negative.png", 255 - picture.luma, picture).name
    'negative.png'
    """
    target = Path(target)
    written = chosen_format(options, source, target)
    result = ResultPicture(pixels, source, provenance)
    try:
        refuse_existing(target, overwrite=overwrite)
        with appearing(target) as part:
            with part.open("xb") as file:
                write(file, written, result, options)
            refuse_existing(target, overwrite=overwrite)
    except (OSError, MemoryError, ValueError) as error:
        raise OutputError(f"{one_line(str(target))} cannot be written: {_reason(error)}") from error
    return target


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Return where the target may be written. Raises TargetExists, and OutputError where it is a folder."""
    if target.is_dir():
        raise OutputError(f"{one_line(str(target))} is a folder. Name a file")
    if not overwrite and os.path.lexists(target):
        raise TargetExists(
            f"{one_line(str(target))} is there already. Choose another name, or allow overwriting (--overwrite)"
        )


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory. Make the picture smaller"
    number = error.errno if isinstance(error, OSError) else None
    return _REASONS.get(number or 0) or f"{one_line(str(error))}. Choose another folder or format"
