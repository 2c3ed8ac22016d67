"""Results and previews of jobs by address."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import Job, Order, State
from colorizer.jobs.store import Store
from colorizer.web.job_routes import Counter, job_routes
from colorizer.web.security import middleware

with warnings.catch_warnings():  # the client would rather have httpx's successor, and works with both
    warnings.filterwarnings("ignore", "Using `httpx`")
    from starlette.testclient import TestClient

FILM = bytes(range(256)) * 40


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(DataFolder(tmp_path / "data"))


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    app = Starlette(routes=job_routes(Counter(lambda: store)), middleware=middleware([]))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made


def finished(store: Store, tmp_path: Path, title: str = 'Ömas "Fest".avi') -> Job:
    job = store.add(Order(tmp_path / "a.mkv", title))
    store.claim(0)
    job.folder.mkdir(parents=True, exist_ok=True)
    job.target.write_bytes(FILM)
    return store.release(job.id, State.DONE)


def test_a_result_plays_in_parts(client: TestClient, store: Store, tmp_path: Path) -> None:
    url = f"/api/jobs/{finished(store, tmp_path).id}/result"
    whole = client.get(url)
    assert (whole.status_code, whole.content) == (200, FILM)
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["accept-ranges"] == "bytes"
    assert "attachment" not in whole.headers.get("content-disposition", "")
    part = client.get(url, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, FILM[1000:2000])
    assert client.get(url, headers={"Range": f"bytes={len(FILM)}-"}).status_code == 416


def test_a_download_bears_the_films_own_name(client: TestClient, store: Store, tmp_path: Path) -> None:
    answer = client.get(f"/api/jobs/{finished(store, tmp_path).id}/result?dl=1")
    assert answer.headers["content-disposition"].startswith('attachment; filename="_mas _Fest_.mp4"')
    assert "filename*=UTF-8''%C3%96mas%20%22Fest%22.mp4" in answer.headers["content-disposition"]
    assert "content-encoding" not in answer.headers


def test_the_newest_picture_is_never_kept_by_the_browser(client: TestClient, store: Store, tmp_path: Path) -> None:
    job = finished(store, tmp_path)
    assert client.get(f"/api/jobs/{job.id}/preview.jpg").status_code == 404
    job.preview.write_bytes(b"picture")
    answer = client.get(f"/api/jobs/{job.id}/preview.jpg")
    assert (answer.content, answer.headers["cache-control"]) == (b"picture", "no-store")


@pytest.mark.parametrize("job", ["none", "..", "%2e%2e", "..%2f..%2fjobs.sqlite", "x" * 3000], ids=str.__len__)
def test_what_is_no_job_is_not_found(client: TestClient, store: Store, tmp_path: Path, job: str) -> None:
    finished(store, tmp_path)
    assert client.get(f"/api/jobs/{job}/result").status_code == 404
    assert client.get(f"/api/jobs/{job}/preview.jpg").status_code == 404


def test_a_film_that_is_not_finished_is_not_found(client: TestClient, store: Store, tmp_path: Path) -> None:
    job = store.add(Order(tmp_path / "a.mkv", "a"))
    assert client.get(f"/api/jobs/{job.id}/result").status_code == 404


def test_foreign_pages_and_hosts_are_refused(client: TestClient, store: Store, tmp_path: Path) -> None:
    url = f"/api/jobs/{finished(store, tmp_path).id}/result"
    assert client.get(url, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get(url, headers={"Host": "evil.example"}).status_code == 400
