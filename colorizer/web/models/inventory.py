"""Networks on this disk: every byte looked at once, and again only where a file has changed."""

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from colorizer.errors import ModelUnknown
from colorizer.weights.catalog import Model
from colorizer.weights.local_models import ModelStatus, glance, own_status, verify

_Prints = tuple[tuple[str, int, int], ...]  # name, size and date of each file


class Inventory:
    """What was found out about networks; all pages share it."""

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[_Prints, ModelStatus]] = {}
        self._lock = Lock()

    def look_at(self, model: Model) -> ModelStatus:
        """A network of the catalog on this disk. What it calls present was checked, every byte of it."""
        found = glance(model)
        if found.state != "present":
            return found
        return self._once(found.folder, (file.path for file in found.files), lambda: verify(model))

    def own(self, folder: Path) -> ModelStatus:
        """The network in this folder. Raises ModelUnknown or ModelDamaged where there is none that can be used."""
        try:
            paths = sorted(folder.iterdir())
        except OSError as error:
            raise ModelUnknown(f"{folder} cannot be read as a folder with a network ({error.strerror}).") from error
        return self._once(folder, paths, lambda: own_status(folder))

    def _once(self, folder: Path, paths: Iterable[Path], look: Callable[[], ModelStatus]) -> ModelStatus:
        with self._lock:  # two tabs need not both read a hundred megabytes
            prints = tuple(map(_print, paths))
            known = self._seen.get(folder)
            if known is None or known[0] != prints:
                known = self._seen[folder] = (prints, look())
            return known[1]


def files_print(status: ModelStatus) -> str:
    """A short text that changes when one of the network's files does."""
    return " ".join(f"{size}-{date}" for _, size, date in (_print(file.path) for file in status.files))


def _print(path: Path) -> tuple[str, int, int]:
    """What changes when the file does; of one that is gone, its name alone."""
    try:
        status = path.stat()
    except OSError:
        return path.name, -1, 0
    return path.name, status.st_size, status.st_mtime_ns
