"""What is known about a film before its frames are read: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal

from colorizer.color.matrices import Matrix

Kind = Literal["audio", "subtitle", "attachment", "cover", "data", "video"]
INTERLACED = "the film is interlaced: moving edges look like combs unless it is deinterlaced"  # a note for the user
TRANSPARENT = (  # likewise
    "the source is transparent in places, which only prores, ffv1, vp9 (in .webm and .mkv) and pictures keep: "
    "with others every pixel of the result is solid"
)
_LIMITED_WHEN_SILENT = {"h264", "hevc", "vvc", "av1", "libdav1d", "vp9", "mpeg2video"}  # their standards say so
_HD_HEIGHT = 720  # where a source does not say: from here on (or from 1280 columns) BT.709, below BT.601


@dataclass(frozen=True)
class Orientation:
    """How a stored picture becomes upright: first transposed, then flipped along rows and columns."""

    transpose: bool = False
    flip_rows: bool = False
    flip_columns: bool = False

    @property
    def degrees(self) -> int:
        """The turn counter-clockwise that makes the picture upright: 0, 90, 180 or 270 (mirroring aside)."""
        if self.transpose:
            return 90 if self.flip_rows else 270
        return 180 if self.flip_rows and self.flip_columns else 0


UPRIGHT = Orientation()


@dataclass(frozen=True)
class VideoTrack:
    """The picture track that is the film.

    index: the stream's number in the file. width, height: as stored. sample_aspect: of a stored pixel.
    bits: of a luma sample, 8 to 16. has_alpha: whether it says how solid each pixel is. full_range: None where the
    source does not say (RGB is full). tagged_matrix: what the source says; matrix: that, else BT.709 for HD and BT.601
    for SD. primaries, transfer: the numbers of ITU-T H.273, 2 where the source does not say. top_field_first: None
    where it is not interlaced, or where the source does not say. start_pts: in time_base. duration: seconds of picture.
    declared_end: the second at which the file itself says that its pictures end. estimated_frames: never a bound.
    """

    index: int
    codec: str
    pixel_format: str
    width: int
    height: int
    time_base: Fraction
    bits: int = 8
    sample_aspect: Fraction = Fraction(1)
    orientation: Orientation = UPRIGHT
    is_grey: bool = False
    is_rgb: bool = False
    full_range: bool | None = None
    tagged_matrix: Matrix | None = None
    primaries: int = 2
    transfer: int = 2
    has_alpha: bool = False
    interlaced: bool = False
    top_field_first: bool | None = None
    average_rate: Fraction | None = None
    start_pts: int = 0
    duration: Fraction | None = None
    declared_end: Fraction | None = None
    estimated_frames: int | None = None
    variable_rate: bool | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"width and height must be at least 1, and are {self.width} x {self.height}")
        if not 1 <= self.bits <= 16:
            raise ValueError(f"bits must lie between 1 and 16, and is {self.bits}")
        if self.time_base <= 0 or self.sample_aspect <= 0:
            raise ValueError(f"time_base {self.time_base} and sample_aspect {self.sample_aspect} must be above 0")

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height of the frames that the reader gives: rotation applied, pixels as they are."""
        return (self.height, self.width) if self.orientation.transpose else (self.width, self.height)

    @property
    def upright_aspect(self) -> Fraction:
        """The sample aspect ratio of an upright frame."""
        return 1 / self.sample_aspect if self.orientation.transpose else self.sample_aspect

    @property
    def display_size(self) -> tuple[int, int]:
        """Width and height on a screen with square pixels: the width is stretched, the height stays."""
        width, height = self.upright_size
        return max(1, round(width * self.upright_aspect)), height

    @property
    def matrix(self) -> Matrix:
        """The luma weights in force: as the source says, else BT.709 for HD and BT.601 for SD."""
        if self.tagged_matrix is not None:
            return self.tagged_matrix
        width, height = self.upright_size
        return "bt709" if max(width, height) >= 1280 or min(width, height) >= _HD_HEIGHT else "bt601"

    @property
    def is_full_range(self) -> bool:
        """Whether luma runs from 0 to 255 (in 8 bit) and not from 16 to 235, in the frames that the reader gives."""
        if self.full_range is None:
            return self.is_rgb or (self.is_grey and self.codec not in _LIMITED_WHEN_SILENT)
        return self.is_rgb or self.full_range


@dataclass(frozen=True)
class OtherTrack:
    """A stream that is not the film's picture: sound, a subtitle, an attachment, a cover picture, data.

    bit_rate: bits a second of sound, 0 where nothing says. subtitle_is_text: None for all but subtitles.
    dispositions: "default", "forced", "comment" and so on.
    """

    index: int
    kind: Kind
    codec: str
    language: str | None = None
    title: str | None = None
    channels: int = 0
    sample_rate: int = 0
    bit_rate: int = 0
    subtitle_is_text: bool | None = None
    dispositions: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chapter:
    """A named stretch of the film, in seconds of the source's clock."""

    start: Fraction
    end: Fraction
    title: str = ""


@dataclass(frozen=True)
class ClockChange:
    """From this byte of the file on, so many ticks are added to a stream's times."""

    position: int
    shift: int


@dataclass(frozen=True)
class MendedClock:
    """What makes one clock of those that follow one another in a file. Ticks are of the film's time base.

    changes: by the number of the stream, in order. entries: key frames where reading may begin, the pts of each (on the
    one clock) and its byte.
    """

    changes: Mapping[int, tuple[ClockChange, ...]]
    entries: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Film:
    """A source as `probe` found it.

    container: the name of the demuxer ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", ...), "folder" for pictures.
    start: where the earliest stream begins, in seconds of the source's clock. size: bytes.
    notes: sentences for the user about what was found. clock: None where the file's own goes on from start to end; pts
    and duration are then those of that clock.
    """

    path: Path
    container: str
    video: VideoTrack
    others: tuple[OtherTrack, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    start: Fraction = Fraction(0)
    size: int = 0
    notes: tuple[str, ...] = ()
    clock: MendedClock | None = None

    def of_kind(self, kind: Kind) -> tuple[OtherTrack, ...]:
        """The other tracks of this kind, in the order of the file."""
        return tuple(track for track in self.others if track.kind == kind)

    @property
    def duration(self) -> Fraction | None:
        """Seconds of picture, None where nothing says."""
        return self.video.duration
