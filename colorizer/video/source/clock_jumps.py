"""A clock that jumps or begins again, as where recordings were joined: found by reading the file once, and mended.

Transport and program streams carry the clock of whoever sent or cut them. What follows a jump is moved so that its
first picture comes a frame's step after the last one before it, and everything else that follows moves with it.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet

from colorizer.video.source.facts import ClockChange, Film, MendedClock
from colorizer.video.source.opening import opened, pixel_limit

_FORMATS = {"mpeg", "mpegts"}  # all their streams count with 90 kHz in 33 bits
_BACK = Fraction(1, 10)  # seconds: less is a flaw of single times
_AHEAD = 10  # seconds that nothing was sent: more is no gap but another clock
_CONTINUES = 1  # second: times nearer together belong together
_LONGEST_DELAY = 180_000  # ticks: two seconds from decoding to showing
_LATE_BY = 4  # packets
_ENTRIES_APART = 10  # seconds between two places where reading may begin
_WRAP = 1 << 33
_ERRORS_IN_A_ROW = 20


@dataclass
class _Run:
    """A stretch in which a stream's clock goes on. begin, end: of its times. position: of its first byte."""

    position: int
    begin: int
    end: int


@dataclass
class _Track:
    """A stream while the file is read. sent: ticks that it has gone on in all.

    others: those of the others as its last few packets came: a packet comes only when one or two after it have begun.
    """

    runs: list[_Run] = field(default_factory=list)
    last: int | None = None
    delay: int = 0
    position: int = 0
    sent: int = 0
    others: deque[dict[int, int]] = field(default_factory=lambda: deque([{}], _LATE_BY))


def with_one_clock(film: Film) -> Film:
    """The film with a clock that goes on where the file's own does not; the film as it was where that one does.

    Reads the whole file, without decoding it, where its container may have such a clock. Raises InputError.
    """
    if film.container not in _FORMATS:
        return film
    tracks, entries, frames = _read(film)
    runs = tracks[film.video.index].runs if film.video.index in tracks else []
    if len(runs) < 2:
        return film
    shifts = _shifts(runs, film.video.time_base)
    changes = {
        index: tuple(_changes(film, track, runs, shifts, is_film=index == film.video.index))
        for index, track in tracks.items()
    }
    clock = MendedClock(changes, tuple((pts + shifts[run], position) for run, pts, position in entries))
    length = (runs[-1].end + shifts[-1] - runs[0].begin) * film.video.time_base
    video = replace(film.video, duration=length, estimated_frames=frames)
    jumps = "once" if len(runs) == 2 else f"{len(runs) - 1} times"
    note = f"the source's clock jumps {jumps}; the result's goes on, with sound and subtitles in step with the picture"
    return replace(film, video=video, clock=clock, notes=(*film.notes, note))


def _read(film: Film) -> tuple[dict[int, _Track], list[tuple[int, int, int]], int]:
    """Every stream's runs; places to begin reading at, as run, pts and position; the number of the film's packets."""
    tracks: dict[int, _Track] = {}
    entries: list[tuple[int, int, int]] = []
    frames = 0
    apart = round(_ENTRIES_APART / film.video.time_base)
    with opened(film.path, pixel_limit()) as container:
        for packet in _packets(container):
            track = tracks.setdefault(packet.stream.index, _Track())
            track.position = packet.pos if packet.pos is not None else track.position
            _take(packet, track, tracks, film.video.time_base)
            if packet.stream.index != film.video.index or packet.pts is None or not track.runs:
                continue
            frames += 1
            run = len(track.runs) - 1
            is_due = not entries or entries[-1][0] != run or packet.pts - entries[-1][1] >= apart
            if packet.is_keyframe and packet.pos is not None and is_due:
                entries.append((run, packet.pts, packet.pos))
    return tracks, entries, frames


def _packets(container: InputContainer) -> Iterator["Packet[Any]"]:
    errors = 0
    demuxer = container.demux()
    while errors <= _ERRORS_IN_A_ROW:
        try:
            packet = next(demuxer, None)
        except (FFmpegError, OSError):
            errors += 1
            demuxer = container.demux()
            continue
        if packet is None:
            return
        errors = 0
        if packet.size:
            yield packet


