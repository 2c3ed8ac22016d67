"""Results and previews of jobs by address."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from starlette.applications import Starlette

from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FilmOrder, Job, State
from colorizer.jobs.store import Store
from colorizer.video.colour.track import track_path
from colorizer.video.report import report_path
from colorizer.web.jobs.routes import JobEndpoints, job_routes, stills_of
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
    app = Starlette(routes=job_routes(JobEndpoints(lambda: store)), middleware=middleware([]))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made


def finished(store: Store, tmp_path: Path, title: str = 'Ömas "Fest".avi') -> Job:
    job = store.add(FilmOrder(tmp_path / "a.mkv", title))
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
    assert answer.headers["content-disposition"].startswith('attachment; filename="_mas _Fest_-colour.mp4"')
    assert "filename*=UTF-8''%C3%96mas%20%22Fest%22-colour.mp4" in answer.headers["content-disposition"]
    assert "content-encoding" not in answer.headers


def test_the_newest_picture_is_never_kept_by_the_browser(client: TestClient, store: Store, tmp_path: Path) -> None:
    job = finished(store, tmp_path)
    assert client.get(f"/api/jobs/{job.id}/preview.jpg").status_code == 404
    job.preview.write_bytes(b"picture")
    answer = client.get(f"/api/jobs/{job.id}/preview.jpg")
    assert (answer.content, answer.headers["cache-control"]) == (b"picture", "no-store")


def test_colours_and_report_lie_beside_the_result_and_bear_its_name(
    client: TestClient, store: Store, tmp_path: Path
) -> None:
    job = finished(store, tmp_path, "Oma.avi")
    url = f"/api/jobs/{job.id}"
    assert client.get(f"{url}/track").status_code == 404
    track_path(job.target).write_bytes(b"colours")
    report_path(job.target).write_text("{}")
    track, report = client.get(f"{url}/track"), client.get(f"{url}/report")
    assert (track.content, track.headers["content-type"]) == (b"colours", "application/zip")
    assert 'filename="Oma-colour.mp4.chroma"' in track.headers["content-disposition"]
    assert (report.text, report.headers["content-type"]) == ("{}", "application/json")
    assert 'filename="Oma-colour.mp4.json"' in report.headers["content-disposition"]


def test_stills_show_the_grade_of_their_address(client: TestClient, store: Store, tmp_path: Path) -> None:
    job = finished(store, tmp_path)
    url = f"/api/jobs/{job.id}/stills/0"
    assert client.get(f"{url}/before.jpg").status_code == 404
    stills_of(job).mkdir()
    cv2.imwrite(str(stills_of(job) / "still-0.png"), np.full((40, 60), 120, np.uint8))
    np.save(stills_of(job) / "still-0.npy", np.full((14, 14, 2), 30, np.float32))

    def picture(name: str, **query: object) -> NDArray[np.uint8]:
        answer = client.get(f"{url}/{name}.jpg", params={"side": 32, **query})
        assert answer.headers["content-type"] == "image/jpeg"
        return np.asarray(cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR), np.uint8)

    assert picture("before").shape == (21, 32, 3)
    assert np.ptp(picture("before"), axis=2).max() < 3
    assert np.ptp(picture("after"), axis=2).min() > 20
    assert np.ptp(picture("after", intensity=0), axis=2).max() < 3
    assert client.get(f"{url}/after.jpg?saturation=9").status_code == 422
    assert client.get(f"/api/jobs/{job.id}/stills/3/after.jpg").status_code == 404
    assert client.get(f"/api/jobs/{job.id}/stills/0/after.jpg?side=4000").status_code == 422


@pytest.mark.parametrize("job", ["none", "..", "%2e%2e", "..%2f..%2fjobs.sqlite", "x" * 3000], ids=str.__len__)
def test_what_is_no_job_is_not_found(client: TestClient, store: Store, tmp_path: Path, job: str) -> None:
    finished(store, tmp_path)
    assert client.get(f"/api/jobs/{job}/result").status_code == 404
    assert client.get(f"/api/jobs/{job}/preview.jpg").status_code == 404


def test_a_film_that_is_not_finished_is_not_found(client: TestClient, store: Store, tmp_path: Path) -> None:
    job = store.add(FilmOrder(tmp_path / "a.mkv", "a"))
    assert client.get(f"/api/jobs/{job.id}/result").status_code == 404


def test_foreign_pages_and_hosts_are_refused(client: TestClient, store: Store, tmp_path: Path) -> None:
    url = f"/api/jobs/{finished(store, tmp_path).id}/result"
    assert client.get(url, headers={"Origin": "http://evil.example"}).status_code == 403
    assert client.get(url, headers={"Host": "evil.example"}).status_code == 400
