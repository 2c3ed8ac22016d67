"""What is written comes back: every frame, every time, every luma value; or nothing is left at all."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.errors import OutputError, SettingError, TargetExists
from colorizer.video.film import gray_film
from colorizer.video.result.codecs import CODECS, FILM_SUFFIXES, best_bits, check_combination, default_codec
from colorizer.video.result.containers import CONTAINERS
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SAMPLED_FRAMES, SAMPLED_ROWS, SegmentWriter
from colorizer.video.source.probe import probe
from tests.video import films

LOSSLESS = [(name, bits) for name, row in CODECS.items() if row.lossless_options is not None for bits in row.formats]
SIZES = [(64, 48), (33, 33), (34, 33), (47, 20), (32, 32)]


@pytest.mark.parametrize("times", [films.STEADY, films.UNSTEADY], ids=["steady", "unsteady"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("codec", "bits"), LOSSLESS)
def test_lossless_films_come_back_bit_for_bit_at_their_times(tmp_path, capfd, codec, bits, size, times):
    lumas = films.planes(len(times), *size, bits)
    film = probe(films.write(tmp_path / f"a{CODECS[codec].segment_suffix}", lumas, times, codec=codec, bits=bits))
    frames, reader = films.read(film)
    assert films.seconds(frames, film) == [pts * films.TICKS for pts in times]
    assert film.video.bits == bits
    assert all(np.array_equal(frame.luma, luma) for frame, luma in zip(frames, lumas, strict=True))
    assert not reader.ended_early


@pytest.mark.parametrize("codec", [name for name, row in CODECS.items() if row.smallest_side == 1])
def test_a_film_of_one_pixel_comes_back(tmp_path, codec):
    bits = best_bits(codec, 8)
    lumas = films.planes(3, 1, 1, bits)
    film = probe(films.write(tmp_path / f"a{CODECS[codec].segment_suffix}", lumas, (0, 7, 9), codec=codec, bits=bits))
    frames, _ = films.read(film)
    assert [frame.luma.shape for frame in frames] == [(1, 1)] * 3
    assert codec == "prores" or all(np.array_equal(f.luma, luma) for f, luma in zip(frames, lumas, strict=True))


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("codec", "bits"), LOSSLESS)
def test_films_of_one_to_three_frames_come_back(tmp_path, capfd, codec, bits, count):
    lumas = films.planes(count, 64, 48, bits)
    times = [90_000 + 1001 * number for number in range(count)]
    film = probe(films.write(tmp_path / "a.mp4", lumas, times, codec=codec, bits=bits))
    frames, _ = films.read(film)
    assert films.seconds(frames, film) == [pts * films.TICKS for pts in times]
    assert all(np.array_equal(frame.luma, luma) for frame, luma in zip(frames, lumas, strict=True))


@pytest.mark.parametrize("suffix", FILM_SUFFIXES)
@pytest.mark.parametrize("codec", CODECS)
def test_codecs_are_written_to_the_containers_that_hold_them_and_refused_by_the_others(tmp_path, capfd, codec, suffix):
    bits = best_bits(codec, 8)
    path = tmp_path / f"a{suffix}"
    if suffix.replace(".m4v", ".mp4") not in CODECS[codec].suffixes:
        with pytest.raises(SettingError, match="cannot hold"):
            check_combination(codec, suffix)
        return
    check_combination(codec, suffix)
    lumas = films.planes(5, 64, 48, bits)
    film = probe(films.write(path, lumas, films.STEADY[:5], codec=codec, bits=bits, lossless=False))
    frames, _ = films.read(film)
    tolerance = Fraction(1, 2000) if suffix in {".mkv", ".webm"} else 0
    wanted = [pts * films.TICKS for pts in films.STEADY[:5]]
    deviations = [abs(a - b) for a, b in zip(films.seconds(frames, film), wanted, strict=True)]
    assert max(deviations) <= tolerance
    assert film.video.codec == codec


@pytest.mark.parametrize(
    ("time_base", "start"),
    [(Fraction(1, 90_000), 90_000 * 36_001 + 7), (Fraction(1, 10**7), 12_345), (Fraction(1001, 30_000), 3)],
)
@pytest.mark.parametrize("codec", ["h264", "hevc", "ffv1"])
def test_any_time_base_and_start_is_kept_exactly(tmp_path, codec, time_base, start):
    times = [start + pts for pts in (0, 1, 2, 5, 6, 7, 11, 90)]
    film = probe(films.write(tmp_path / "a.mp4", films.planes(8, 64, 48), times, time_base=time_base, codec=codec))
    frames, _ = films.read(film)
    assert films.seconds(frames, film) == [pts * time_base for pts in times]


@pytest.mark.parametrize("full_range", [True, False])
@pytest.mark.parametrize(("matrix", "primaries", "transfer"), [("bt601", 5, 6), ("bt709", 1, 1), ("bt2020", 9, 16)])
@pytest.mark.parametrize("codec", CODECS)
def test_colour_tags_come_back(tmp_path, capfd, codec, matrix, primaries, transfer, full_range):
    if full_range and codec == "prores":
        with pytest.raises(SettingError, match="limited range only"):
            VideoSpec(64, 48, films.TICKS, codec=codec, bits=10, full_range=True)
        return
    bits = best_bits(codec, 8)
    path = tmp_path / f"a{CODECS[codec].segment_suffix}"
    settings = {"matrix": matrix, "primaries": primaries, "transfer": transfer, "full_range": full_range}
    films.write(path, films.planes(2, 64, 48, bits), (0, 1001), codec=codec, bits=bits, **settings)
    video = probe(path).video
    assert (video.tagged_matrix, video.primaries, video.transfer) == (matrix, primaries, transfer)
    assert video.is_full_range is full_range


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="this system has no real-time schedules")
@pytest.mark.parametrize("codec", CODECS)
def test_encoding_makes_no_thread_real_time(tmp_path, capfd, codec):
    bits = best_bits(codec, 8)
    spec = VideoSpec(64, 48, films.TICKS, codec=codec, bits=bits)
    grey = np.full(spec.chroma_shape, 128, np.uint8 if bits == 8 else np.uint16)
    with SegmentWriter(tmp_path / f"a{CODECS[codec].segment_suffix}", spec) as writer:
        for pts, luma in enumerate(films.planes(3, 64, 48, bits)):
            writer.write(pts, luma, grey, grey)
            threads = [int(task.name) for task in Path("/proc/self/task").iterdir()]
            assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_OTHER}
    child = subprocess.run([sys.executable, "-c", "import os; print(os.sched_getscheduler(0))"], stdout=-1, check=True)
    assert int(child.stdout) == os.SCHED_OTHER


def test_chroma_is_written_where_it_belongs(tmp_path):
    spec = VideoSpec(34, 20, films.TICKS, codec="ffv1")
    cb, cr = films.planes(2, 17, 10, seed=3)
    with SegmentWriter(tmp_path / "a.mp4", spec) as writer:
        writer.write(0, films.planes(1, 34, 20)[0], cb, cr)
    (frame,), _ = films.read(probe(tmp_path / "a.mp4"), keep_colour=True)
    assert np.array_equal(frame.cb, cb)
    assert np.array_equal(frame.cr, cr)


@given(width=st.integers(17, 99), height=st.integers(17, 99), codec=st.sampled_from(sorted(CODECS)))
def test_the_chroma_shape_is_what_the_pixel_format_needs(width, height, codec):
    import av

    spec = VideoSpec(width, height, films.TICKS, codec=codec, bits=best_bits(codec, 8))
    planes = av.VideoFrame(width, height, spec.pixel_format).planes
    assert spec.chroma_shape == (planes[1].height, planes[1].width) == (planes[2].height, planes[2].width)


def test_views_with_gaps_between_the_rows_are_written_as_they_look(tmp_path):
    wide = films.planes(1, 100, 60)[0]
    spec = VideoSpec(32, 20, films.TICKS, codec="ffv1")
    grey = np.full((10, 16), 128, np.uint8)
    with SegmentWriter(tmp_path / "a.mp4", spec) as writer:
        writer.write(0, wide[::3, 5:37], grey, grey)
    (frame,), _ = films.read(probe(tmp_path / "a.mp4"))
    assert np.array_equal(frame.luma, wide[::3, 5:37])


@pytest.mark.parametrize("stop_after", [0, 1, 5])
def test_an_exception_in_the_middle_leaves_nothing(tmp_path, stop_after):
    spec = VideoSpec(64, 48, films.TICKS, threads=1)
    grey = np.full(spec.chroma_shape, 128, np.uint8)
    with pytest.raises(KeyboardInterrupt), SegmentWriter(tmp_path / "a.mp4", spec) as writer:
        for number, luma in enumerate(films.planes(stop_after, 64, 48)):
            writer.write(number, luma, grey, grey)
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_no_frame_at_all_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputError), SegmentWriter(tmp_path / "a.mp4", VideoSpec(64, 48, films.TICKS)):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept_unless_overwriting_is_asked_for(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("precious")
    with pytest.raises(TargetExists, match=r"a\.mp4"), SegmentWriter(path, VideoSpec(64, 48, films.TICKS)):
        pass
    assert path.read_text() == "precious"
    spec = VideoSpec(64, 48, films.TICKS, codec="ffv1")
    grey = np.full(spec.chroma_shape, 128, np.uint8)
    with SegmentWriter(path, spec, overwrite=True) as writer:
        writer.write(0, films.planes(1, 64, 48)[0], grey, grey)
        assert path.read_text() == "precious"  # until the new one is whole
    assert probe(path).video.width == 64


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(OutputError, match="no such"), SegmentWriter(
        tmp_path / "no such" / "a.mp4", VideoSpec(64, 48, films.TICKS)
    ):  # fmt: skip
        pass


def test_planes_of_the_wrong_shape_type_or_time_are_refused(tmp_path):
    spec = VideoSpec(64, 48, films.TICKS, codec="ffv1")
    luma, grey = films.planes(1, 64, 48)[0], np.full(spec.chroma_shape, 128, np.uint8)
    with pytest.raises(ValueError, match="pts must grow"), SegmentWriter(tmp_path / "a.mp4", spec) as writer:
        with pytest.raises(ValueError, match="a plane must be"):
            writer.write(0, luma[1:], grey, grey)
        with pytest.raises(ValueError, match="a plane must be"):
            writer.write(0, luma.astype(np.uint16), grey, grey)
        with pytest.raises(ValueError, match="a plane must be"):
            writer.write(0, luma, grey[1:], grey)
        writer.write(0, luma, grey, grey)
        writer.write(0, luma, grey, grey)


@pytest.mark.parametrize(
    "wrong",
    [{"codec": "divx"}, {"bits": 9}, {"crf": -1}, {"crf": float("nan")}, {"width": 0}, {"codec": "hevc", "width": 16},
     {"codec": "vp9", "bits": 10}, {"codec": "prores", "bits": 10, "lossless": True}, {"time_base": Fraction(0)}],
)  # fmt: skip
def test_what_a_codec_cannot_do_is_refused_before_anything_is_written(wrong):
    with pytest.raises(SettingError):
        VideoSpec(**{"width": 64, "height": 48, "time_base": films.TICKS, **wrong})


def test_the_tables_of_codecs_and_containers_fit_each_other():
    assert set(CONTAINERS) == set(FILM_SUFFIXES)
    for suffix in FILM_SUFFIXES:
        check_combination(default_codec(suffix), suffix)
    for row in CODECS.values():
        assert set(row.suffixes) <= set(FILM_SUFFIXES)
        assert best_bits(row.name, 1) == min(row.formats)
        assert best_bits(row.name, 16) == max(row.formats)


@pytest.mark.parametrize("count", [1, 2, 20])
@pytest.mark.parametrize(("codec", "bits"), LOSSLESS)
def test_the_writer_tells_the_luma_of_the_first_frames_as_it_decodes(tmp_path, capfd, codec, bits, count):
    lumas = films.planes(count, 66, 50, bits)
    spec = VideoSpec(66, 50, films.TICKS, films.RATE, codec, bits=bits, lossless=True, threads=1)
    grey = np.full(spec.chroma_shape, 1 << (bits - 1), lumas[0].dtype)
    with SegmentWriter(tmp_path / f"a{CODECS[codec].segment_suffix}", spec) as writer:
        for pts, luma in zip(films.STEADY, lumas, strict=False):
            writer.write(pts, luma, grey, grey)
    told = writer.samples[:SAMPLED_FRAMES]
    assert len(told) == min(count, SAMPLED_FRAMES)
    assert all(np.array_equal(seen, luma[SAMPLED_ROWS]) for seen, luma in zip(told, lumas, strict=False))


def test_a_segment_is_opened_once_to_be_looked_at(tmp_path, monkeypatch):
    opened_files = []
    real = av.open
    monkeypatch.setattr(av, "open", lambda name, *rest, **more: opened_files.append(name) or real(name, *rest, **more))
    source = films.write(tmp_path / "a.mkv", films.planes(3, 64, 48), films.STEADY[:3])
    before = len(opened_files)
    gray_film(source, tmp_path / "b.mkv")
    segment = [name for name in opened_files[before:] if ".parts" in name and name.endswith(".mp4")]
    assert len(segment) == 2  # to be written, and to be read
