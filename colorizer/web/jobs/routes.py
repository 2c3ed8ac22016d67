"""The addresses of jobs: results, whole or in parts, what lies beside them, and pictures of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from colorizer.errors import JobMissing
from colorizer.inspect.film_facts import SHEET_SIDE
from colorizer.inspect.regrade_stills import STILL_COUNT
from colorizer.jobs.model import Job
from colorizer.jobs.store import Store
from colorizer.video.colour.track import SUFFIX, track_path
from colorizer.video.report import report_path
from colorizer.web.answers import DO_NOT_KEEP, KEEP, Refused, answering, attachment
from colorizer.web.looks import read_look, read_side
from colorizer.web.preview import drawn_luma, drawn_original, jpeg_of
from colorizer.web.security import comes_from_elsewhere

JOBS = "api/jobs"
_MEDIA_TYPES = {
    ".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".webm": "video/webm",
    ".gif": "image/gif",
}  # fmt: skip


@dataclass(frozen=True)
class JobEndpoints:
    """Answers requests for jobs. store: gives the list of jobs when it is first needed."""

    store: Callable[[], Store]

    async def result(self, request: Request) -> Response:
        """The finished film; to play, or under its name where ?dl=1 asks for a file."""
        job = await self._job(request)
        path = job.result
        if path is None:
            raise Refused(404, "This film is not finished, or its files were cleared away.")
        headers = attachment(job.download_name) if request.query_params.get("dl") == "1" else DO_NOT_KEEP
        return FileResponse(path, media_type=_MEDIA_TYPES[job.order.suffix], headers=headers)

    async def track(self, request: Request) -> Response:
        """The film's colours as a file, which is a ZIP archive."""
        job = await self._job(request)
        return _beside(job, track_path(job.target), SUFFIX, "application/zip")

    async def report(self, request: Request) -> Response:
        """The report as a file."""
        job = await self._job(request)
        return _beside(job, report_path(job.target), ".json", "application/json")

    async def still_before(self, request: Request) -> Response:
        """A frame of the finished film as it was, as a small JPEG."""
        path, side = await self._still(request), read_side(request.query_params, SHEET_SIDE)
        data = await run_in_threadpool(lambda: jpeg_of(drawn_luma(path), side, own=drawn_original(path)))
        return Response(data, media_type="image/jpeg", headers=KEEP)

    async def still_after(self, request: Request) -> Response:
        """A frame of the finished film as another grade would show it, as a small JPEG."""
        path, side = await self._still(request), read_side(request.query_params, SHEET_SIDE)
        grade = read_look(request.query_params).grade

        def drawn() -> bytes:
            chroma, own = np.load(path.with_suffix(".npy"), allow_pickle=False), drawn_original(path)
            return jpeg_of(drawn_luma(path), side, chroma, grade, own)

        return Response(await run_in_threadpool(drawn), media_type="image/jpeg", headers=KEEP)

    async def preview(self, request: Request) -> Response:
        """The newest picture of a film in the making."""
        job = await self._job(request)
        if not job.preview.exists():
            raise Refused(404, "There is no picture of this film yet.")
        data = await run_in_threadpool(job.preview.read_bytes)
        return Response(data, media_type="image/jpeg", headers=DO_NOT_KEEP)

    async def _still(self, request: Request) -> Path:
        path = stills_of(await self._job(request)) / f"still-{request.path_params['number']}.png"
        if request.path_params["number"] >= STILL_COUNT or not path.exists():
            raise Refused(404, "There is no such frame of this film.")
        return path

    async def _job(self, request: Request) -> Job:
        if comes_from_elsewhere(request):
            raise Refused(403, "This request does not come from the studio's own page.")
        try:
            return await run_in_threadpool(self.store().find, request.path_params["job"])
        except JobMissing as missing:
            raise Refused(404, "There is no such film any more.") from missing


def stills_of(job: Job) -> Path:
    """The folder of the frames that show how another grade will look."""
    return job.folder / "stills"


def _beside(job: Job, path: Path, suffix: str, media_type: str) -> Response:
    if job.result is None or not path.exists():
        raise Refused(404, "This film is not finished, or its files were cleared away.")
    return FileResponse(path, media_type=media_type, headers=attachment(job.download_name + suffix))


def job_routes(endpoints: JobEndpoints) -> list[Route]:
    """The routes of all jobs."""
    one = f"/{JOBS}/{{job}}"
    still = f"{one}/stills/{{number:int}}"
    return [
        Route(f"{one}/result", answering(endpoints.result)),
        Route(f"{one}/track", answering(endpoints.track)),
        Route(f"{one}/report", answering(endpoints.report)),
        Route(f"{one}/preview.jpg", answering(endpoints.preview)),
        Route(f"{still}/before.jpg", answering(endpoints.still_before)),
        Route(f"{still}/after.jpg", answering(endpoints.still_after)),
    ]
