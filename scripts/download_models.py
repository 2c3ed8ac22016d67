"""Download networks for the studio: `python scripts/download_models.py [ID ...] [--from FOLDER]`.

The same as `colorizer models download`, for a checkout that is not installed. Exit status: 0 when every network is
there and verified, 1 when one is not, 2 for a wrong call, 130 after Ctrl-C.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def main() -> int:
    """The exit status."""
    from colorizer.cli import main as colorizer

    parser = argparse.ArgumentParser(description="Download networks for the studio.")
    parser.add_argument("ids", nargs="*", default=["eccv16"], metavar="ID", help="eccv16 without one")
    parser.add_argument("--from", dest="folder", metavar="FOLDER", help="take the files from there, offline")
    options = parser.parse_args()
    source = ["--from", options.folder] if options.folder else []
    return colorizer(["models", "download", *source, *options.ids])


if __name__ == "__main__":
    sys.exit(main())
