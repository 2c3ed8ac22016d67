"""Writing: the same samples back, whole files or none, and never over another file unasked."""

import io
import os
import subprocess
import sys
import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from colorizer.color.lightness import from_unit, full_scale, luma, to_unit
from colorizer.errors import OutputError, SettingError, TargetExists
from colorizer.image import writing
from colorizer.image.encoding import ResultPicture, write
from colorizer.image.profiles import srgb_profile
from colorizer.image.reading import read_picture
from colorizer.image.values import Metadata, SaveOptions, SourcePicture
from colorizer.image.writing import chosen_format, encode_picture, save_picture, saving_notes, suffix_of
from tests.image.drawn import noise, source
from tests.strategies import lumas

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF")
SIDES = st.integers(1, 40)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def in_type(samples, stored):
    return samples if samples.dtype == stored else from_unit(to_unit(samples), stored)


@given(lumas(), st.booleans(), st.integers(0, 99))
def test_lossless_formats_give_grey_and_alpha_back_exactly(grey, has_alpha, seed):
    kind = grey.dtype.type
    alpha = noise(*grey.shape, 1, kind, seed) if has_alpha else None
    for written in ("PNG", "TIFF"):
        back = read_picture(encode_picture(grey, source(grey, alpha), SaveOptions(written)))
        stored = np.dtype(np.uint16) if written == "PNG" and kind is np.float32 else grey.dtype
        np.testing.assert_array_equal(back.luma, in_type(grey, stored))
        if alpha is not None and in_type(alpha, stored).min() < full_scale(stored):
            np.testing.assert_array_equal(back.alpha, in_type(alpha, stored))
        else:
            assert back.alpha is None


@given(SIDES, SIDES, st.sampled_from([np.uint8, np.uint16, np.float32]), st.booleans())
def test_other_programs_read_the_same_colours_from_lossless_formats(height, width, kind, has_alpha):
    rgb = noise(height, width, 3, kind)
    alpha = noise(height, width, 1, kind, 5) if has_alpha else None
    picture = source(luma(rgb), alpha)
    want = rgb if alpha is None else np.dstack([rgb, alpha])
    got = tifffile.imread(io.BytesIO(encode_picture(rgb, picture, SaveOptions("TIFF"))))
    np.testing.assert_array_equal(got.reshape(want.shape), want)
    if kind is not np.float32:
        data = np.frombuffer(encode_picture(rgb, picture, SaveOptions("PNG")), np.uint8)
        got = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(got, want[..., [2, 1, 0, 3][: want.shape[2]]])


def test_a_picture_of_many_strips_is_whole(monkeypatch):
    monkeypatch.setattr("colorizer.image.encoding._STRIP_PIXELS", 700)
    monkeypatch.setattr("colorizer.image.raster._STRIP_PIXELS", 300)
    for kind in (np.uint8, np.uint16, np.float32):
        grey, alpha = noise(101, 77, 1, kind), noise(101, 77, 1, kind, 1)
        for written in ("PNG", "TIFF")[kind is np.float32 :]:
            back = read_picture(encode_picture(grey, source(grey, alpha), SaveOptions(written)))
            np.testing.assert_array_equal(back.luma, grey)
            np.testing.assert_array_equal(back.alpha, alpha)


