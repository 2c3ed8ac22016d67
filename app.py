"""The studio: `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from colorizer.jobs.supervisor import supervisor
from colorizer.settings import settings
from colorizer.web import state as resources
from colorizer.web.films.routes import FrameEndpoints, film_routes
from colorizer.web.films.upload_routes import UploadEndpoints, upload_routes
from colorizer.web.jobs.routes import JobEndpoints, job_routes
from colorizer.web.live.routes import LiveEndpoint, live_routes
from colorizer.web.pictures.routes import PictureEndpoints, picture_routes
from colorizer.web.security import middleware
from colorizer.web.visitors import deleting_expired


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    resources.picture_sets()  # clears away at once what a studio that was killed left behind
    with supervisor(resources.store(), settings().workers), deleting_expired(resources.store()):
        try:
            yield
        finally:
            resources.close()


app = st.App(
    Path(__file__).resolve().parent / "pages" / "studio.py",
    lifespan=_lifespan,
    routes=[
        *picture_routes(
            PictureEndpoints(
                resources.picture_sets, resources.colouring_queue, resources.result_queue, resources.max_upload
            )
        ),
        *upload_routes(UploadEndpoints(resources.uploads, lambda film: resources.film_inspector().look_at(film))),
        *film_routes(FrameEndpoints(resources.film_folder, resources.colouring_queue)),
        *job_routes(JobEndpoints(resources.store)),
        *live_routes(LiveEndpoint(resources.viewers, resources.colorizer_for, resources.default_engine)),
    ],
    middleware=middleware(st.get_option("server.allowedHosts"), settings().framed_by),
)
