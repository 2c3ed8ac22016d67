"""The codecs a film can be written with, and the containers that hold them: rows of data."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from colorizer.errors import SettingError


@dataclass(frozen=True)
class CodecRow:
    """A way to write pictures.

    formats: the pixel format for each depth in bits. odd_formats: those for an odd width or height, where 4:2:0 has no
    way to say it (H.264 and HEVC crop in steps of two), else empty. suffixes: the containers, the usual one first.
    quality: default of the crf, None where the codec has none; worst: its largest. preset_option: what a preset sets;
    presets: its values, none where the codec has no such choice.
    """

    name: str
    encoder: str
    formats: Mapping[int, str]
    suffixes: tuple[str, ...]
    segment_suffix: str
    quality: float | None
    preset_option: str
    preset: str
    presets: tuple[str, ...] = ()
    worst: int = 63
    odd_formats: Mapping[int, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    lossless_options: Mapping[str, str] | None = None
    private_options: str = ""  # the encoder's own option that takes "name=value:name=value"
    private: str = ""
    lossless_private: str = ""
    narrow_private: str = ""  # up to 64 columns: x265 errs where one coding tree block is as wide as the frame
    tag: str = ""  # the name in MP4 and MOV, where players want another one than ffmpeg's
    smallest_side: int = 1
    has_full_range: bool = True
    bytes_per_pixel: float | None = None  # of grainy film at the default quality; None: as without loss
    smallest_crf: float = 0
    keeps_fields: bool = False  # whether interlaced frames can be told from others, and which field comes first
    alpha_formats: Mapping[int, str] = field(default_factory=dict)  # those that say how solid each pixel is
    alpha_suffixes: tuple[str, ...] = ()  # the containers that keep that, the one of segments first
    alpha_options: Mapping[str, str] = field(default_factory=dict)
    carries_colour: bool = True  # whether the stream itself says its matrix and range; else only the container does

    def pixel_format(self, width: int, height: int, bits: int) -> str:
        """The pixel format for frames of this size."""
        return (self.odd_formats if self.odd_formats and (width % 2 or height % 2) else self.formats)[bits]


_EIGHT_TEN = {8: "yuv420p", 10: "yuv420p10le"}
_ODD = {8: "yuv444p", 10: "yuv444p10le"}
_X26X = (
    "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo",
)  # fmt: skip
CODECS: dict[str, CodecRow] = {
    row.name: row
    for row in (
        CodecRow(
            "h264", "libx264", _EIGHT_TEN, (".mp4", ".mov", ".mkv"), ".mp4", 18, "preset", "veryfast", _X26X,
            worst=51, odd_formats=_ODD, lossless_options={"qp": "0"}, keeps_fields=True, bytes_per_pixel=0.15,
        ),
        CodecRow(
            "hevc", "libx265", _EIGHT_TEN, (".mp4", ".mov", ".mkv"), ".mp4", 20, "preset", "fast", _X26X,
            worst=51, odd_formats=_ODD,
            private_options="x265-params", private="log-level=none", lossless_private="lossless=1", lossless_options={},
            narrow_private="ctu=16", smallest_side=17, tag="hvc1", bytes_per_pixel=0.1,
        ),
        CodecRow(
            "av1", "libsvtav1", _EIGHT_TEN, (".mp4", ".webm", ".mkv"), ".mp4", 28, "preset", "8",
            tuple(map(str, range(14))),
            private_options="svtav1-params", lossless_private="lossless=1", lossless_options={}, smallest_side=16,
            bytes_per_pixel=0.08, smallest_crf=1,  # 0 means to the encoder that nothing was said
        ),
        CodecRow(
            "vp9", "libvpx-vp9", {8: "yuv420p"}, (".webm", ".mp4", ".mkv"), ".mp4", 24, "cpu-used", "4",
            tuple(map(str, range(9))),
            options={"b": "0", "row-mt": "1", "deadline": "good"}, lossless_options={"lossless": "1"},
            bytes_per_pixel=0.15, alpha_formats={8: "yuva420p"}, alpha_suffixes=(".mkv", ".webm"),
            alpha_options={"auto-alt-ref": "0"},
        ),
        CodecRow(
            "prores", "prores_ks", {10: "yuv422p10le"}, (".mov", ".mkv"), ".mov", None, "profile", "hq",
            ("proxy", "lt", "standard", "hq"), options={"vendor": "apl0"}, has_full_range=False,
            keeps_fields=True, alpha_formats={10: "yuva444p10le"}, alpha_suffixes=(".mov", ".mkv"),
            alpha_options={"profile": "4444"},
        ),
        CodecRow(
            "ffv1", "ffv1",
            {8: "yuv420p", 9: "yuv420p9le", 10: "yuv420p10le", 12: "yuv420p12le", 14: "yuv420p14le", 16: "yuv420p16le"},
            (".mkv",), ".mp4", None, "", "", options={"level": "3", "slicecrc": "1", "g": "1"}, lossless_options={},
            carries_colour=False, keeps_fields=True, alpha_suffixes=(".mkv",),
            alpha_formats={8: "yuva420p", 9: "yuva420p9le", 10: "yuva420p10le", 16: "yuva420p16le"},
        ),
    )
}  # fmt: skip
PICTURES = ("png", "tiff", "dpx")  # folders of these are made of a film that is written without loss
OWN_KIND = "pictures"  # those of them that the source's own pictures are, or PNG
FILM_SUFFIXES = (".mp4", ".m4v", ".mov", ".mkv", ".webm")


def codec_row(codec: str) -> CodecRow:
    """The row of this codec. Raises SettingError for a name that has none."""
    try:
        return CODECS[codec]
    except KeyError:
        raise SettingError(f"codec must be one of {', '.join(CODECS)}, and is {codec!r}") from None


def best_bits(codec: str, source_bits: int, *, alpha: bool = False) -> int:
    """The depth to write: the smallest the codec has that holds source_bits, else its largest. Raises SettingError.

    alpha: with how solid each pixel is, which the codec can keep.
    """
    row = codec_row(codec)
    depths = sorted(row.alpha_formats if alpha else row.formats)
    return next((bits for bits in depths if bits >= source_bits), depths[-1])


def check_combination(codec: str, suffix: str) -> None:
    """Raises SettingError where a container of this suffix (".mp4") cannot hold this codec; says which it can."""
    row = codec_row(codec)
    wanted = ".mp4" if suffix.lower() == ".m4v" else suffix.lower()
    if wanted not in FILM_SUFFIXES:
        names = ", ".join(FILM_SUFFIXES)
        raise SettingError(f"films are written to {names}, not to {suffix or 'a name without suffix'}")
    if wanted not in row.suffixes:
        holds = [other.name for other in CODECS.values() if wanted in other.suffixes]
        raise SettingError(
            f"{wanted} cannot hold {codec}: write {codec} to {' or '.join(row.suffixes)}, or use {' or '.join(holds)}"
        )


def check_quality(codec: str, crf: float | None, preset: str | None) -> None:
    """Raises SettingError for a crf or a preset that the codec does not have; says which it has. None is always right.

    codec: a row of CODECS, or what is made of one afterwards, such as "gif", which has neither.
    """
    row = CODECS.get(codec)
    worst = row.worst if row is not None and row.quality is not None else None
    presets = row.presets if row is not None else ()
    if crf is not None and worst is None:
        raise SettingError(f"{codec} has no crf, and {crf:g} was given. Leave it out")
    if crf is not None and worst is not None and not 0 <= crf <= worst:
        raise SettingError(f"crf must lie between 0 (best) and {worst} for {codec}, and is {crf:g}")
    if preset is not None and not presets:
        raise SettingError(f"{codec} has no preset, and {preset!r} was given. Leave it out")
    if preset is not None and preset not in presets:
        raise SettingError(f"preset must be one of {', '.join(presets)} for {codec}, and is {preset!r}")


def default_codec(suffix: str) -> str:
    """The codec for a container of this suffix, where nobody asked for another: H.264, VP9 for WebM."""
    return "vp9" if suffix.lower() == ".webm" else "h264"
