"""Raw files and JPEG XL: read where their packages are installed, and told apart where they are not."""

import io
import sys

import numpy as np
import pytest
import tifffile
from PIL import Image

from colorizer.errors import SourceTooLarge, SourceUnreadable
from colorizer.filetypes import is_picture
from colorizer.image import jxl
from colorizer.image.reading import read_picture
from tests.image.drawn import arrow, exif_bytes, noise

rawpy = pytest.importorskip("rawpy")
pytest.importorskip("pillow_jxl")
_TO_SRGB = (3.1339, -1.6169, -0.4906, -0.9788, 1.9161, 0.0335, 0.0719, -0.2290, 1.4052)


def dng(samples, **options):
    """A linear DNG, as scanners' programs write it. samples: (H, W, 3) uint16, linear."""
    fractions = [part for value in _TO_SRGB for part in (round(value * 10_000), 10_000)]
    tags = [
        *((50706, "B", 4, (1, 4, 0, 0), True), (50707, "B", 4, (1, 1, 0, 0), True), (50708, "s", 0, "A scanner", True)),
        *((50721, "2i", 9, tuple(fractions), True), (50728, "2I", 3, (1, 1) * 3, True)),
        (50717, "I", 3, (65535,) * 3, True),
    ]
    file = io.BytesIO()
    tifffile.imwrite(file, samples, photometric=34892, metadata=None, extratags=tags, **options)
    return file.getvalue()


def jxl_file(image, **options):
    file = io.BytesIO()
    image.save(file, "JXL", lossless=True, **options)
    return file.getvalue()


def _grey_ramp(height=96, width=128):
    linear = np.linspace(0, 1, height)[:, None] * np.ones((1, width))
    return np.repeat((linear * 65535).astype(np.uint16)[..., None], 3, axis=2)


def test_a_scanners_dng_is_developed_without_a_change_of_its_brightness():
    picture = read_picture(dng(_grey_ramp(), datetime="1953:07:14 10:00:00"))
    linear = np.linspace(0, 1, 96)
    wanted = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert picture.luma.shape == (96, 128)
    assert picture.luma.dtype == np.uint16
    assert np.abs(picture.luma[:, 5] / 65535 - wanted).max() < 0.01
    assert b"1953:07:14" in picture.metadata.exif
    assert picture.notes == ()


def test_a_raw_file_beyond_the_limit_or_damaged_is_refused():
    with pytest.raises(SourceTooLarge):
        read_picture(dng(_grey_ramp()), max_megapixels=0.01)
    for damaged in (b"IIRO" + bytes(600), b"FUJIFILMCCD-RAW " + bytes(600), dng(_grey_ramp())[:600]):
        with pytest.raises(SourceUnreadable):
            read_picture(damaged, "scan.dng")


@pytest.mark.parametrize("data", [dng(_grey_ramp()), b"IIU\0" + bytes(600), b"\0\0\0\x18ftypcrx " + bytes(600)])
def test_without_rawpy_the_message_names_it(monkeypatch, data):
    monkeypatch.setitem(sys.modules, "rawpy", None)
    with pytest.raises(SourceUnreadable, match=r"scan\.dng is a raw file, which needs a package: pip install rawpy"):
        read_picture(data, "scan.dng")


@pytest.mark.parametrize("mode", ["L", "RGB", "LA", "RGBA"])
def test_jpeg_xl_is_read(mode):
    image = Image.fromarray(arrow(40, 32)).convert(mode)
    data = jxl_file(image)
    picture = read_picture(data)
    assert picture.format == "JXL"
    assert np.array_equal(picture.luma, arrow(40, 32))
    assert picture.notes == ()
    assert is_picture(data[:100])


@pytest.mark.parametrize("size", [(1, 1), (8, 8), (256, 256), (640, 480), (1000, 500), (7, 3001), (5000, 3)])
def test_the_size_of_a_jpeg_xl_is_known_before_it_is_decoded(size):
    data = jxl_file(Image.new("L", size))
    head = jxl.read_head(io.BytesIO(data))
    assert (head.width, head.height, head.bits) == (*size, 8)
    with pytest.raises(SourceTooLarge):
        read_picture(data, max_megapixels=size[0] * size[1] / 1.1e6)


def test_a_deep_jpeg_xl_in_grey_keeps_its_bits():
    samples = np.arange(600, dtype=np.uint16).reshape(20, 30) + 40_000
    picture = read_picture(jxl_file(Image.fromarray(samples)))  # written with a linear profile, which is applied
    assert (np.diff(picture.luma.ravel().astype(int)) > 0).mean() > 0.5
    assert picture.luma.dtype == np.uint16
    assert picture.notes == ()


def test_a_jpeg_in_a_jpeg_xl_is_turned_as_it_asks_for(tmp_path):
    jpeg = tmp_path / "a.jpg"
    Image.fromarray(arrow(40, 32)).save(jpeg, exif=b"Exif\0\0" + exif_bytes(6))
    with Image.open(jpeg) as image:
        file = io.BytesIO()
        image.save(file, "JXL", lossless_jpeg=True)
    assert read_picture(file.getvalue()).luma.shape == read_picture(jpeg).luma.shape == (32, 40)


def test_a_damaged_jpeg_xl_is_refused():
    data = jxl_file(Image.fromarray(noise(40, 40)))
    for length in (*range(2, 30), len(data) // 2):
        with pytest.raises(SourceUnreadable):
            read_picture(data[:length])


def test_without_its_package_the_message_names_it(monkeypatch):
    data = jxl_file(Image.new("L", (4, 4)))
    for name in ("pillow_jxl", "pillow_jxl.JpegXLImagePlugin"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SourceUnreadable, match="is JPEG XL, which needs a package: pip install pillow-jxl-plugin"):
        read_picture(data)
