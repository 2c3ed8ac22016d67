"""The studio's own addresses: previews, results, and pasted pictures."""

from asyncio import wrap_future
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from colorizer.color.grade import Grade
from colorizer.web.answers import DO_NOT_KEEP, KEEP, Refused, answering, attachment, gathered
from colorizer.web.colouring import Darkroom, Proof, finished_proof
from colorizer.web.pictures.addresses import ROOT, read_look, read_save, read_side
from colorizer.web.pictures.picture_set import Desk, Desks, Picture
from colorizer.web.pictures.results import Press, archive
from colorizer.web.preview import PREVIEW_SIDE, jpeg_of, stored_luma
from colorizer.web.security import comes_from_the_studio


@dataclass(frozen=True)
class Studio:
    """What the addresses answer from, each made when it is first needed. max_upload: bytes that a picture may have."""

    desks: Callable[[], Desks]
    darkroom: Callable[[], Darkroom]
    press: Callable[[], Press]
    max_upload: Callable[[], int]

    async def before(self, request: Request) -> Response:
        """The picture without colour, as a small JPEG."""
        _, picture = self._picture(request)
        side = read_side(request.query_params, PREVIEW_SIDE)
        data = await run_in_threadpool(lambda: jpeg_of(stored_luma(picture.preview_path), side))
        return Response(data, media_type="image/jpeg", headers=KEEP)

    async def after(self, request: Request) -> Response:
        """The result, as a small JPEG."""
        _, picture = self._picture(request)
        look, side = read_look(request.query_params), read_side(request.query_params, PREVIEW_SIDE)
        proof = self._proof(picture, look.recipe_key)
        data = await run_in_threadpool(
            lambda: jpeg_of(stored_luma(picture.preview_path), side, proof.chroma, look.grade)
        )
        return Response(data, media_type="image/jpeg", headers=KEEP)

    async def result(self, request: Request) -> Response:
        """The result as a file, at full size."""
        _, picture = self._picture(request)
        look, save = read_look(request.query_params), read_save(request.query_params)
        proof = self._proof(picture, look.recipe_key)
        made = await wrap_future(self.press().order(picture, proof, look.grade, save))
        headers = {**attachment(made.name), "X-Notes": quote(" ".join(made.notes))}
        return Response(made.data, media_type=made.media_type, headers=headers)

    async def archive(self, request: Request) -> Response:
        """All results in one zip file."""
        desk, save = self._desk(request), read_save(request.query_params)
        items = list(self._finished(desk, request.query_params.get("recipe", "")))
        if not items:
            raise Refused(404, "There is no finished picture yet.")
        headers = attachment("colour.zip")
        return StreamingResponse(archive(items, save, self.press()), media_type="application/zip", headers=headers)

    async def upload(self, request: Request) -> Response:
        """Takes a picture in: its bytes are the body, its name is in the address."""
        if not comes_from_the_studio(request):
            raise Refused(403, "This request does not come from the studio's own page.")
        desk, limit, data = self._desk(request), self.max_upload(), bytearray()
        async for part in gathered(request):
            data += part
            if len(data) > limit:
                raise Refused(413, f"The picture is larger than {limit // 2**20} MB. Use the command line for it.")
        picture = await run_in_threadpool(desk.add, request.query_params.get("name", "picture"), data)
        desk.open(picture.id)
        return JSONResponse({"id": picture.id}, headers=DO_NOT_KEEP)

    def _desk(self, request: Request) -> Desk:
        desk = self.desks().find(request.path_params["desk"])
        if desk is None:
            raise Refused(404, "These pictures are not here any more. Reload the page.")
        return desk

    def _picture(self, request: Request) -> tuple[Desk, Picture]:
        desk = self._desk(request)
        picture = desk.find(request.path_params["picture"])
        if picture is None:
            raise Refused(404, "This picture was removed.")
        return desk, picture

    def _proof(self, picture: Picture, recipe_key: str) -> Proof:
        proof = finished_proof(self.darkroom().find(picture, recipe_key))
        if proof is None:
            raise Refused(404, "This picture is not coloured yet. Open it in the studio first.")
        return proof

    def _finished(self, desk: Desk, recipe_key: str) -> Iterator[tuple[Picture, Proof, Grade]]:
        for picture in desk.pictures:
            proof = finished_proof(self.darkroom().find(picture, recipe_key))
            if proof is not None:
                yield picture, proof, desk.grade(picture.id)


def picture_routes(studio: Studio) -> list[Route]:
    """The routes of all pictures."""
    one = f"/{ROOT}/{{desk}}/{{picture}}"
    return [
        Route(f"/{ROOT}/{{desk}}/colour.zip", answering(studio.archive)),
        Route(f"/{ROOT}/{{desk}}", answering(studio.upload), methods=["PUT"]),
        Route(f"{one}/before.jpg", answering(studio.before)),
        Route(f"{one}/after.jpg", answering(studio.after)),
        Route(f"{one}/result", answering(studio.result)),
    ]
