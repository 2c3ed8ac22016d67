"""What the studio starts with, as its users chose it: kept in one small file of the data folder."""

import json
import logging
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from colorizer.engines.names import AUTO, engine_name
from colorizer.errors import ColorizerError, OutputError, SettingError
from colorizer.files import write_whole
from colorizer.weights.catalog import DEFAULT_MODEL

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Preferences:
    """model: an id of the catalog or a folder. engine: a name that open_engine takes. folders: networks of one's own.

    Raises SettingError, or EngineError for an engine that there is not.
    """

    model: str = DEFAULT_MODEL
    engine: str = AUTO
    folders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not all(isinstance(text, str) and text for text in (self.model, self.engine, *self.folders)):
            raise SettingError(f"model, engine and folders must be names, and one is not: {self}")
        engine_name(self.engine)


class PreferenceFile:
    """The preferences behind their file; all pages share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def read(self) -> Preferences:
        """What was chosen; the defaults where nothing was, or where the file makes no sense any more."""
        try:
            told: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
            return Preferences(told["model"], told["engine"], tuple(told["folders"]))
        except FileNotFoundError:
            return Preferences()
        except (OSError, ValueError, TypeError, KeyError, ColorizerError) as error:
            _LOG.warning("%s cannot be used (%s): the studio starts with its defaults", self.path, error)
            return Preferences()

    def choose(self, model: str | None = None, engine: str | None = None) -> None:
        """Keep this network, this engine or both. Raises OutputError, or EngineError for one that there is not."""
        with self._lock:
            known = self.read()
            self._write(replace(known, model=model or known.model, engine=engine or known.engine))

    def add_folder(self, folder: Path) -> None:
        """Remember a network of one's own. Raises OutputError."""
        with self._lock:
            known = self.read()
            self._write(replace(known, folders=tuple(dict.fromkeys([*known.folders, str(folder)]))))

    def forget_folder(self, folder: Path) -> None:
        """Remember it no more. Raises OutputError."""
        with self._lock:
            known = self.read()
            self._write(replace(known, folders=tuple(each for each in known.folders if each != str(folder))))

    def _write(self, preferences: Preferences) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.path, json.dumps(asdict(preferences), indent=2).encode())
        except OSError as error:
            raise OutputError(
                f"What you chose could not be kept in {self.path} ({error.strerror}). Make room, or set "
                "COLORIZER_DATA_DIR to another folder."
            ) from error
