"""The studio: `streamlit run app.py`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from colorizer.web import resources
from colorizer.web.routes import Studio, picture_routes
from colorizer.web.security import middleware


@asynccontextmanager
async def _lifespan(_: st.App) -> AsyncIterator[None]:
    yield
    resources.close()


app = st.App(
    Path(__file__).resolve().parent / "pages" / "studio.py",
    lifespan=_lifespan,
    routes=picture_routes(Studio(resources.desks, resources.darkroom, resources.press, resources.max_upload)),
    middleware=middleware(st.get_option("server.allowedHosts")),
)
