"""The folders of this computer that the studio may read, and paths that lie in them."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from colorizer.errors import InputError, SourceMissing


class AllowedFolders:
    """Folders whose files may be named by their path in the studio."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = [folder.resolve() for folder in folders]

    @property
    def text(self) -> str:
        """The folders, for people."""
        return ", ".join(str(folder) for folder in self._folders) or "none"

    def hold(self, path: Path) -> bool:
        """Whether this real path lies in one of the folders."""
        return any(path.is_relative_to(folder) for folder in self._folders)

    def checked(self, text: str) -> Path:
        """The real path, links followed, and inside an allowed folder. Raises InputError."""
        given = text.strip().strip('"')
        if not given:
            raise InputError("No path was given. Say where it lies on this computer.")
        with saying_unreadable(given):
            said = Path(given).expanduser()
            path = said.resolve()
        if not self.hold(path):
            raise InputError(
                f"{said} lies outside the folders that the studio may read: {self.text}. "
                "COLORIZER_ALLOWED_FOLDERS names others."
            )
        with saying_unreadable(said):
            if not path.exists():
                raise SourceMissing(f"There is nothing at {said}. Check the spelling.")
        return path


@contextmanager
def saying_unreadable(path: Path | str) -> Iterator[None]:
    """A block whose errors about this path become an InputError in plain words."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path} cannot be read ({reason}). Check the spelling, and who may read it.") from error
