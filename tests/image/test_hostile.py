"""Damaged and malicious files: a picture or one clear line, never anything else, and never much memory."""

import io
import struct
import subprocess
import sys
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, features

from colorizer.color.lightness import full_scale
from colorizer.errors import ColorizerError, SourceTooLarge, SourceUnreadable
from colorizer.image.reading import read_picture
from tests.image.drawn import arrow, exif_bytes, noise, plain_png, png_chunk, saved, xmp_packet


def _heic():
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(arrow(64, 64)).convert("RGB")).save(file)
    return file.getvalue()


def _specimens():
    grey, rgb = Image.fromarray(noise(20, 20)), Image.fromarray(noise(20, 20, 3))
    files = {kind: saved(rgb, kind, exif=exif_bytes(6)) for kind in ("JPEG", "PNG", "WEBP", "TIFF")}
    files |= {kind: saved(grey, kind) for kind in ("BMP", "GIF", "PPM", "JPEG2000")}
    files["TIFF packed"] = saved(rgb, "TIFF", compression="tiff_lzw", tiffinfo={274: 6})
    files["TIFF of one bit"] = saved(grey.convert("1"), "TIFF", compression="group4")
    files["TIFF jpeg"] = saved(rgb, "TIFF", compression="jpeg")
    files["JPEG progressive"] = saved(rgb, "JPEG", progressive=True)
    files["JPEG CMYK"] = saved(rgb.convert("CMYK"), "JPEG")
    files["PNG palette"] = saved(rgb.convert("P"), "PNG", transparency=3)
    files["PNG deep"] = plain_png(noise(20, 20, 3, np.uint16), 2, png_chunk(b"eXIf", exif_bytes(6)))
    files["PNG deep grey"] = plain_png(noise(20, 20, 2, np.uint16), 4)
    files["GIF moving"] = saved(grey, "GIF", save_all=True, append_images=[grey.transpose(Image.Transpose.ROTATE_90)])
    files["HEIF"] = _heic()
    if "avif" in features.modules:
        files["AVIF"] = saved(rgb, "AVIF")
    return files


SPECIMENS = _specimens()


def looked_at(data, *, strict=False):
    """The picture, checked, or None where it was refused in one line."""
    try:
        picture = read_picture(data, "scan.jpg", max_megapixels=1, strict=strict)
    except ColorizerError as error:
        line = str(error)
    else:
        line = None
    if line is not None:
        assert line.startswith("scan.jpg ")
        assert "\n" not in line
        assert len(line) < 400
        return None
    top = full_scale(picture.luma.dtype)
    assert picture.luma.ndim == 2
    assert 0 <= picture.luma.min() <= picture.luma.max() <= top
    return picture


@pytest.mark.parametrize("name", SPECIMENS)
def test_the_specimens_are_whole(name):
    assert looked_at(SPECIMENS[name]) is not None


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_file_cut_short_anywhere_is_read_or_refused_in_one_line(name):
    data = SPECIMENS[name]
    lengths = {*range(min(len(data), 64)), *range(64, len(data), max(1, len(data) // 60)), len(data) - 1}
    refused = {length for length in lengths if looked_at(data[:length]) is None}
    refused_strictly = {length for length in lengths if looked_at(data[:length], strict=True) is None}
    assert refused <= refused_strictly
    assert len(refused_strictly) > len(lengths) / 3


@settings(max_examples=400)
@given(st.sampled_from(sorted(SPECIMENS)), st.data())
def test_a_file_with_damaged_bytes_is_read_or_refused_in_one_line(name, data):
    damaged = bytearray(SPECIMENS[name])
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    looked_at(bytes(damaged))


STARTS = [
    *(
        b"",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x40\0\0\0WEBPVP8 ",
        b"II*\0\x08\0\0\0",
        b"MM\0+\0\x08\0\0",
    ),
    *(
        b"GIF89a",
        b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
        b"P5 3 3 255\n",
        b"P1 3 3\n",
        b"Pf 3 3 -1\n",
        b"\xff\x4f\xff\x51",
    ),
    *(b"\0\0\0\x0cjP  \r\n\x87\n", b"\0\0\0\x14ftypheic\0\0\0\0heic", b"\0\0\0\x14ftypavif\0\0\0\0avif"),
]


@settings(max_examples=400)
@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_random_bytes_are_refused_in_one_line(start, data):
    looked_at(start + data)


def bomb(kind):
    """A small file whose header promises 60000 x 60000 pixels."""
    data = bytearray(saved(Image.fromarray(noise(16, 16)), kind))
    if kind == "JPEG":
        place = data.index(b"\xff\xc0") + 5
        struct.pack_into(">2H", data, place, 60_000, 60_000)
    elif kind == "GIF":
        struct.pack_into("<2H", data, 6, 60_000, 60_000)
    elif kind == "BMP":
        struct.pack_into("<2I", data, 18, 60_000, 60_000)
    elif kind == "PPM":
        data = bytearray(b"P5 60000 60000 255\n")
    elif kind == "WEBP":
        data = bytearray(b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + 2 * (16383).to_bytes(3, "little") + bytes(8))
    elif kind == "JPEG2000":
        box = data.index(b"ihdr") + 4
        struct.pack_into(">2I", data, box, 60_000, 60_000)
    elif kind == "TIFF":
        for tag in (256, 257):
            struct.pack_into("<I", data, data.index(struct.pack("<HHI", tag, 4, 1)) + 8, 60_000)
    return bytes(data)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "BMP", "PPM", "WEBP", "JPEG2000", "TIFF"])
def test_a_promise_of_too_many_pixels_is_refused_from_the_header(kind):
    with pytest.raises(SourceTooLarge if kind != "WEBP" else ColorizerError):
        read_picture(bomb(kind))


def test_packed_bombs_in_the_text_of_a_png_are_not_unpacked():
    flood = zlib.compress(bytes(50_000_000), 9)
    for chunk in (
        png_chunk(b"zTXt", b"comment\0\0" + flood),
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + flood),
        png_chunk(b"iCCP", b"profile\0\0" + flood),
    ):
        with pytest.raises(SourceUnreadable):
            read_picture(plain_png(noise(4, 4), 0, chunk), strict=True)
        tracemalloc.start()
        picture = read_picture(plain_png(noise(4, 4), 0, chunk))
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
        tracemalloc.stop()
        assert np.array_equal(picture.luma, noise(4, 4))


