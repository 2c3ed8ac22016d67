import pytest

from colorizer.video.codecs import FILM_SUFFIXES
from colorizer.web.signatures import HEAD, film_kind
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
