"""From a picture to what every view of it is made of: read once, run the network once, keep the chroma."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from threading import Lock

from colorizer.color.grade import Chroma, Grade
from colorizer.corrections.pins import Corrections
from colorizer.corrections.spreading import corrected
from colorizer.engines.names import AUTO
from colorizer.errors import ColorizerError, InputError
from colorizer.image.colorize import describe
from colorizer.image.reading import read_picture
from colorizer.image.values import Provenance, SourcePicture
from colorizer.network import Colorizer, NetworkSettings
from colorizer.web.answer_cache import AnswerCache, PictureAnswer
from colorizer.web.preview import keep_preview
from colorizer.weights.catalog import DEFAULT_MODEL

Read = Callable[[Path, str], SourcePicture]
"""Reads a picture from a file; the text is its name in messages."""

MOST_KEPT = 1000  # at about 25 kB each
_WAITED_FOR, _IN_LINE = 4, 2  # pictures that are read at once: a large one is not to keep the others
_DEFAULTS = NetworkSettings()
_NONE = Corrections()
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """One picture as it came in. id: random, the only name it has on disk. name: what people call it."""

    id: str
    name: str
    sha256: str
    path: Path  # the bytes as they came in

    @property
    def preview_path(self) -> Path:
        """Where its reduced luma is kept, with the original's own colour where it has one."""
        return self.path.with_suffix(".npz")


@dataclass(frozen=True)
class NetworkChoice:
    """How pictures get their colour. model None: they get none, and stay black and white.

    files: what changes when the files of a network of one's own do. corrections: colours given by hand.
    """

    model: str | None = DEFAULT_MODEL
    engine: str = AUTO
    settings: NetworkSettings = _DEFAULTS
    files: str = ""
    corrections: Corrections = _NONE

    @property
    def key(self) -> str:
        """A short name of this choice for addresses; another choice has another one."""
        if not self.model:
            return "grey"
        plain = replace(self, corrections=_NONE)
        return corrected_key(sha256(repr(plain).encode()).hexdigest()[:16], self.corrections)


def corrected_key(network_key: str, corrections: Corrections) -> str:
    """The short name of a choice with these corrections, made from the name of the same one without any."""
    if not corrections or network_key == "grey":
        return network_key
    return f"{network_key}-{sha256(corrections.as_json().encode()).hexdigest()[:16]}"


@dataclass(frozen=True, eq=False)
class ColouredPicture:
    """What is known of a picture that was coloured; all its views come from this and its luma.

    width, height: of the full picture. chroma: the network's answer, None in black and white.
    """

    width: int
    height: int
    notes: tuple[str, ...]
    chroma: Chroma | None
    provenance: Provenance | None


def colour_picture(
    picture: Picture, network: NetworkChoice, colorizer: Colorizer | None, read: Read = read_picture
) -> ColouredPicture:
    """The picture read, its preview kept on disk, and its chroma where a network is given.

    Raises InputError or EngineError.
    """
    source = _read(picture, read)
    height, width = source.luma.shape
    if colorizer is None:
        return ColouredPicture(width, height, source.notes, None, None)
    chroma = colorizer.chroma(source.luma, network.settings)
    return ColouredPicture(width, height, source.notes, chroma, describe(colorizer, network.settings, Grade()))


def correct_picture(
    picture: Picture, network: NetworkChoice, colorizer: Colorizer, answers: AnswerCache, read: Read = read_picture
) -> ColouredPicture:
    """The picture in colour, corrected by hand. Only the first time it is read, and the network asked.

    Raises InputError or EngineError.
    """
    known = picture_answer(picture, network, colorizer, answers, read)
    chroma = corrected(known.answer, known.lightness, network.corrections)
    made_by = describe(colorizer, network.settings, Grade(), network.corrections)
    return ColouredPicture(known.width, known.height, known.notes, chroma, made_by)


def picture_answer(
    picture: Picture, network: NetworkChoice, colorizer: Colorizer, answers: AnswerCache, read: Read = read_picture
) -> PictureAnswer:
    """All that this network says about this picture. Raises InputError or EngineError."""
    key = replace(network, corrections=_NONE).key
    known = answers.find(picture.id, key)
    return known or answers.keep(picture.id, key, PictureAnswer.of(_read(picture, read), colorizer, network.settings))


def _read(picture: Picture, read: Read) -> SourcePicture:
    """The picture, whose preview is on disk from now on. Raises InputError."""
    source = read(picture.path, picture.name)
    keep_preview(source, picture.preview_path)
    return source


