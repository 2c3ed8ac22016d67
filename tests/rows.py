"""Rows of a catalog made up for tests, with the small files of a network that runs."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from colorizer.engines.protobuf import head
from colorizer.weights.catalog import Model, ModelFile, Role
from tests.caffe_writer import write_tiny_network

_SIZES: Mapping[Role, int] = {
    "prototxt": 1382,
    "weights": 204_800,
    "centres": 240,
}  # weights: several pieces of a download


def _written() -> dict[Role, bytes]:
    """A network of three layers, with what every reader passes over behind it up to the wanted sizes."""
    with TemporaryDirectory() as folder:
        made = write_tiny_network(Path(folder), 7)
        prototxt, weights, centres = (path.read_bytes() for path in (made.prototxt, made.weights, made.centres))
    filling = bytes(range(256)) * 800
    left = _SIZES["weights"] - len(weights) - len(head(900, 10**5))  # a field that no version of Caffe has
    weights += head(900, left) + filling[:left]
    return {"prototxt": prototxt.ljust(_SIZES["prototxt"], b"#"), "weights": weights, "centres": centres}


CONTENTS: dict[Role, bytes] = _written()
assert {role: len(data) for role, data in CONTENTS.items()} == _SIZES
NAMES: dict[Role, str] = {"prototxt": "net.prototxt", "weights": "net.caffemodel", "centres": "centres.npy"}


def made_up(urls: Mapping[Role, tuple[str, ...]] | None = None, model_id: str = "madeup") -> Model:
    """A network of three files with these addresses."""
    addresses = urls or {}
    files = tuple(
        ModelFile(role, NAMES[role], len(data), hashlib.sha256(data).hexdigest(), addresses.get(role, ()))
        for role, data in CONTENTS.items()
    )
    return Model(model_id, "Made up", files, "none", "nowhere")


def put_files(folder: Path, *roles: Role) -> None:
    """Write the files of the made-up network, or those with these roles, into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for role in roles or CONTENTS:
        (folder / NAMES[role]).write_bytes(CONTENTS[role])
