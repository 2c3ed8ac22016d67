"""How a film is to be encoded, checked before anything is written."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from colorizer.color.matrices import Matrix
from colorizer.errors import SettingError
from colorizer.video.result.codecs import CodecRow, check_quality, codec_row

_KEY_FRAME_SECONDS = 5
Fields = Literal["tff", "bff"]


@dataclass(frozen=True)
class VideoSpec:
    """How a film is to be encoded.

    codec: a row of codecs.CODECS. bits: a depth the codec has (see codecs.best_bits). crf, preset: None takes the
    codec's default. lossless overrides crf. rate: a hint for the encoder; times come from pts alone. threads: 0 takes
    all cores. primaries, transfer: the numbers of ITU-T H.273. Raises SettingError for what the codec cannot do.
    fields: of interlaced frames, which comes first; None for progressive ones. full_chroma: 4:4:4, for ffv1 alone.
    alpha: with a plane that says how solid each pixel is.
    b_frames: False for a film that is trimmed when it is joined: ffmpeg drops a first packet decoded before zero.
    """

    width: int
    height: int
    time_base: Fraction
    rate: Fraction | None = None
    codec: str = "h264"
    bits: int = 8
    crf: float | None = None
    preset: str | None = None
    lossless: bool = False
    sample_aspect: Fraction = Fraction(1)
    full_range: bool = False
    matrix: Matrix = "bt709"
    primaries: int = 2
    transfer: int = 2
    threads: int = 0
    b_frames: bool = True
    fields: Fields | None = None
    full_chroma: bool = False
    alpha: bool = False

    def __post_init__(self) -> None:
        row = codec_row(self.codec)
        formats = row.alpha_formats if self.alpha else row.formats
        if self.bits not in formats:
            depths = ", ".join(map(str, formats))
            raise SettingError(f"{self.codec} is written with {depths} bits, not with {self.bits}")
        if not row.smallest_side <= min(self.width, self.height) or max(self.width, self.height) > 65535:
            raise SettingError(
                f"{self.codec} writes frames of {row.smallest_side} to 65535 pixels a side, and these have "
                f"{self.width} x {self.height}; another codec may"
            )
        check_quality(self.codec, self.crf, self.preset)
        if self.lossless and row.lossless_options is None:
            raise SettingError(f"{self.codec} has no lossless mode; ffv1, h264, hevc, av1 and vp9 have one")
        if self.full_range and not row.has_full_range:
            raise SettingError(f"{self.codec} keeps limited range only; convert the planes with limited_range first")
        if self.fields and not keeps_fields(self.codec, self.height):
            raise SettingError(f"{self.codec} does not keep fields at {self.height} rows; ffv1 and prores do")
        if self.full_chroma and self.codec != "ffv1":
            raise SettingError(f"full_chroma is for ffv1, and codec is {self.codec}")
        if self.time_base <= 0 or self.sample_aspect <= 0:
            raise SettingError(f"time_base {self.time_base} and sample_aspect {self.sample_aspect} must be above 0")

    @property
    def pixel_format(self) -> str:
        """The pixel format the encoder gets: 4:2:0 but for ProRes, and for odd sizes in H.264 and HEVC (4:4:4)."""
        row = codec_row(self.codec)
        name = row.alpha_formats[self.bits] if self.alpha else row.pixel_format(self.width, self.height, self.bits)
        return name.replace("420", "444") if self.full_chroma else name

    @property
    def chroma_shape(self) -> tuple[int, int]:
        """(rows, columns) of the cb and cr planes that the writer expects: half of each, rounded up, for 4:2:0."""
        rows = -(-self.height // 2) if "420" in self.pixel_format else self.height
        return rows, self.width if "444" in self.pixel_format else -(-self.width // 2)

    @property
    def segment_suffix(self) -> str:
        """Of the container that segments are written to."""
        row = codec_row(self.codec)
        return row.alpha_suffixes[0] if self.alpha else row.segment_suffix

    @property
    def hard_to_play(self) -> str:
        """What of an H.264 film goes beyond the High profile, which is all that every browser knows; "" for none."""
        if self.codec != "h264":
            return ""
        if self.lossless or self.crf == 0:
            return "without loss"
        if self.bits > 8:
            return f"with {self.bits} bits"
        return "of an odd width or height" if "444" in self.pixel_format else ""

    def encoder_options(self) -> dict[str, str]:
        """What the encoder is told, in its own words."""
        row = codec_row(self.codec)
        options = {**row.options, **self._quality(row)}
        if row.preset_option:
            options[row.preset_option] = self.preset or row.preset
        if self.alpha:
            options |= row.alpha_options
        narrow = row.narrow_private if self.width <= 64 else ""
        private = ":".join(filter(None, (row.private, narrow, row.lossless_private if self.lossless else "")))
        if private:
            options[row.private_options] = private
        if not self.b_frames and self.codec in {"h264", "hevc"}:
            options["bf"] = "0"
        if row.quality is not None:
            options["g"] = str(min(max(round((self.rate or 25) * _KEY_FRAME_SECONDS), 24), 300))
        return options

    def _quality(self, row: CodecRow) -> dict[str, str]:
        if self.lossless:
            return dict(row.lossless_options or {})
        crf = row.quality if self.crf is None else self.crf
        return {} if row.quality is None or crf is None else {"crf": f"{max(crf, row.smallest_crf):g}"}


def keeps_fields(codec: str, height: int) -> bool:
    """Whether this codec can say of frames of this height that they are interlaced. H.264 counts rows by fours."""
    return codec_row(codec).keeps_fields and (codec != "h264" or height % 4 == 0)
