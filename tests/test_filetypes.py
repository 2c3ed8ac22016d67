import numpy as np
import pillow_heif
import pytest
from PIL import Image

from colorizer.errors import SourceUnreadable
from colorizer.filetypes import HEAD, film_kind, head_of, is_picture
from colorizer.image.reading import read_picture
from colorizer.video.result.codecs import FILM_SUFFIXES
from colorizer.video.source.probe import probe
from tests.video.films import STEADY, encode, ffmpeg, planes

CODECS = {".webm": "libvpx-vp9", ".ogv": "libvpx", ".wmv": "wmv2", ".flv": "flv1", ".3gp": "mpeg4", ".m4v": "mpeg4"}


@pytest.mark.parametrize(
    "suffix", [*FILM_SUFFIXES, ".avi", ".mpg", ".ts", ".m2ts", ".wmv", ".flv", ".ogv", ".mxf", ".3gp"]
)
def test_films_of_every_kind_are_let_in(tmp_path, suffix):  # type: ignore[no-untyped-def]
    path = tmp_path / f"a{suffix}"
    picture = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.4", "-pix_fmt", "yuv420p")
    ffmpeg(*picture, "-c:v", CODECS.get(suffix, "mpeg2video"), path)
    assert film_kind(path.read_bytes()[:HEAD])
    assert not is_picture(head_of(path))
    with pytest.raises(SourceUnreadable, match=r"a\.\w+ is a film, not a picture.*colorizer video.*Videos page"):
        read_picture(path)


def test_a_raw_film_is_let_in(tmp_path):  # type: ignore[no-untyped-def]
    path = encode(tmp_path / "a.h264", planes(12, 64, 48), codec="libx264", times=STEADY)
    assert film_kind(path.read_bytes()[:HEAD])


@pytest.mark.parametrize(
    "head",
    [b"", b"x", b"RIFF\0\0\0\0WAVEfmt ", b"\0\0\0\x18ftypheic", b"\0\0\0\x18ftypM4A ", b"G", b"GIF", b"%PDF-1.7",
     b"#EXTM3U\n", b"<?xml version", b"G" + bytes(2000), b"\x7fELF"],
    ids=repr,
)  # fmt: skip
def test_what_is_no_film_is_not(head):  # type: ignore[no-untyped-def]
    assert film_kind(head) == ""


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".bmp", ".webp", ".jp2", ".pgm", ".ppm", ".heic", ".avif"])
def test_pictures_of_every_kind_are_sent_to_where_pictures_are_coloured(tmp_path, suffix):  # type: ignore[no-untyped-def]
    pillow_heif.register_heif_opener()
    path = tmp_path / f"a{suffix}"
    mode = "L" if suffix == ".pgm" else "RGB"
    Image.fromarray(np.full((64, 64), 90, np.uint8)).convert(mode).save(path)
    assert is_picture(head_of(path))
    with pytest.raises(SourceUnreadable, match=r"is a picture, not a film.*colorizer image.*Images page"):
        probe(path)


def test_a_gif_may_be_either_and_what_cannot_be_read_is_neither(tmp_path):  # type: ignore[no-untyped-def]
    path = tmp_path / "a.gif"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(path)
    assert (film_kind(head_of(path)), is_picture(head_of(path))) == ("GIF", False)
    assert head_of(tmp_path) == head_of(tmp_path / "none") == b""
