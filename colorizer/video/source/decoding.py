"""From a source to decoded pictures with mended times: seeks exactly, repairs, and knows when a source ends early."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Discard
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from colorizer.errors import InputError, SourceUnreadable
from colorizer.video.source.clock import Clock
from colorizer.video.source.clock_jumps import Shifter
from colorizer.video.source.facts import Film
from colorizer.video.source.opening import PICTURE_FORMATS, film_decoder, opened, set_up_decoder
from colorizer.video.source.picture_folder import numbered_pictures

_BACK_STEPS = (0, 2, 10, 60)  # seconds before the wanted start: the nearest key frame may come too late
_READ_ERRORS_IN_A_ROW = 20
_LAST_PTS = (1 << 62) - 1  # what a container counts with holds little more


@dataclass(frozen=True, eq=False)
class Decoded:
    """A decoded picture and the time it is shown at. repaired: damaged, or in place of one that did not decode."""

    picture: VideoFrame
    pts: int
    duration: int | None
    repaired: bool = False


def frame_step(film: Film) -> int:
    """The usual time from one frame to the next, in the film's time base, at least 1."""
    return max(1, round(1 / ((film.video.average_rate or Fraction(25)) * film.video.time_base)))


class Decoder:
    """The pictures of a film in a file. A context manager that holds the file open. Raises InputError on entry."""

    def __init__(self, path: Path, film: Film, max_pixels: int, threads: int) -> None:
        self._path = path
        self._film = film
        self._max_pixels = max_pixels
        self._threads = threads
        self._stack = ExitStack()
        self._container: InputContainer
        self._stream: VideoStream

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def mended(self) -> int:
        """Frames whose time was missing or did not increase."""
        return self._clock.mended

    def pictures(self, start_pts: int | None) -> Iterator[Decoded]:
        """The pictures from start_pts on, in the order they are shown; all of them for None."""
        for decoded in self._all() if start_pts is None else self._around(start_pts):
            if start_pts is None or decoded.pts >= start_pts:
                yield decoded

    def early_end(self) -> str:
        """Why the source ended before its time, "" where it did not; known once the pictures have run out."""
        if self._cut_short:
            return self._cut_short
        video = self._film.video
        declared, end = video.declared_end, self._last_end * video.time_base
        if declared is not None and end < declared - max(Fraction(1, 2), 3 * frame_step(self._film) * video.time_base):
            return f"its pictures end at {float(end):.2f} s, and the file promises {float(declared):.2f} s"
        return ""

    def _open(self) -> None:
        self._stack.close()
        self._container = self._stack.enter_context(opened(self._path, self._max_pixels))
        index = self._film.video.index
        stream = self._container.streams[index] if index < len(self._container.streams) else None
        if not isinstance(stream, VideoStream) or stream.time_base != self._film.video.time_base:
            raise SourceUnreadable(f"{self._path.name} has changed since it was examined; start again")
        self._stream = stream
        self._codec = film_decoder(stream, self._max_pixels, self._threads)
        for other in self._container.streams:
            if other.index != index:
                other.discard = Discard.all
        self._begin(awaits_key=False)

    def _begin(self, *, awaits_key: bool) -> None:
        self._clock = Clock(frame_step(self._film), trust_pts=self._film.container != "avi")
        self._previous: VideoFrame | None = None
        self._awaits_key = self._after_seek = awaits_key
        self._shifter = self._shifter_at(0)
        self._last_end = 0
        self._cut_short = ""

    def _shifter_at(self, position: int) -> Shifter:
        clock = self._film.clock
        return Shifter(clock.changes[self._film.video.index] if clock else (), position)

    def _around(self, start_pts: int) -> Iterator[Decoded]:
        """The pictures from a key frame at or before start_pts on; from the beginning where no seek finds one."""
        if start_pts > _LAST_PTS:
            return
        if self._film.clock is not None:
            yield from self._from_entry(start_pts, self._film.clock.entries)
            return
        if start_pts > self._film.video.start_pts:
            # Where only the order tells the time, the frames right after a key frame may be told wrongly.
            for back in _BACK_STEPS if self._clock.trust_pts else _BACK_STEPS[1:]:
                target = start_pts - round(back / self._film.video.time_base)
                if target <= self._film.video.start_pts:
                    break
                pictures = self._from(target)
                first = next(pictures, None)
                if first is not None and first.pts <= start_pts:
                    yield first
                    yield from pictures
                    return
            self._open()
        yield from self._all()

    def _from_entry(self, start_pts: int, entries: tuple[tuple[int, int], ...]) -> Iterator[Decoded]:
        """The pictures from a key frame at or before start_pts on, found by its byte: no time would lead there."""
        before = [position for pts, position in entries if pts <= start_pts - self._clock.step]
        if before:
            pictures = self._from(before[-1], is_byte=True)
            first = next(pictures, None)
            if first is not None and first.pts <= start_pts:
                yield first
                yield from pictures
                return
            self._open()
        yield from self._all()

    def _from(self, target: int, *, is_byte: bool = False) -> Iterator[Decoded]:
        try:
            if is_byte:
                self._container.seek(target, unsupported_byte_offset=True)
            else:
                self._container.seek(target, stream=self._stream)
        except av.error.FFmpegError:
            return
        self._codec.flush_buffers()  # which the container does for its own
        self._begin(awaits_key=True)
        self._shifter = self._shifter_at(target if is_byte else 0)
        yield from self._all()

    def _all(self) -> Iterator[Decoded]:
        for packet in self._packets():
            for picture in self._decode(packet):
                yield from self._shown(picture)
        if self._previous is not None and not self._cut_short:
            for slot in self._clock.rest():
                self._last_end = slot + self._clock.step
                yield Decoded(self._previous, slot, None, repaired=True)

    def _packets(self) -> Iterator["Packet[VideoStream] | None"]:
        errors = 0
        demuxer = self._container.demux(self._stream)
        while True:
            try:
                packet = next(demuxer, None)
            except (av.error.FFmpegError, OSError) as error:
                errors += 1
                self._clock.damaged()
                demuxer = self._container.demux(self._stream)  # a generator is spent once it has raised
                if errors > _READ_ERRORS_IN_A_ROW:
                    self._cut_short = f"it cannot be read any further ({error.strerror})"
                    yield None
                    return
                continue
            if packet is None:
                return
            errors = 0
            if packet.size:
                self._cut_short = "its last packet is incomplete" if packet.is_corrupt else ""
                self._shifter.move(packet)
            yield packet

    def _decode(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        self._flushing = packet is None or not packet.size
        if packet is not None and packet.size and not packet.is_discard:
            self._clock.sent(packet.pts, packet.dts)
        try:
            return self._codec.decode(None if self._flushing else packet)
        except av.error.FFmpegError:
            self._clock.damaged()
            return []

    def _shown(self, picture: VideoFrame) -> Iterator[Decoded]:
        if self._awaits_key and not picture.key_frame:
            return
        if self._awaits_key and picture.dts is not None and not self._clock.trust_pts:
            delay = 0 if self._flushing else self._codec.reorder_depth
            self._clock.begins_at(picture.dts - delay * self._clock.step)
        self._awaits_key = False
        lost, pts = self._clock.shown(picture.pts)
        if self._previous is not None or not self._after_seek:
            for slot in lost:
                yield Decoded(self._previous or picture, slot, None, repaired=True)
        self._previous = picture
        self._last_end = pts + (picture.duration or frame_step(self._film))
        yield Decoded(picture, pts, picture.duration or None, repaired=picture.is_corrupt)


class FolderDecoder:
    """The pictures of a folder, each decoded on its own; one that does not decode shows its neighbour."""

    mended = 0

    def __init__(self, folder: Path, max_pixels: int) -> None:
        self._paths = numbered_pictures(folder)
        self._max_pixels = max_pixels

    def pictures(self, start_pts: int | None) -> Iterator[Decoded]:
        """The pictures from start_pts on. Raises SourceUnreadable where not one of them decodes."""
        first = max(0, start_pts or 0)
        previous: VideoFrame | None = None
        waiting = []
        for number in range(first, len(self._paths)):
            picture = self._picture(self._paths[number])
            if picture is None and previous is None:
                waiting.append(number)
                continue
            shown = picture or previous
            if shown is not None:
                yield from (Decoded(shown, missed, 1, repaired=True) for missed in waiting)
                waiting.clear()
                yield Decoded(shown, number, 1, repaired=picture is None)
                previous = shown
        if waiting:
            raise SourceUnreadable(f"no picture from {self._paths[waiting[0]].name} on decodes; export them again")

    def early_end(self) -> str:
        """Always "": a folder ends where its pictures end."""
        return ""

    def _picture(self, path: Path) -> VideoFrame | None:
        try:
            with opened(path, self._max_pixels, PICTURE_FORMATS) as container:
                set_up_decoder(container.streams.video[0], self._max_pixels, threads=1)
                return next(container.decode(video=0), None)
        except (InputError, av.error.FFmpegError, IndexError):
            return None
