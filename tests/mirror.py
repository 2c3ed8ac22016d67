"""A download server on this machine that behaves as well or as badly as a test wants."""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Mirror:
    """Its address, what it answers at each path, and what it was asked: (path, Range header) in order."""

    address: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def put(self, path: str, answer: Answer) -> str:
        """The full address of `path`, which from now on answers so."""
        self.answers[path] = answer
        return self.address + path

    def silence(self, before: bytes = b"") -> Answer:
        """Say nothing, or only `before` of a long file, and keep the connection open."""

        def answer(handler: BaseHTTPRequestHandler) -> None:
            if before:
                _head(handler, 200, {"Content-Length": "1000000"})
                handler.wfile.write(before)
            self.closing.wait(30)

        return answer


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing where the caller hung up: it may have seen enough."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def serve() -> Iterator[Mirror]:
    """A running server; it stops with the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.close_connection = True
            mirror.asked.append((self.path, self.headers.get("Range")))
            mirror.answers.get(self.path, refuse(404))(self)

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002 (the name is the base class's)
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    mirror = Mirror(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="mirror")
    thread.start()
    try:
        yield mirror
    finally:
        mirror.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def give(content: bytes, *, ranges: bool = True, stop_after: int | None = None, chunked: bool = False) -> Answer:
    """The content, or with `ranges` the part asked for; stop_after: bytes before the connection breaks off."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(asked[1]) if asked and ranges else 0
        if start and start >= len(content):
            _head(handler, 416, {"Content-Range": f"bytes */{len(content)}", "Content-Length": "0"})
            return
        span = {"Content-Range": f"bytes {start}-{len(content) - 1}/{len(content)}"} if start else {}
        body = content[start:][:stop_after]
        if chunked:
            _head(handler, 206 if start else 200, {**span, "Transfer-Encoding": "chunked"})
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            _head(handler, 206 if start else 200, {**span, "Content-Length": str(len(content) - start)})
        handler.wfile.write(body)

    return answer


def refuse(status: int, headers: dict[str, str] | None = None) -> Answer:
    """An empty answer with this status."""
    return lambda handler: _head(handler, status, {"Content-Length": "0", **(headers or {})})


def redirect(address: str) -> Answer:
    """Send the caller to another address."""
    return refuse(302, {"Location": address})


def in_turn(*answers: Answer) -> Answer:
    """The first answer at the first call, the second at the second, and the last one ever after."""
    left = list(answers)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


def _head(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
