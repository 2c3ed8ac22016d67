"""The reader gives the source's own luma and times, upright, whole or damaged."""

import contextlib
import itertools
from fractions import Fraction
from itertools import pairwise

import av
import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from colorizer.errors import InputError, SourceMissing, SourceUnreadable
from colorizer.video.source.clock import Clock
from colorizer.video.source.facts import VideoTrack
from colorizer.video.source.planes import PlaneReader, _from_rgb
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader
from tests.video import films

EXACT_FORMATS = {
    "yuv420p": 8, "yuv422p": 8, "yuv444p": 8, "yuv411p": 8, "yuva420p": 8, "gray": 8, "nv12": 8, "yuv420p9le": 9,
    "yuv420p10le": 10, "yuv422p10le": 10, "yuv444p12le": 12, "gray10le": 10, "gray16le": 16,
}  # fmt: skip


@pytest.mark.parametrize("size", [(64, 48), (33, 33), (1, 1), (35, 2)])
@pytest.mark.parametrize("pixel_format", EXACT_FORMATS)
def test_luma_is_the_sources_own_bit_for_bit(tmp_path, pixel_format, size):
    bits = EXACT_FORMATS[pixel_format]
    lumas = films.planes(3, *size, bits)
    codec = "rawvideo" if pixel_format in {"nv12", "gray10le"} else "ffv1"
    film = probe(films.encode(tmp_path / "a.nut", lumas, pixel_format=pixel_format, codec=codec))
    frames, _ = films.read(film)
    assert film.video.bits == bits
    assert len(frames) == 3
    for frame, luma in zip(frames, lumas, strict=True):
        assert frame.luma.dtype == (np.uint8 if bits == 8 else np.uint16)
        assert np.array_equal(frame.luma, luma)


@pytest.mark.parametrize(("name", "bits"), [("p010le", 10), ("p010be", 10), ("yuv420p10be", 10), ("yuvj420p", 8)])
def test_what_no_container_here_stores_is_read_as_exactly(name, bits):
    luma = films.planes(1, 33, 21, bits)[0]
    track = VideoTrack(0, "none", name, 33, 21, films.TICKS, bits=bits)
    read, cb, _ = PlaneReader(track, keep_colour=True).read(films.picture_of(luma, name))
    assert np.array_equal(read, luma)
    assert read.dtype == luma.dtype
    assert cb.shape == (11, 17)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "nv12", "yuv422p10le"])
def test_chroma_comes_when_it_is_asked_for(tmp_path, pixel_format):
    bits = EXACT_FORMATS[pixel_format]
    codec = "rawvideo" if pixel_format == "nv12" else "ffv1"
    path = films.encode(tmp_path / "a.nut", films.planes(1, 33, 35, bits), pixel_format=pixel_format, codec=codec)
    film = probe(path)
    (without,), _ = films.read(film)
    assert without.cb is without.cr is None
    (frame,), _ = films.read(film, keep_colour=True)
    picture = films.picture_of(np.zeros((35, 33), int), pixel_format)
    slope = np.frombuffer(picture.planes[1], np.uint8 if bits == 8 else np.uint16)
    rows = 35 if "422" in pixel_format else 18
    assert frame.cb.shape == frame.cr.shape == (rows, 17)
    step = 2 if pixel_format == "nv12" else 1
    assert np.array_equal(frame.cb[0], slope[: 17 * step : step])


