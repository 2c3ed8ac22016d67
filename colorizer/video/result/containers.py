"""What each container can hold, and what becomes of every stream of a source in it: decided before anything is run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from colorizer.errors import SettingError
from colorizer.video.source.facts import Film, Kind, OtherTrack

Action = Literal["copied", "converted", "dropped"]
AUDIO_BITS_A_CHANNEL = 96_000  # a second, where sound is converted with a loss


@dataclass(frozen=True)
class ContainerRow:
    """A container. muxer: its name in ffmpeg. The sets hold codec names.

    audio_encoder, text_encoder: what sound and text subtitles are converted with where they cannot be copied.
    covers: codecs of cover pictures. attachments: whether it holds files, such as fonts, and covers as such.
    """

    muxer: str
    audio: frozenset[str]
    audio_encoder: str
    texts: frozenset[str]
    text_encoder: str
    bitmaps: frozenset[str] = frozenset()
    covers: frozenset[str] = frozenset()
    attachments: bool = False


@dataclass(frozen=True)
class TrackPlan:
    """What is to become of one stream.

    encoder: ffmpeg's name of the encoder, "copy", "attach" for a cover that becomes an attached file, or None where the
    stream is dropped.
    """

    track: OtherTrack
    action: Action
    encoder: str | None = None
    result_codec: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class TrackReport:
    """What became of one stream of the source. codec: as in the source; result_codec: None where it was dropped."""

    index: int
    kind: Kind
    codec: str
    action: Action
    result_codec: str | None = None
    reason: str = ""
    language: str | None = None
    title: str | None = None


_PCM = frozenset(
    f"pcm_{name}" for name in ("u8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le")
)
_MP4_AUDIO = frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "flac", "dts"})
_MOV_AUDIO = frozenset({"aac", "mp3", "ac3", "eac3", "alac"}) | _PCM
_MKV_AUDIO = frozenset(
    {"aac", "mp3", "mp2", "ac3", "eac3", "alac", "opus", "vorbis", "flac", "dts", "truehd", "mlp", "wavpack", "tta"}
    | {"wmav1", "wmav2", "wmapro", "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"}
)
_MKV_BITMAPS = frozenset({"hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle"})
_PICTURES = frozenset({"mjpeg", "png"})
_MOV_TEXT = frozenset({"mov_text"})
_CONVERTIBLE_TEXTS = frozenset(
    {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text", "microdvd", "subviewer", "sami"}
)
CONTAINERS: Mapping[str, ContainerRow] = {
    ".mp4": ContainerRow("mp4", _MP4_AUDIO, "aac", _MOV_TEXT, "mov_text", covers=_PICTURES),
    ".m4v": ContainerRow("mp4", _MP4_AUDIO, "aac", _MOV_TEXT, "mov_text", covers=_PICTURES),
    ".mov": ContainerRow("mov", _MOV_AUDIO, "aac", _MOV_TEXT, "mov_text"),
    ".mkv": ContainerRow(
        "matroska", _MKV_AUDIO, "aac", frozenset({"subrip", "ass", "ssa", "webvtt"}), "srt",
        bitmaps=_MKV_BITMAPS, attachments=True,
    ),
    ".webm": ContainerRow("webm", frozenset({"opus", "vorbis"}), "libopus", frozenset({"webvtt"}), "webvtt"),
}  # fmt: skip
_RESULT_NAMES = {"libopus": "opus", "srt": "subrip"}


def container_row(suffix: str) -> ContainerRow:
    """The row of the container that this suffix (".mp4") names. Raises SettingError for any other."""
    row = CONTAINERS.get(suffix.lower())
    if row is None:
        raise SettingError(f"films are written to {', '.join(CONTAINERS)}, not to {suffix or 'a name without suffix'}")
    return row


def plan_tracks(film: Film, suffix: str) -> tuple[TrackPlan, ...]:
    """What is to become of every stream beside the film's picture, in the order of the source. Raises SettingError."""
    row = container_row(suffix)
    return tuple(_plan(track, row, suffix) for track in film.others)


def sound_rate(film: Film, suffix: str) -> float:
    """About how many bytes a second the sound will take in a result with this suffix. Raises SettingError."""
    bits = 0.0
    for plan in plan_tracks(film, suffix) if film.container != "folder" else ():
        if plan.track.kind == "audio" and plan.encoder is not None:
            converted = min(max(plan.track.channels, 1), 6) * AUDIO_BITS_A_CHANNEL
            is_exact = plan.result_codec == "flac" or plan.action == "copied"
            bits += plan.track.bit_rate or converted if is_exact else converted
    return bits / 8


def without_converted_sound(plans: tuple[TrackPlan, ...]) -> tuple[TrackPlan, ...]:
    """The plans, with the sound that was to be converted left out: for when that fails."""
    return tuple(
        TrackPlan(plan.track, "dropped", reason=f"{plan.reason} and it cannot be converted: it may be damaged")
        if plan.track.kind == "audio" and plan.action == "converted"
        else plan
        for plan in plans
    )


def reports(plans: tuple[TrackPlan, ...]) -> tuple[TrackReport, ...]:
    """The plans as they are told to the user."""
    return tuple(
        TrackReport(
            plan.track.index, plan.track.kind, plan.track.codec, plan.action, plan.result_codec, plan.reason,
            plan.track.language, plan.track.title,
        )
        for plan in plans
    )  # fmt: skip


def _plan(track: OtherTrack, row: ContainerRow, suffix: str) -> TrackPlan:
    held: dict[Kind, frozenset[str]] = {
        "audio": row.audio, "subtitle": row.texts | row.bitmaps, "cover": row.covers,
    }  # fmt: skip
    if track.kind == "cover" and row.attachments:
        return TrackPlan(track, "copied", "attach", track.codec)
    if track.codec in held.get(track.kind, ()) or (track.kind == "attachment" and row.attachments):
        return TrackPlan(track, "copied", "copy", track.codec)
    encoder = _encoder(track, row)
    if encoder is not None:
        result = _RESULT_NAMES.get(encoder, encoder)
        return TrackPlan(track, "converted", encoder, result, f"{suffix} does not hold {track.codec}")
    return TrackPlan(track, "dropped", reason=_reason(track, suffix))


def _encoder(track: OtherTrack, row: ContainerRow) -> str | None:
    if track.kind == "audio" and track.codec != "unknown" and track.channels:
        return "flac" if row.muxer == "matroska" and track.codec.startswith("pcm_") else row.audio_encoder
    if track.kind == "subtitle" and track.codec in _CONVERTIBLE_TEXTS:
        return row.text_encoder
    return None


def _reason(track: OtherTrack, suffix: str) -> str:
    why_not = "it cannot be converted here" if track.subtitle_is_text else "pictures cannot be turned into text"
    reasons: dict[Kind, str] = {
        "audio": "it cannot be decoded here",
        "subtitle": f"{suffix} does not hold {track.codec}, and {why_not}",
        "cover": f"{suffix} does not hold this cover picture",
        "attachment": f"{suffix} holds no attached files; .mkv does",
        "video": "only one picture track is coloured",
        "data": "a data track; chapters and timecodes are written anew",
    }
    return reasons[track.kind]
