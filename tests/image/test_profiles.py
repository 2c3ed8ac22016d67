"""Colour profiles: what is shown stays the same, and sRGB stays bit for bit."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from colorizer.color.lightness import luma
from colorizer.image.profiles import srgb_profile, to_srgb
from colorizer.image.reading import read_picture
from tests.image.drawn import noise, plain_png, png_chunk, saved

XYZ_D50 = {  # primaries in the connection space
    "sRGB": ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    "wide": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
}
SRGB_CURVE = (
    b"para"
    + bytes(4)
    + struct.pack(">HH5i", 3, 0, *(round(n * 65536) for n in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)))
)


def gamma_curve(gamma):
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)


def profile(curve, primaries=None, space=b"RGB "):
    """An ICC profile, version 2 or 4 as the curve needs, of one curve and a matrix (or of grey)."""
    fixed = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78) + bytes(2),
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", 63190, 65536, 54061),
        b"cprt": b"text" + bytes(4) + b"none\0" + bytes(3),
    }
    if primaries is None:
        tags = {**fixed, b"kTRC": curve}
    else:
        columns = (b"XYZ " + bytes(4) + struct.pack(">3i", *(round(n * 65536) for n in xyz)) for xyz in primaries)
        tags = {**fixed, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
        tags |= dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True))
    table, data = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for name, tag in tags.items():
        padded = tag + bytes(-len(tag) % 4)
        table += struct.pack(">4sII", name, start + len(data), len(tag))
        data += padded
    head = struct.pack(
        ">I4sI4s4s4s12s4s", start + len(data), bytes(4), 0x02400000, b"mntr", space, b"XYZ ", bytes(12), b"acsp"
    )
    head += bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + table + data


GREY_22 = profile(gamma_curve(2.2), space=b"GRAY")
GREY_LINEAR = profile(gamma_curve(1.0), space=b"GRAY")
WIDE_22 = profile(gamma_curve(2.19921875), XYZ_D50["wide"])
SRGB = profile(SRGB_CURVE, XYZ_D50["sRGB"])


def encoded(linear):
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("icc", [SRGB, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_an_srgb_profile_changes_no_sample(icc, kind):
    grey = noise(30, 30, 1, kind)
    rgb = noise(30, 30, 3, kind)
    for samples, colour_type in ((grey[..., None], 0), (rgb, 2)):
        chunk = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(icc))
        picture = read_picture(plain_png(samples, colour_type, chunk))
        assert np.array_equal(picture.luma, samples[..., 0] if colour_type == 0 else luma(samples))
        assert picture.metadata.icc == srgb_profile()
        assert not [note for note in picture.notes if "profile" in note]


@pytest.mark.parametrize(("icc", "gamma"), [(GREY_22, 2.2), (GREY_LINEAR, 1.0)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_a_grey_profile_is_converted_at_every_depth(icc, gamma, kind):
    top = {np.uint8: 255, np.uint16: 65535, np.float32: 1}[kind]
    samples = (np.linspace(0, 1, 256) * top).astype(kind)[None]
    mode = {np.uint8: "L", np.uint16: "I;16", np.float32: "F"}[kind]
    picture = read_picture(saved(Image.frombytes(mode, (256, 1), samples.tobytes()), "TIFF", icc_profile=icc))
    want = encoded((samples / top) ** gamma)
    assert np.abs(picture.luma / top - want).max() <= (1.6 / 255 if kind is np.uint8 else 3e-4)
    assert picture.luma.dtype == kind


def test_a_wide_gamut_gives_the_same_luma_at_8_and_at_16_bit():
    rgb = noise(32, 32, 3)
    shallow = read_picture(saved(Image.fromarray(rgb), "PNG", icc_profile=WIDE_22)).luma
    chunk = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(WIDE_22))
    deep = read_picture(plain_png(rgb.astype(np.uint16) * 257, 2, chunk)).luma
    assert np.abs(shallow - luma(rgb).astype(int)).max() > 3
    assert np.abs(deep / 257 - shallow).max() <= 1.5


def test_a_grey_picture_may_have_a_colour_profile():
    grey = noise(8, 8)
    plain = read_picture(saved(Image.fromarray(grey), "PNG", icc_profile=SRGB))
    assert np.array_equal(plain.luma, grey)
    wide = read_picture(saved(Image.fromarray(grey), "PNG", icc_profile=WIDE_22))
    want = encoded((grey / 255) ** 2.2)
    assert np.abs(wide.luma / 255 - want).max() <= 2 / 255


@pytest.mark.parametrize("damage", [b"", b"not a profile", SRGB[:200], SRGB[:128] + bytes(40), GREY_22])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_a_broken_or_unfit_profile_is_ignored_and_it_is_said(damage, kind):
    rgb = noise(6, 6, 3, kind)
    chunk = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(damage))
    picture = read_picture(plain_png(rgb, 2, chunk))
    assert np.array_equal(picture.luma, luma(rgb))
    assert picture.metadata.icc is None
    assert ("its colour profile is broken or unfit; it was ignored" in picture.notes) == bool(damage)


CURVES = (
    (2.2,),
    (2.2, 0.9, 0.1),
    (2.2, 0.85, 0.1, 0.03),
    (1.8, 0.95, 0.05, 0.08, 0.04),
    (2.2, 0.9, 0.08, 0.1, 0.05, 0.01, 0.005),
)


@pytest.mark.parametrize("kind", range(5))
def test_every_parametric_curve_agrees_with_lcms(kind):
    curve = (
        b"para" + bytes(4) + struct.pack(f">HH{len(CURVES[kind])}i", kind, 0, *(round(n * 65536) for n in CURVES[kind]))
    )
    icc = profile(curve, XYZ_D50["sRGB"])
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    shallow = to_srgb(icc, "rgb", np.dtype(np.uint8)).convert(ramp)
    deep = to_srgb(icc, "rgb", np.dtype(np.uint16)).convert(ramp.astype(np.uint16) * 257)
    assert np.abs(deep / 257 - shallow).max() <= 1.5


def table_profile():
    """An RGB profile made of a table: L* is the mean of the channels, whatever the colour."""
    ramp = bytes(range(256))
    nodes = b"".join(bytes([255 * (n.bit_count()) // 3, 128, 128]) for n in range(8))
    matrix = struct.pack(">9i", *(65536 * (n % 4 == 0) for n in range(9)))
    table = b"mft1" + bytes(4) + bytes([3, 3, 2, 0]) + matrix + ramp * 3 + nodes + ramp * 3
    return (
        profile(table).replace(b"kTRC", b"A2B0").replace(b"XYZ " + bytes(12) + b"acsp", b"Lab " + bytes(12) + b"acsp")
    )


def test_a_profile_of_tables_lends_its_tone_curve_to_deep_samples():
    grey = np.repeat(np.linspace(0, 65535, 100).astype(np.uint16)[None, :, None], 3, axis=2)
    chunk = png_chunk(b"iCCP", b"p\0\0" + zlib.compress(table_profile()))
    deep = read_picture(plain_png(grey, 2, chunk))
    shallow = read_picture(plain_png((grey >> 8).astype(np.uint8), 2, chunk))
    lightness = grey[0, :, 0] / 655.35
    want = encoded(np.where(lightness > 8, ((lightness + 16) / 116) ** 3, lightness / 903.3))
    assert np.abs(deep.luma[0] / 65535 - want).max() < 0.008
    assert np.abs(shallow.luma[0] / 255 - want).max() < 0.015
    assert "its colour profile is a table; at this bit depth only its tone curve was applied" in deep.notes


def test_the_profile_to_embed_is_the_same_at_every_run_and_valid():
    assert srgb_profile() == srgb_profile()
    assert srgb_profile()[24:36] == struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    ImageCms.ImageCmsProfile(io.BytesIO(srgb_profile()))
