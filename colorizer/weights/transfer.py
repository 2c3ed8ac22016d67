"""One file from one address: resumed, bounded, and checked before it counts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib import request
from urllib.error import HTTPError, URLError

from colorizer.weights.catalog import ModelFile
from colorizer.weights.integrity import HEAD, flaw, size_flaw, true_kind, writing

_CHUNK = 1 << 16  # bytes
_TRIES = 5  # at one address, where a connection breaks off after it brought something
_PARTIAL = 206
_UNSATISFIABLE = 416
_HANDLERS: tuple[type[request.BaseHandler], ...] = (  # http and https only, wherever a redirection leads
    request.ProxyHandler,
    request.UnknownHandler,
    request.HTTPHandler,
    request.HTTPSHandler,
    request.HTTPDefaultErrorHandler,
    request.HTTPRedirectHandler,
    request.HTTPErrorProcessor,
)


class AddressError(Exception):
    """This address did not give the file; the text says what it did instead."""


class _BrokenOff(AddressError):
    """The connection ended early: what has arrived may be continued."""


class _NoRange(AddressError):
    """The address cannot give the rest of a file."""


@dataclass(frozen=True)
class Transfer:
    """A file that is to come from an address into `part`."""

    url: str
    part: Path
    file: ModelFile
    tell: Callable[[int], None]  # called with the bytes there are, after each piece
    patience: float  # seconds to wait for the next byte

    def fetch(self) -> None:
        """Bring the whole file into `part`, every byte of it checked.

        Goes on from what is in `part`, whichever address that came from: the hash decides in the end, and a continued
        file that is wrong is fetched once more from its first byte. Raises AddressError when this address does not
        give the file (a good beginning of it stays in `part`), OutputError when the disk does not take it.
        """
        resume, reason = True, AddressError("gave nothing")
        for _ in range(_TRIES):
            start = _size(self.part) if resume else 0
            try:
                self._receive(start)
            except _NoRange as error:
                resume, reason = False, error
                continue
            except _BrokenOff as error:
                if _size(self.part) <= start:
                    raise
                resume, reason = True, error
                continue
            wrong = flaw(self.part, self.file)
            if not wrong:
                return
            with writing(self.part.parent):
                self.part.unlink()
            reason = AddressError(f"gave a file that is {wrong}")
            if start == 0:
                break
        raise reason

    def _receive(self, start: int) -> None:
        """Fill `part`, keeping its first `start` bytes, until it is as long as the file."""
        if start >= self.file.size:
            return
        with self._open(start) as answer:
            done = _first_byte(answer, start, self.file)
            piece = self._read(answer.read, HEAD)
            if done == 0:
                _refuse_other_files(answer, piece, self.file)
            with writing(self.part.parent), self.part.open("ab" if done else "wb") as target:
                while piece:
                    done += len(piece)
                    target.write(piece[: len(piece) - max(done - self.file.size, 0)])
                    target.flush()  # others look at how long it is
                    if done > self.file.size:
                        raise AddressError(f"sent more than the {self.file.size} bytes of the file")
                    self.tell(done)
                    piece = self._read(answer.read1, min(_CHUNK, self.file.size + 1 - done))
        if done < self.file.size:
            raise _BrokenOff(f"broke off after {done} of {self.file.size} bytes")

    def _open(self, start: int) -> HTTPResponse:
        opener = request.OpenerDirector()
        for handler in _HANDLERS:
            opener.add_handler(handler())
        asked = request.Request(self.url, headers={"User-Agent": "colorizer"})  # noqa: S310 (see _HANDLERS)
        if start:
            asked.add_header("Range", f"bytes={start}-")
        try:
            answer = opener.open(asked, timeout=self.patience)
        except HTTPError as error:
            with error:
                raise _refusal(error, start, self.file) from error
        except (OSError, HTTPException, ValueError) as error:
            reason = error.reason if isinstance(error, URLError) else error
            if isinstance(reason, TimeoutError):
                raise self._silence() from error
            raise AddressError(f"could not be reached ({_text(reason)})") from error
        if not isinstance(answer, HTTPResponse):
            raise AddressError("gave no answer")
        return answer

    def _read(self, read: Callable[[int], bytes], size: int) -> bytes:
        """The next bytes, at most `size` of them; none at the end."""
        try:
            return read(size)
        except TimeoutError as error:
            raise self._silence() from error
        except (OSError, HTTPException, ValueError) as error:
            raise _BrokenOff(f"broke off ({_text(error)})") from error

    def _silence(self) -> AddressError:
        return AddressError(f"sent nothing for {self.patience:g} seconds")


def _refusal(error: HTTPError, start: int, file: ModelFile) -> AddressError:
    """What an answer with an error status means."""
    if error.code == _UNSATISFIABLE and start:
        size = re.fullmatch(r"bytes \*/(\d+)", error.headers.get("Content-Range", ""))
        if size and int(size[1]) != file.size:
            return AddressError(f"has a file that is {size_flaw(int(size[1]), file.size)}")
        return _NoRange("cannot give the rest of a file")
    return AddressError(_status(error.code, error.reason))


def _first_byte(answer: HTTPResponse, start: int, file: ModelFile) -> int:
    """The place in the file of the first byte that this answer brings."""
    if answer.status not in {200, _PARTIAL}:
        raise AddressError(_status(answer.status, answer.reason))
    if answer.status != _PARTIAL or not start:
        return 0
    span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", ""))
    if not span or int(span[1]) != start:
        raise _NoRange("gave another part of the file than it was asked for")
    if span[2] not in {"*", str(file.size)}:
        raise AddressError(f"has a file that is {size_flaw(int(span[2]), file.size)}")
    return start


def _refuse_other_files(answer: HTTPResponse, head: bytes, file: ModelFile) -> None:
    """Raises AddressError where the first bytes or the announced length show that this is not the file."""
    disguise = true_kind(head)
    if disguise:
        raise AddressError(f"answered with {disguise}")
    length = answer.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) != file.size:
        raise AddressError(f"has a file that is {size_flaw(int(length), file.size)}")


def _status(code: int, reason: object) -> str:
    return " ".join(f"answered {code} {reason}".split())  # some reasons have several lines


def _text(reason: object) -> str:
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
