"""Networks fetched from their mirrors, or from a folder, and put in place only when every byte is right."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from colorizer.errors import DownloadFailed
from colorizer.files import demand_space, put_in_place, size_text
from colorizer.lockfile import take
from colorizer.weights.catalog import Model, ModelFile
from colorizer.weights.integrity import copy_checked, flaw, writing
from colorizer.weights.local_models import LocalModel, ModelStatus, local_model, part_path, verify
from colorizer.weights.transfer import AddressError, Transfer

_PATIENCE = 20.0  # seconds without a byte
_POLL = 0.2  # seconds between looks at another process's download


@dataclass(frozen=True)
class DownloadProgress:
    """How far one file of a network has come."""

    file: ModelFile
    done: int  # bytes
    address: str  # where they come from


@dataclass(frozen=True)
class _Watch:
    """What the caller wants to see, and may decide, while bytes arrive."""

    progress: Callable[[DownloadProgress], None]
    cancelled: Callable[[], bool]
    patience: float

    def tell(self, file: ModelFile, done: int, address: str) -> None:
        """Report. Raises DownloadFailed when the caller has had enough."""
        if self.cancelled():
            raise DownloadFailed(
                f"The download of {file.name} was stopped. What has arrived is kept: the next one goes on from there."
            )
        self.progress(DownloadProgress(file, done, address))


def download(
    model: Model,
    models_folder: Path | None = None,
    *,
    from_folder: Path | None = None,
    progress: Callable[[DownloadProgress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    patience: float = _PATIENCE,
) -> LocalModel:
    """The network, on this disk and verified. Files that are right already are left alone; damaged ones are replaced.

    from_folder: take the files from this folder, known by their hashes, and ask no address.
    cancelled: asked whenever bytes arrive; patience: seconds without a byte before the next address is tried.
    Raises DownloadFailed, which says what each address answered, or OutputError when the disk does not take the files.
    """
    found = verify(model, models_folder)
    if found.state == "present" or model.bundled:
        return local_model(found)  # a bundled one has no address: this says how to get it back
    with writing(found.folder):
        found.folder.parent.mkdir(parents=True, exist_ok=True)
    watch = _Watch(progress, cancelled, patience)
    with _alone(found, watch):
        found = verify(model, models_folder)  # another download may have brought it meanwhile
        with _folder_unless_empty(found.folder):
            failures = _from_folder(found, from_folder) if from_folder else _from_mirrors(found, watch)
    if failures:
        raise DownloadFailed(
            "\n".join(failures) + f"\nGet what is missing in another way and put it into {found.folder}, under any "
            'name, or run "colorizer models import FILE".'
        )
    return local_model(verify(model, models_folder))


@contextmanager
def _folder_unless_empty(folder: Path) -> Iterator[None]:
    """A block during which the folder is there; afterwards it is only where something is in it."""
    with writing(folder):
        folder.mkdir(exist_ok=True)
    try:
        yield
    finally:
        with suppress(OSError):  # it holds something
            folder.rmdir()


def _from_mirrors(found: ModelStatus, watch: _Watch) -> list[str]:
    """What went wrong, a text for each file that no address gave."""
    demand_space(found.folder, found.missing)
    return [
        failure
        for status in found.files
        if status.state != "present"
        for failure in _from_addresses(status.file, found.folder / status.file.name, watch)
    ]


def _from_addresses(file: ModelFile, target: Path, watch: _Watch) -> list[str]:
    part = part_path(target)
    answers = []
    for url in file.urls:

        def tell(done: int, url: str = url) -> None:
            watch.tell(file, done, url)

        tell(part.stat().st_size if part.is_file() else 0)
        try:
            Transfer(url, part, file, tell, watch.patience).fetch()
        except AddressError as answer:
            answers.append(f"  {url} {answer}")
            continue
        with writing(target.parent):
            put_in_place(part, target)
        return []
    return ["\n".join([f"{file.name} ({size_text(file.size)}) could not be downloaded. Tried:", *answers])]


def _from_folder(found: ModelStatus, folder: Path) -> list[str]:
    """What went wrong, a text for each file that is not in this folder or in one of the model's name inside it."""
    paths = _files_in(folder) + (_files_in(folder / found.model.id) if (folder / found.model.id).is_dir() else [])
    failures = []
    for status in found.files:
        if status.state == "present":
            continue
        flaws = {path: flaw(path, status.file) for path in paths}
        source = next((path for path in paths if not flaws[path]), None)
        if source:
            copy_checked(source, found.folder / status.file.name, status.file)
            continue
        namesakes = [f"{path} is {flaws[path]}" for path in paths if path.name == status.file.name]
        failures.append(f"{status.file.name} is not in {folder}" + "".join(f"; {name}" for name in namesakes) + ".")
    return failures


def _files_in(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise DownloadFailed(f"{folder} cannot be read as a folder ({error.strerror}).") from error


@contextmanager
def _alone(found: ModelStatus, watch: _Watch) -> Iterator[None]:
    """A block that one process and one thread at a time runs for this model; the others wait, and may be cancelled."""
    first = next(status for status in found.files if status.state != "present")
    part = part_path(found.folder / first.file.name)
    lock = found.folder.parent / f".{found.model.id}.lock"
    with writing(found.folder):
        handle = lock.open("ab")
    with handle:  # closing it gives the lock back, and so does the end of the process
        while not _held(handle, lock):
            watch.tell(first.file, part.stat().st_size if part.is_file() else 0, "another download")
            time.sleep(_POLL)
        yield


def _held(handle: BinaryIO, lock: Path) -> bool:
    """Whether the lock is ours now. Raises OutputError on a disk without locks."""
    with writing(lock):
        return take(handle)