@pytest.mark.parametrize("pixel_format", ["yuyv422", "uyvy422"])
def test_packed_luma_is_unpacked_exactly(tmp_path, pixel_format):
    luma = films.planes(1, 64, 48)[0]
    whole = av.VideoFrame.from_ndarray(np.concatenate([luma, np.full((48, 64), 128, np.uint8)]), "yuv422p")
    with av.open(str(tmp_path / "a.nut"), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
        container.mux(stream.encode(whole.reformat(format=pixel_format)))
        container.mux(stream.encode(None))
    (frame,), _ = films.read(probe(tmp_path / "a.nut"))
    assert np.array_equal(frame.luma, luma)


@given(value=st.integers(0, 255), width=st.integers(1, 40), height=st.integers(1, 40))
def test_luma_of_a_grey_rgb_pixel_is_its_own_value(tmp_path_factory, value, width, height):
    rgb = np.full((height, width, 3), value, np.uint8)
    for matrix in ("bt601", "bt709", "bt2020"):
        luma, cb, cr = _from_rgb(rgb, matrix, True)
        assert (luma == value).all()
        assert (cb == 128).all()
        assert (cr == 128).all()


def test_a_gif_gives_its_greys_and_its_times(tmp_path):
    lumas = films.planes(5, 33, 21)
    pictures = [Image.fromarray(luma) for luma in lumas]
    pictures[0].save(tmp_path / "a.gif", save_all=True, append_images=pictures[1:], duration=[40, 80, 40, 200, 40])
    film = probe(tmp_path / "a.gif")
    frames, reader = films.read(film)
    assert films.seconds(frames, film) == [Fraction(t, 100) for t in (0, 4, 12, 16, 36)]
    assert all(np.array_equal(frame.luma, luma) for frame, luma in zip(frames, lumas, strict=True))
    assert not reader.ended_early


def test_a_folder_gives_its_pictures_in_order_and_repairs_a_broken_one(tmp_path):
    for number in (2, 10, 1, 11):
        Image.fromarray(np.full((21, 33), 20 * number, np.uint8)).save(tmp_path / f"s{number}.png")
    (tmp_path / "s10.png").write_bytes(b"broken")
    film = probe(tmp_path)
    frames, reader = films.read(film)
    assert [(frame.pts, int(frame.luma[0, 0]), frame.repaired) for frame in frames] == [
        (0, 20, False), (1, 40, False), (2, 40, True), (3, 220, False),
    ]  # fmt: skip
    assert reader.repaired == 1
    late, _ = films.read(film, start=Fraction(3, 24))
    assert [frame.pts for frame in late] == [3]


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (270, 3), (-90, 3)])
def test_a_turned_film_comes_upright(tmp_path, degrees, turns):
    lumas = films.planes(2, 64, 48)
    path = films.encode(tmp_path / "a.mov", lumas, codec="png", pixel_format="gray", rotation=degrees)
    frames, _ = films.read(probe(path))
    assert all(np.array_equal(frame.luma, np.rot90(luma, turns)) for frame, luma in zip(frames, lumas, strict=True))


SEEKABLE = {
    "open-gop.mkv": ("-c:v", "libx264", "-g", "12", "-x264-params", "open-gop=1:bframes=3:scenecut=0"),
    "plain.mp4": ("-c:v", "libx264", "-g", "12"),
    "refresh.mp4": ("-c:v", "libx264", "-x264-params", "intra-refresh=1:keyint=15"),
    "open-gop.mpg": ("-c:v", "mpeg2video", "-bf", "2", "-g", "12"),
    "stream.ts": ("-c:v", "libx264", "-g", "12"),
    "asp.avi": ("-c:v", "mpeg4", "-bf", "2", "-g", "12"),
    "avc.avi": ("-c:v", "libx264", "-g", "12"),
    "old.wmv": ("-c:v", "wmv2"),
    "old.flv": ("-c:v", "flv1"),
    "new.webm": ("-c:v", "libvpx", "-g", "12", "-auto-alt-ref", "1", "-lag-in-frames", "8"),
}


