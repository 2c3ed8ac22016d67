"""Small films for tests, drawn here: synthetic frames through PyAV's encoders, sound and the rest through ffmpeg."""

import subprocess
from fractions import Fraction
from itertools import pairwise
from math import inf
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np

from colorizer.video.result.mux import EncodedSegment, find_ffmpeg
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader

RATE = Fraction(24000, 1001)
TICKS = Fraction(1, 24000)
STEADY = tuple(range(0, 12 * 1001, 1001))
SMOOTH = np.kron(np.random.default_rng(4).integers(40, 200, (10, 14)), np.ones((8, 8))).astype(np.uint8)
UNSTEADY = (0, 1001, 2002, 5005, 5006, 9009, 9010, 20020, 21021, 40000, 40001, 48048)


def _bundled():
    return Path(imageio_ffmpeg.get_ffmpeg_exe())


PROGRAMS = {"found": find_ffmpeg, "bundled": _bundled}


def planes(count, width, height, bits=8, seed=1):
    """Lumas of noise over the whole range of code values: whatever is lost on the way shows."""
    random = np.random.default_rng(seed)
    kind = np.uint8 if bits == 8 else np.uint16
    return [random.integers(0, 1 << bits, (height, width)).astype(kind) for _ in range(count)]


def write(path, lumas, times, *, time_base=TICKS, bits=8, codec="ffv1", lossless=True, **settings):
    """The lumas as a film with grey chroma, through the writer; the last frame lasts as long as the first."""
    height, width = lumas[0].shape
    lossless = lossless and codec != "prores"
    spec = VideoSpec(
        width, height, time_base, codec=codec, bits=bits, lossless=lossless, threads=1, **{"rate": RATE, **settings}
    )
    grey = np.full(spec.chroma_shape, 1 << (bits - 1), lumas[0].dtype)
    step = times[1] - times[0] if len(times) > 1 else 1001
    with SegmentWriter(path, spec) as writer:
        for pts, luma in zip(times, lumas, strict=True):
            writer.write(pts, luma, grey, grey, step)
    return path


def encode(path, lumas, *, pixel_format="yuv420p", codec="ffv1", times=None, time_base=TICKS, rotation=None, **tags):
    """The lumas as a film in any pixel format, through PyAV alone. tags: attributes of the codec context."""
    height, width = lumas[0].shape
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE)
        context = stream.codec_context
        context.width, context.height, context.pix_fmt, context.time_base = width, height, pixel_format, time_base
        for name, value in tags.items():
            setattr(context, name, value)
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for pts, luma in zip(times or range(0, 1001 * len(lumas), 1001), lumas, strict=True):
            picture = picture_of(luma, pixel_format)
            picture.pts, picture.time_base = pts, time_base
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def picture_of(luma, pixel_format):
    """A frame in this planar pixel format (or a two-plane one) with this luma, the chroma filled with a slope."""
    height, width = luma.shape
    picture = av.VideoFrame(width, height, pixel_format)
    deep = picture.format.components[0].bits > 8
    for number, plane in enumerate(picture.planes):
        order = ">" if picture.format.is_big_endian else "<"
        rows = np.frombuffer(plane, f"{order}u2" if deep else np.uint8).reshape(plane.height, -1)
        if number == 0:
            rows[:, :width] = luma << 6 if pixel_format.startswith("p01") else luma
        else:
            rows[:] = np.arange(rows.shape[1]) % 200
    return picture


def read(film, start=None, end=None, **settings):
    """All frames of a film, and the reader that gave them."""
    with FilmReader(film.path, film, start, end, **settings) as reader:
        return list(reader), reader


def seconds(frames, film):
    """The exact times of frames."""
    return [frame.pts * film.video.time_base for frame in frames]


