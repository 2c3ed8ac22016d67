"""Pictures read in processes of their own: the same picture, and a crash that takes one request only."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple

import numpy as np
import pytest
from PIL import Image

from colorizer.errors import SourceMissing, SourceTooLarge, SourceUnreadable
from colorizer.image.reading import read_picture
from colorizer.inspect import picture_reading
from colorizer.inspect.picture_reading import PictureReader, is_read_here
from colorizer.settings import settings
from tests.image.drawn import arrow, exif_bytes, noise, saved, xmp_packet


@pytest.fixture
def reader():
    with PictureReader() as made:
        yield made


def _kept(folder, data, name="a.source"):
    path = folder / name
    path.write_bytes(data)
    return path


def _same(one, other):
    for left, right in zip(astuple(one), astuple(other), strict=True):
        assert np.array_equal(left, right) if isinstance(left, np.ndarray) else left == right


@pytest.mark.parametrize("kind", ["TIFF", "WEBP", "JPEG2000"])
def test_a_picture_comes_back_as_if_it_had_been_read_here(reader, tmp_path, kind):
    options = {
        "TIFF": {"tiffinfo": {274: 6, 306: "1953:07:14 10:00:00", 33723: b"\x1c\2\x19\0\5ships"}, "dpi": (300, 150)}
    }
    options["WEBP"] = {"exif": exif_bytes(6), "xmp": xmp_packet(6), "lossless": True}
    path = _kept(tmp_path, saved(Image.fromarray(noise(40, 30, 4)), kind, **options.get(kind, {})))
    assert not is_read_here(path)
    _same(reader.read(path, "Großmutters 'Bild'.tif"), read_picture(path, "Großmutters 'Bild'.tif"))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
def test_deep_samples_come_back(reader, tmp_path, kind):
    import tifffile

    path = tmp_path / "a.source"
    tifffile.imwrite(path, noise(20, 30, 1, kind))
    _same(reader.read(path, "a"), read_picture(path, "a"))


def test_a_proven_kind_is_read_here_unless_it_is_large_or_its_head_is_damaged(tmp_path, monkeypatch):
    for kind in ("JPEG", "PNG", "GIF", "BMP", "PPM"):
        data = saved(Image.fromarray(arrow(40, 30)), kind)
        assert is_read_here(_kept(tmp_path, data))
        with monkeypatch.context() as smaller:
            smaller.setattr(picture_reading, "LARGE", 0.001)
            assert not is_read_here(_kept(tmp_path, data))
    assert not is_read_here(_kept(tmp_path, b"\xff\xd8\xff\xe0"))
    assert is_read_here(_kept(tmp_path, b"no picture"))


def test_problems_come_back_as_they_are(reader, tmp_path, monkeypatch):
    with pytest.raises(SourceMissing):
        reader.read(tmp_path / "gone.source", "gone.tif")
    data = saved(Image.fromarray(noise(40, 30)), "TIFF")
    with pytest.raises(SourceUnreadable, match=r"^a\.tif is damaged, cut short"):
        reader.read(_kept(tmp_path, data[:20]), "a.tif")
    monkeypatch.setenv("COLORIZER_MAX_MEGAPIXELS", "0.001")
    settings.cache_clear()
    with pytest.raises(SourceTooLarge, match=r"limit is 0\.001"):
        reader.read(_kept(tmp_path, data), "a.tif")
    settings.cache_clear()


def test_a_decoder_that_crashes_takes_one_request_with_it(reader, tmp_path, monkeypatch):
    path = _kept(tmp_path, saved(Image.fromarray(noise(40, 30)), "TIFF"))
    with monkeypatch.context() as crashing:
        crashing.setattr(picture_reading, "_MODULE", "tests.inspect.crashing_reader")
        with pytest.raises(SourceUnreadable, match=r"a\.tif made its decoder stop without an answer"):
            reader.read(path, "a.tif")
    assert reader.read(path, "a.tif").luma.shape == (40, 30)
    assert list(tmp_path.iterdir()) == [path]


def test_a_picture_that_takes_long_does_not_keep_another_one(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_reading, "_MODULE", "tests.inspect.crashing_reader")
    slow = _kept(tmp_path, b"II*\0never ends", "slow.source")
    quick = _kept(tmp_path, saved(Image.fromarray(arrow(40, 30)), "JPEG"), "quick.source")
    with ThreadPoolExecutor(1) as thread, PictureReader() as reader:
        waiting = thread.submit(reader.read, slow, "slow.tif")
        time.sleep(0.1)
        assert reader.read(quick, "quick.jpg").luma.shape == (40, 30)
        assert not waiting.done()
        reader.close()
        with pytest.raises(SourceUnreadable):
            waiting.result(10)