@pytest.mark.parametrize("name", SEEKABLE)
def test_starting_in_the_middle_gives_the_same_frames_as_reading_from_the_beginning(tmp_path, name):
    path = tmp_path / name
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-pix_fmt", "yuv420p")
    films.ffmpeg(*source, *SEEKABLE[name], path)
    film = probe(path)
    whole, reader = films.read(film)
    assert len(whole) == 50
    assert reader.mended == reader.repaired == 0
    times = films.seconds(whole, film)
    assert {after - before for before, after in pairwise(times)} == {Fraction(1, 25)}
    for first in range(0, 50, 7):
        part, reader = films.read(film, times[first], times[first] + Fraction(3, 25))
        assert [frame.pts for frame in part] == [frame.pts for frame in whole[first : first + 3]]
        assert all(np.array_equal(a.luma, b.luma) for a, b in zip(part, whole[first:], strict=False))
        assert not reader.ended_early


@given(start=st.integers(-5, 60_000), length=st.integers(0, 30_000))
def test_a_range_holds_exactly_the_frames_whose_time_lies_in_it(unsteady, start, length):
    film, whole = unsteady
    begin, end = start * films.TICKS, (start + length) * films.TICKS
    part, _ = films.read(film, begin, end, threads=1)
    assert [frame.pts for frame in part] == [frame.pts for frame in whole if start <= frame.pts < start + length]


@pytest.fixture(scope="module")
def unsteady(tmp_path_factory):
    path = tmp_path_factory.mktemp("unsteady") / "a.mp4"
    film = probe(films.write(path, films.planes(12, 32, 32), films.UNSTEADY, codec="h264"))
    return film, films.read(film)[0]


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("noisy")
    made = {}
    for name, codec in {"a.mp4": "libx264", "b.mkv": "libx264", "c.avi": "mjpeg", "d.ts": "mpeg2video"}.items():
        films.ffmpeg(
            "-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=3,noise=alls=20:allf=t", "-f", "lavfi", "-i", "sine=d=3",
            "-pix_fmt", "yuvj420p" if codec == "mjpeg" else "yuv420p", "-c:v", codec, "-g", "12",
            *(("-movflags", "+faststart") if name == "a.mp4" else ()), folder / name,
        )  # fmt: skip
        made[name] = folder / name
    return made


@pytest.mark.parametrize("name", ["a.mp4", "b.mkv", "c.avi", "d.ts"])
def test_a_film_that_is_cut_off_gives_what_there_is(noisy, tmp_path, name):
    whole, _ = films.read(probe(noisy[name]))
    data = noisy[name].read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) * 6 // 10])
    film = probe(tmp_path / name)
    frames, reader = films.read(film)
    assert 10 < len(frames) < len(whole)
    assert [frame.pts for frame in frames[:-2]] == [frame.pts for frame in whole[: len(frames) - 2]]
    if name != "d.ts":  # a transport stream does not say how long it is
        assert reader.ended_early
        assert reader.reason
        beyond, reader = films.read(film, Fraction(28, 10))
        assert beyond == []
        assert reader.ended_early
    early, reader = films.read(film, None, film.start + Fraction(1, 5))
    assert early
    assert not reader.ended_early


@pytest.mark.parametrize("name", ["a.mp4", "c.avi", "d.ts"])
@pytest.mark.parametrize("seed", range(3))
def test_damage_in_the_middle_costs_no_time_slot(noisy, tmp_path, name, seed):
    whole, _ = films.read(probe(noisy[name]))
    data = bytearray(noisy[name].read_bytes())
    random = np.random.default_rng(seed)
    for place in random.integers(len(data) // 3, len(data) * 3 // 4, 3):
        data[place : place + 150] = random.bytes(150)
    (tmp_path / name).write_bytes(data)
    frames, _ = films.read(probe(tmp_path / name))
    times = [frame.pts for frame in frames]
    assert times == sorted(set(times))
    assert len(set(times) & {frame.pts for frame in whole}) >= len(whole) - 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), name=st.sampled_from(["a.mp4", "b.mkv", "c.avi", "d.ts"]))
