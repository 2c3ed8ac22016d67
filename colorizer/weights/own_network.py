"""A network that somebody keeps in a folder of their own: its files are known by their endings alone."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from colorizer.errors import ModelDamaged, ModelUnknown
from colorizer.weights.catalog import CAFFE_ROLES, CATALOG, DDCOLOR, ECCV16, ONNX_ROLES, Model, ModelFile, Role
from colorizer.weights.integrity import HEAD, hash_file, true_kind

_ENDINGS: dict[str, Role] = {".prototxt": "prototxt", ".caffemodel": "weights", ".npy": "centres", ".onnx": "onnx"}
_SAFE_MULTIPLE = 32  # networks that halve their input five times are the deepest in use


def read_own_network(folder: Path) -> tuple[Model, dict[Role, Path]]:
    """A row for the network in this folder, with the sizes and hashes of its files, and where they are.

    Raises ModelUnknown when there is not exactly one network in it, ModelDamaged when a file cannot be part of one.
    """
    paths = _network_files(folder)
    files = tuple(_describe(role, path) for role, path in paths.items())
    name = folder.resolve().name or str(folder)
    row = replace(
        _nearest_row(files),
        id=name,
        title=name,
        files=files,
        licence="unknown",
        source=str(folder),
        in_catalog=False,
        bundled=False,
        note=f"Not from the catalog: it was found in {folder}, and nobody has checked it.",
    )
    return row, paths


def _network_files(folder: Path) -> dict[Role, Path]:
    try:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except OSError as error:
        raise ModelUnknown(f"{folder} cannot be read as a folder with a network ({error.strerror}).") from error
    found: dict[Role, list[Path]] = {}
    for path in files:
        role = _ENDINGS.get(path.suffix.lower())
        if role:
            found.setdefault(role, []).append(path)
    for role, candidates in found.items():
        if len(candidates) > 1:
            raise ModelUnknown(f"{folder} has {len(candidates)} {role} files, {_names(candidates)}: leave one of them.")
    if "onnx" in found and len(found) > 1:
        every = [path for candidates in found.values() for path in candidates]
        raise ModelUnknown(
            f"{folder} has two networks, a Caffe one and an ONNX one ({_names(every)}): leave one of them."
        )
    roles = ONNX_ROLES if "onnx" in found else CAFFE_ROLES
    missing = sorted(ending for ending, role in _ENDINGS.items() if role in roles and role not in found)
    if missing:
        raise ModelUnknown(
            f"{folder} has no whole network: no file that ends in {', '.join(missing)}. A folder needs one .prototxt, "
            "one .caffemodel and one .npy with the colour centres, or one .onnx."
        )
    return {role: candidates[0] for role, candidates in found.items()}


def _names(paths: Iterable[Path]) -> str:
    return ", ".join(path.name for path in paths)


def _describe(role: Role, path: Path) -> ModelFile:
    try:
        size = path.stat().st_size
        with path.open("rb") as opened:
            disguise = true_kind(opened.read(HEAD)) if size else "empty"
        found = hash_file(path)
    except OSError as error:
        raise ModelDamaged(f"{path} cannot be read ({error.strerror}).") from error
    if disguise:
        raise ModelDamaged(f"{path} is {disguise}: put the {role} of the network in its place.")
    return ModelFile(role, path.name, size, found)


def _nearest_row(files: Iterable[ModelFile]) -> Model:
    """The row whose input such files take: that of the same prototxt, or the most general one of their kind."""
    hashes = {file.sha256 for file in files if file.role == "prototxt"}
    if not hashes:
        return replace(DDCOLOR, cell=None)
    for model in CATALOG:
        if model.runs_on == "caffe" and model.file("prototxt").sha256 in hashes:
            return model
    return replace(ECCV16, multiple=_SAFE_MULTIPLE, cell=None)
