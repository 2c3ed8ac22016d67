"""Rows of a catalog made up for tests, with small files of known bytes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from colorizer.weights.catalog import Model, ModelFile, Role

CONTENTS: dict[Role, bytes] = {
    "prototxt": b'name: "made up"\n' + b"# nothing more\n" * 40,
    "weights": bytes(range(256)) * 800,  # 204800 bytes: several pieces of a download
    "centres": b"\x93NUMPY" + bytes(1000),
}
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
