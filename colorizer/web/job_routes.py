"""The addresses of jobs: the result as a file, whole or in parts, and the newest picture of one in the making."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from colorizer.errors import JobMissing
from colorizer.jobs.model import Job
from colorizer.jobs.store import Store
from colorizer.web.answers import DO_NOT_KEEP, Refused, answering, attachment
from colorizer.web.security import comes_from_elsewhere

JOBS = "api/jobs"
_MEDIA_TYPES = {
    ".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".webm": "video/webm",
    ".gif": "image/gif",
}  # fmt: skip


@dataclass(frozen=True)
class Counter:
    """What the addresses answer from, made when it is first needed."""

    store: Callable[[], Store]

    async def result(self, request: Request) -> Response:
        """The finished film; to play, or under its name where ?dl=1 asks for a file."""
        job = await self._job(request)
        path = job.result
        if path is None:
            raise Refused(404, "This film is not finished, or its files were cleared away.")
        headers = attachment(job.download_name) if request.query_params.get("dl") == "1" else DO_NOT_KEEP
        return FileResponse(path, media_type=_MEDIA_TYPES[job.order.suffix], headers=headers)

    async def preview(self, request: Request) -> Response:
        """The newest picture of a film in the making."""
        job = await self._job(request)
        if not job.preview.exists():
            raise Refused(404, "There is no picture of this film yet.")
        data = await run_in_threadpool(job.preview.read_bytes)
        return Response(data, media_type="image/jpeg", headers=DO_NOT_KEEP)

    async def _job(self, request: Request) -> Job:
        if comes_from_elsewhere(request):
            raise Refused(403, "This request does not come from the studio's own page.")
        try:
            return await run_in_threadpool(self.store().find, request.path_params["job"])
        except JobMissing as missing:
            raise Refused(404, "There is no such film any more.") from missing


def job_routes(counter: Counter) -> list[Route]:
    """The routes of all jobs."""
    one = f"/{JOBS}/{{job}}"
    return [Route(f"{one}/result", answering(counter.result)), Route(f"{one}/preview.jpg", answering(counter.preview))]
