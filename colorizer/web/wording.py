"""Text from elsewhere, made fit for a page."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Protocol

_COMMAND = re.compile(r"(`colorizer [^`\n]*`)")


def as_sentence(note: str) -> str:
    """The note with a capital letter and a full stop."""
    return f"{note[:1].upper()}{note[1:].removesuffix('.')}."


def plain(text: str) -> str:
    """The text with nothing in it that Streamlit's Markdown would act on, but for our own commands, shown as code."""
    pieces = _COMMAND.split(text)  # every other one is a command
    return "".join(piece if number % 2 else _escaped(piece) for number, piece in enumerate(pieces))


def _escaped(text: str) -> str:
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+-.!|~$:&" else letter for letter in text)


def display_name(name: str) -> str:
    """A file's name for people: without folders, control characters or anything that turns the writing around."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C").strip()
    return shown[-120:] or "picture"


class UploadedFile(Protocol):
    """A file that came through the browser."""

    @property
    def name(self) -> str:
        """Its name; with folders in it where a folder was chosen."""

    def getvalue(self) -> bytes:
        """Its bytes."""
