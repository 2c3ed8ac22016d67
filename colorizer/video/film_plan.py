"""What is decided of a film before anything is read or written: its codec, its encoding, what is made of it at last."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from colorizer.errors import SettingError
from colorizer.video.film_settings import FilmSettings, Range
from colorizer.video.result.codecs import (
    FILM_SUFFIXES,
    OWN_KIND,
    PICTURES,
    best_bits,
    check_combination,
    check_quality,
    codec_row,
    default_codec,
)
from colorizer.video.result.video_spec import VideoSpec, keeps_fields
from colorizer.video.segment import Rendering
from colorizer.video.source.facts import INTERLACED, TRANSPARENT, UPRIGHT, Film

_EXPORTS = ("gif", *PICTURES)


@dataclass(frozen=True)
class FilmPlan:
    """What one result is to be.

    settings: with the codec of the segments named. exported: "gif" or one of PICTURES where that is made of the film at
    last, else "". untrimmed: whether the segments are encoded as those of a whole film. sample: the pictures alone.
    """

    film: Film
    target: Path
    settings: FilmSettings
    exported: str
    spec: VideoSpec
    untrimmed: bool
    sample: bool

    @property
    def rendering(self) -> Rendering:
        """What the segments have in common."""
        return Rendering(self.film.video, self.spec, self.settings.grade)

    @property
    def segment_suffix(self) -> str:
        """Of the container that segments are written to."""
        return self.spec.segment_suffix

    def notes(self) -> Iterator[str]:
        """What was found in the source and what becomes of it, as far as it is known before the work."""
        for note in self.film.notes:
            if not ((self.settings.deinterlace and note == INTERLACED) or (self.spec.alpha and note == TRANSPARENT)):
                yield note
        spec, bits = self.spec, self.film.video.bits
        if self.film.video.interlaced and not (self.settings.deinterlace or self.exported or spec.fields):
            yield (
                f"{spec.codec} does not say here that the film is interlaced, so players will not deinterlace it: "
                "deinterlace it now, or write ffv1 or prores"
            )
        if spec.bits < bits:
            yield f"{spec.codec} was written with {spec.bits} bits; the source has {bits}"
        if self.exported == "png" and self.film.container == "folder" and self.film.video.codec not in PICTURES:
            yield f"the pictures are PNG now: {self.film.video.codec} is read, and not written"
        if spec.hard_to_play:
            yield f"H.264 {spec.hard_to_play} does not play in every browser; players such as VLC show it"


def plan_film(film: Film, target: Path, settings: FilmSettings, *, sample: bool = False) -> FilmPlan:
    """What the film at this target is to be with these settings. Raises SettingError for what cannot be.

    sample: the pictures alone, encoded as within the whole film.
    """
    codec = settings.encoding.codec or ("gif" if target.suffix.lower() == ".gif" else default_codec(target.suffix))
    if codec == OWN_KIND:
        codec = film.video.codec if film.video.codec in PICTURES else "png"
    exported = codec if codec in _EXPORTS else ""
    _check_name(film, codec, target)
    check_quality(codec, settings.encoding.crf, settings.encoding.preset)
    if exported:
        codec = "ffv1"  # what is exported afterwards must not lose anything here
    else:
        check_combination(codec, target.suffix)
    settings = replace(settings, encoding=replace(settings.encoding, codec=codec))
    untrimmed = sample or settings.range == Range()
    keeps_alpha = exported in {"png", "tiff"}
    suffix = (".mkv" if keeps_alpha else "") if exported else target.suffix.lower()
    spec = _spec(film, codec, settings, suffix, exported=bool(exported), untrimmed=untrimmed)
    return FilmPlan(film, target, settings, exported, spec, untrimmed, sample)


def _spec(film: Film, codec: str, settings: FilmSettings, suffix: str, *, exported: bool, untrimmed: bool) -> VideoSpec:
    """suffix: of the container. exported: pictures are made of it, which have a colour of their own in every pixel."""
    video, encoding = film.video, settings.encoding
    width, height = video.upright_size
    combed = video.interlaced and not settings.deinterlace and video.orientation == UPRIGHT
    known = combed and video.top_field_first is not None and keeps_fields(codec, height)
    row = codec_row(codec)
    is_asked = encoding.preset is None or row.alpha_options.get(row.preset_option, encoding.preset) == encoding.preset
    alpha = video.has_alpha and suffix in row.alpha_suffixes and is_asked
    return VideoSpec(
        width=width,
        height=height,
        time_base=video.time_base,
        rate=video.average_rate,
        codec=codec,
        bits=best_bits(codec, video.bits, alpha=alpha),
        crf=encoding.crf,
        preset=encoding.preset,
        lossless=encoding.lossless,
        sample_aspect=video.upright_aspect,
        full_range=video.is_full_range and codec_row(codec).has_full_range,
        matrix=video.matrix,
        primaries=video.primaries,
        transfer=video.transfer,
        b_frames=untrimmed,
        fields=("tff" if video.top_field_first else "bff") if known else None,
        full_chroma=exported,
        alpha=alpha,
    )


def _check_name(film: Film, codec: str, target: Path) -> None:
    """Raises SettingError where the target's name, or the kind of the film, does not go with this codec."""
    suffix = target.suffix.lower()
    if codec == "gif" and suffix != ".gif":
        raise SettingError(f"gif makes a file whose name ends in .gif, not {target.name}. Name another target or codec")
    if codec in PICTURES and (suffix in FILM_SUFFIXES or suffix in {".gif", ".png", ".tif", ".tiff", ".dpx"}):
        raise SettingError(f"{codec} makes a folder of pictures, and {target.name} is a file's name. Name a folder")
    if codec == "dpx" and film.video.codec != "dpx":
        raise SettingError("dpx is written from a folder of DPX, whose headers it takes over. Use png or tiff")
