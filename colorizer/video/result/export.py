"""A finished film as an animated GIF, or as a folder of numbered pictures."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.filter.graph import Graph
from av.video.frame import VideoFrame

from colorizer.color.code_values import alpha_at_depth
from colorizer.color.matrices import KR_KB
from colorizer.errors import OutputError, TargetExists
from colorizer.files import appearing, cure_of
from colorizer.video.result.dpx import dpx_bytes
from colorizer.video.source.facts import Film, VideoTrack
from colorizer.video.source.planes import Plane
from colorizer.video.source.reader import FilmReader, Frame

_ENDINGS = {"png": ".png", "tiff": ".tif", "dpx": ".dpx"}
_HUNDREDTHS = Fraction(1, 100)  # what a GIF counts time in


def export_gif(
    film: Film,
    target: Path,
    *,
    overwrite: bool = False,
    watch: Callable[[], None] = lambda: None,
    before: Callable[[], None] = lambda: None,
) -> int:
    """The number of frames in the animated GIF, which appears whole or not at all; each has its own 256 colours.

    Times are rounded to hundredths of a second, and never drift. watch: called for each frame; before: when all is made
    and nothing has appeared yet. What they raise stops the work. Raises InputError, TargetExists and OutputError.
    """
    if target.exists() and not overwrite:
        raise TargetExists(f"{target} is there already; choose another name, or allow overwriting (--overwrite)")
    with _told(target), appearing(target) as part, FilmReader(film.path, film, keep_colour=True) as frames:
        count = _write_gif(frames, film, part, watch)
        before()
    return count


def export_pictures(
    film: Film,
    target: Path,
    *,
    watch: Callable[[], None] = lambda: None,
    names: Sequence[str] = (),
    kind: str = "png",
    sources: Sequence[Path] = (),
    before: Callable[[], None] = lambda: None,
) -> int:
    """The number of pictures in a new folder that appears whole or not at all.

    kind: "png", "tiff" or "dpx". names: what they are called, without an ending; 000001 and so on where there are none.
    sources: the pictures that the frames were made from, whose headers DPX takes over. 16 bits a sample where the film
    has more than 8. watch: called for each frame; before: when all is made and nothing has appeared yet. What they
    raise stops the work.
    Raises InputError, TargetExists and OutputError.
    """
    refuse_filled(target)
    count = 0
    with _told(target), appearing(target) as part, FilmReader(film.path, film, keep_colour=True) as frames:
        part.mkdir()
        for count, frame in enumerate(frames, 1):
            name = names[count - 1] if count <= len(names) else f"{count:06d}"
            content = _picture(frame, film.video, kind, sources[count - 1] if count <= len(sources) else None)
            (part / f"{name}{_ENDINGS[kind]}").write_bytes(content)
            watch()
        before()
    return count


def refuse_filled(target: Path) -> None:
    """Return where a folder of pictures may appear. Raises TargetExists where there is something already."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise TargetExists(f"{target} is there already and not empty; choose another folder")


def rgb(frame: Frame, track: VideoTrack) -> Plane:
    """The frame as (H, W, 3) RGB: uint8 for 8 bit, uint16 in its whole range above. Source: ITU-R BT.601, 709, 2020."""
    unit, white = float(1 << (track.bits - 8)), float((1 << track.bits) - 1)
    if track.is_full_range:
        luma, scale = frame.luma.astype(np.float32) / white, white
    else:
        luma, scale = (frame.luma.astype(np.float32) - 16 * unit) / (219 * unit), 224 * unit
    if frame.cb is None or frame.cr is None:
        cb = cr = np.zeros_like(luma)
    else:
        cb, cr = (_at_size(plane, luma.shape, 128 * unit, scale) for plane in (frame.cb, frame.cr))
    kr, kb = KR_KB[track.matrix]
    red, blue = luma + 2 * (1 - kr) * cr, luma + 2 * (1 - kb) * cb
    green = (luma - kr * red - kb * blue) / (1 - kr - kb)
    samples = np.clip(np.stack([red, green, blue], -1), 0, 1)
    return np.rint(samples * 255).astype(np.uint8) if track.bits == 8 else np.rint(samples * 65535).astype(np.uint16)


def _picture(frame: Frame, track: VideoTrack, kind: str, source: Path | None) -> bytes:
    """The file of one picture. source: the DPX that it was made from."""
    if kind == "dpx" and source is not None:
        return dpx_bytes(rgb(frame, track), source)
    return bytes(cv2.imencode(_ENDINGS[kind], _bgr(frame, track))[1].tobytes())


def _bgr(frame: Frame, track: VideoTrack) -> Plane:
    """(H, W, 3) in the order that OpenCV writes; (H, W, 4) where the frame says how solid each pixel is."""
    samples = rgb(frame, track)[..., ::-1]
    if frame.alpha is None:
        return np.ascontiguousarray(samples)
    return np.dstack([samples, alpha_at_depth(frame.alpha, track.bits, 8 if track.bits == 8 else 16)])


def _at_size(plane: Plane, shape: tuple[int, ...], middle: float, scale: float) -> Plane:
    values = (plane.astype(np.float32) - middle) / scale
    return values if values.shape == shape else cv2.resize(values, shape[::-1], interpolation=cv2.INTER_LINEAR)


def _write_gif(frames: FilmReader, film: Film, part: Path, watch: Callable[[], None]) -> int:
    count, last, first = 0, -1, None
    with av.open(f"file:{part.absolute()}", "w", format="gif") as container:
        # Whole frames: the encoder's own differences go wrong where two palettes share their numbers.
        options = {"gifflags": "-transdiff-offsetting", "global_palette": "0"}
        stream = container.add_stream("gif", rate=100, options=options)
        width, height = film.video.upright_size
        context = stream.codec_context
        context.width, context.height, context.pix_fmt, context.time_base = width, height, "pal8", _HUNDREDTHS
        for frame in frames:
            picture = _palettized(rgb(frame, film.video))
            first = frame.pts if first is None else first
            last = max(round((frame.pts - first) * film.video.time_base / _HUNDREDTHS), last + 1)
            picture.pts, picture.time_base = last, _HUNDREDTHS
            for packet in stream.encode(picture):
                packet.duration = round((frame.duration or 0) * film.video.time_base / _HUNDREDTHS) or 10
                container.mux(packet)
            count += 1
            watch()
        if not count:
            raise ValueError("there is no frame to write")
        container.mux(stream.encode(None))
    return count


def _palettized(samples: Plane) -> VideoFrame:
    """The picture in the 256 colours that fit it best, dithered by error diffusion."""
    small = samples if samples.dtype == np.uint8 else np.asarray(samples >> 8, np.uint8)
    picture = VideoFrame.from_ndarray(np.ascontiguousarray(small), "rgb24")
    graph = Graph()
    source = graph.add_buffer(
        width=picture.width, height=picture.height, format=picture.format, time_base=_HUNDREDTHS
    )  # fmt: skip
    split, palette = graph.add("split"), graph.add("palettegen", "stats_mode=single:reserve_transparent=0")
    use, sink = graph.add("paletteuse", "new=1:dither=sierra2_4a"), graph.add("buffersink")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    picture.pts = 0
    graph.vpush(picture)
    graph.vpush(None)
    return graph.vpull()


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except (av.error.FFmpegError, OSError, ValueError, cv2.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(f"{target} cannot be written: {reason}; {cure_of(error, 'choose another codec')}") from error
