"""Whether a film will find room on the disk."""

import shutil
from dataclasses import replace
from pathlib import Path

from colorizer.errors import OutputError
from colorizer.files import size_text
from colorizer.video.film_settings import Encoding, FilmSettings, expected_frames
from colorizer.video.result.codecs import best_bits, codec_row, default_codec
from colorizer.video.source.facts import Film

# Bytes a pixel, measured with film grain of six levels, and rounded up; most films need much less.
_EXACT, _EXACT_BIT = 0.85, 0.19  # without loss, in 8 bit; and for each bit more
_EXPORTS = {"png": 2.0, "gif": 1.0, "tiff": 6.0, "dpx": 6.0}
_TRACK_BYTES = 6_000  # of a frame's chroma, packed
_SPARE = 1.1
_LEAST = 10**6


def bytes_per_pixel(encoding: Encoding, bits: int) -> float:
    """About what a pixel of grainy film takes in a file with this encoding, whose codec is named; bits: of the source.

    The size of what is written with a loss halves with every six steps of the crf.
    """
    row = codec_row(encoding.codec or default_codec(""))
    exact = _EXACT + _EXACT_BIT * (best_bits(row.name, bits) - 8)
    if encoding.lossless and row.lossless_options is not None:
        return exact
    usual = exact if row.bytes_per_pixel is None else row.bytes_per_pixel
    if row.quality is None or encoding.crf is None:
        return usual
    return min(exact, usual * 2 ** ((row.quality - encoding.crf) / 6))


def result_bytes(film: Film, settings: FilmSettings, suffix: str) -> int:
    """About what a result with this suffix takes, with its chroma track: of grainy film, so rather too much."""
    frames = expected_frames(film, settings.range) or 0
    width, height = film.video.upright_size
    codec = settings.encoding.codec or default_codec(suffix)
    if "gif" in {codec, suffix[1:]}:
        return int(frames * (width * height * _EXPORTS["gif"] + _TRACK_BYTES))
    encoding = replace(settings.encoding, codec=codec)
    return int(frames * (width * height * bytes_per_pixel(encoding, film.video.bits) + _TRACK_BYTES))


def check_space(film: Film, target: Path, settings: FilmSettings, frames_done: int, export: str = "") -> None:
    """Refuse to begin, or to go on, where the disk will not do. Raises OutputError.

    target: where the result will lie, in a folder that exists. frames_done: in segments that are finished. export:
    "png" or "gif" where that is made of the film afterwards.
    """
    frames = expected_frames(film, settings.range) or 0
    width, height = film.video.upright_size
    frame = width * height * bytes_per_pixel(settings.encoding, film.video.bits) + _TRACK_BYTES
    # Everything lies there twice for a moment: in segments, and joined.
    needed = (frames + max(frames - frames_done, 0)) * frame + frames * width * height * _EXPORTS.get(export, 0)
    needed = int(needed * _SPARE) + _LEAST
    free = shutil.disk_usage(target.parent).free
    if free < needed:
        raise OutputError(
            f"about {size_text(needed)} are needed for {target.name}, and {size_text(free)} are free. "
            "Make room or choose another disk"
        )