def finished_picture(future: Future[ColouredPicture] | None) -> ColouredPicture | None:
    """The coloured picture, where it is there; None while it is in the making, and where it failed."""
    if future is None or not future.done() or future.cancelled() or future.exception() is not None:
        return None
    return future.result()


def may_pass(error: BaseException) -> bool:
    """Whether this may go well the next time: not the file is at fault, but the computer, such as its memory."""
    return not isinstance(error, InputError)


def failure_text(error: BaseException) -> str:
    """What to say beside a picture that failed: our own message, or that something unforeseen happened."""
    if isinstance(error, ColorizerError):
        text = str(error)
        return text if text.endswith((".", "!", "?")) else f"{text}."
    kind = type(error).__name__
    return f"Something unexpected went wrong with this picture ({kind}). The studio's log has the details."


class ColouringQueue:
    """Colours pictures on threads of its own: some for pictures that are waited for, some for all the others.

    What was coloured is kept by the picture and the network: it runs once for each. The same bytes are one picture
    to a picture set. read: reads the pictures.
    """

    def __init__(self, read: Read = read_picture) -> None:
        self._read = read
        self._front = ThreadPoolExecutor(_WAITED_FOR, thread_name_prefix="colouring-front")
        self._back = ThreadPoolExecutor(_IN_LINE, thread_name_prefix="colouring-back")
        self._coloured: OrderedDict[tuple[str, str], Future[ColouredPicture]] = OrderedDict()
        self._answers = AnswerCache()
        self._lock = Lock()

    def find(self, picture: Picture, network_key: str) -> Future[ColouredPicture] | None:
        """This picture coloured by this network, perhaps still in the making; None when it was never asked for."""
        with self._lock:
            return self._coloured.get((picture.id, network_key))

    def soon(self, picture: Picture, network: NetworkChoice, colorizer: Colorizer | None) -> Future[ColouredPicture]:
        """The coloured picture, in the making after those that were asked for before."""
        return self._future(self._back, picture, network, colorizer)

    def now(self, picture: Picture, network: NetworkChoice, colorizer: Colorizer | None) -> Future[ColouredPicture]:
        """The coloured picture, done: it does not wait in the line of the others."""
        known = self.find(picture, network.key)
        if known is not None and known.cancel():  # it was still waiting in line
            self._drop(picture, network.key)
        future = self._future(self._front, picture, network, colorizer)
        wait([future])
        return future

    def answer(self, picture: Picture, network: NetworkChoice, colorizer: Colorizer) -> PictureAnswer:
        """All that this network says about this picture. Raises InputError or EngineError."""
        return self._front.submit(picture_answer, picture, network, colorizer, self._answers).result()

    def forget(self, picture: Picture) -> None:
        """Let go of all colours of this picture."""
        self._answers.forget(picture.id)
        with self._lock:
            for key in [key for key in self._coloured if key[0] == picture.id]:
                self._coloured.pop(key).cancel()

    def forget_failures(self, pictures: Iterable[Picture]) -> None:
        """Let go of what went wrong with these pictures and may pass: it is tried again when it is next asked for."""
        wanted = {picture.id for picture in pictures}
        with self._lock:
            for key, future in list(self._coloured.items()):
                error = future.exception() if future.done() and not future.cancelled() else None
                if key[0] in wanted and error is not None and may_pass(error):
                    del self._coloured[key]

    def close(self) -> None:
        """Stop, after the pictures that are in the making."""
        for threads in (self._front, self._back):
            threads.shutdown(wait=True, cancel_futures=True)

    def _future(
        self, threads: ThreadPoolExecutor, picture: Picture, network: NetworkChoice, colorizer: Colorizer | None
    ) -> Future[ColouredPicture]:
        key = (picture.id, network.key)
        with self._lock:
            future = self._coloured.get(key)
            if future is None:
                if colorizer is not None and network.corrections:
                    future = threads.submit(correct_picture, picture, network, colorizer, self._answers, self._read)
                else:
                    future = threads.submit(colour_picture, picture, network, colorizer, self._read)
                self._coloured[key] = future
                future.add_done_callback(partial(_log_the_unexpected, picture.name))
            self._coloured.move_to_end(key)
            while len(self._coloured) > MOST_KEPT:
                self._coloured.popitem(last=False)[1].cancel()
        return future

    def _drop(self, picture: Picture, network_key: str) -> None:
        with self._lock:
            self._coloured.pop((picture.id, network_key), None)


def _log_the_unexpected(name: str, future: Future[ColouredPicture]) -> None:
    error = None if future.cancelled() else future.exception()
    if error is not None and not isinstance(error, ColorizerError):
        _LOG.error("%s could not be coloured", name, exc_info=error)
