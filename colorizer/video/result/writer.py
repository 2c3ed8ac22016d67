"""Luma and chroma planes into an encoded file: the luma goes to the encoder as it is."""

from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.filter.graph import Graph
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from colorizer.color.matrices import Matrix
from colorizer.errors import InputError, OutputError, TargetExists
from colorizer.files import appearing, cure_of
from colorizer.settings import quieten_encoders
from colorizer.video.result.codecs import codec_row
from colorizer.video.result.process import ordinary_scheduling
from colorizer.video.result.video_spec import Fields, VideoSpec
from colorizer.video.source.facts import VideoTrack
from colorizer.video.source.opening import opened, set_up_decoder
from colorizer.video.source.planes import Plane, PlaneReader

_MATRIX_NUMBERS: dict[Matrix, int] = {"bt709": 1, "bt601": 6, "bt2020": 9}
# MP4 keeps no colour tag at all where one of the three is missing: what the matrix usually goes with.
_USUAL_TAGS: dict[Matrix, tuple[int, int]] = {"bt709": (1, 1), "bt601": (6, 6), "bt2020": (9, 14)}
SAMPLED_FRAMES = 12  # from a key frame on: it is coded best, and those after it as the film is
SAMPLED_ROWS = slice(None, None, 15)  # an odd step, so that both fields are seen
_FIELD_ORDERS: dict[Fields, int] = {"tff": 2, "bff": 3}  # AVFieldOrder
_LONGEST_DELAY = 1 << 40  # ticks
_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm", ".nut": "nut"}


