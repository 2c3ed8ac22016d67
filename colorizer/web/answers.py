"""How every address answers: what comes in, what may be kept, what is refused, and under which name a file goes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import wraps
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from colorizer.errors import ColorizerError, SourceMissing

KEEP = {"Cache-Control": "private, max-age=86400, immutable"}  # everything a view depends on is in its address
DO_NOT_KEEP = {"Cache-Control": "no-store"}

_PART = 2**20  # bytes that are gathered before somebody works with them
_SILENCE = 60.0  # seconds without a byte after which a sender counts as gone

Handler = Callable[[Request], Awaitable[Response]]


class Refused(Exception):
    """An answer that ends the request: its status, what to say, and headers that help to go on."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {**DO_NOT_KEEP, **(headers or {})}


def answering(handler: Handler) -> Handler:
    """The handler, with its errors turned into short answers for people."""

    @wraps(handler)
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Refused as refused:
            return JSONResponse({"error": str(refused)}, refused.status, headers=refused.headers)
        except ColorizerError as error:
            status = 404 if isinstance(error, SourceMissing) else 422
            return JSONResponse({"error": str(error)}, status, headers=DO_NOT_KEEP)

    return answer


async def gathered(request: Request) -> AsyncIterator[bytes]:
    """The body in parts of about a megabyte. Raises Refused where the sender falls silent or goes away."""
    stream, held = aiter(request.stream()), bytearray()
    while (data := await _next(stream)) is not None:
        held += data
        if len(held) >= _PART:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(_SILENCE):
            return await anext(stream, None)
    except (TimeoutError, ClientDisconnect) as error:
        raise Refused(408, "Nothing came any more.") from error


def attachment(name: str) -> dict[str, str]:
    """Headers that make the browser keep the answer under this name, whatever letters it has."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        **DO_NOT_KEEP,
    }
