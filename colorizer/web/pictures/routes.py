"""The addresses of pictures: previews, results, and pictures that are pasted."""

from asyncio import wrap_future
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from colorizer.color.grade import Grade
from colorizer.web.answers import DO_NOT_KEEP, KEEP, Refused, answering, attachment, gathered
from colorizer.web.colouring import ColouredPicture, ColouringQueue, Picture, corrected_key, finished_picture
from colorizer.web.looks import read_look, read_side
from colorizer.web.pictures.addresses import ROOT, read_save
from colorizer.web.pictures.detail import DetailViews, read_part
from colorizer.web.pictures.picture_set import PictureSet, PictureSets
from colorizer.web.pictures.results import ResultQueue, archive
from colorizer.web.preview import PREVIEW_SIDE, jpeg_of, stored_luma, stored_original
from colorizer.web.security import comes_from_the_studio


@dataclass(frozen=True)
class PictureEndpoints:
    """Answers requests for pictures. Its fields give what it needs; max_upload: the most bytes of a picture."""

    picture_sets: Callable[[], PictureSets]
    colouring_queue: Callable[[], ColouringQueue]
    result_queue: Callable[[], ResultQueue]
    max_upload: Callable[[], int]
    detail_views: Callable[[], DetailViews]

    async def before(self, request: Request) -> Response:
        """The picture as it was, as a small JPEG."""
        _, picture = self._picture(request)
        side = read_side(request.query_params, PREVIEW_SIDE)
        path, part = picture.preview_path, read_part(request.query_params)
        if part is not None:
            data = await run_in_threadpool(self.detail_views().before, picture, part)
        else:
            data = await run_in_threadpool(lambda: jpeg_of(stored_luma(path), side, own=stored_original(path)))
        return Response(data, media_type="image/jpeg", headers=KEEP)

    async def after(self, request: Request) -> Response:
        """The result, as a small JPEG."""
        _, picture = self._picture(request)
        look, side = read_look(request.query_params), read_side(request.query_params, PREVIEW_SIDE)
        coloured = self._coloured(picture, look.network_key)
        path, chroma, grade = picture.preview_path, coloured.chroma, look.grade
        if (part := read_part(request.query_params)) is not None:
            data = await run_in_threadpool(self.detail_views().after, picture, part, chroma, grade)
            return Response(data, media_type="image/jpeg", headers=KEEP)
        own = stored_original if chroma is not None and grade.intensity < 1 else _none  # in black and white it is grey
        data = await run_in_threadpool(lambda: jpeg_of(stored_luma(path), side, chroma, grade, own(path)))
        return Response(data, media_type="image/jpeg", headers=KEEP)

    async def result(self, request: Request) -> Response:
        """The result as a file, at full size."""
        _, picture = self._picture(request)
        look, save = read_look(request.query_params), read_save(request.query_params)
        coloured = self._coloured(picture, look.network_key)
        made = await wrap_future(self.result_queue().order(picture, coloured, look.grade, save))
        headers = {**attachment(made.name), "X-Notes": quote(" ".join(made.notes))}
        return Response(made.data, media_type=made.media_type, headers=headers)

    async def archive(self, request: Request) -> Response:
        """All results in one zip file."""
        picture_set, save = self._picture_set(request), read_save(request.query_params)
        items = list(self._finished(picture_set, request.query_params.get("network", "")))
        if not items:
            raise Refused(404, "There is no finished picture yet.")
        headers = attachment("colour.zip")
        return StreamingResponse(
            archive(items, save, self.result_queue()), media_type="application/zip", headers=headers
        )

    async def upload(self, request: Request) -> Response:
        """Takes a picture in: its bytes are the body, its name is in the address."""
        if not comes_from_the_studio(request):
            raise Refused(403, "This request does not come from the studio's own page.")
        picture_set, limit, data = self._picture_set(request), self.max_upload(), bytearray()
        async for part in gathered(request):
            data += part
            if len(data) > limit:
                raise Refused(413, f"The picture is larger than {limit // 2**20} MB. Use the command line for it.")
        picture = await run_in_threadpool(picture_set.add, request.query_params.get("name", "picture"), data)
        picture_set.open(picture.id)
        return JSONResponse({"id": picture.id}, headers=DO_NOT_KEEP)

    def _picture_set(self, request: Request) -> PictureSet:
        picture_set = self.picture_sets().find(request.path_params["pictures"])
        if picture_set is None:
            raise Refused(404, "These pictures are not here any more. Reload the page.")
        return picture_set

    def _picture(self, request: Request) -> tuple[PictureSet, Picture]:
        picture_set = self._picture_set(request)
        picture = picture_set.find(request.path_params["picture"])
        if picture is None:
            raise Refused(404, "This picture was removed.")
        return picture_set, picture

    def _coloured(self, picture: Picture, network_key: str) -> ColouredPicture:
        coloured = finished_picture(self.colouring_queue().find(picture, network_key))
        if coloured is None:
            raise Refused(404, "This picture is not coloured yet. Open it in the studio first.")
        return coloured

    def _finished(self, picture_set: PictureSet, network_key: str) -> Iterator[tuple[Picture, ColouredPicture, Grade]]:
        for picture in picture_set.pictures:
            key = corrected_key(network_key, picture_set.corrections(picture.id).now)
            coloured = finished_picture(self.colouring_queue().find(picture, key))
            if coloured is not None:
                yield picture, coloured, picture_set.grade(picture.id)


def _none(_: Path) -> None:
    """Nothing, where the original's own colour is not seen."""


def picture_routes(endpoints: PictureEndpoints) -> list[Route]:
    """The routes of all pictures."""
    one = f"/{ROOT}/{{pictures}}/{{picture}}"
    return [
        Route(f"/{ROOT}/{{pictures}}/colour.zip", answering(endpoints.archive)),
        Route(f"/{ROOT}/{{pictures}}", answering(endpoints.upload), methods=["PUT"]),
        Route(f"{one}/before.jpg", answering(endpoints.before)),
        Route(f"{one}/after.jpg", answering(endpoints.after)),
        Route(f"{one}/result", answering(endpoints.result)),
    ]
