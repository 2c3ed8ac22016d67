"""PNG that says with gAMA and cHRM, not with a profile, what its samples mean."""

import struct
import zlib

import numpy as np
import pytest
from PIL import ImageCms

from colorizer.color.lightness import luma
from colorizer.image.reading import read_picture
from tests.image.drawn import noise, plain_png, png_chunk

REC709 = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)
WIDE = (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)  # ProPhoto, white D50
RAMP = np.linspace(0, 255, 256).round().astype(np.uint8)


def gamma(value):
    return png_chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def primaries(values):
    return png_chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))


def profile_chunk(profile):
    return png_chunk(b"iCCP", b"any\0\0" + zlib.compress(profile))


def encoded(linear):
    """sRGB of linear light, both 0 to 1."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("value", [1.0, 0.5, 0.7])
def test_gamma_alone_is_converted_to_srgb(kind, channels, value):
    top = np.iinfo(kind).max
    samples = np.repeat((RAMP.astype(kind) * (top // 255))[None, :, None], channels, axis=2)
    picture = read_picture(plain_png(samples, {1: 0, 2: 4, 3: 2, 4: 6}[channels], gamma(value)))
    wanted = encoded((RAMP / 255) ** (1 / value))
    assert np.abs(picture.luma[0] / top - wanted).max() < 1.1 / 255 + (0.004 if channels > 2 else 0)
    assert picture.notes == ()
    assert picture.metadata.icc is not None


def test_what_is_as_good_as_srgb_is_left_as_it_is():
    samples = noise(16, 16, 3)
    for chunks in ((gamma(0.45455),), (gamma(0.45455), primaries(REC709)), (gamma(0.4761904),), (primaries(WIDE),)):
        picture = read_picture(plain_png(samples, 2, *chunks))
        assert np.array_equal(picture.luma, luma(samples))
        assert picture.metadata.icc is None


def test_a_profile_and_the_srgb_chunk_win():
    samples = noise(16, 16, 3)
    plain = read_picture(plain_png(samples, 2)).luma
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for winner in (png_chunk(b"sRGB", b"\0"), profile_chunk(srgb)):
        picture = read_picture(plain_png(samples, 2, winner, gamma(1.0), primaries(WIDE)))
        assert np.array_equal(picture.luma, plain)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_other_primaries_are_converted(kind):
    """A colour of the wide space that sRGB holds, worked out from the definition of the spaces."""
    top = np.iinfo(kind).max
    samples = np.broadcast_to(np.array([0.6, 0.5, 0.4]) * top, (4, 4, 3)).round().astype(kind)
    picture = read_picture(plain_png(samples, 2, gamma(0.55556), primaries(WIDE)))
    to_xyz = np.array([[0.7977, 0.1352, 0.0313], [0.2880, 0.7119, 0.0001], [0.0, 0.0, 0.8249]])  # D50
    to_srgb = np.array([[3.1339, -1.6169, -0.4906], [-0.9788, 1.9161, 0.0335], [0.0719, -0.2290, 1.4052]])
    red, green, blue = encoded(to_srgb @ to_xyz @ np.array([0.6, 0.5, 0.4]) ** 1.8)
    assert picture.luma[0, 0] / top == pytest.approx(0.299 * red + 0.587 * green + 0.114 * blue, abs=0.006)


@pytest.mark.parametrize(
    "chunks",
    [
        (gamma(0.0),),
        (gamma(42_949.0),),
        (gamma(0.45455), primaries((0, 0, 0, 0, 0, 0, 0, 0))),
        (gamma(0.45455), primaries((0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3))),
    ],
)
def test_values_that_make_no_sense_are_ignored(chunks):
    samples = noise(16, 16, 3)
    picture = read_picture(plain_png(samples, 2, *chunks))
    assert np.array_equal(picture.luma, luma(samples))