def ffmpeg(*arguments):
    """Runs the ffmpeg program, quietly."""
    command = [str(find_ffmpeg()), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def flash_and_beep(path, length=4, *arguments):
    """A film that is white for 0.12 s of every second, and sounds for the same 0.12 s."""
    picture = f"color=black:s=64x48:r=25:d={length},format=gray,geq=lum='if(lt(mod(T+0.001\\,1)\\,0.12)\\,255\\,0)'"
    sound = f"aevalsrc='if(lt(mod(t\\,1)\\,0.12)\\,0.8*sin(2000*PI*t)\\,0)':d={length}:s=48000"
    ffmpeg("-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, "-pix_fmt", "yuv420p", *arguments, path)
    return path


def flashes(film):
    """The seconds at which the picture turns white."""
    frames, _ = read(film)
    bright = [frame.luma.mean() > 100 for frame in frames]
    times = seconds(frames, film)
    return [float(t) for t, now, before in zip(times, bright, [False, *bright], strict=False) if now and not before]


def beeps(path):
    """The seconds at which the first sound track gets loud."""
    starts, end = [], -inf
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler("flt", "mono", 48000)
        for frame in container.decode(stream):
            begin = float(frame.pts * stream.time_base)
            for part in resampler.resample(frame):
                for place in np.flatnonzero(np.abs(part.to_ndarray().ravel()) > 0.1) / 48000:
                    if begin + place - end > 0.3:
                        starts.append(begin + place)
                    end = begin + place
                begin += part.samples / 48000
    return starts


def rich_film(path, length=3):
    """Two sound tracks with languages, a subtitle, chapters and a title; in Matroska an attachment too."""
    folder = path.parent
    lines = ("1", "00:00:00,500 --> 00:00:01,500", "Grüße", "", "2", "00:00:02,000 --> 00:00:02,500", "zwei", "")
    (folder / "words.srt").write_text("\n".join(lines), "utf-8")
    (folder / "tags.txt").write_text(
        ";FFMETADATA1\ntitle=Ein Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1500\ntitle=One\n"
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART=1500\nEND={max(1000 * length, 2000)}\ntitle=Two\n", "utf-8",
    )  # fmt: skip
    (folder / "letters.ttf").write_bytes(b"\0\1\0\0" + bytes(200))
    text = "mov_text" if path.suffix == ".mp4" else "srt"
    font = ["-attach", folder / "letters.ttf", "-metadata:s:t", "mimetype=font/ttf"]
    attached = font if path.suffix == ".mkv" else []
    ffmpeg(
        "-f", "lavfi", "-i", f"testsrc2=s=64x48:r=24000/1001:d={length}", "-f", "lavfi", "-i", f"sine=440:d={length}",
        "-f", "lavfi", "-i", f"sine=880:d={length}", "-i", folder / "words.srt", "-i", folder / "tags.txt",
        "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map_metadata", "4", "-map_chapters", "4",
        "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
        "-c:a:0", "aac", "-c:a:1", "libopus", "-c:s", text,
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Kommentar",
        "-metadata:s:s:0", "language=fre", "-disposition:a:0", "default", "-disposition:a:1", "comment",
        "-disposition:s:0", "forced", *attached, path,
    )  # fmt: skip
    return path


def smooth_film(path, count=40, steps=None, cut=None):
    """A lossless film of 96 x 64 at ten frames a second, or with these steps between its times."""
    spec = VideoSpec(96, 64, Fraction(1, 1000), codec="ffv1" if path.suffix == ".mkv" else "h264", lossless=True)
    neutral = np.full(spec.chroma_shape, 128, np.uint8)
    pts = 0
    with SegmentWriter(path, spec) as writer:
        for number in range(count):
            picture = SMOOTH if cut is None or number < cut else 255 - SMOOTH
            luma = np.roll(picture, number % 7, axis=1)[:64, :96].copy()
            writer.write(pts, luma, neutral, neutral)
            pts += steps[number % len(steps)] if steps else 100
    return path


def colour_frames(path):
    """Seconds, luma and Cb of every frame."""
    film = probe(path)
    with FilmReader(path, film, keep_colour=True) as reader:
        return [(frame.pts * film.video.time_base, frame.luma.copy(), frame.cb.copy()) for frame in reader]


def segments(film, folder, codec="h264", pieces=3, start=None, end=None, suffix=".mp4"):
    """The film's own luma encoded again in pieces, as the colouring does it, and all its frames."""
    frames, _ = read(film, start, end)
    places = [round(i * len(frames) / pieces) for i in range(pieces + 1)]
    last = frames[-1].pts + (frames[-1].duration or frames[-1].pts - frames[-2].pts)
    times = [frame.pts for frame in frames] + [last]
    made = []
    for number, (first, stop) in enumerate(pairwise(places)):
        path = write(
            folder / f"{number}{suffix}", [frame.luma for frame in frames[first:stop]], times[first:stop],
            time_base=film.video.time_base, bits=film.video.bits, codec=codec, matrix=film.video.matrix,
        )  # fmt: skip
        made.append(EncodedSegment(path, times[first], times[stop], stop - first))
    return frames, made
