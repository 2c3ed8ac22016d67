"""Samples of more than 8 bits: nothing may be cut, in any layout."""

import io
import itertools
import struct

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer.color.lightness import luma
from colorizer.errors import ColorizerError, SourceTooLarge, SourceUnreadable
from colorizer.image.reading import read_picture
from tests.image.drawn import noise, plain_png, png_chunk, saved

LAYOUTS = list(itertools.product((False, True), "<>", (None, "zlib"), (None, (16, 32)), (False, True)))


def written(samples, photometric, extra=None, *, planar=False, order="<", compression=None, tile=None, big=False):
    """A TIFF by tifffile. samples: (H, W, channels)."""
    file = io.BytesIO()
    channels = samples.shape[2]
    tifffile.imwrite(
        file,
        samples[..., 0] if channels == 1 else np.moveaxis(samples, -1, 0) if planar else samples,
        photometric=photometric,
        planarconfig=None if channels == 1 else "separate" if planar else "contig",
        extrasamples=extra,
        byteorder=order,
        compression=compression,
        tile=tile,
        rowsperstrip=None if tile else 7,
        bigtiff=big,
        metadata=None,
    )
    return file.getvalue()


def expected(samples, photometric):
    """Luma and alpha as they should be, of samples whose channel after the colours is alpha."""
    colours = 3 if photometric == "rgb" else 1
    top = 1 if samples.dtype.kind == "f" else np.iinfo(samples.dtype).max
    shown = samples[..., :colours] if photometric != "miniswhite" else top - samples[..., :colours]
    alpha = samples[..., colours] if samples.shape[2] > colours else None
    if samples.dtype not in (np.uint8, np.uint16):
        shown = np.float32(np.clip(shown, 0, None) / max(1, shown.max()))
        alpha = None if alpha is None else np.float32(np.clip(alpha / top, 0, 1))
    return luma(np.ascontiguousarray(shown)) if colours == 3 else shown[..., 0], alpha


@pytest.mark.parametrize("kind", ["uint8", "uint16", "int16", "uint32", "float32", "float64"])
@pytest.mark.parametrize(
    ("photometric", "channels"), [("minisblack", 1), ("miniswhite", 1), ("minisblack", 2), ("rgb", 3), ("rgb", 4)]
)
def test_every_layout_of_a_tiff_gives_its_samples(kind, photometric, channels):
    unit = np.random.default_rng(1).random((37, 45, channels))
    samples = (unit * (1 if kind.startswith("float") else np.iinfo(kind).max)).astype(kind)
    want_luma, want_alpha = expected(samples, photometric)
    extra = ["unassalpha"] if channels in (2, 4) else None
    for planar, order, compression, tile, big in LAYOUTS:
        data = written(
            samples, photometric, extra, planar=planar, order=order, compression=compression, tile=tile, big=big
        )
        picture = read_picture(data)
        assert picture.luma.dtype == want_luma.dtype
        np.testing.assert_allclose(picture.luma, want_luma, atol=0 if want_luma.dtype.kind == "u" else 2e-6)
        if want_alpha is None:
            assert picture.alpha is None
        else:
            np.testing.assert_allclose(picture.alpha, want_alpha, atol=0 if want_luma.dtype.kind == "u" else 2e-6)


@pytest.mark.parametrize("greatest", [65535, 1023, 257])
def test_a_ppm_in_colour_keeps_its_16_bits(greatest):
    samples = np.random.default_rng(2).integers(0, greatest + 1, (23, 31, 3)).astype(">u2")
    head = f"P6 # by a scanner\n31 23\n{greatest}\n".encode()
    picture = read_picture(head + samples.tobytes())
    want = luma(np.rint(samples * (65535 / greatest)).astype(np.uint16))
    assert picture.luma.dtype == np.uint16
    assert (picture.luma == want).all()
    assert not any("8 bit" in note for note in picture.notes)
    with pytest.raises(SourceUnreadable, match="damaged"):
        read_picture(head + samples.tobytes()[:-1], strict=True)


