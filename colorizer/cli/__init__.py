"""The `colorizer` command: one file a subcommand."""

import argparse
import os
import sys
from collections.abc import Sequence

from colorizer import __version__
from colorizer.cli import doctor, image, models, video
from colorizer.errors import ColorizerError

_INTERRUPTED = 130  # what a shell reports for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where all went well, 1 where something failed, 2 for a wrong call, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ColorizerError as error:
        print(f"colorizer: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("colorizer: stopped", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="colorizer", description="Colour for black-and-white photographs and films.")
    parser.add_argument("--version", action="version", version=f"colorizer {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (image, video, models, doctor):
        command.add_parser(subparsers)
    return parser
