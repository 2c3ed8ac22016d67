"""Reading: every kind of pixel, upright once, and one clear line for what is no picture."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageOps, features

from colorizer.color.lightness import luma
from colorizer.errors import SourceMissing, SourceTooLarge, SourceUnreadable
from colorizer.image.reading import read_picture
from tests.image.drawn import arrow, exif_bytes, noise, plain_png, png_chunk, saved, xmp_packet

LOSSLESS = ("PNG", "TIFF", "BMP", "PPM")


@pytest.mark.parametrize("kind", LOSSLESS)
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (1, 300), (64, 33)])
def test_grey_samples_are_kept_exactly(kind, size):
    grey = noise(*size)
    picture = read_picture(saved(Image.fromarray(grey), kind))
    assert picture.format == kind
    assert np.array_equal(picture.luma, grey)
    assert not picture.had_colour
    assert picture.alpha is None
    assert picture.notes == ()


@pytest.mark.parametrize("kind", LOSSLESS)
def test_colour_becomes_luma_and_is_reported(kind):
    rgb = noise(20, 30, 3)
    picture = read_picture(saved(Image.fromarray(rgb), kind))
    assert np.array_equal(picture.luma, luma(rgb))
    assert picture.had_colour
    assert picture.notes == ("the picture has colour; it was treated as grey",)


def test_grey_stored_as_rgb_has_no_colour_and_loses_nothing():
    grey = noise(20, 30)
    picture = read_picture(saved(Image.fromarray(grey).convert("RGB"), "PNG"))
    assert np.array_equal(picture.luma, grey)
    assert not picture.had_colour


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 100}), ("WEBP", {"lossless": True})])
def test_lossy_formats_are_read_as_pillow_decodes_them(kind, options):
    data = saved(Image.fromarray(arrow()).convert("RGB"), kind, **options)
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    assert np.array_equal(read_picture(data).luma, luma(expected))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "GIF"])
def test_black_and_white_and_palettes_are_read(kind):
    grey = noise(9, 11)
    two = Image.fromarray(grey).convert("1")
    assert np.array_equal(read_picture(saved(two, kind)).luma, np.asarray(two.convert("L")))
    palette = Image.fromarray(np.uint8(grey // 64)).convert("P")
    palette.putpalette([0, 0, 0, 90, 90, 90, 200, 200, 200, 255, 255, 255])
    assert np.array_equal(read_picture(saved(palette, kind)).luma, np.asarray(palette.convert("L")))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_kept(kind, mode):
    if (kind, mode) == ("WEBP", "LA"):
        pytest.skip("WebP has no grey")
    samples = noise(12, 8, len(mode))
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    picture = read_picture(saved(Image.fromarray(samples, mode), kind, **options))
    assert np.array_equal(picture.alpha, samples[..., -1])
    shown = samples[..., 0] if mode == "LA" else luma(np.ascontiguousarray(samples[..., :3]))
    assert np.array_equal(picture.luma, shown)


def test_alpha_that_is_opaque_everywhere_is_left_out():
    picture = read_picture(saved(Image.fromarray(noise(8, 8)).convert("LA"), "PNG"))
    assert picture.alpha is None


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_a_transparent_colour_becomes_alpha(mode):
    image = Image.fromarray(np.uint8([[0, 80], [160, 240]])).convert(mode)
    key = {"L": 80, "RGB": (80, 80, 80), "P": image.getpixel((1, 0))}[mode]
    picture = read_picture(saved(image, "PNG", transparency=key))
    assert np.array_equal(picture.alpha, np.uint8([[255, 0], [255, 255]]))


def test_premultiplied_alpha_is_undone():
    samples = np.uint8([[[100, 200], [0, 0], [50, 255]]])
    import tifffile

    file = io.BytesIO()
    tifffile.imwrite(file, samples, photometric="minisblack", extrasamples=["assocalpha"], metadata=None)
    picture = read_picture(file.getvalue())
    assert picture.luma.tolist() == [[128, 0, 50]]


def test_process_colours_of_a_jpeg_are_read_the_right_way_round():
    dark = Image.new("CMYK", (16, 16), (0, 0, 0, 230))
    picture = read_picture(saved(dark, "JPEG", quality=95))
    assert abs(int(picture.luma.mean()) - 25) <= 2
    assert picture.notes == ("its CMYK colours have no profile; plain process colours were assumed",)


def test_lab_is_read():
    picture = read_picture(saved(Image.new("LAB", (4, 4), (128, 128, 128)), "TIFF"))
    assert abs(int(picture.luma[0, 0]) - 119) <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "TIFF via Pillow"])
def test_every_orientation_gives_the_same_upright_picture(kind, orientation):
    back = {1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}[orientation]
    upright = Image.fromarray(arrow())
    stored = upright if back is None else upright.transpose(Image.Transpose(back))
    exif = Image.Exif()
    exif[274] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 100} if kind == "JPEG" else {}
    if "via" in kind:  # LZW of one bit is not for our own reader
        stored = stored.convert("1")
        upright = stored if back is None else ImageOps.exif_transpose(_tagged(stored, orientation))
    picture = read_picture(saved(stored, kind.split()[0], exif=exif, **options))
    expected = np.asarray(upright.convert("L")).astype(int)
    assert picture.luma.shape == expected.shape
    assert np.abs(picture.luma - expected).max() <= (3 if kind == "JPEG" else 0)
    if picture.metadata.exif:
        kept = Image.Exif()
        kept.load(picture.metadata.exif)
        assert kept.get(274, 1) == 1


def _tagged(image, orientation):
    tagged = image.copy()
    tagged.getexif()[274] = orientation
    return tagged


def test_orientation_that_only_xmp_tells_is_applied_and_removed():
    data = saved(Image.fromarray(arrow()), "WEBP", lossless=True, xmp=xmp_packet(6))
    picture = read_picture(data)
    assert picture.luma.shape == arrow().shape[::-1]
    assert b"Orientation" not in picture.metadata.xmp


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_heic_is_turned_once(orientation):
    import pillow_heif

    upright = Image.fromarray(np.repeat(np.repeat(arrow(8, 6), 16, 0), 16, 1)).convert("RGB")
    turn = {1: None, 3: 3, 6: 2, 8: 4}[orientation]
    stored = upright if turn is None else upright.transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[274] = orientation
    file = io.BytesIO()
    pillow_heif.from_pillow(stored).save(file, quality=95, exif=exif.tobytes())
    picture = read_picture(file.getvalue())
    assert picture.format == "HEIF"
    assert picture.luma.shape == upright.size[::-1]
    assert np.abs(picture.luma.astype(int) - np.asarray(upright)[..., 0]).mean() < 4


@pytest.mark.skipif("avif" not in features.modules, reason="Pillow before 11.3")
def test_avif_is_turned_once():
    stored = Image.fromarray(arrow(32, 48)).convert("RGB")
    exif = Image.Exif()
    exif[274] = 6
    picture = read_picture(saved(stored, "AVIF", exif=exif, quality=90))
    assert picture.luma.shape == (48, 32)
    assert np.abs(picture.luma.astype(int) - np.rot90(arrow(32, 48), -1)).mean() < 4


def test_the_first_frame_of_a_moving_picture_is_taken_and_said():
    frames = [Image.fromarray(noise(8, 8, seed=seed)) for seed in range(3)]
    picture = read_picture(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert np.array_equal(picture.luma, np.asarray(frames[0]))
    assert picture.notes == ("this GIF has 3 frames; the first one was taken",)


def test_the_first_page_of_a_tiff_is_taken_and_said():
    pages = [Image.fromarray(noise(8, 8, seed=seed)) for seed in range(2)]
    picture = read_picture(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert np.array_equal(picture.luma, np.asarray(pages[0]))
    assert picture.notes == ("this TIFF has several pages; the first one was taken",)


def test_a_deep_ppm_stays_deep():
    data = b"P5 3 1 65535\n" + struct.pack(">3H", 0, 1000, 65535)
    assert read_picture(data).luma.tolist() == [[0, 1000, 65535]]
    assert read_picture(data).luma.dtype == np.uint16


def test_jpeg_2000_is_read():
    grey = noise(40, 30)
    assert np.array_equal(read_picture(saved(Image.fromarray(grey), "JPEG2000")).luma, grey)


NOT_PICTURES = {
    "a text": (b"Dear diary,\ntoday I scanned grandma.\n", "text"),
    "a ZIP": (b"PK\x03\x04" + bytes(60), "ZIP"),
    "an SVG": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "PostScript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
    "a video": (struct.pack(">I", 24) + b"ftypisom" + bytes(12) + b"moov", "video"),
    "a Matroska": (b"\x1aE\xdf\xa3" + bytes(40), "video"),
    "a Photoshop file": (b"8BPS\0\1" + bytes(40), "Photoshop"),
    "an LFS pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS"),
    "noise": (bytes(range(1, 200)), "no picture"),
}


@pytest.mark.parametrize("what", NOT_PICTURES)
def test_what_is_no_picture_is_named_in_one_line(tmp_path, what):
    data, word = NOT_PICTURES[what]
    path = tmp_path / 'Großmutter\'s "best" photo.jpg'
    path.write_bytes(data)
    with pytest.raises(SourceUnreadable, match=word) as caught:
        read_picture(path)
    assert str(caught.value).startswith('Großmutter\'s "best" photo.jpg ')
    assert "\n" not in str(caught.value)


def test_a_camera_raw_file_is_not_taken_for_its_preview():
    image = Image.fromarray(noise(16, 16))
    with pytest.raises(SourceUnreadable, match="raw file"):
        read_picture(saved(image, "TIFF", tiffinfo={50706: b"\1\4\0\0"}))


def test_missing_empty_and_odd_places_are_told_apart(tmp_path):
    with pytest.raises(SourceMissing, match=r"nowhere\.png is not there"):
        read_picture(tmp_path / "nowhere.png")
    (tmp_path / "empty.png").touch()
    with pytest.raises(SourceUnreadable, match=r"empty\.png is empty"):
        read_picture(tmp_path / "empty.png")
    with pytest.raises(SourceUnreadable, match="is empty"):
        read_picture(b"")
    with pytest.raises(SourceUnreadable, match="is a folder"):
        read_picture(tmp_path)
    with pytest.raises(SourceUnreadable, match="cannot be opened"):
        read_picture(tmp_path / "nul\0.png")


def test_a_name_cannot_break_the_line():
    with pytest.raises(SourceUnreadable) as caught:
        read_picture(b"", "two\nlines\x1b[31m.png")
    assert str(caught.value).startswith("two?lines?[31m.png is empty")


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG", "WEBP", "GIF", "BMP", "PPM", "JPEG2000"])
def test_the_pixel_limit_is_exact_for_every_reader(kind):
    data = saved(Image.fromarray(noise(100, 100)), kind)
    assert read_picture(data, max_megapixels=0.01).luma.shape == (100, 100)
    with pytest.raises(SourceTooLarge, match=r"scan has 100 x 100 pixels .*limit is 0.0099.* COLORIZER_MAX_MEGAPIXELS"):
        read_picture(data, "scan", max_megapixels=0.0099)


def test_the_setting_limits_when_nothing_else_is_said(monkeypatch):
    data = plain_png(noise(2, 2), 0, size=(20_000, 20_000))
    with pytest.raises(SourceTooLarge, match=r"20000 x 20000 pixels \(400.0 megapixels\), and the limit is 200"):
        read_picture(data)


def test_pictures_beyond_pillows_own_limit_are_read(monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 50)
    for kind in ("PNG", "TIFF", "GIF", "WEBP", "JPEG"):
        assert read_picture(saved(Image.fromarray(noise(20, 20)), kind)).luma.shape == (20, 20)
    assert Image.MAX_IMAGE_PIXELS == 50


def test_dots_per_inch_are_read_everywhere_and_turned_with_the_picture():
    image = Image.fromarray(arrow())
    for kind in ("PNG", "JPEG", "TIFF", "BMP"):
        dpi = read_picture(saved(image, kind, dpi=(300, 150))).metadata.dpi
        assert dpi == pytest.approx((300, 150), rel=1e-3)
    turned = read_picture(saved(image, "WEBP", exif=exif_bytes(orientation=6))).metadata
    assert turned.dpi == (150, 300)
    assert read_picture(saved(image, "WEBP")).metadata.dpi is None


def test_chunks_behind_the_pixels_are_found():
    data = plain_png(noise(4, 6), 0)
    late = data[:-12] + png_chunk(b"eXIf", exif_bytes(orientation=8)) + data[-12:]
    assert read_picture(late).luma.shape == (6, 4)


def test_exif_as_imagemagick_wrote_it_into_png_is_understood():
    blob = b"Exif\0\0" + exif_bytes(orientation=6)
    text = b"Raw profile type exif\0\nexif\n%8d\n" % len(blob) + blob.hex().encode()
    assert read_picture(plain_png(noise(4, 6), 0, png_chunk(b"tEXt", text))).luma.shape == (6, 4)


@pytest.mark.parametrize("options", [{}, {"photometric": "palette", "colormap": np.full((3, 256), 7, np.uint16)}])
@pytest.mark.parametrize("previews", [1, 3])
def test_a_preview_in_front_is_not_taken_for_the_picture(options, previews):
    import tifffile

    file = io.BytesIO()
    with tifffile.TiffWriter(file) as tiff:
        for _ in range(previews):
            tiff.write(noise(6, 4), subfiletype=1, metadata=None, photometric="minisblack")
        tiff.write(noise(24, 16), metadata=None, **{"photometric": "minisblack", **options})
    picture = read_picture(file.getvalue())
    assert picture.luma.shape == (24, 16)
    assert picture.notes == ()


def test_a_preview_alone_is_better_than_nothing():
    data = saved(Image.fromarray(noise(6, 4)), "TIFF", tiffinfo={254: 1})
    assert read_picture(data).luma.shape == (6, 4)