def deep_files():
    samples = noise(40, 50, 3, np.uint16)
    text = " ".join(map(str, samples.reshape(-1))).encode()
    yield "PPM as text", b"P3\n50 40\n65535\n" + text, 16
    yield "JPEG 2000", cv2.imencode(".jp2", samples)[1].tobytes(), 16
    for bits in (10, 12):
        options = [cv2.IMWRITE_AVIF_DEPTH, bits]
        yield f"AVIF of {bits}", cv2.imencode(".avif", samples >> (16 - bits), options)[1].tobytes(), bits


@pytest.mark.parametrize(("data", "bits"), [pytest.param(data, bits, id=name) for name, data, bits in deep_files()])
def test_where_depth_is_lost_it_is_said(data, bits):
    picture = read_picture(data)
    assert picture.luma.dtype == np.uint8
    assert f"its {bits}-bit samples were read as 8 bit" in picture.notes


@pytest.mark.parametrize("kind", ["PPM", "JPEG2000", "AVIF"])
@pytest.mark.parametrize("channels", [1, 3])
def test_where_no_depth_is_lost_nothing_is_said_of_it(kind, channels):
    assert not any("bit" in note for note in read_picture(saved(Image.fromarray(noise(40, 50, channels)), kind)).notes)


@pytest.mark.parametrize("kind", [np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiff_packed_by_libtiff_is_read(kind, channels):
    samples = noise(33, 21, channels, kind)
    bgr = samples if channels == 1 else samples[..., [2, 1, 0, 3][:channels]]
    for compression in (1, 5, 8, 32946):
        done, data = cv2.imencode(".tiff", bgr, [cv2.IMWRITE_TIFF_COMPRESSION, compression])
        assert done
        got = read_picture(data.tobytes()).luma
        want = samples if channels == 1 else luma(np.ascontiguousarray(samples[..., :3]))
        np.testing.assert_array_equal(got, want)


def test_the_predictor_of_floats_is_undone():
    samples = noise(5, 9, 3, np.float32)
    rows = samples.astype(">f4").view(np.uint8).reshape(5, 27, 4).transpose(0, 2, 1).reshape(5, 108)
    packed = rows.reshape(5, 36, 3)
    packed = np.concatenate([packed[:, :1], np.diff(packed, axis=1)], axis=1).reshape(5, 108)  # modulo 256
    data = bytearray(written(samples, "rgb"))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as tiff:
        page = tiff.pages[0]
        start = page.dataoffsets[0]
        spare = page.tags["ResolutionUnit"].offset  # turned into the predictor's field
        order_kept = page.tags["SampleFormat"].offset > spare
    data[start : start + packed.size] = packed.tobytes()
    struct.pack_into("<HHIHH", data, spare, 317, 3, 1, 3, 0)
    assert order_kept
    np.testing.assert_array_equal(read_picture(bytes(data)).luma, luma(samples))


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([(1, 0), (2, 4), (3, 2), (4, 6)]), st.integers(0, 99))
def test_every_deep_png_gives_its_samples(height, width, kind, seed):
    channels, colour_type = kind
    samples = np.random.default_rng(seed).integers(0, 65536, (height, width, channels), dtype=np.uint16)
    picture = read_picture(plain_png(samples, colour_type))
    shown = samples[..., 0] if channels < 3 else luma(np.ascontiguousarray(samples[..., :3]))
    np.testing.assert_array_equal(picture.luma, shown)
    if channels in (2, 4) and samples[..., -1].min() < 65535:
        np.testing.assert_array_equal(picture.alpha, samples[..., -1])
    else:
        assert picture.alpha is None


@pytest.mark.parametrize("channels", [1, 3])
def test_the_transparent_colour_of_a_deep_png_becomes_alpha(channels):
    samples = np.arange(4 * channels, dtype=np.uint16).reshape(2, 2, channels) * 1000
    key = png_chunk(b"tRNS", samples[0, 1].astype(">u2").tobytes())
    picture = read_picture(plain_png(samples, 0 if channels == 1 else 2, key))
    np.testing.assert_array_equal(picture.alpha, np.uint16([[65535, 0], [65535, 65535]]))


def test_a_deep_png_is_turned_and_its_metadata_found():
    exif = Image.Exif()
    exif[274] = 6
    samples = noise(5, 8, 3, np.uint16)
    picture = read_picture(plain_png(samples, 2, png_chunk(b"eXIf", exif.tobytes()[6:])))
    np.testing.assert_array_equal(picture.luma, np.rot90(luma(samples), -1))


def test_floats_beyond_white_are_scaled_and_it_is_said():
    samples = np.float32([[[0.5], [4.0], [-1.0], [np.nan], [np.inf]]])
    picture = read_picture(written(samples, "minisblack"))
    np.testing.assert_allclose(picture.luma, [[0.125, 1, 0, 0, 1]])
    assert picture.notes == (
        "its samples reach 4; they were divided by that, so that the brightest is white",
        "some of its samples are no finite numbers; they became black or white",
        "some of its samples are below zero; they became black",
    )


def test_floats_without_any_number_become_black():
    picture = read_picture(written(np.full((3, 3, 1), np.nan, np.float32), "minisblack"))
    assert picture.luma.tolist() == [[0, 0, 0]] * 3


def test_twelve_bit_samples_fill_the_range():
    packed = bytes([0xFF, 0xF0, 0x00, 0x80, 0x0F, 0xFF])
    file = io.BytesIO()
    tifffile.imwrite(file, np.zeros((1, 6), np.uint8), photometric="minisblack", metadata=None)
    data = bytearray(file.getvalue())
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as tiff:
        tags, start = tiff.pages[0].tags, tiff.pages[0].dataoffsets[0]
        struct.pack_into("<H", data, tags["BitsPerSample"].valueoffset, 12)
        struct.pack_into("<H", data, tags["ImageWidth"].valueoffset, 4)
    data[start : start + 6] = packed
    assert read_picture(bytes(data)).luma.tolist() == [[65535, 0, 0x8008, 65535]]


def test_a_float_picture_may_not_need_more_memory_than_the_limit_means():
    data = written(np.zeros((10, 10, 4), np.float64), "rgb", ["unassalpha"], compression="zlib")
    assert read_picture(data, max_megapixels=0.0002).luma.shape == (10, 10)
    with pytest.raises(SourceTooLarge):
        read_picture(data, max_megapixels=0.00019)


def test_a_tile_as_wide_as_an_ocean_is_refused_before_it_is_made():
    data = bytearray(written(noise(20, 20, 3, np.uint16), "rgb", tile=(16, 16)))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as tiff:
        place = tiff.pages[0].tags["TileWidth"].valueoffset
    for width in (2**31, 2**24, 0):
        struct.pack_into("<I", data, place, width) if width > 65535 else struct.pack_into("<H", data, place, width)
        with pytest.raises(ColorizerError):
            read_picture(bytes(data))


def test_a_tiff_that_lost_its_end_is_refused_strictly():
    data = written(noise(40, 40, 3, np.uint16), "rgb")
    with pytest.raises(SourceUnreadable, match="damaged, cut short"):
        read_picture(data[: len(data) // 2], strict=True)


def test_a_deep_png_that_lost_its_end_is_refused_strictly():
    data = plain_png(noise(40, 40, 3, np.uint16), 2)
    with pytest.raises(SourceUnreadable, match="damaged, cut short"):
        read_picture(data[: len(data) // 2], strict=True)


def test_sixteen_bit_process_colours_are_read_at_eight_and_it_is_said():
    samples = np.full((4, 4, 4), 0, np.uint16)
    picture = read_picture(written(samples, "separated"))
    assert picture.luma.tolist() == [[255] * 4] * 4
    assert picture.notes[0] == "its 16-bit samples were read as 8 bit"


def test_old_grey_tiffs_without_strip_sizes_are_read():
    grey = noise(6, 6)
    data = bytearray(saved(Image.fromarray(grey), "TIFF"))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as tiff:
        struct.pack_into("<H", data, tiff.pages[0].tags["StripByteCounts"].offset, 65000)
    np.testing.assert_array_equal(read_picture(bytes(data)).luma, grey)