def _take(packet: "Packet[Any]", track: _Track, tracks: dict[int, _Track], unit: Fraction) -> None:
    """Add a packet to its stream's last run, or begin a new one with it."""
    times = _times(packet, track.delay)
    if times is None:
        return
    time, shown = times
    track.delay = shown - time
    end = shown + max(packet.duration or 0, 1)
    flows = packet.stream.type in {"video", "audio"}  # others say something once in a while
    if not track.runs or (flows and _jumps(time, track, tracks, unit)):
        track.runs.append(_Run(track.position, shown, end))
    else:
        run = track.runs[-1]
        run.begin, run.end = min(run.begin, shown), max(run.end, end)
        if flows and track.last is not None:
            track.sent += max(0, min(time - track.last, round(_CONTINUES / unit)))
    track.last = time
    if flows:
        track.others.append({index: each.sent for index, each in tracks.items() if each is not track})


def _times(packet: "Packet[Any]", delay: int) -> tuple[int, int] | None:
    """When it is decoded and when shown. delay: between the two, of the packet before.

    At a jump one of the two is often of the clock before it, or of the one after: it was not written in the file but
    worked out from a neighbour's. What begins at a place of its own has its own pts there.
    """
    pts, dts = packet.pts, packet.dts
    if pts is None or dts is None:
        time = pts if dts is None else dts
        return None if time is None else (time, time if dts is None else time + delay)
    if 0 <= pts - dts <= _LONGEST_DELAY:
        return dts, pts
    is_written = packet.pos is not None and packet.stream.container.format.name == "mpeg"
    return (pts - delay, pts) if is_written else (dts, dts + delay)


def _jumps(time: int, track: _Track, tracks: dict[int, _Track], unit: Fraction) -> bool:
    """Whether this is another clock: it goes back, or further ahead than all the others went on meanwhile."""
    if track.last is None:
        return False
    gap = (time - track.last) * unit
    if gap < _AHEAD:
        return gap < -_BACK
    meanwhile = max((tracks[index].sent - sent for index, sent in track.others[0].items()), default=0) * unit
    return gap - meanwhile > _AHEAD


def _shifts(runs: list[_Run], unit: Fraction) -> list[int]:
    """What is added to the times of each run of pictures, so that one follows the other."""
    shifts = [0]
    for number in range(1, len(runs)):
        shift = runs[number - 1].end + shifts[-1] - runs[number].begin
        is_short = runs[number - 1].end - runs[number - 1].begin <= _CONTINUES / unit
        if number > 1 and is_short and 0 <= shifts[-2] - shift <= _CONTINUES / unit:
            shift = shifts[-2]  # a few wrong times lay between: the clock is the one from before them
        shifts.append(shift)
    return shifts


def _changes(film: Film, track: _Track, runs: list[_Run], shifts: list[int], *, is_film: bool) -> Iterator[ClockChange]:
    """Where this stream comes to each run of the pictures, and what is then added to its times.

    The ffmpeg program, which reads all streams but the film itself, takes a whole turn of the counter off a stream that
    begins more than half a turn after the file does.
    """
    half_a_turn = film.start / film.video.time_base + _WRAP // 2
    turned = not is_film and bool(track.runs) and track.runs[0].begin > half_a_turn
    apart = 2 * _CONTINUES / film.video.time_base
    for run, shift in zip(runs[1:], shifts[1:], strict=True):
        turned = turned and (run.begin > half_a_turn or track.runs[0].position > run.position)
        same = [own for own in track.runs[1:] if abs(own.begin - run.begin) <= apart]
        distances = {abs(own.position - run.position): own.position for own in same}
        position = distances[min(distances)] if distances else run.position
        yield ClockChange(position, shift + (_WRAP if turned and run.begin > half_a_turn else 0))


class Shifter:
    """Gives the packets of a stream, one after the other, the times that they have on the one clock."""

    def __init__(self, changes: tuple[ClockChange, ...], position: int = 0) -> None:
        self._changes = changes
        self._positions = [change.position for change in changes]
        self._shift = self._at(position)
        self._delay = 0

    def move(self, packet: "Packet[Any]") -> None:
        """Change the packet's times. One that does not say where it lies follows the one before it."""
        if not self._changes:
            return
        if packet.pos is not None:
            self._shift = self._at(packet.pos)
        times = _times(packet, self._delay)
        if times is not None:
            self._delay = times[1] - times[0]
            packet.dts, packet.pts = (time + self._shift for time in times)

    def _at(self, position: int) -> int:
        number = bisect_right(self._positions, position)
        return self._changes[number - 1].shift if number else 0