@pytest.mark.parametrize("written", ["JPEG", "WEBP"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_lossy_formats_come_close(written, kind):
    smooth = np.linspace(0, 1, 64 * 48, dtype=np.float32).reshape(64, 48)
    grey = from_unit(smooth, np.dtype(kind))
    for pixels in (grey, np.repeat(grey[..., None], 3, axis=2)):
        back = read_picture(encode_picture(pixels, source(grey), SaveOptions(written, quality=95)))
        assert np.abs(back.luma / 255 - smooth).max() < 0.03
        assert not back.had_colour


def test_quality_costs_bytes():
    picture = source(noise(64, 64))
    for written in ("JPEG", "WEBP"):
        sizes = [len(encode_picture(picture.luma, picture, SaveOptions(written, quality=q))) for q in (10, 60, 98)]
        assert sizes == sorted(set(sizes))


def test_transparency_is_kept_by_webp_and_put_on_white_by_jpeg():
    grey = np.full((16, 16), 40, np.uint8)
    alpha = np.repeat(np.uint8([[0, 255]]), 8, axis=1).repeat(16, axis=0)
    picture = source(grey, alpha)
    for pixels in (grey, np.repeat(grey[..., None], 3, axis=2)):
        webp = read_picture(encode_picture(pixels, picture, SaveOptions("WEBP")))
        np.testing.assert_array_equal(webp.alpha, alpha)
        jpeg = read_picture(encode_picture(pixels, picture, SaveOptions("JPEG")))
        assert jpeg.alpha is None
        assert jpeg.luma[:, :6].min() > 245
        assert jpeg.luma[:, 10:].max() < 50


def test_what_a_format_cannot_hold_is_said():
    shallow, deep, real = (noise(4, 4, 3, kind) for kind in (np.uint8, np.uint16, np.float32))
    opaque, clear = source(noise(4, 4)), source(noise(4, 4), noise(4, 4))
    assert [saving_notes(shallow, opaque, written) for written in FORMATS] == [()] * 4
    assert [len(saving_notes(deep, opaque, written)) for written in FORMATS] == [0, 1, 1, 0]
    assert [len(saving_notes(real, opaque, written)) for written in FORMATS] == [1, 1, 1, 0]
    assert [len(saving_notes(shallow, clear, written)) for written in FORMATS] == [0, 1, 0, 0]
    assert saving_notes(deep, clear, "JPEG") == (
        "JPEG holds 8 bits per sample, so the 16-bit samples were rounded to 8 bit",
        "JPEG has no transparency, so the picture was put on white",
    )


def test_the_format_is_what_was_asked_for_else_the_names_else_the_sources():
    jpeg, gif = source(noise(2, 2), kind="JPEG"), source(noise(2, 2), kind="GIF")
    assert chosen_format(SaveOptions("TIFF"), jpeg, Path("x")) == "TIFF"
    assert chosen_format(SaveOptions(), jpeg, Path("x.WebP")) == "WEBP"
    assert chosen_format(SaveOptions(), jpeg, Path("no suffix")) == "JPEG"
    assert chosen_format(SaveOptions(), jpeg) == "JPEG"
    assert chosen_format(SaveOptions(), gif, Path("1953.07")) == "PNG"
    with pytest.raises(OutputError, match=r"x\.gif cannot be written: results are PNG"):
        chosen_format(SaveOptions(), gif, Path("x.gif"))
    with pytest.raises(OutputError, match=r"x\.jpg has the name of a JPEG, and PNG was asked for"):
        chosen_format(SaveOptions("PNG"), jpeg, Path("x.jpg"))
    for written in FORMATS:
        assert chosen_format(SaveOptions(), gif, Path(f"x{suffix_of(written)}")) == written


def test_options_outside_their_range_are_refused():
    for quality in (0, 101):
        with pytest.raises(SettingError, match="between 1 and 100"):
            SaveOptions(quality=quality)
    with pytest.raises(SettingError, match="PNG, JPEG, WEBP, TIFF"):
        SaveOptions("GIF")


def test_a_picture_whose_parts_do_not_fit_is_refused():
    with pytest.raises(ValueError, match="luma must have the shape"):
        SourcePicture("x", "PNG", noise(4, 4, 3))
    with pytest.raises(ValueError, match="alpha must have"):
        source(noise(4, 4), noise(4, 5))
    with pytest.raises(TypeError):
        source(noise(4, 4).astype(int))
    with pytest.raises(ValueError, match="pixels must have the size"):
        encode_picture(noise(4, 5, 3), source(noise(4, 4)), SaveOptions())


@pytest.mark.parametrize(("written", "side"), [("JPEG", 65_501), ("WEBP", 16_384)])
def test_a_side_longer_than_the_format_allows_is_refused(written, side):
    long = source(np.zeros((1, side), np.uint8))
    with pytest.raises(OutputError, match=f"{written} holds at most {side - 1} pixels a side"):
        encode_picture(long.luma, long, SaveOptions(written))
    assert len(encode_picture(long.luma[:, 1:], source(long.luma[:, 1:]), SaveOptions(written))) > 0
    assert read_picture(encode_picture(long.luma, long, SaveOptions("PNG"))).luma.shape == (1, side)


def test_the_profile_is_embedded_in_colour_and_not_in_grey():
    picture = source(noise(4, 4), metadata=Metadata(icc=srgb_profile()))
    for written in FORMATS:
        coloured = encode_picture(noise(4, 4, 3), picture, SaveOptions(written))
        with Image.open(io.BytesIO(coloured)) as image:
            assert image.info["icc_profile"] == srgb_profile()
        with Image.open(io.BytesIO(encode_picture(picture.luma, picture, SaveOptions(written)))) as image:
            assert not image.info.get("icc_profile")


@pytest.mark.parametrize("written", FORMATS)
def test_saving_gives_the_bytes_of_encoding(tmp_path, written):
    picture = source(noise(8, 8), noise(8, 8, seed=2))
    target = tmp_path / f'Großmutter\'s "best" 100%{suffix_of(written)}'
    assert save_picture(target, picture.luma, picture, SaveOptions()) == target
    assert target.read_bytes() == encode_picture(picture.luma, picture, SaveOptions(written))
    assert names_in(tmp_path) == [target.name]


def test_an_existing_file_is_kept_unless_overwriting_was_asked_for(tmp_path):
    picture, target = source(noise(8, 8)), tmp_path / "x.png"
    target.write_bytes(b"precious")
    with pytest.raises(TargetExists, match=r"x\.png is there already"):
        save_picture(target, picture.luma, picture, SaveOptions())
    assert target.read_bytes() == b"precious"
    save_picture(target, picture.luma, picture, SaveOptions(), overwrite=True)
    np.testing.assert_array_equal(read_picture(target).luma, picture.luma)
    assert names_in(tmp_path) == ["x.png"]


def test_a_source_may_be_replaced_by_its_own_result(tmp_path):
    path = tmp_path / "x.png"
    picture = source(noise(8, 8))
    save_picture(path, picture.luma, picture, SaveOptions())
    again = read_picture(path)
    with pytest.raises(TargetExists):
        save_picture(path, 255 - again.luma, again, SaveOptions())
    save_picture(path, 255 - again.luma, again, SaveOptions(), overwrite=True)
    np.testing.assert_array_equal(read_picture(path).luma, 255 - picture.luma)


def test_a_file_that_appears_while_writing_is_not_overwritten(tmp_path, monkeypatch):
    picture, target = source(noise(8, 8)), tmp_path / "x.png"
    inner = writing.write

    def write_slowly(*arguments):
        inner(*arguments)
        target.write_bytes(b"precious")

    monkeypatch.setattr(writing, "write", write_slowly)
    with pytest.raises(TargetExists):
        save_picture(target, picture.luma, picture, SaveOptions())
    assert target.read_bytes() == b"precious"
    assert names_in(tmp_path) == ["x.png"]


@pytest.mark.parametrize(
    ("number", "word"), [(28, "disk is full"), (30, "read-only"), (13, "must not be written"), (5, "put/output error")]
)
@pytest.mark.parametrize("written", FORMATS)
def test_a_failing_disk_leaves_nothing_behind_and_gives_one_line(tmp_path, monkeypatch, written, number, word):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    picture, target = source(noise(8, 8)), tmp_path / f"x{suffix_of(written)}"
    target.write_bytes(b"older")
    with pytest.raises(OutputError, match=word) as caught:
        save_picture(target, picture.luma, picture, SaveOptions(), overwrite=True)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(target))
    assert target.read_bytes() == b"older"
    assert names_in(tmp_path) == [target.name]


def test_an_interruption_leaves_nothing_behind(tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    picture = source(noise(8, 8))
    with pytest.raises(KeyboardInterrupt):
        save_picture(tmp_path / "x.png", picture.luma, picture, SaveOptions())
    assert names_in(tmp_path) == []


def test_places_where_no_file_can_be_are_explained(tmp_path):
    picture = source(noise(8, 8))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "file").touch()
    for target, word in (
        (tmp_path / "folder.png", "is a folder"),
        (tmp_path / "missing" / "x.png", "folder is not there"),
        (tmp_path / "file" / "x.png", "its folder is a file"),
        (tmp_path / f"{'x' * 300}.png", "name is too long"),
        (tmp_path / "nul\0.png", "cannot be written"),
    ):
        with pytest.raises(OutputError, match=word):
            save_picture(target, picture.luma, picture, SaveOptions())
    assert names_in(tmp_path) == ["file", "folder.png"]


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
import numpy as np
from colorizer.errors import OutputError
from colorizer.image.values import SaveOptions, SourcePicture
from colorizer.image.writing import save_picture
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
noise = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
for name in ("x.png", "x.jpg", "x.webp", "x.tif"):
    try:
        save_picture(Path(sys.argv[1]) / name, noise, SourcePicture("x", "PNG", noise), SaveOptions(quality=100))
    except OutputError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the file size cannot be limited")
def test_a_file_that_cannot_grow_further_gives_one_line_and_nothing_half_written(tmp_path):
    done = subprocess.run([sys.executable, "-c", FULL_DISK, tmp_path], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert all("cannot be written: the file is larger than this disk allows" in line for line in lines)
    assert names_in(tmp_path) == []


def test_a_tiff_beyond_four_gigabytes_is_refused(monkeypatch):
    monkeypatch.setattr("colorizer.image.tiff_writing._LARGEST", 1000)
    picture = source(noise(64, 64))
    with pytest.raises(OutputError, match="TIFF holds at most 4 GB"):
        encode_picture(picture.luma, picture, SaveOptions("TIFF"))


class Nowhere(io.RawIOBase):
    """A file that forgets what is written, and knows only its position."""

    place = 0

    def write(self, data):
        self.place += len(data)
        return len(data)

    def seek(self, offset, whence=0):
        return self.place

    def tell(self):
        return self.place


@pytest.mark.parametrize(
    ("written", "kind"), [("PNG", np.uint8), ("PNG", np.uint16), ("TIFF", np.uint16), ("TIFF", np.float32)]
)
def test_writing_needs_the_memory_of_a_strip_and_not_of_the_picture(written, kind):
    pixels = np.zeros((6000, 4000, 3), kind)
    result = ResultPicture(pixels, source(pixels[..., 0]))
    tracemalloc.start()
    try:
        write(Nowhere(), written, result, SaveOptions())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < pixels.nbytes / 2


def test_a_name_cannot_break_the_line(tmp_path):
    picture = source(noise(4, 4))
    with pytest.raises(OutputError) as caught:
        save_picture(tmp_path / "none" / "two\nlines.png", picture.luma, picture)
    assert "two?lines.png" in str(caught.value)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "GIF", "JPEG2000"])
def test_a_kind_that_is_not_written_becomes_another_one_with_a_note(kind):
    luma = noise(4, 4)
    (note,) = saving_notes(luma, source(luma, kind=kind), "PNG", as_original=True)
    assert "not written" in note
    assert "PNG" in note
    assert saving_notes(luma, source(luma, kind=kind), "PNG") == ()
    assert saving_notes(luma, source(luma, kind="TIFF"), "TIFF", as_original=True) == ()
