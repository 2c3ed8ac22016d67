"""Files of networks that users bring themselves."""

from collections.abc import Iterable

from colorizer.errors import ColorizerError
from colorizer.settings import settings
from colorizer.web.scratch import ScratchFolder, clear_abandoned
from colorizer.web.wording import UploadedFile, display_name
from colorizer.weights.catalog import find_model
from colorizer.weights.integrity import writing
from colorizer.weights.local_models import import_file

_PREFIX = ".import-"


def take_in(uploads: Iterable[UploadedFile]) -> tuple[list[str], list[str]]:
    """What to say about the files that were taken in, and about those that were refused."""
    taken, refused = [], []
    for upload in uploads:
        name = display_name(upload.name)
        try:
            taken += [f"{name} is the right file for {title}, and is in its place now." for title in _import(upload)]
        except ColorizerError as error:
            refused.append(str(error))
    return taken, refused


def _import(upload: UploadedFile) -> list[str]:
    """The titles of the networks that this is a file of. Raises ModelError or OutputError, naming the file only."""
    name, folder = display_name(upload.name), settings().models_folder
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        clear_abandoned(_PREFIX, folder)
        with ScratchFolder(_PREFIX, folder) as inside:
            path = inside.path / (name if name.strip(".") else "file")
            path.write_bytes(upload.getvalue())
            try:
                homes = import_file(path)
            except ColorizerError as error:
                raise type(error)(str(error).replace(str(path), name)) from error
    return [find_model(home.parent.name).title for home in homes]
