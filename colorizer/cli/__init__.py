"""The `colorizer` command: one file a subcommand."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from colorizer import __version__
from colorizer.cli import bench, doctor, image, jobs, models, video
from colorizer.cli.terminal import one_line
from colorizer.errors import ColorizerError

_ENDINGS = (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else []))
_INTERRUPTED = 130  # what a shell reports for Ctrl-C


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 where all went well, 1 where something failed, 2 for a wrong call, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        with _ended_like_interrupted():
            return int(options.run(options))
    except ColorizerError as error:
        print(one_line(f"colorizer: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("colorizer: stopped", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader of our output has gone: nothing is left to say
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """A block in which a request to end, or a closed terminal, stops the work as Ctrl-C does, and tidies up."""

    def stop(_number: int, _frame: object) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)  # once is enough: a second one would disturb the clearing up
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only there can signals be heard
        yield
        return
    before = {each: signal.getsignal(each) for each in _ENDINGS if signal.getsignal(each) != signal.SIG_IGN}  # nohup
    for each in before:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="colorizer", description="Colour for black-and-white photographs and films.")
    parser.add_argument("--version", action="version", version=f"colorizer {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in (image, video, jobs, models, doctor, bench):
        command.add_parser(subparsers)
    return parser
