"""The addresses of films' frames on the contact sheet, before and after."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from colorizer.inspect.film_facts import SHEET_FRAMES, SHEET_SIDE
from colorizer.web.addresses import read_look, read_side
from colorizer.web.answers import KEEP, Refused, answering
from colorizer.web.desk import Picture
from colorizer.web.develop import Darkroom, finished_proof
from colorizer.web.film_views import FRAMES
from colorizer.web.preview import drawn_luma, jpeg_of, stored_luma
from colorizer.web.screening import frame_of
from colorizer.web.shelf import Shelf


@dataclass(frozen=True)
class Screen:
    """What the addresses answer from, each made when it is first needed."""

    shelf: Callable[[], Shelf]
    darkroom: Callable[[], Darkroom]

    async def before(self, request: Request) -> Response:
        """The frame without colour, as a small JPEG."""
        frame, side = self._frame(request), read_side(request.query_params, SHEET_SIDE)
        data = await run_in_threadpool(lambda: jpeg_of(drawn_luma(frame.path), side))
        return Response(data, media_type="image/jpeg", headers=KEEP)

    async def after(self, request: Request) -> Response:
        """The frame in colour, as a small JPEG."""
        frame, side = self._frame(request), read_side(request.query_params, SHEET_SIDE)
        look = read_look(request.query_params)
        proof = finished_proof(self.darkroom().find(frame, look.recipe_key))
        if proof is None:
            raise Refused(404, "This frame is not coloured yet. Open the film in the studio first.")
        data = await run_in_threadpool(lambda: jpeg_of(stored_luma(frame.preview_path), side, proof.chroma, look.grade))
        return Response(data, media_type="image/jpeg", headers=KEEP)

    def _frame(self, request: Request) -> Picture:
        reel = self.shelf().find(request.path_params["reel"])
        number = request.path_params["frame"]
        if reel is None or number >= SHEET_FRAMES:
            raise Refused(404, "This film is not here any more.")
        return frame_of(reel, number)


def film_routes(screen: Screen) -> list[Route]:
    """The routes of all frames."""
    one = f"/{FRAMES}/{{reel}}/{{frame:int}}"
    return [
        Route(f"{one}/before.jpg", answering(screen.before)),
        Route(f"{one}/after.jpg", answering(screen.after)),
    ]