def test_any_flipped_bytes_end_in_frames_or_in_our_own_error(noisy, tmp_path, data, name):
    whole = bytearray(noisy[name].read_bytes())
    places = data.draw(st.lists(st.integers(0, 3000) | st.integers(0, len(whole) - 1), min_size=1, max_size=12))
    for place in places:
        whole[place] = data.draw(st.integers(0, 255))
    (tmp_path / name).write_bytes(whole)
    shown, sizes = [], set()
    with contextlib.suppress(InputError):
        film = probe(tmp_path / name)
        sizes.add(film.video.upright_size)
        with FilmReader(film.path, film, threads=1) as reader:
            shown = list(itertools.islice(reader, 20))
    assert all(before.pts < after.pts for before, after in pairwise(shown))
    assert {frame.luma.shape[::-1] for frame in shown} <= sizes


def test_a_frame_that_does_not_decode_shows_its_neighbour(tmp_path):
    lumas = films.planes(8, 64, 48)
    path = films.encode(tmp_path / "a.mov", lumas, codec="png", pixel_format="gray")
    with av.open(str(path)) as container:
        spoiled = [packet for packet in container.demux(video=0) if packet.size][4]
        place, size = spoiled.pos, spoiled.size
    data = bytearray(path.read_bytes())
    data[place : place + size] = bytes(size)
    path.write_bytes(data)
    frames, reader = films.read(probe(path))
    assert [frame.pts for frame in frames] == list(range(0, 8 * 1001, 1001))
    assert [frame.repaired for frame in frames] == [number == 4 for number in range(8)]
    assert reader.repaired == 1
    assert np.array_equal(frames[4].luma, lumas[3])
    assert np.array_equal(frames[5].luma, lumas[5])


@pytest.mark.parametrize("interlaced", [True, False])
def test_deinterlacing_keeps_count_and_times(tmp_path, interlaced):
    flags = ("-flags", "+ildct+ilme", "-vf", "setfield=tff") if interlaced else ()
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=1", *flags, "-c:v", "mpeg2video", tmp_path / "a.ts")
    film = probe(tmp_path / "a.ts")
    plain, _ = films.read(film)
    smooth, _ = films.read(film, deinterlace=True)
    assert [frame.pts for frame in smooth] == [frame.pts for frame in plain]
    assert all(frame.luma.shape == (48, 64) for frame in smooth)
    assert any(not np.array_equal(a.luma, b.luma) for a, b in zip(smooth, plain, strict=True))


def test_deinterlacing_takes_the_combs_away(tmp_path):
    bars = [np.zeros((64, 64), np.uint8) for _ in range(6)]
    for number, luma in enumerate(bars):  # a bar that moves by four columns from field to field
        luma[0::2, 8 * number : 8 * number + 8] = 200
        luma[1::2, 8 * number + 4 : 8 * number + 12] = 200
    film = probe(films.encode(tmp_path / "a.mkv", bars))

    def combs(**settings):
        frames, _ = films.read(film, **settings)
        return [np.abs(np.diff(frame.luma[8:-8].astype(int), axis=0)).mean() for frame in frames[1:-1]]

    assert max(combs(deinterlace=True)) < 0.5 * min(combs())


@pytest.mark.parametrize("name", ["a.ts", "a.mkv", "a.avi"])
def test_a_deinterlaced_film_that_begins_later_has_the_same_pictures(tmp_path, name):
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x48:r=25:d=2", "-flags", "+ildct+ilme", "-vf", "setfield=tff",
                 "-c:v", "mpeg2video", tmp_path / name)  # fmt: skip
    film = probe(tmp_path / name)
    whole, _ = films.read(film, deinterlace=True)
    for number in (0, 1, 2, 11, 12, 13, 30, len(whole) - 1):
        part, _ = films.read(film, whole[number].pts * film.video.time_base, deinterlace=True)
        assert [frame.pts for frame in part] == [frame.pts for frame in whole[number:]]
        assert all(np.array_equal(one.luma, other.luma) for one, other in zip(part, whole[number:], strict=True))


