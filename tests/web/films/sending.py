"""A page that sends films through the browser's addresses."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from colorizer.web.films.film_folder import FilmFolder, StudioFilm
from colorizer.web.films.upload_routes import UploadEndpoints, upload_routes
from colorizer.web.films.uploads import CHUNK, Uploads
from colorizer.web.security import middleware

with warnings.catch_warnings():  # the client would rather have httpx's successor, and works with both
    warnings.filterwarnings("ignore", "Using `httpx`")
    from starlette.testclient import TestClient

LIMIT = 3 * CHUNK
FILM = b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 40
HERE = "http://127.0.0.1"


@contextmanager
def sender(film_folder: FilmFolder, arrived: Callable[[StudioFilm], None] = lambda _: None) -> Iterator[TestClient]:
    """The studio's own page, whose films come in. arrived: hears of each one that is whole."""
    uploads = Uploads(film_folder, LIMIT)
    app = Starlette(routes=upload_routes(UploadEndpoints(lambda: uploads, arrived)), middleware=middleware([]))
    with TestClient(app, base_url=HERE, raise_server_exceptions=False) as made:
        token = generate_xsrf_token_string()
        made.cookies.set("_streamlit_xsrf", token)
        made.headers["X-Xsrftoken"] = token
        made.headers["Origin"] = HERE
        yield made


def announce(
    client: TestClient, size: int = len(FILM), name: str = "Oma.mkv", modified: int = 7, **headers: str
) -> Any:
    page = {"name": name, "size": size, "modified": modified}
    return client.post("/api/uploads", json=page, headers=headers)


def begin(client: TestClient, size: int = len(FILM), name: str = "Oma.mkv") -> str:
    answer = announce(client, size, name)
    assert answer.status_code == 201
    return f"/api/uploads/{answer.json()['id']}"


def put(client: TestClient, url: str, data: bytes, offset: int | str, **headers: str) -> Any:
    return client.put(url, content=data, headers={"Upload-Offset": str(offset), **headers})


def on_disk(film_folder: FilmFolder) -> set[str]:
    return {path.name for path in film_folder.root.rglob("*") if path.is_file()} if film_folder.root.exists() else set()
