"""The studio: `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from colorizer.jobs.supervisor import supervisor
from colorizer.settings import settings
from colorizer.web import state as resources
from colorizer.web.films.routes import Screen, film_routes
from colorizer.web.films.upload_routes import Reception, upload_routes
from colorizer.web.jobs.routes import Counter, job_routes
from colorizer.web.live.routes import Stage, live_routes
from colorizer.web.pictures.routes import Studio, picture_routes
from colorizer.web.security import middleware
from colorizer.web.visitors import tidying


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    resources.desks()  # clears away at once what a studio that was killed left behind
    with supervisor(resources.store(), settings().workers), tidying(resources.store()):
        try:
            yield
        finally:
            resources.close()


app = st.App(
    Path(__file__).resolve().parent / "pages" / "studio.py",
    lifespan=_lifespan,
    routes=[
        *picture_routes(Studio(resources.desks, resources.darkroom, resources.press, resources.max_upload)),
        *upload_routes(Reception(resources.uploads, lambda reel: resources.screening().look_at(reel))),
        *film_routes(Screen(resources.shelf, resources.darkroom)),
        *job_routes(Counter(resources.store)),
        *live_routes(Stage(resources.viewers, resources.colorizer_for, resources.default_engine)),
    ],
    middleware=middleware(st.get_option("server.allowedHosts"), settings().framed_by),
)
