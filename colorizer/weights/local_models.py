"""Networks on this disk: found, verified, taken in, removed."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from colorizer.errors import ModelDamaged, ModelError, ModelMissing, ModelUnknown
from colorizer.files import size_text
from colorizer.settings import settings
from colorizer.weights import catalog
from colorizer.weights.catalog import Model, ModelFile, Role
from colorizer.weights.integrity import HEAD, copy_checked, flaw, true_kind, writing
from colorizer.weights.own_network import read_own_network

State = Literal["present", "not downloaded", "damaged"]

EXPORT_PREFIX = ".export-"  # of what engines make of a network's files, beside them; no part of the network itself
CHECK_NAME = ".check.json"  # what came out when the network was tried here, beside its files

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class LocalModel:
    """A network whose files are all on this disk, every byte of them checked: what a loader gets.

    >>> from colorizer import LocalModel, locate
    >>> starter: LocalModel = locate("starter")
    >>> starter.model.id
    'starter'
    """

    model: Model
    paths: Mapping[Role, Path]
    hashes: Mapping[Role, str]


@dataclass(frozen=True)
class FileStatus:
    """One file of a network on this disk."""

    file: ModelFile
    state: State
    path: Path  # where it is, or where it belongs
    flaw: str = ""  # what a damaged file is
    partial: int = 0  # bytes of a download that broke off


@dataclass(frozen=True)
class ModelStatus:
    """A network on this disk, file by file."""

    model: Model
    folder: Path
    files: tuple[FileStatus, ...]

    @property
    def state(self) -> State:
        """The worst that can be said of any of its files."""
        states = {file.state for file in self.files}
        return "damaged" if "damaged" in states else "not downloaded" if "not downloaded" in states else "present"

    @property
    def missing(self) -> int:
        """Bytes that a download still has to bring."""
        return sum(file.file.size - file.partial for file in self.files if file.state != "present")


def locate(name: str | Path, models_folder: Path | None = None) -> LocalModel:
    """The network with this catalog id, or in this folder, ready to load.

    A Path, a name with a separator in it, and the name of a folder that is no id of the catalog mean a folder.
    Raises ModelUnknown, ModelMissing, or ModelDamaged when a file is not, byte for byte, what the catalog says.

    >>> from colorizer import locate
    >>> locate("starter").model.licence
    'Apache-2.0'
    """
    return local_model(find(name, models_folder))


def find(name: str | Path, models_folder: Path | None = None) -> ModelStatus:
    """What is on this disk of the network that `locate` means by this name, every byte of it hashed.

    Raises ModelUnknown, or ModelDamaged for a folder with files that can be no network.
    """
    known = name in {model.id for model in catalog.CATALOG}
    if isinstance(name, Path) or (name and not known and ({"/", os.sep} & set(name) or Path(name).is_dir())):
        return own_status(_at_home(Path(name)))
    if not known and Path(name).is_file():
        raise ModelUnknown(f"{name} is a file. Name a model by its id, or a folder that holds a network's files")
    return verify(catalog.find_model(name), models_folder)


def own_status(folder: Path) -> ModelStatus:
    """The network in this folder, file by file. Raises ModelUnknown or ModelDamaged where there is none."""
    model, paths = read_own_network(folder)
    return ModelStatus(model, folder, tuple(FileStatus(file, "present", paths[file.role]) for file in model.files))


def _at_home(folder: Path) -> Path:
    """The folder with its ~ spelled out. Raises ModelUnknown for the home of somebody who is not known here."""
    try:
        return folder.expanduser()
    except RuntimeError as error:
        raise ModelUnknown(f"{folder} is in a home that is not known here. Name the folder by its full path") from error


def local_model(found: ModelStatus) -> LocalModel:
    """The network that `verify` found. Raises ModelMissing or ModelDamaged, saying what to do, unless it is whole."""
    model = found.model
    command = f'"colorizer models download {model.id}"'
    for file in found.files:
        if file.state == "damaged":
            cure = "install the program again" if model.bundled else f"get it anew with {command}"
            raise ModelDamaged(f"{file.path} (model {model.id}) is {file.flaw}: {cure}.")
    missing = ", ".join(file.file.name for file in found.files if file.state != "present")
    if missing and model.bundled:
        raise ModelMissing(f"{missing} is not in {found.folder}, though it is part of this program: install it again.")
    if missing:
        raise ModelMissing(
            f"The model {model.id} is not on this disk: {missing} missing. Get it ({size_text(found.missing)}) with "
            f"{command}, or put its files into {found.folder}."
        )
    paths = {file.file.role: file.path for file in found.files}
    return LocalModel(model, paths, {file.role: file.sha256 for file in model.files})


def model_folder(model: Model, models_folder: Path | None = None) -> Path:
    """Where the files of this model are, or belong. A bundled one lies in the checkout or inside the package."""
    if not model.bundled:
        return (models_folder or settings().models_folder) / model.id
    inside, checkout = _PACKAGE / model.id, _PACKAGE.parent / "models" / model.id
    return inside if inside.is_dir() else checkout


def part_path(target: Path) -> Path:
    """Where a download of this file keeps what has arrived so far."""
    return target.with_name(f"{target.name}.part")


def glance(model: Model, models_folder: Path | None = None) -> ModelStatus:
    """What is on this disk, at once: a file of the right size counts as present."""
    return _examine(model, models_folder, thorough=False)


def verify(model: Model, models_folder: Path | None = None) -> ModelStatus:
    """What is on this disk, every byte of it hashed."""
    return _examine(model, models_folder, thorough=True)


def _examine(model: Model, models_folder: Path | None, *, thorough: bool) -> ModelStatus:
    folder = model_folder(model, models_folder)
    try:
        sizes = _sizes(folder)
    except OSError as error:
        unreadable = f"not readable ({error.strerror})"
        return ModelStatus(
            model, folder, tuple(FileStatus(file, "damaged", folder / file.name, unreadable) for file in model.files)
        )
    return ModelStatus(model, folder, tuple(_examine_file(file, folder, sizes, thorough) for file in model.files))


def _sizes(folder: Path) -> dict[Path, int]:
    """The files in this folder and their sizes. Raises OSError; a folder that is not there is an empty one."""
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return {}
    sizes = {}
    for path in paths:
        with suppress(FileNotFoundError):  # a download gave it its right name meanwhile
            if path.is_file() and not path.name.startswith("."):
                sizes[path] = path.stat().st_size
    return sizes


def _examine_file(file: ModelFile, folder: Path, sizes: Mapping[Path, int], thorough: bool) -> FileStatus:
    target = folder / file.name
    flaws: dict[Path, str] = {}
    for path in sorted(sizes, key=lambda path: path != target):  # the right name first, then any name
        if sizes[path] == file.size and path != part_path(target):
            flaws[path] = flaw(path, file) if thorough else ""
            if not flaws[path]:
                return FileStatus(file, "present", path)
    if target in sizes:
        return FileStatus(file, "damaged", target, flaws.get(target) or flaw(target, file))
    return FileStatus(file, "not downloaded", target, partial=min(sizes.get(part_path(target), 0), file.size))


def import_file(path: Path, models_folder: Path | None = None) -> tuple[Path, ...]:
    """Where the file lies now: once for each network that it is a file of, recognised by its hash alone.

    Raises ModelDamaged when it is no file of the catalog, OutputError when it cannot be copied.
    """
    matches = [(model, file) for model in catalog.CATALOG for file in model.files if not flaw(path, file)]
    if not matches:
        raise ModelDamaged(f"{path} {_refusal(path)}")
    homes = [(model_folder(model, models_folder), file) for model, file in matches if not model.bundled]
    if not homes:
        raise ModelError(f"{path} is a file of the model {matches[0][0].id}, which is part of this program already.")
    return tuple(_take_in(path, folder, file) for folder, file in homes)


def _take_in(path: Path, folder: Path, file: ModelFile) -> Path:
    with writing(folder):
        found = _examine_file(file, folder, _sizes(folder), thorough=True)
    if found.state == "present":
        return found.path
    copy_checked(path, folder / file.name, file)
    with writing(folder):
        part_path(folder / file.name).unlink(missing_ok=True)
    return folder / file.name


def _refusal(path: Path) -> str:
    """Why this file is not taken in, as a sentence that begins with its name."""
    try:
        size = path.stat().st_size
        with path.open("rb") as opened:
            disguise = true_kind(opened.read(HEAD))
    except OSError as error:
        return f"cannot be read ({error.strerror})."
    rows = [model for model in catalog.CATALOG if not model.bundled]
    for model in rows:
        for file in model.files:
            if path.name == file.name or size == file.size:
                return f"cannot be taken in as {file.name} of the model {model.id}: it is {flaw(path, file)}."
    names = "; ".join(f"{file.name} of {model.id} ({file.size} bytes)" for model in rows for file in model.files)
    unknown = f"a file of {size} bytes that the catalog does not have" if size else "an empty file"
    return f"is {disguise or unknown}. The catalog knows: {names}."


def remove(model: Model, models_folder: Path | None = None) -> tuple[Path, ...]:
    """The files that were deleted: those of this model, what engines made of them, what a broken download left.

    Other files in its folder stay. Raises ModelError for a bundled model, OutputError when a file cannot be deleted.
    """
    if model.bundled:
        raise ModelError(f"The model {model.id} is part of this program and cannot be removed.")
    found = verify(model, models_folder)
    files = [file.path for file in found.files if file.state != "not downloaded"]
    parts = [part_path(found.folder / file.name) for file in model.files]
    with writing(found.folder):
        copies = [*found.folder.glob(".*.part*"), *found.folder.glob(".*.tmp")]  # of an import that was killed
        exports = sorted(found.folder.glob(f"{EXPORT_PREFIX}*"))
        check = found.folder / CHECK_NAME
        gone = [path for path in [*files, *parts, *copies, *exports, check] if path.is_file()]
        for path in gone:
            path.unlink()
        if found.folder.is_dir() and not any(found.folder.iterdir()):
            found.folder.rmdir()
    return tuple(gone)
