"""Downloads of networks, each on a thread of its own; they go on when the page that asked for them is closed."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock

from colorizer.errors import ColorizerError
from colorizer.weights.catalog import Model
from colorizer.weights.download import DownloadProgress, download
from colorizer.weights.local_models import LocalModel, glance

_AT_ONCE = 4
PATIENCE = 10.0  # seconds without a byte before the next address; a download that is stopped may take as long
_LOG = logging.getLogger(__name__)


class ModelDownload:
    """One download and how far it is. Its thread writes, pages read."""

    def __init__(self, model: Model, arrived: Callable[[LocalModel], object] = lambda _: None) -> None:
        self.model = model
        self._arrived = arrived
        self.address = ""  # where bytes come from at this moment
        self._here = {
            file.file.name: file.file.size if file.state == "present" else file.partial for file in glance(model).files
        }
        self._start = (time.monotonic(), self.done)
        self._stop = Event()
        self._end = Event()
        self._problem = ""

    @property
    def done(self) -> int:
        """Bytes of the network that are here."""
        return sum(self._here.values())

    @property
    def rate(self) -> float:
        """Bytes a second since it was asked for; 0 in its first second."""
        seconds = time.monotonic() - self._start[0]
        return (self.done - self._start[1]) / seconds if seconds > 1 else 0.0

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop."""
        return self._stop.is_set()

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._end.is_set()

    @property
    def problem(self) -> str:
        """Why it failed; empty while it runs, after success, and where it was stopped."""
        return self._problem

    def stop(self) -> None:
        """Ask it to stop; what has arrived stays for the next one."""
        self._stop.set()

    def run(self) -> None:
        """Bring the network."""
        try:
            local = download(self.model, progress=self._tell, cancelled=self._stop.is_set, patience=PATIENCE)
        except ColorizerError as error:
            self._problem = "" if self.is_stopping else str(error)
        else:
            self._arrived(local)

    def end(self, future: Future[None]) -> None:
        """Called when its thread is done with it, or will never begin."""
        error = None if future.cancelled() else future.exception()
        if error is not None:
            _LOG.error("The download of %s ended unexpectedly", self.model.id, exc_info=error)
            self._problem = (
                f"Something unexpected went wrong ({type(error).__name__}). The studio's log has the details."
            )
        self._end.set()

    def _tell(self, progress: DownloadProgress) -> None:
        self._here[progress.file.name] = progress.done
        self.address = progress.address


class ModelDownloads:
    """Downloads networks, each only once at a time, however many tabs ask for it.

    arrived: called with each that came.
    """

    def __init__(self, arrived: Callable[[LocalModel], object] = lambda _: None) -> None:
        self._arrived = arrived
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="model-download")
        self._downloads: dict[str, ModelDownload] = {}
        self._lock = Lock()

    def find(self, model_id: str) -> ModelDownload | None:
        """The last download of this network, perhaps still running."""
        return self._downloads.get(model_id)

    def forget(self, model_id: str) -> None:
        """Forget a download that has ended."""
        with self._lock:
            if (model_download := self._downloads.get(model_id)) is not None and model_download.is_over:
                del self._downloads[model_id]

    def running(self) -> dict[str, ModelDownload]:
        """The downloads that are not over, by the ids of their networks."""
        with self._lock:
            return {
                model: model_download for model, model_download in self._downloads.items() if not model_download.is_over
            }

    def order(self, model: Model) -> ModelDownload:
        """The download of this network: the one that runs already, or a new one."""
        with self._lock:
            model_download = self._downloads.get(model.id)
            if model_download is None or model_download.is_over:
                model_download = self._downloads[model.id] = ModelDownload(model, self._arrived)
                self._threads.submit(model_download.run).add_done_callback(model_download.end)
            return model_download

    def close(self) -> None:
        """Stop all downloads; what has arrived stays."""
        with self._lock:
            for model_download in self._downloads.values():
                model_download.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)