@pytest.mark.parametrize("deinterlace", [False, True])
def test_a_film_that_changes_its_size_in_the_middle_keeps_the_first_size(tmp_path, deinterlace):
    small = [cv2.GaussianBlur(luma, (9, 9), 0) for luma in films.planes(3, 64, 48)]
    steady = {"codec": "mpeg2video", "gop_size": 1, "time_base": 1 / films.RATE, "times": range(3)}
    films.encode(tmp_path / "a.m2v", small, **steady)
    films.encode(tmp_path / "b.m2v", [cv2.resize(luma, (128, 96)) for luma in small], **steady)
    both = tmp_path / "both.m2v"
    both.write_bytes((tmp_path / "a.m2v").read_bytes() + (tmp_path / "b.m2v").read_bytes())
    plain, _ = films.read(probe(both))
    frames, _ = films.read(probe(both), deinterlace=deinterlace)
    assert len(frames) >= 5  # the decoder itself drops one where it begins anew
    assert [frame.pts for frame in frames] == [frame.pts for frame in plain]
    assert {frame.luma.shape for frame in frames} == {(48, 64)}
    for frame, other in zip(frames, plain, strict=True):  # blurred: new lines are near the old ones
        assert np.abs(frame.luma[8:-8, 8:-8].astype(int) - other.luma[8:-8, 8:-8]).mean() < 8


def test_a_file_that_went_away_or_changed_is_said_on_entry(tmp_path):
    path = films.write(tmp_path / "a.mp4", films.planes(3, 32, 32), films.STEADY[:3])
    film = probe(path)
    path.unlink()
    with pytest.raises(SourceMissing), FilmReader(path, film):
        pass
    films.write(path, films.planes(3, 32, 32), films.STEADY[:3], time_base=Fraction(1, 90_000))
    with pytest.raises(SourceUnreadable, match="has changed"), FilmReader(path, film):
        pass


@given(times=st.lists(st.one_of(st.none(), st.integers(0, 40)), max_size=30), step=st.integers(1, 5))
def test_times_are_made_to_increase_whatever_the_source_says(times, step):
    clock = Clock(step)
    shown = []
    for number, pts in enumerate(times):
        clock.sent(pts, number)
        lost, time = clock.shown(pts)
        shown += [*lost, time]
    assert shown == sorted(set(shown))
    honest = all(a is not None and b is not None and a < b for a, b in pairwise(times))
    if times and times[0] is not None and honest:
        assert shown == times
        assert clock.mended == 0


@given(lost=st.sets(st.integers(1, 19), max_size=5))
def test_every_lost_frame_gets_its_slot_back(lost):
    clock = Clock(10)
    shown = []
    for number in range(21):
        clock.sent(10 * number, 10 * number)
        if number in lost:
            clock.damaged()
        else:
            before, time = clock.shown(10 * number)
            shown += [*before, time]
    assert shown == list(range(0, 210, 10))


class _Flaky:
    """A container whose file cannot be read at some packets: each number counts from the last one that could."""

    def __init__(self, container, fails):
        self._container, self._fails, self._read = container, fails, 0

    def demux(self, stream):
        for packet in self._container.demux(stream):
            if self._fails(self._read):
                raise av.error.OSError(5, "Input/output error")
            self._read += 1
            yield packet


def _read_flakily(film, fails):
    with FilmReader(film.path, film) as reader:
        reader._source._container = _Flaky(reader._source._container, fails)
        return list(reader), reader


def test_damage_here_and_there_does_not_end_a_long_film_and_one_great_hole_does(tmp_path):
    film = probe(films.encode(tmp_path / "a.mkv", films.planes(400, 32, 32)))
    once = set(range(3, 400, 10))  # forty places, of which every second one costs a frame
    frames, reader = _read_flakily(film, lambda read: read in once and not once.discard(read))
    assert len(frames) >= 340
    assert not reader.ended_early
    frames, reader = _read_flakily(film, lambda read: read >= 50)
    assert 48 <= len(frames) <= 51
    assert "cannot be read any further" in reader.reason
