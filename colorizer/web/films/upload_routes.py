"""The addresses that films come in through: begin, send a piece, ask how far it is, give up.

POST   api/uploads         {"name", "size", "modified", "visitor"}: a film, new or known; answers {"id", "offset"}
HEAD   api/uploads/ID      how far it is: the header Upload-Offset
PUT    api/uploads/ID      the piece that starts at the header Upload-Offset; 409 with the right one where that is wrong
DELETE api/uploads/ID      give it up
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from colorizer.web.answers import DO_NOT_KEEP, Handler, Refused, answering, gathered
from colorizer.web.films.film_folder import StudioFilm
from colorizer.web.films.uploads import CHUNK, DiskFull, NoFilm, Uploads, UploadTooLarge, WrongOffset
from colorizer.web.security import comes_from_elsewhere, comes_from_the_studio

UPLOADS = "api/uploads"
_LARGEST_REQUEST = 4096  # bytes of the request that begins an upload
_LONGEST_VISITOR = 64  # letters
_OFFSET = "Upload-Offset"
_STATUS = {UploadTooLarge: 413, DiskFull: 507, NoFilm: 415, WrongOffset: 409}


@dataclass(frozen=True)
class UploadEndpoints:
    """Answers requests for uploads. arrived: called with each film that is whole."""

    uploads: Callable[[], Uploads]
    arrived: Callable[[StudioFilm], None]

    async def begin(self, request: Request) -> Response:
        """A new film begins, or a known one goes on."""
        asked = await _announcement(request)
        film = await run_in_threadpool(self.uploads().begin, *asked)
        return JSONResponse({"id": film.id, "offset": film.received}, 201, headers=DO_NOT_KEEP)

    async def offset(self, request: Request) -> Response:
        """How much of it is here."""
        return Response(headers={_OFFSET: str(self._film(request).received), **DO_NOT_KEEP})

    async def piece(self, request: Request) -> Response:
        """A piece of it comes."""
        film = self._film(request)
        if _number(request.headers.get("Content-Length", "0")) > CHUNK:
            raise UploadTooLarge(f"A piece of a film has at most {CHUNK} bytes.")
        try:
            with self.uploads().piece(film, _number(request.headers.get(_OFFSET, ""))) as piece:
                async for data in gathered(request):
                    await run_in_threadpool(piece.write, data)
        except WrongOffset as wrong:
            raise Refused(409, str(wrong), {_OFFSET: str(film.received)}) from wrong
        if film.is_whole:
            self.arrived(film)
        return Response(status_code=204, headers={_OFFSET: str(film.received), **DO_NOT_KEEP})

    async def cancel(self, request: Request) -> Response:
        """The upload is given up."""
        await run_in_threadpool(self.uploads().cancel, self._film(request))
        return Response(status_code=204, headers=DO_NOT_KEEP)

    def _film(self, request: Request) -> StudioFilm:
        film = self.uploads().film_folder.find(request.path_params["film"])
        if film is None or film.origin is not None:
            raise Refused(404, "This film is not here any more. Add it again.")
        return film


def upload_routes(endpoints: UploadEndpoints) -> list[Route]:
    """The routes of all uploads."""
    one = f"/{UPLOADS}/{{film}}"
    return [
        Route(f"/{UPLOADS}", _guarded(endpoints.begin), methods=["POST"]),
        Route(one, _guarded(endpoints.offset), methods=["HEAD"]),
        Route(one, _guarded(endpoints.piece), methods=["PUT"]),
        Route(one, _guarded(endpoints.cancel), methods=["DELETE"]),
    ]


def _guarded(handler: Handler) -> Handler:
    """The handler, for requests of the studio's own pages only, with errors of uploads under their own status."""

    async def answer(request: Request) -> Response:
        if comes_from_elsewhere(request) or not comes_from_the_studio(request):
            raise Refused(403, "This request does not come from the studio's own page.")
        try:
            return await handler(request)
        except tuple(_STATUS) as error:
            raise Refused(_STATUS[type(error)], str(error)) from error

    return answering(answer)


async def _announcement(request: Request) -> tuple[str, int, int, str]:
    body = bytearray()
    async for data in gathered(request):
        body += data
        if len(body) > _LARGEST_REQUEST:
            raise Refused(413, "This announcement of a film is too long.")
    try:
        told: dict[str, Any] = json.loads(bytes(body))
        return (
            str(told["name"]),
            int(told["size"]),
            int(told["modified"]),
            str(told.get("visitor", ""))[:_LONGEST_VISITOR],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(400, "A film is announced by its name, size and date.") from error


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 18:
        raise Refused(400, f"A number of bytes is needed, and there was {text[:20]!r}.")
    return int(text)
