"""The addresses of films' frames on the contact sheet, before and after."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from colorizer.inspect.film_facts import SHEET_FRAMES, SHEET_SIDE
from colorizer.web.answers import KEEP, Refused, answering
from colorizer.web.colouring import ColouringQueue, Picture, finished_picture
from colorizer.web.films.cards import FRAMES
from colorizer.web.films.film_folder import FilmFolder
from colorizer.web.films.findings import frame_of
from colorizer.web.looks import read_look, read_side
from colorizer.web.preview import drawn_luma, drawn_original, jpeg_of, stored_luma


@dataclass(frozen=True)
class FrameEndpoints:
    """Answers requests for frames. Its fields give what it needs when it is first needed."""

    film_folder: Callable[[], FilmFolder]
    colouring_queue: Callable[[], ColouringQueue]

    async def before(self, request: Request) -> Response:
        """The frame as it was, as a small JPEG."""
        frame, side = self._frame(request), read_side(request.query_params, SHEET_SIDE)
        data = await run_in_threadpool(lambda: jpeg_of(drawn_luma(frame.path), side, own=drawn_original(frame.path)))
        return Response(data, media_type="image/jpeg", headers=KEEP)

    async def after(self, request: Request) -> Response:
        """The frame in colour, as a small JPEG."""
        frame, side = self._frame(request), read_side(request.query_params, SHEET_SIDE)
        look = read_look(request.query_params)
        coloured = finished_picture(self.colouring_queue().find(frame, look.network_key))
        if coloured is None:
            raise Refused(404, "This frame is not coloured yet. Open the film in the studio first.")
        luma, grade = stored_luma(frame.preview_path), look.grade
        data = await run_in_threadpool(
            lambda: jpeg_of(
                luma, side, coloured.chroma, grade, drawn_original(frame.path) if grade.intensity < 1 else None
            )
        )
        return Response(data, media_type="image/jpeg", headers=KEEP)

    def _frame(self, request: Request) -> Picture:
        film = self.film_folder().find(request.path_params["film"])
        number = request.path_params["frame"]
        if film is None or number >= SHEET_FRAMES:
            raise Refused(404, "This film is not here any more.")
        return frame_of(film, number)


def film_routes(endpoints: FrameEndpoints) -> list[Route]:
    """The routes of all frames."""
    one = f"/{FRAMES}/{{film}}/{{frame:int}}"
    return [
        Route(f"{one}/before.jpg", answering(endpoints.before)),
        Route(f"{one}/after.jpg", answering(endpoints.after)),
    ]
