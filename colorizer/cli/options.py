"""The options that several commands share, and the way from them to the package's own values."""

import argparse
from pathlib import Path

from colorizer.color.grade import GRADE_RANGES, Grade
from colorizer.corrections.pins import Corrections, read_corrections
from colorizer.engines.base import DEFAULT_TEMPERATURE
from colorizer.engines.names import AUTO, NAMES_HELP, engine_name
from colorizer.errors import EngineError
from colorizer.image.values import WRITE_FORMATS, SaveOptions, WriteFormat
from colorizer.network import LARGEST_SIZE, SIZE_STEP, SMALLEST_SIZE, NetworkSettings
from colorizer.weights.catalog import DEFAULT_MODEL

_WORDS = {
    "saturation": "factor on the colours",
    "hue": "degrees by which every colour turns",
    "intensity": "from the original as it was, sepia included (0), to the coloured result (1)",
    "warmth": "tint, from blue (-1) to orange (1)",
}
_FORMAT_NAMES: dict[str, WriteFormat] = {name.lower(): name for name in WRITE_FORMATS} | {"jpg": "JPEG", "tif": "TIFF"}


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Options that say which network runs, and how."""
    group = parser.add_argument_group("network")
    group.add_argument(
        "--model", default=DEFAULT_MODEL, metavar="ID", help="a model of the catalog, or a folder with your own"
    )
    group.add_argument("--engine", default=AUTO, type=_engine, metavar="NAME", help=f"{NAMES_HELP} (default: {AUTO})")
    group.add_argument(
        "--size", type=int, metavar="N",
        help=f"network size, {SMALLEST_SIZE} to {LARGEST_SIZE} in steps of {SIZE_STEP} (default: the model's own)",
    )  # fmt: skip
    group.add_argument(
        "--square", action="store_true", help="show the network a square picture, not one of the same aspect"
    )
    group.add_argument(
        "--temperature", type=float, default=DEFAULT_TEMPERATURE, metavar="T",
        help=f"0.05 to 2, low is vivid, high is calm (default: {DEFAULT_TEMPERATURE:g})",
    )  # fmt: skip


def _engine(name: str) -> str:
    try:
        return engine_name(name)
    except EngineError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def network_settings(options: argparse.Namespace) -> NetworkSettings:
    """What is asked of the network. Raises SettingError for a value outside its range."""
    return NetworkSettings(options.size, not options.square, options.temperature)


def add_grade_options(parser: argparse.ArgumentParser) -> None:
    """Options for the colours after the network."""
    group = parser.add_argument_group("colour")
    for name, (low, high) in GRADE_RANGES.items():
        default = getattr(Grade(), name)
        group.add_argument(
            f"--{name}", type=float, default=default, metavar="F",
            help=f"{_WORDS[name]}, {low:g} to {high:g} (default: {default:g})",
        )  # fmt: skip


def grade(options: argparse.Namespace) -> Grade:
    """The grade asked for. Raises SettingError for a value outside its range."""
    return Grade(**{name: getattr(options, name) for name in GRADE_RANGES})


def add_corrections_option(group: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """The option for colours given by hand."""
    group.add_argument(
        "--corrections", type=Path, metavar="FILE", help="colours given by hand, as the studio saves them (JSON)"
    )


def corrections(options: argparse.Namespace) -> Corrections:
    """The corrections asked for; none without the option. Raises CorrectionsInvalid."""
    return read_corrections(options.corrections) if options.corrections else Corrections()


def add_output_option(parser: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """The option for where results go. It stays a text: a slash at its end means a folder."""
    parser.add_argument(
        "-o", "--output", required=True, type=_target, metavar="TARGET", help="file, or folder for several"
    )


def _target(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("the target has no name. Name a file or a folder")
    return text


def add_saving_options(parser: argparse.ArgumentParser) -> None:
    """Options for the files that are written."""
    group = parser.add_argument_group("result")
    group.add_argument(
        "--format", choices=sorted(_FORMAT_NAMES), help="default: as the target's name, or as the source"
    )
    group.add_argument(
        "--quality",
        type=int,
        default=SaveOptions().quality,
        metavar="N",
        help="1 to 100, for JPEG and WebP (100: WebP without loss)",
    )
    group.add_argument(
        "--strip-metadata", action="store_true", help="leave out date, place, camera and description; DPI stays"
    )
    group.add_argument("--overwrite", action="store_true", help="replace results that are there already")


def save_options(options: argparse.Namespace) -> SaveOptions:
    """How results are written. Raises SettingError for a value outside its range."""
    chosen = _FORMAT_NAMES[options.format] if options.format else None
    return SaveOptions(chosen, options.quality, options.strip_metadata)
