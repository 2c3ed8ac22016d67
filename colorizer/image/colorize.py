"""A picture file in, a coloured picture file out: what the command line and the Python API share."""

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from colorizer.color.grade import Grade
from colorizer.color.lightness import Samples
from colorizer.corrections.pins import Corrections
from colorizer.corrections.spreading import corrected_chroma
from colorizer.engines.base import Tell, silence
from colorizer.engines.choose import MANY
from colorizer.engines.names import AUTO
from colorizer.errors import OutputError
from colorizer.image.reading import read_picture
from colorizer.image.values import Provenance, SaveOptions, SourcePicture, one_line
from colorizer.image.writing import chosen_format, names_a_format, refuse_existing, save_picture, saving_notes
from colorizer.network import Colorizer, NetworkSettings
from colorizer.picture import render
from colorizer.weights.catalog import DEFAULT_MODEL, Model
from colorizer.weights.local_models import locate

_NO_CHANGE = Grade()
_DEFAULTS = NetworkSettings()
_AS_THE_SOURCE = SaveOptions()
_NONE = Corrections()
_LONGEST_CORRECTIONS = 8_000  # characters of them that a result's own description has room for


@dataclass(frozen=True)
class Finished:
    """One picture that was made: where it lies, its size in pixels, and what the user should know."""

    target: Path
    width: int
    height: int
    notes: tuple[str, ...]


def open_colorizer(
    model: str | Path = DEFAULT_MODEL, engine: str = AUTO, *, runs: int = MANY, tell: Tell = silence
) -> Colorizer:
    """The network of this name, or in this folder, ready to colour; a context manager.

    runs: about how many pictures will come; tell: hears what takes a while the first time (see Colorizer).
    Raises ModelUnknown, ModelMissing, ModelDamaged or EngineError.
    """
    return Colorizer(locate(model), engine, runs=runs, tell=tell)


def colorize_file(
    source: str | Path,
    target: str | Path,
    *,
    grade: Grade = _NO_CHANGE,
    network: NetworkSettings = _DEFAULTS,
    corrections: Corrections = _NONE,
    save: SaveOptions = _AS_THE_SOURCE,
    overwrite: bool = False,
    strict: bool = False,
    colorizer: Colorizer | None = None,
) -> Finished:
    """The coloured picture, written beside or away from its source, with the source's luma and metadata.

    corrections: colours given by hand. strict: see read_picture. colorizer: an open network, for many pictures; without
    it the starter network is opened.
    Raises InputError, OutputError, ModelError or EngineError; the target then is as it was before.

    >>> from colorizer import Grade, colorize_file
    >>> made = colorize_file("old.png", "new.png", grade=Grade(saturation=1.2))
    >>> made.target.name, made.width, made.height
    ('new.png', 60, 40)
    """
    if colorizer is None:
        with open_colorizer(runs=1) as own:
            return colorize_file(
                source, target, grade=grade, network=network, corrections=corrections, save=save, overwrite=overwrite,
                strict=strict, colorizer=own,
            )  # fmt: skip
    _refuse(Path(source), Path(target), overwrite=overwrite)  # before the work, not after it
    picture = read_picture(Path(source), strict=strict)
    pixels = render(picture.luma, corrected_chroma(colorizer, picture.luma, network, corrections), grade, picture.tone)
    made_by = describe(colorizer, network, grade, corrections)
    made = _save(Path(target), pixels, picture, save, made_by, overwrite=overwrite)
    return replace(made, notes=(*made.notes, *_unused(colorizer.local.model, network)))


def gray_file(
    source: str | Path,
    target: str | Path,
    *,
    save: SaveOptions = _AS_THE_SOURCE,
    overwrite: bool = False,
    strict: bool = False,
) -> Finished:
    """The picture without its colour: its luma, with its metadata. strict: see read_picture.

    Raises InputError or OutputError.

    >>> from colorizer import gray_file
    >>> gray_file("old.png", "grey.png").target.name
    'grey.png'
    """
    _refuse(Path(source), Path(target), overwrite=overwrite)
    picture = read_picture(Path(source), strict=strict)
    return _save(Path(target), picture.luma, picture, save, None, overwrite=overwrite)


def describe(
    colorizer: Colorizer, network: NetworkSettings, grade: Grade, corrections: Corrections = _NONE
) -> Provenance:
    """What a result says of its making: enough to make it again."""
    local = colorizer.local
    fixed = local.model.fixed_size
    asked = {
        **({"temperature": f"{network.temperature:g}"} if local.model.runs_on == "caffe" else {}),
        "size": str(fixed or network.size or local.model.default_size),
        "aspect": "kept" if network.keep_aspect and not fixed else "square",
        **{name: f"{value:g}" for name, value in grade.as_dict().items()},
        **described_corrections(corrections),
    }
    hashes = {local.paths[role].name: digest for role, digest in local.hashes.items()}
    return Provenance(local.model.id, hashes, str(colorizer.info), asked)


def described_corrections(corrections: Corrections) -> dict[str, str]:
    """What a result says of its corrections: that there are some, and which, where they are not too many."""
    if not corrections:
        return {}
    text = corrections.as_json()
    by_hand = f"by hand, {len(corrections.pins)} pin{'s' if len(corrections.pins) > 1 else ''}"
    return {"corrected": by_hand, **({"corrections": text} if len(text) <= _LONGEST_CORRECTIONS else {})}


def _refuse(source: Path, target: Path, *, overwrite: bool) -> None:
    """Raises OutputError where the target is the source, under whatever name, and as `refuse_existing` does."""
    with suppress(OSError, ValueError):  # one of them is not there
        if source.samefile(target):
            raise OutputError(f"{one_line(str(target))} is the source itself. Choose another name for the result")
    refuse_existing(target, overwrite=overwrite)


def _unused(model: Model, network: NetworkSettings) -> tuple[str, ...]:
    """What the user should know of settings that this network does not look at."""
    if model.fixed_size is None or network.size in {None, model.fixed_size}:
        return ()
    side = model.fixed_size
    return (f"the network {model.id} sees every picture at {side} x {side}; the size asked for was not used",)


def _save(
    target: Path,
    pixels: Samples,
    picture: SourcePicture,
    save: SaveOptions,
    provenance: Provenance | None,
    *,
    overwrite: bool,
) -> Finished:
    kind = chosen_format(save, picture, target)
    as_original = save.format is None and not names_a_format(target)
    notes = picture.notes + saving_notes(pixels, picture, kind, as_original=as_original)
    written = save_picture(target, pixels, picture, save, provenance, overwrite=overwrite)
    return Finished(written, pixels.shape[1], pixels.shape[0], notes)