class SegmentWriter:
    """A context manager that encodes frames into one file, which appears whole at exit or not at all.

    The container follows the suffix: .mp4 and .mov keep every time base exactly, .mkv and .webm count milliseconds.
    Where the first time lies below zero, which no player shows, it becomes zero, and all others move with it.
    samples: SAMPLED_ROWS of the luma of the finished file's first SAMPLED_FRAMES frames, as they decode; code values of
    the spec's depth.
    Raises TargetExists and OutputError on entry; OutputError where the disk or the encoder fails.
    """

    def __init__(self, path: Path, spec: VideoSpec, *, overwrite: bool = False) -> None:
        self._path = path
        self._spec = spec
        self._overwrite = overwrite
        self._stack = ExitStack()
        self._part: Path
        self._last_pts: int | None = None
        self._zero = 0
        self._durations: dict[int, int] = {}
        self._kind = np.dtype(np.uint8 if spec.bits == 8 else np.uint16)
        self._marker: Graph | None = None
        self._container: OutputContainer
        self._stream: VideoStream
        self.samples: list[Plane] = []
        self.frames = 0

    def __enter__(self) -> Self:
        if self._path.suffix.lower() not in _FORMATS:
            raise OutputError(f"{self._path.name}: a film's name ends in {', '.join(_FORMATS)}; choose one of them")
        if self._path.exists() and not self._overwrite:
            raise TargetExists(
                f"{self._path} is there already; choose another name, or allow overwriting (--overwrite)"
            )
        try:
            with ExitStack() as stack:
                self._part = stack.enter_context(appearing(self._path))
                stack.callback(self._close)  # first of all: Windows deletes and renames no file that is open
                self._part.touch()
                self._open()
                self._stack = stack.pop_all()
        except (av.error.FFmpegError, ValueError, OSError) as error:
            raise self._failure("begun", error) from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self._stack.__exit__(kind, error, trace)
            return
        try:
            with self._stack:
                if not self.frames:
                    raise ValueError("there is no frame to write")
                self._mux(None)
                self._container.close()
                self._verify()
        except (av.error.FFmpegError, InputError, ValueError, OSError) as failure:
            raise self._failure("finished", failure) from failure

    def write(  # noqa: PLR0917  planes in their usual order
        self, pts: int, luma: Plane, cb: Plane, cr: Plane, duration: int | None = None, alpha: Plane | None = None
    ) -> None:
        """Encodes one frame. pts must be above the last one, in the spec's time base.

        luma: (H, W), cb and cr: chroma_shape; alpha: (H, W), where the spec has it; uint8 for 8 bit, uint16 code values
        above. Never written to.
        Raises ValueError for a wrong shape, type or pts; OutputError.
        """
        if self._last_pts is not None and pts <= self._last_pts:
            raise ValueError(f"pts must grow from frame to frame, and {pts} follows {self._last_pts}")
        picture = self._picture(luma, cb, cr, *(() if alpha is None else (alpha,)))
        if self._last_pts is None:
            self._zero = min(pts, 0)
        self._last_pts = pts
        picture.pts = pts - self._zero
        if duration:
            self._durations[picture.pts] = duration
        try:
            self._mux(picture)
        except (av.error.FFmpegError, OSError) as error:
            raise self._failure("written", error) from error
        self.frames += 1

    def _open(self) -> None:
        spec = self._spec
        scale = str(spec.time_base.denominator)
        iso = self._path.suffix.lower() in {".mp4", ".m4v", ".mov"}
        # Both clocks of the file tick in the source's time base, so that no edit list rounds the start.
        options = {"video_track_timescale": scale, "movie_timescale": scale} if iso else {}
        container_format = _FORMATS[self._path.suffix.lower()]
        self._container = av.open(f"file:{self._part.absolute()}", "w", format=container_format, options=options)
        row = codec_row(spec.codec)
        stream = self._container.add_stream(row.encoder, rate=spec.rate or 25, options=spec.encoder_options())
        if not isinstance(stream, VideoStream):
            raise ValueError(f"{row.encoder} does not encode pictures")
        context = stream.codec_context
        if iso and row.tag:
            context.codec_tag = row.tag
        context.width, context.height, context.pix_fmt = spec.width, spec.height, spec.pixel_format
        context.time_base = spec.time_base
        context.sample_aspect_ratio = spec.sample_aspect
        context.colorspace, context.color_range = _MATRIX_NUMBERS[spec.matrix], 2 if spec.full_range else 1
        context.color_primaries, context.color_trc = self._tags()
        context.thread_count = spec.threads
        if spec.fields:
            context.flags |= Flags.interlaced_dct | Flags.interlaced_me
            context.field_order = _FIELD_ORDERS[spec.fields]
            self._marker = _marker(spec)
        self._stream = stream
        quieten_encoders()
        with ordinary_scheduling():
            self._container.start_encoding()

    def _picture(self, *planes: Plane) -> VideoFrame:
        spec = self._spec
        picture = VideoFrame(spec.width, spec.height, spec.pixel_format)
        chroma = spec.chroma_shape
        full = (spec.height, spec.width)
        shapes = (full, chroma, chroma, *((full,) if spec.alpha else ()))
        for plane, values, shape in zip(picture.planes, planes, shapes, strict=True):
            if values.shape != shape or values.dtype != self._kind:
                raise ValueError(f"a plane must be {shape} {self._kind}, and is {values.shape} {values.dtype}")
            rows: Plane = np.frombuffer(memoryview(plane), self._kind)
            rows.reshape(shape[0], -1)[:, : shape[1]] = values
        if self._marker is not None:
            picture.pts = 0
            self._marker.vpush(picture)
            picture = self._marker.vpull()
        picture.time_base = spec.time_base
        picture.colorspace, picture.color_range = _MATRIX_NUMBERS[spec.matrix], 2 if spec.full_range else 1
        picture.color_primaries, picture.color_trc = self._tags()
        return picture

    def _tags(self) -> tuple[int, int]:
        spec = self._spec
        if codec_row(spec.codec).carries_colour:
            return spec.primaries, spec.transfer
        primaries, transfer = _USUAL_TAGS[spec.matrix]
        return primaries if spec.primaries == 2 else spec.primaries, transfer if spec.transfer == 2 else spec.transfer

    def _mux(self, picture: VideoFrame | None) -> None:
        for packet in self._stream.encode(picture):
            if packet.pts is not None:
                packet.duration = self._durations.pop(packet.pts, packet.duration)
                if packet.dts is not None and not packet.pts - _LONGEST_DELAY <= packet.dts <= packet.pts:
                    packet.dts = packet.pts  # unset by x265 in a film of one or two frames, where nothing is delayed
            self._container.mux(packet)

    def _verify(self) -> None:
        with opened(self._part, 2**31 - 1) as container:
            stream, count = container.streams.video[0], 0
            set_up_decoder(stream, 2**31 - 1, threads=1)
            for packet in container.demux(stream):
                count += packet.size > 0
                if len(self.samples) < SAMPLED_FRAMES:
                    self.samples += [_sample_of(picture, self._spec) for picture in packet.decode()]
            if count != self.frames or (stream.width, stream.height) != (self._spec.width, self._spec.height):
                raise OSError(f"{self.frames} frames went in and {count} came out")

    def _close(self) -> None:
        with suppress(AttributeError, av.error.FFmpegError, OSError, ValueError):
            self._container.close()

    def _failure(self, what: str, error: Exception) -> OutputError:
        reason = getattr(error, "strerror", None) or str(error)
        cure = cure_of(error, "choose another codec (--codec), or begin anew (--restart)")
        return OutputError(f"{self._path} cannot be {what}: {reason}; {cure}")


def _sample_of(picture: VideoFrame, spec: VideoSpec) -> Plane:
    track = VideoTrack(0, spec.codec, picture.format.name, spec.width, spec.height, spec.time_base)
    luma, _, _ = PlaneReader(track).read(picture)
    return luma[SAMPLED_ROWS].copy()


def _marker(spec: VideoSpec) -> Graph:
    """What marks frames as interlaced, which PyAV has no other way to do."""
    graph = Graph()
    source = graph.add_buffer(
        width=spec.width, height=spec.height, format=VideoFormat(spec.pixel_format), time_base=spec.time_base
    )  # fmt: skip
    graph.link_nodes(source, graph.add("setfield", spec.fields), graph.add("buffersink")).configure()
    return graph
