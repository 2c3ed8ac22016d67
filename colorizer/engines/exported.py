"""The ONNX file of a network: its own, or the export that is made of a Caffe network once and kept."""

import hashlib
import shutil
from pathlib import Path

from colorizer.engines.base import Tell, silence
from colorizer.engines.caffe_to_onnx import LOGITS, VERSION, to_onnx
from colorizer.engines.opencv_dnn import read_layers, read_network
from colorizer.engines.prototxt import source_of
from colorizer.errors import OutputError
from colorizer.files import appearing, demand_space, write_whole
from colorizer.lockfile import alone
from colorizer.settings import settings
from colorizer.weights.local_models import EXPORT_PREFIX, LocalModel


def digest(local: LocalModel) -> str:
    """What tells this network, every byte of every file of it, from any other: 16 hexadecimal digits."""
    every = "".join(f"{role}:{local.hashes[role]};" for role in sorted(local.hashes))
    return hashlib.sha256(every.encode()).hexdigest()[:16]


def onnx_file(local: LocalModel, tell: Tell = silence) -> Path:
    """The network in ONNX form, made now where it was never made before.

    It lies beside downloaded weights; where that folder cannot be written, and for any other network, in the cache.
    Raises EngineError for a network that cannot be exported, OutputError when it can be written nowhere.
    """
    if local.model.runs_on == "onnx":
        return local.paths["onnx"]
    name = f"{EXPORT_PREFIX}{digest(local)}-{VERSION}.onnx"
    folders = [settings().cache_folder / "exports"]
    if local.model.in_catalog and not local.model.bundled:
        folders.insert(0, local.paths["weights"].parent)
    for folder in folders:
        if _is_whole(folder / name):
            return folder / name
    reason: Exception | None = None
    for folder in folders:
        try:
            return _make(local, folder, name, tell)
        except (OSError, OutputError) as error:
            reason = error
    raise OutputError(
        f"The ONNX form of {local.model.id} could not be written into {folders[-1]} ({reason}): choose another folder "
        "with COLORIZER_CACHE_DIR, or use --engine opencv"
    ) from reason


def features_name(local: LocalModel) -> str | None:
    """What the ONNX form of a Caffe network calls the features: what its logits are made of. None: there is nothing.

    Raises EngineError for a prototxt that cannot be read.
    """
    source = source_of(read_layers(local), LOGITS)
    return None if source is None else source.name


def export_model(local: LocalModel, target: Path, tell: Tell = silence) -> int:
    """The bytes of the ONNX file now at `target`: a copy of the network's own, or what it is exported to.

    Raises EngineError for a network that cannot be exported, OutputError when the file cannot be written.
    """
    try:
        if local.model.runs_on == "onnx":
            return _write(target, local.paths["onnx"], "--output")
        tell(f"Writing {local.model.id} as ONNX")
        return _write(target, _content(local), "--output")
    except OSError as error:
        raise OutputError(f"{target} could not be written ({error.strerror}). Choose another place") from error


def _make(local: LocalModel, folder: Path, name: str, tell: Tell) -> Path:
    """The export, by this process or by another one that was first. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder / f"{EXPORT_PREFIX}lock"):
        if not _is_whole(folder / name):
            tell(f"Preparing the network {local.model.id} for other engines than OpenCV (once)")
            content = _content(local)
            _write(folder / name, content, "COLORIZER_CACHE_DIR")
            write_whole(_page(folder / name), hashlib.sha256(content).hexdigest().encode())
    return folder / name


def _page(export: Path) -> Path:
    """What says which bytes the export has: it is written after them."""
    return export.with_name(f"{export.name}.sha256")


def _is_whole(export: Path) -> bool:
    """Whether the export is there with every byte that was written: a power cut may leave a name without content."""
    try:
        told = _page(export).read_bytes()
        with export.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest().encode() == told
    except OSError:
        return False


def _content(local: LocalModel) -> bytes:
    layers, centres = read_network(local)
    return to_onnx(local.model.id, layers, centres)


def _write(target: Path, content: bytes | Path, chosen_with: str) -> int:
    """The size of the file that has appeared at `target`, whole. Raises OSError, or OutputError on a full disk."""
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    demand_space(target.parent, size, chosen_with)
    with appearing(target) as part:
        if isinstance(content, Path):
            shutil.copyfile(content, part)
        else:
            part.write_bytes(content)
    return size
