"""The studio: `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from colorizer.jobs.supervisor import supervisor
from colorizer.settings import settings
from colorizer.web import shutdown, state
from colorizer.web.films import state as film_state
from colorizer.web.films.routes import FrameEndpoints, film_routes
from colorizer.web.films.upload_routes import UploadEndpoints, upload_routes
from colorizer.web.jobs import state as job_state
from colorizer.web.jobs.expiry import deleting_expired
from colorizer.web.jobs.routes import JobEndpoints, job_routes
from colorizer.web.live import state as live_state
from colorizer.web.live.routes import LiveEndpoint, live_routes
from colorizer.web.models import state as model_state
from colorizer.web.pictures import state as picture_state
from colorizer.web.pictures.routes import PictureEndpoints, picture_routes
from colorizer.web.security import middleware


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    picture_state.picture_sets()  # clears away at once what a studio that was killed left behind
    deleting = deleting_expired(job_state.store()), picture_state.ending_unused_sets()
    with supervisor(job_state.store(), settings().workers), deleting[0], deleting[1]:
        try:
            yield
        finally:
            shutdown.close()


app = st.App(
    Path(__file__).resolve().parent / "pages" / "studio.py",
    lifespan=_lifespan,
    routes=[
        *picture_routes(
            PictureEndpoints(
                picture_state.picture_sets,
                state.colouring_queue,
                picture_state.result_queue,
                picture_state.max_upload,
                picture_state.detail_views,
            )
        ),
        *upload_routes(UploadEndpoints(film_state.uploads, lambda film: film_state.film_inspector().look_at(film))),
        *film_routes(FrameEndpoints(film_state.film_folder, state.colouring_queue)),
        *job_routes(JobEndpoints(job_state.store)),
        *live_routes(LiveEndpoint(live_state.viewers, model_state.colorizer_for, model_state.default_engine)),
    ],
    middleware=middleware(st.get_option("server.allowedHosts"), settings().framed_by),
)
