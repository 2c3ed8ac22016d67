"""From a file, or a folder of numbered pictures, to what is known about the film in it."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from colorizer.color.matrices import Matrix
from colorizer.errors import SourceUnreadable
from colorizer.video.source.facts import (
    INTERLACED,
    TRANSPARENT,
    Chapter,
    Film,
    Kind,
    OtherTrack,
    VideoTrack,
)
from colorizer.video.source.opening import (
    PICTURE_FORMATS,
    film_decoder,
    film_stream,
    opened,
    pixel_limit,
    says_transparent,
)
from colorizer.video.source.orientation import orientation_of
from colorizer.video.source.picture_folder import is_logarithmic, missing_numbers, numbered_pictures, other_pictures
from colorizer.video.source.planes import is_grey, is_rgb, luma_bits

_MATRICES: dict[int, Matrix] = {1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 7: "bt709", 9: "bt2020", 10: "bt2020"}
_BITMAP_SUBTITLES = {"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub", "dvb_teletext"}
_SHOWN_FIRST = {2: True, 3: False, 4: False, 5: True}  # AVFieldOrder TT, BB, TB, BT: whether the top field is
_SRGB = 13  # likewise: what the decoder of OpenEXR is told to give
_HDR = {16: "PQ", 18: "HLG"}  # transfer characteristics of ITU-T H.273
_PACKETS_UNTIL_A_PICTURE = 2000
_INDEX_ENTRIES_READ = 3000
_MOST_TIMES = 3  # what a rate of fields, or of pulled-down film, may be off by
_FOLDER_RATE = Fraction(24)
_SECOND = 1_000_000  # a container counts in microseconds


def probe(path: Path, *, max_megapixels: float | None = None, folder_rate: Fraction | None = None) -> Film:
    """What the file says about itself, its first frame decoded, nothing else read.

    max_megapixels: None takes the setting. folder_rate: frames a second of a folder of numbered
    pictures; None takes 24 and says so.
    Raises SourceMissing, SourceUnreadable (not a video, empty, damaged, sound only, a playlist that names other files)
    and SourceTooLarge before a frame is decoded.
    """
    limit = pixel_limit(max_megapixels)
    if path.is_dir():
        return _probe_folder(path, limit, folder_rate)
    with opened(path, limit) as container:
        stream = _film_stream(path, container)
        picture = _first_picture(path, container, stream, limit)
        video = _video_track(container, stream, picture)
        return Film(
            path=path,
            container=container.format.name,
            video=video,
            others=tuple(_other(s) for s in container.streams if s.index != stream.index),
            chapters=tuple(_chapters(container)),
            tags=dict(container.metadata),
            start=Fraction(container.start_time or 0, _SECOND),
            size=path.stat().st_size,
            notes=(*_notes(container, video), *_transparency(stream, picture)),
        )


def _film_stream(path: Path, container: InputContainer) -> VideoStream:
    stream = film_stream(container)
    if stream is not None:
        return stream
    unknown = [s for s in container.streams.video if s.codec_context is None]
    if unknown:
        raise SourceUnreadable(f"{path.name} holds pictures in a codec that cannot be decoded here; convert it first")
    found = "sound only" if container.streams.audio else "no pictures"
    raise SourceUnreadable(f"{path.name} holds {found}; a film needs a picture track")


def _first_picture(path: Path, container: InputContainer, stream: VideoStream, limit: int) -> VideoFrame:
    codec = film_decoder(stream, limit, threads=1)
    try:
        for packet in itertools.islice(container.demux(stream), _PACKETS_UNTIL_A_PICTURE):
            for picture in _decoded(codec, packet):
                return picture
    except (av.error.FFmpegError, OSError) as error:
        raise SourceUnreadable(f"{path.name} cannot be read: {error.strerror}; copy or download it again") from error
    raise SourceUnreadable(f"{path.name} holds no frame that can be decoded; copy or download it again")


def _decoded(codec: av.VideoCodecContext, packet: "av.Packet[VideoStream]") -> list[VideoFrame]:
    try:
        return codec.decode(packet if packet.size else None)
    except av.error.InvalidDataError:
        return []  # the next packet may be whole


def _video_track(container: InputContainer, stream: VideoStream, picture: VideoFrame) -> VideoTrack:
    name = picture.format.name
    time_base = stream.time_base or Fraction(1, _SECOND)
    duration, declared_end = _duration(container, stream, time_base)
    rate = _rate(stream)
    field_order = stream.codec_context.field_order
    range_said = {1: False, 2: True}.get(int(picture.color_range or stream.color_range))
    return VideoTrack(
        index=stream.index,
        codec=stream.codec_context.codec.canonical_name,
        pixel_format=name,
        width=picture.width,
        height=picture.height,
        time_base=time_base,
        bits=luma_bits(name),
        sample_aspect=_aspect(stream),
        orientation=orientation_of(picture),
        is_grey=is_grey(name),
        is_rgb=is_rgb(name),
        full_range=True if name.startswith("yuvj") else range_said,
        tagged_matrix=_MATRICES.get(int(picture.colorspace)) or _MATRICES.get(int(stream.colorspace)),
        primaries=int(picture.color_primaries or 2),
        transfer=_SRGB if stream.codec_context.name == "exr" else int(picture.color_trc or 2),
        has_alpha=_has_alpha(picture) and (stream.codec_context.name != "gif" or _is_seen_through(picture)),
        interlaced=picture.interlaced_frame or field_order in _SHOWN_FIRST,
        top_field_first=_SHOWN_FIRST.get(field_order),
        average_rate=rate,
        start_pts=stream.start_time or 0,
        duration=duration,
        declared_end=declared_end,
        estimated_frames=stream.frames or (round(duration * rate) if duration and rate else None),
        variable_rate=_varies(container, stream),
        tags=dict(stream.metadata),
    )


def _aspect(stream: VideoStream) -> Fraction:
    aspect = stream.sample_aspect_ratio
    return aspect if aspect and Fraction(1, 32) <= aspect <= 32 else Fraction(1)


def _duration(
    container: InputContainer, stream: VideoStream, time_base: Fraction
) -> tuple[Fraction | None, Fraction | None]:
    """Seconds of picture, and the time at which the file itself says that they end."""
    start = (stream.start_time or 0) * time_base
    if stream.duration:
        seconds = stream.duration * time_base
        declares = container.format.name.startswith(("mov", "avi"))  # others guess, or count something else in
        return seconds, start + seconds if declares else None
    tagged = _clock_seconds(stream.metadata.get("DURATION", ""))
    if tagged is not None and tagged > start:
        return tagged - start, tagged
    if container.duration:
        return Fraction(container.duration, _SECOND), None
    return None, None


def _clock_seconds(text: str) -> Fraction | None:
    """Seconds of "00:01:02.500000000", None for anything else."""
    try:
        hours, minutes, seconds = text.strip("\0 ").split(":")
        return 3600 * int(hours) + 60 * int(minutes) + Fraction(seconds)
    except ValueError:
        return None


def _rate(stream: VideoStream) -> Fraction | None:
    """Frames a second. An average above the rate that can tell all times apart is none: raw DV gives its time base."""
    average, base = stream.average_rate or stream.guessed_rate, stream.base_rate
    return base if average and base and average > _MOST_TIMES * base else average


def _varies(container: InputContainer, stream: VideoStream) -> bool | None:
    if "mp4" in container.format.name and len(stream.index_entries) > 2:  # MP4 lists every frame in its index
        times = [entry.timestamp for entry in itertools.islice(stream.index_entries, _INDEX_ENTRIES_READ)]
        steps = {after - before for before, after in itertools.pairwise(times)}
        return max(steps) - min(steps) > 1
    average, base = _rate(stream), stream.base_rate
    if not average or not base or abs(2 * average / base - 1) < Fraction(1, 100):  # half of it: base counts fields
        return None
    return abs(average / base - 1) > Fraction(1, 100)


def _other(stream: Stream) -> OtherTrack:
    kind: Kind = "data" if stream.type == "unknown" else stream.type
    if kind == "video" and stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
        kind = "cover"
    context = stream.codec_context  # None where there is no decoder
    codec = context.codec.canonical_name if context is not None else "unknown"
    return OtherTrack(
        index=stream.index,
        kind=kind,
        codec=codec,
        language=stream.language or stream.metadata.get("language"),
        title=stream.metadata.get("title"),
        channels=context.channels if isinstance(context, av.AudioCodecContext) else 0,
        sample_rate=context.sample_rate if isinstance(context, av.AudioCodecContext) else 0,
        bit_rate=context.bit_rate or 0 if isinstance(context, av.AudioCodecContext) else 0,
        subtitle_is_text=codec not in _BITMAP_SUBTITLES if kind == "subtitle" else None,
        dispositions=tuple(flag.name or "" for flag in Disposition if flag and flag & stream.disposition),
        tags=dict(stream.metadata),
    )


def _chapters(container: InputContainer) -> Iterator[Chapter]:
    for chapter in container.chapters():
        unit = chapter["time_base"] or Fraction(1, _SECOND)
        yield Chapter(chapter["start"] * unit, chapter["end"] * unit, chapter["metadata"].get("title", ""))


def _notes(container: InputContainer, video: VideoTrack) -> Iterator[str]:
    if video.interlaced:
        yield INTERLACED
    tracks = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if len(tracks) > 1:
        yield f"the file holds {len(tracks)} picture tracks; number {video.index} is the one that is read"
    if video.variable_rate:
        yield "the frame rate varies; every frame keeps its own time"
    if video.transfer in _HDR:
        kind = _HDR[video.transfer]
        yield f"the film is HDR ({kind}): it is coloured as others are, and its mastering data is not kept"


def _probe_folder(path: Path, limit: int, wanted_rate: Fraction | None) -> Film:
    rate = wanted_rate or _FOLDER_RATE
    pictures = numbered_pictures(path)
    first = pictures[0]
    with opened(first, limit, PICTURE_FORMATS) as container:
        stream = _film_stream(first, container)
        picture = _first_picture(first, container, stream, limit)
        video = _video_track(container, stream, picture)
        transparency = tuple(_transparency(stream, picture))
    count = len(pictures)
    video = replace(
        video, index=0, time_base=1 / rate, start_pts=0, duration=count / rate, declared_end=None,
        average_rate=rate, estimated_frames=count, variable_rate=False, tags={},
    )  # fmt: skip
    notes = (*_folder_notes(path, pictures, wanted_rate), *transparency)
    return Film(path, "folder", video, size=sum(p.stat().st_size for p in pictures), notes=notes)


def _transparency(stream: VideoStream, picture: VideoFrame) -> Iterator[str]:
    """A word where the first picture is seen through."""
    if says_transparent(stream) or _is_seen_through(picture):
        yield TRANSPARENT


def _is_seen_through(picture: VideoFrame) -> bool:
    if not _has_alpha(picture):
        return False
    with suppress(av.error.FFmpegError, ValueError):  # a format that cannot be looked at in this way
        return int(picture.reformat(format="rgba").to_ndarray()[..., 3].min()) < 255
    return False


def _has_alpha(picture: VideoFrame) -> bool:
    return any(component.is_alpha for component in picture.format.components)


def _folder_notes(folder: Path, pictures: tuple[Path, ...], wanted_rate: Fraction | None) -> Iterator[str]:
    if wanted_rate is None:
        yield f"pictures have no frame rate: {_FOLDER_RATE} a second were taken; `colorizer video --fps` takes others"
    if is_logarithmic(pictures[0]):
        yield "the pictures are logarithmic: they are coloured as they are coded, and pictures that are written stay so"
    others = other_pictures(folder, pictures)
    if others:
        yield f"{others} pictures of another series or kind lie in the folder, and are not part of the film"
    missing = missing_numbers(pictures)
    if missing:
        first = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
        yield f"{len(missing)} numbers are missing between the first picture and the last ({first}): no gap was left"
