"""Files that are cut short or damaged: what can be read is kept, the rest is grey, and a note says so."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from colorizer.errors import SourceUnreadable
from colorizer.image.reading import read_picture
from tests.image.drawn import exif_bytes, noise, plain_png, png_chunk, saved

NOTE = "it is damaged or cut short: what could not be read of it is grey"
SMOOTH = cv2.resize(noise(24, 16), (64, 96), interpolation=cv2.INTER_CUBIC)
RGB = np.stack([SMOOTH, SMOOTH // 2, 255 - SMOOTH], -1)


def _files():
    """What can be read in part."""
    grey, rgb = Image.fromarray(SMOOTH), Image.fromarray(RGB)
    yield "JPEG", saved(grey, "JPEG", quality=95)
    yield "JPEG in colour", saved(rgb, "JPEG", quality=95)
    yield "JPEG CMYK", saved(rgb.convert("CMYK"), "JPEG", quality=95)
    yield "PNG", saved(Image.fromarray(noise(96, 64)), "PNG")
    yield "PNG palette", saved(Image.fromarray(noise(96, 64)).convert("P"), "PNG")
    yield "PNG with alpha", saved(Image.fromarray(noise(96, 64, 4)), "PNG")
    yield "PNG deep", plain_png(noise(96, 64, 3, np.uint16), 2)
    yield "PNG deep grey", plain_png(noise(96, 64, 1, np.uint16)[..., None], 0)
    yield "PNG deep grey alpha", plain_png(noise(96, 64, 2, np.uint16), 4)
    yield "BMP", saved(rgb, "BMP")
    yield "PPM", saved(grey, "PPM")
    yield "PPM deep", b"P6 64 96 65535\n" + noise(96, 64, 3, np.uint16).astype(">u2").tobytes()
    yield "PPM deep grey", b"P5 64 96 65535\n" + noise(96, 64, 1, np.uint16).astype(">u2").tobytes()
    yield "GIF", saved(Image.fromarray(noise(96, 64)), "GIF", interlace=0)
    yield "TIFF", _tiff(noise(96, 64, 3))
    yield "TIFF deep", _tiff(noise(96, 64, 1, np.uint16))
    yield "TIFF packed", _tiff(noise(96, 64, 3), compression="zlib", rowsperstrip=8)
    yield "TIFF float", _tiff(noise(96, 64, 1, np.float32), rowsperstrip=8)
    yield "TIFF tiled", _tiff(noise(96, 64, 3), tile=(16, 16))


def _tiff(samples, **options):
    import tifffile

    file = io.BytesIO()
    photometric = "rgb" if samples.ndim == 3 else "minisblack"
    tifffile.imwrite(file, samples, photometric=photometric, metadata=None, **options)
    return file.getvalue()


FILES = dict(_files())


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.7, 0.5])
def test_what_can_be_read_of_a_file_that_is_cut_short_is_kept_and_the_rest_is_grey(name, share):
    data = FILES[name]
    whole, part = read_picture(data), read_picture(data[: int(len(data) * share)])
    assert NOTE in part.notes
    assert part.luma.shape == whole.luma.shape
    middle = {"u1": 128, "u2": 32768, "f4": 0.5}[part.luma.dtype.str[1:]] * (0.5 if name == "JPEG CMYK" else 1)
    if name == "BMP":  # stored from the bottom up
        part_luma, whole_luma = part.luma[::-1], whole.luma[::-1]
    else:
        part_luma, whole_luma = part.luma, whole.luma
    assert np.array_equal(part_luma[:24], whole_luma[:24])
    assert np.abs(part_luma[-8:].astype(float) - middle).max() <= 0.02 * middle
    if part.alpha is not None:
        assert part.alpha[-8:].min() == np.iinfo(part.alpha.dtype).max


@pytest.mark.parametrize("name", FILES)
def test_strict_refuses_it(name):
    with pytest.raises(SourceUnreadable, match="damaged, cut short"):
        read_picture(FILES[name][: len(FILES[name]) // 2], strict=True)
    assert NOTE not in read_picture(FILES[name], strict=True).notes


@pytest.mark.parametrize("name", [name for name in FILES if name not in {"BMP", "PPM", "PPM deep"}])
def test_a_file_of_which_nothing_can_be_read_is_refused(name):
    data = FILES[name]
    start = data.index(b"\xff\xda") + 5 if name.startswith("JPEG") else 60
    with pytest.raises(SourceUnreadable):
        read_picture(data[:start])


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_of_which_only_the_head_has_come_is_refused(mode):
    data = saved(Image.fromarray(noise(320, 480)).convert(mode), "JPEG")
    scan = data.index(b"\xff\xda") + 2
    with pytest.raises(SourceUnreadable):
        read_picture(data[: scan + int.from_bytes(data[scan : scan + 2], "big") + 3])


def test_a_progressive_jpeg_shows_what_has_come():
    data = saved(Image.fromarray(SMOOTH), "JPEG", progressive=True, quality=95)
    part = read_picture(data[: len(data) * 7 // 10])
    assert part.notes == (NOTE,)
    assert np.corrcoef(part.luma.ravel(), SMOOTH.ravel())[0, 1] > 0.9


def test_what_a_part_says_of_itself_is_kept_and_it_is_turned():
    data = saved(Image.fromarray(SMOOTH), "JPEG", exif=b"Exif\0\0" + exif_bytes(6))
    part = read_picture(data[: len(data) * 7 // 10])
    assert part.luma.shape == (64, 96)
    assert b"1953:07:14" in part.metadata.exif
    assert np.abs(part.luma[:, :8].astype(int) - 128).max() <= 2  # what was below is now on the left


def test_a_damaged_chunk_beside_the_pixels_costs_no_pixel():
    samples = noise(16, 16, 3)
    for chunk in (png_chunk(b"gAMA", b"\0"), png_chunk(b"cHRM", bytes(31)), png_chunk(b"tEXt", b"a\0b")[:-1] + b"!"):
        part = read_picture(plain_png(samples, 2, chunk))
        assert np.array_equal(part.luma, read_picture(plain_png(samples, 2)).luma)
        assert NOTE in part.notes


def test_of_a_moving_gif_whose_end_is_missing_the_first_frame_is_whole():
    frames = [Image.fromarray(noise(96, 64, seed=seed)) for seed in (0, 1)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.array_equal(read_picture(data[: len(data) * 7 // 10]).luma, read_picture(data).luma)
