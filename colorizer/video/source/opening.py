"""Sources opened with care: real containers only, local files only, never more pixels than the limit allows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from colorizer.errors import InputError, SourceMissing, SourceTooLarge, SourceUnreadable
from colorizer.filetypes import head_of, is_picture
from colorizer.settings import settings

# Containers and raw streams that hold their own data. What names other files (hls, dash, concat, sdp, ...) is not here.
FILM_FORMATS = (
    "mov,matroska,webm,avi,mpeg,mpegts,asf,asf_o,flv,live_flv,gif,apng,nut,mxf,ogg,ivf,rm,wtv,gxf,nsv,dv,obu,av1,h264,"
    "hevc,vvc,m4v,h263,mpegvideo,vc1,yuv4mpegpipe,mjpeg,dirac,flic,smk,bink,roq,film_cpk"
)
PICTURE_FORMATS = (
    "png_pipe,jpeg_pipe,tiff_pipe,bmp_pipe,webp_pipe,j2k_pipe,dpx_pipe,exr_pipe,ppm_pipe,pgm_pipe,sgi_pipe"
)
_PLAYLIST_SIGNS = (b"ffconcat", b"#EXTM3U", b"v=0", b"<playlist", b"[playlist]", b"<MPD", b"<smil", b"<asx")
_COVERS = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails


def pixel_limit(max_megapixels: float | None = None) -> int:
    """The most pixels a frame may have. None takes the setting."""
    return int((settings().max_megapixels if max_megapixels is None else max_megapixels) * 1_000_000)


@contextmanager
def opened(path: Path, max_pixels: int, formats: str = FILM_FORMATS) -> Iterator[InputContainer]:
    """The open container, closed at exit; nothing outside this one file is read.

    Raises SourceMissing, SourceUnreadable and SourceTooLarge.
    """
    container = _open(path, max_pixels, formats)
    try:
        yield container
    finally:
        container.close()


def film_stream(container: InputContainer) -> VideoStream | None:
    """The picture track that is the film: the default one, else the largest; no cover picture. None without any."""
    tracks = [s for s in container.streams.video if not s.disposition & _COVERS and s.codec_context is not None]
    default = av.stream.Disposition.default
    return max(tracks, key=lambda s: (bool(s.disposition & default), s.width * s.height, -s.index), default=None)


def set_up_decoder(stream: VideoStream, max_pixels: int, threads: int = 0) -> None:
    """Prepares the decoder: frame and slice threads (0 takes all cores), and the limit for what a frame may claim."""
    # OpenEXR is linear light: as networks and screens know pictures, it is brought to the curve of sRGB.
    curve = {"apply_trc": "iec61966_2_1"} if stream.codec_context.name == "exr" else {}
    stream.codec_context.options = {"max_pixels": str(max_pixels), **curve}
    stream.thread_type = "AUTO"
    stream.thread_count = threads


def says_transparent(stream: VideoStream) -> bool:
    """Whether a WebM or Matroska says that its VP8 or VP9 is seen through; the name of the tag is in any letters."""
    return any(name.lower() == "alpha_mode" and value == "1" for name, value in stream.metadata.items())


def film_decoder(stream: VideoStream, max_pixels: int, threads: int = 0) -> av.VideoCodecContext:
    """What decodes the stream, prepared; for transparent VP8 and VP9 the one decoder that knows of it."""
    set_up_decoder(stream, max_pixels, threads)
    own = stream.codec_context
    name = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(own.codec.canonical_name)
    if name is None or not says_transparent(stream) or name not in av.codecs_available:
        return own
    context = av.CodecContext.create(name, "r")
    if not isinstance(context, av.VideoCodecContext):
        return own
    context.options = {"max_pixels": str(max_pixels)}
    context.thread_count = threads
    return context


def check_pixels(path: Path, width: int, height: int, max_pixels: int) -> None:
    """Raises SourceTooLarge for a frame with more pixels than the limit."""
    if width * height > max_pixels:
        raise SourceTooLarge(
            f"{path.name} claims frames of {width} x {height} pixels, and the limit is {max_pixels / 1e6:g} megapixels;"
            " COLORIZER_MAX_MEGAPIXELS raises it"
        )


def address(path: Path) -> str:
    """The path as ffmpeg takes it without reading a protocol, an option or a pattern out of the name."""
    return f"file:{os.fspath(path.absolute())}"


def _open(path: Path, max_pixels: int, formats: str) -> InputContainer:
    _check_file(path)
    if formats == FILM_FORMATS and head_of(path)[4:8] == b"ftyp" and is_picture(head_of(path)):
        raise _is_a_picture(path)  # HEIC and AVIF look like MP4 to ffmpeg
    options = {"format_whitelist": formats, "protocol_whitelist": "file", "max_pixels": str(max_pixels)}
    try:
        container = av.open(address(path), options=options, metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise _refusal(path, error) from error
    _check_claims(path, container, max_pixels, options)
    return container


def _check_file(path: Path) -> None:
    try:
        if not path.exists():
            raise SourceMissing(f"there is no file {path}; check the name")
        if not path.is_file():
            raise SourceUnreadable(f"{path} is not a file; give a film, or a folder of numbered pictures")
        with path.open("rb") as file:
            if not file.read(1):
                raise SourceUnreadable(f"{path.name} is empty; copy or download it again")
    except OSError as error:
        raise SourceUnreadable(f"{path} may not be read: {error.strerror or error}") from error


def _check_claims(path: Path, container: InputContainer, max_pixels: int, options: dict[str, str]) -> None:
    try:
        for stream in container.streams.video:
            if stream.codec_context is None:
                continue
            if stream.width == 0:  # refused by the limit: only now ask for the number, with all decoding switched off
                _check_hidden_claim(path, stream.index, max_pixels, options)
            check_pixels(path, stream.width, stream.height, max_pixels)
    except InputError:
        container.close()
        raise


def _check_hidden_claim(path: Path, index: int, max_pixels: int, options: dict[str, str]) -> None:
    unlimited = {**options, "max_pixels": str(2**31 - 1), "skip_frame": "all"}
    try:
        with av.open(address(path), options=unlimited) as container:
            context = container.streams[index].codec_context
            if isinstance(context, av.VideoCodecContext):
                check_pixels(path, context.width, context.height, max_pixels)
    except (av.error.FFmpegError, ValueError, OSError, IndexError) as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: Exception) -> SourceUnreadable:
    if _is_playlist(path):
        return SourceUnreadable(f"{path.name} is a list that names other files or addresses; open the film itself")
    if is_picture(head_of(path)):
        return _is_a_picture(path)
    if head_of(path)[4:8] == b"ftyp":
        return SourceUnreadable(
            f"{path.name} cannot be opened: its index is missing or damaged, as when a recording or copy was cut off; "
            "copy it again, or have a repair program build the index"
        )
    return SourceUnreadable(
        f"{path.name} is not a film this program reads, or its beginning is damaged "
        f"({_plain(error)}); MP4, MOV, MKV, AVI, WebM, MPEG, WMV, FLV and GIF are read"
    )


def _is_a_picture(path: Path) -> SourceUnreadable:
    return SourceUnreadable(
        f"{path.name} is a picture, not a film: colour it with `colorizer image`, or on the Images page of the studio"
    )


def _is_playlist(path: Path) -> bool:
    head = head_of(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    return head.startswith(_PLAYLIST_SIGNS) or (
        head.startswith(b"<?xml") and any(sign in head for sign in _PLAYLIST_SIGNS)
    )


def _plain(error: Exception) -> str:
    return error.strerror or "unreadable" if isinstance(error, OSError | av.error.FFmpegError) else str(error)
