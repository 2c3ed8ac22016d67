"""Folders of what film scanners and archives write, read as films and written again in their own kind and depth."""

import struct

import av
import cv2
import numpy as np
import pytest

from colorizer.cli import main
from colorizer.errors import SettingError
from colorizer.network import Colorizer
from colorizer.video.film import colorize_film, gray_film
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.source.probe import probe
from tests.models import tiny_model
from tests.video import films

KINDS = {
    "dpx10": ("gbrp10be", "dpx"), "dpx10le": ("gbrp10le", "dpx"), "dpx12": ("gbrp12be", "dpx"),
    "dpx8": ("rgb24", "dpx"), "dpx16": ("rgb48be", "dpx"), "grey16": ("gray16be", "dpx"),
    "tiff16": ("rgb48le", "tif"), "png16": ("rgb48be", "png"), "exr": ("gbrpf32le", "exr"),
    "jp2": ("rgb24", "jp2"),
}  # fmt: skip
OWN = FilmSettings(encoding=Encoding("pictures"))
TIME_CODE = 0x01_02_03_04


def _scan(folder, kind, size="66x48", count=3):
    """Grey pictures numbered from 86400 on; DPX with a time code and the name of a scanner."""
    pixel_format, ending = KINDS[kind]
    folder.mkdir()
    drawn = f"testsrc2=s={size}:r=24:d={count / 24},format=gray,format={pixel_format}"
    films.ffmpeg("-f", "lavfi", "-i", drawn, "-start_number", 86400, folder / f"scan_%07d.{ending}")
    for number, path in enumerate(sorted(folder.glob("*.dpx"))):
        data = bytearray(path.read_bytes())
        order = ">" if data[:4] == b"SDPX" else "<"
        (offset,) = struct.unpack_from(f"{order}I", data, 4)
        data[offset:offset] = bytes(2048 - offset)  # ffmpeg leaves out what is about television
        for place in (4, 808):
            struct.pack_into(f"{order}I", data, place, 2048)
        struct.pack_into(f"{order}I", data, 1920, TIME_CODE + number)
        data[1556:1563] = b"Scanner"
        data[801] = 3  # logarithmic
        path.write_bytes(data)
    return folder


def _samples(path):
    with av.open(str(path)) as container:
        picture = next(container.decode(video=0))
        return picture.reformat(format="rgb48le").to_ndarray().astype(int), picture.format.components[0].bits


@pytest.mark.parametrize("size", ["66x48", "35x21"])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith(("dpx", "grey"))])
def test_dpx_comes_back_as_dpx_with_every_sample_and_its_header(tmp_path, kind, size):
    source, target = _scan(tmp_path / "in", kind, size), tmp_path / "out"
    report = gray_film(source, target, OWN)
    assert any("logarithmic" in note for note in report.notes)
    names = [f"scan_{number:07d}.dpx" for number in range(86400, 86403)]
    assert sorted(path.name for path in target.iterdir()) == names
    for number, name in enumerate(names):
        before, bits = _samples(source / name)
        after, bits_after = _samples(target / name)
        assert bits == bits_after
        assert np.abs(before - after).max() <= (1 << (16 - bits)) - 1
        data = (target / name).read_bytes()
        order = ">" if data[:4] == b"SDPX" else "<"
        assert struct.unpack_from(f"{order}I", data, 1920) == (TIME_CODE + number,)
        assert data[1556:1563] == b"Scanner"
        assert data[801] == 3
        assert struct.unpack_from(f"{order}I", data, 16) == (len(data),)


@pytest.mark.parametrize("kind", ["tiff16", "png16"])
def test_deep_tiff_and_png_come_back_as_they_were(tmp_path, kind):
    source, target = _scan(tmp_path / "in", kind), tmp_path / "out"
    gray_film(source, target, OWN)
    for path in source.iterdir():
        before, after = (cv2.imread(str(folder / path.name), cv2.IMREAD_UNCHANGED) for folder in (source, target))
        assert after.dtype == np.uint16
        assert np.abs(before.astype(int) - after).max() <= 1


@pytest.mark.parametrize("kind", ["exr", "jp2"])
def test_what_is_only_read_becomes_png_and_that_is_said(tmp_path, kind):
    report = gray_film(_scan(tmp_path / "in", kind), tmp_path / "out", OWN)
    assert len(list((tmp_path / "out").glob("scan_*.png"))) == 3
    assert any("the pictures are PNG now" in note for note in report.notes)


def test_open_exr_is_brought_to_the_curve_of_screens(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    films.ffmpeg("-f", "lavfi", "-i", "color=black:s=32x32:d=0.04,format=gbrpf32le,geq=r=0.214:g=0.214:b=0.214",
                 folder / "0001.exr")  # fmt: skip
    (frame,), _ = films.read(probe(folder))
    assert 0.49 < frame.luma.mean() / 65535 < 0.51  # the middle grey of sRGB


def test_colour_and_a_part_of_a_scan_take_their_own_headers(tmp_path):
    source = _scan(tmp_path / "in", "dpx10", count=6)
    part = FilmSettings(encoding=Encoding("pictures"), range=Range(start=2 / probe(source).video.average_rate))
    with Colorizer(tiny_model(tmp_path / "network")) as colorizer:
        colorize_film(source, tmp_path / "out", colorizer, part)
    first = sorted((tmp_path / "out").iterdir())[0]
    assert struct.unpack_from(">I", first.read_bytes(), 1920) == (TIME_CODE + 2,)
    samples, bits = _samples(first)
    assert bits == 10
    assert np.ptp(samples, axis=-1).max() > 1000


def test_a_folder_for_a_folder_of_pictures_means_pictures(tmp_path):
    source = _scan(tmp_path / "in", "dpx10")
    assert main(["video", str(source), "-o", f"{tmp_path / 'out'}/", "--model", str(_network(tmp_path))]) == 0
    assert len(list((tmp_path / "out").glob("scan_*.dpx"))) == 3
    assert main(["video", str(source), "-o", f"{tmp_path / 'films'}/", "--model", str(_network(tmp_path)),
                 "--container", "mkv"]) == 0  # fmt: skip
    assert [path.suffix for path in (tmp_path / "films").iterdir() if path.suffix not in {".chroma", ".json"}] == [
        ".mkv"
    ]


def _network(folder):
    tiny_model(folder / "network")
    return folder / "network"


def test_dpx_is_made_of_dpx_alone(tmp_path):
    film = films.smooth_film(tmp_path / "a.mkv", count=3)
    with pytest.raises(SettingError, match="folder of DPX"):
        gray_film(film, tmp_path / "out", FilmSettings(encoding=Encoding("dpx")))
    gray_film(film, tmp_path / "tiffs", FilmSettings(encoding=Encoding("tiff")))
    assert len(list((tmp_path / "tiffs").glob("*.tif"))) == 3