def test_pixels_beyond_what_the_header_says_cost_nothing():
    rows = zlib.compress(bytes(30_000_000), 9)
    header = struct.pack(">2I5B", 2, 2, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        png_chunk(name, part) for name, part in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )
    picture = looked_at(data)
    assert picture is None or picture.luma.shape == (2, 2)


def test_directories_that_lead_in_a_circle_end():
    data = bytearray(SPECIMENS["TIFF"])
    first = struct.unpack_from("<I", data, 4)[0]
    count = struct.unpack_from("<H", data, first)[0]
    struct.pack_into("<I", data, first + 2 + 12 * count, first)
    picture = looked_at(bytes(data))
    assert picture.notes[0] == "this TIFF has several pages; the first one was taken"
    for tag in (34665, 34853):
        place = data.find(struct.pack("<HH", tag, 4))
        if place > 0:
            struct.pack_into("<I", data, place + 8, first)
    assert looked_at(bytes(data)) is not None


def test_strips_that_all_claim_the_whole_file_are_refused():
    rows = 2000
    entries = [
        *((256, 4, 1, 1000), (257, 4, 1, rows), (258, 3, 1, 16), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1)),
        *((273, 4, rows, 8 + 2 + 12 * 9 + 4), (278, 3, 1, 1), (279, 4, rows, 8 + 2 + 12 * 9 + 4 + 4 * rows)),
    ]
    data = b"II*\0\x08\0\0\0" + struct.pack("<H", 9)
    for tag, kind, count, value in sorted(entries):
        data += struct.pack("<HHII", tag, kind, count, value)
    data += bytes(4) + struct.pack(f"<{rows}I", *[8] * rows) + struct.pack(f"<{rows}I", *[10_000_000] * rows)
    with pytest.raises(SourceUnreadable):
        read_picture(data)


def test_an_entity_bomb_in_xmp_is_not_read():
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    packet = f'<!DOCTYPE x [<!ENTITY l0 "lol">{entities}]>'.encode() + xmp_packet().replace(b"Hund", b"&l11;")
    picture = read_picture(saved(Image.fromarray(arrow()), "WEBP", xmp=packet))
    assert picture.metadata.xmp is None
    assert "its XMP data is damaged or too large, and was not kept" in picture.notes


NOISY = """
import sys
from pathlib import Path
from colorizer.errors import ColorizerError
from colorizer.image.reading import read_picture
for path in sorted(Path(sys.argv[1]).iterdir()):
    try:
        read_picture(path)
    except ColorizerError as error:
        print(error)
"""


def test_nothing_but_our_own_line_is_said_about_damaged_files(tmp_path):
    count = 0
    for name, data in SPECIMENS.items():
        for part in (0.3, 0.6, 0.9):
            damaged = bytearray(data[: int(len(data) * part)])
            damaged[len(damaged) * 2 // 3] ^= 255
            (tmp_path / f"{name} {part}").write_bytes(damaged)
            count += 1
    done = subprocess.run(
        [sys.executable, "-W", "always", "-c", NOISY, tmp_path], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert count / 2 < len(done.stdout.splitlines()) <= count
