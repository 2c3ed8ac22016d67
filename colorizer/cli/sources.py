"""Films that were given to the command for pictures, and the other way round: said before anything is opened."""

from collections.abc import Sequence
from shlex import quote

from colorizer.errors import SourceUnreadable
from colorizer.filetypes import film_kind, head_of, is_picture
from colorizer.plan import PICTURES, SourceFile


def refuse_films(found: Sequence[SourceFile]) -> None:
    """Raise SourceUnreadable where all of these are films; one among pictures is told beside them, when its turn comes.

    A GIF counts as a picture.
    """
    if found and all(film_kind(head_of(each.path)) not in {"", "GIF"} for each in found):
        raise SourceUnreadable(f"{found[0].path} is a film, not a picture: use `{_command('video', found)}`")


def refuse_pictures(found: Sequence[SourceFile]) -> None:
    """Raise SourceUnreadable where all of these are pictures that stand still."""
    if found and all(_is_named_a_picture(each) and is_picture(head_of(each.path)) for each in found):
        raise SourceUnreadable(f"{found[0].path} is a picture, not a film: use `{_command('image', found)}`")


def _is_named_a_picture(source: SourceFile) -> bool:
    return source.path.suffix.lower() in PICTURES.read  # a raw stream of JPEGs begins as one, and is a film


def _command(verb: str, found: Sequence[SourceFile]) -> str:
    return f"colorizer {verb} {quote(str(found[0].path))}" + (" ..." if len(found) > 1 else "")
