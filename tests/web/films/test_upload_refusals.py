"""Films through the browser's addresses: what is refused, and what that leaves alone."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from colorizer.web.films import uploads as uploads_module
from colorizer.web.films.film_folder import FilmFolder
from colorizer.web.films.uploads import CHUNK
from tests.web.films.sending import FILM, LIMIT, TestClient, announce, begin, on_disk, put, sender


@pytest.fixture
def film_folder(tmp_path: Path) -> FilmFolder:
    return FilmFolder(tmp_path / "uploads")


@pytest.fixture
def client(film_folder: FilmFolder) -> Iterator[TestClient]:
    with sender(film_folder) as made:
        yield made


@pytest.mark.parametrize("offset", ["", "-1", "1.5", "0x10", "９", "1" * 30, "zero"])
def test_an_offset_that_is_no_number_is_refused(client: TestClient, offset: str) -> None:
    url = begin(client)
    answer = client.put(url, content=b"x", headers={"Upload-Offset": offset.encode()})
    assert answer.status_code == 400


def test_a_piece_that_is_too_large_is_refused_before_it_is_read_and_while(
    client: TestClient, film_folder: FilmFolder
) -> None:
    url = begin(client, LIMIT)
    assert put(client, url, bytes(CHUNK + 1), 0).status_code == 413
    part = (bytes(2**20) for _ in range(9))  # sent without its length
    assert client.put(url, content=part, headers={"Upload-Offset": "0"}).status_code == 413
    assert film_folder.films()[0].received == 0


def test_more_bytes_than_were_announced_are_refused(client: TestClient, film_folder: FilmFolder) -> None:
    url = begin(client, 100)
    assert put(client, url, FILM[:101], 0).status_code == 413
    assert film_folder.films()[0].received == 0


def test_a_film_above_the_limit_is_refused_before_a_byte_of_it_comes(
    client: TestClient, film_folder: FilmFolder
) -> None:
    answer = announce(client, LIMIT + 1)
    assert answer.status_code == 413
    assert "MAX_UPLOAD_MB" in answer.json()["error"]
    assert on_disk(film_folder) == set()


def test_a_film_that_would_fill_the_disk_is_refused_before_a_byte_of_it_comes(
    client: TestClient, film_folder: FilmFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = uploads_module.FREE_DISK_KEPT + 10_000
    monkeypatch.setattr(uploads_module.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, free))
    assert announce(client, 6000, "a.mkv").status_code == 201
    answer = announce(client, 6000, "b.mkv")  # there is room for either, and not for both
    assert answer.status_code == 507
    assert "room" in answer.json()["error"]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"plain text " * 300, "no film"),
        (b"\xff\xd8\xff" * 900, "a picture, not a film. Bring it to the Images page"),
        (b"PK\x03\x04" * 600, "no film"),
        (b"ffconcat version 1.0\n", "no film"),
    ],
)
def test_what_is_no_film_is_refused_by_its_first_bytes(
    client: TestClient, film_folder: FilmFolder, data: bytes, what: str
) -> None:
    url = begin(client, len(data) + 10**6 if len(data) > 2048 else len(data), "holiday.mp4")
    answer = put(client, url, data, 0)
    assert answer.status_code == 415
    assert f"holiday.mp4 is {what}" in answer.json()["error"]
    assert on_disk(film_folder) == set()


def test_first_bytes_in_tiny_pieces_are_looked_at_all_the_same(client: TestClient, film_folder: FilmFolder) -> None:
    data = b"plain text " * 10
    url = begin(client, len(data))
    answers = [put(client, url, data[start : start + 10], start).status_code for start in range(0, len(data), 10)]
    assert answers == [204] * 10 + [415]
    assert on_disk(film_folder) == set()


def test_an_empty_film_is_refused(client: TestClient) -> None:
    assert announce(client, 0).status_code == 415


def test_what_is_no_film_is_refused_also_when_only_its_end_was_missed(
    client: TestClient, film_folder: FilmFolder
) -> None:
    begin(client)
    (film,) = film_folder.films()
    film.part.write_bytes(b"x" * len(FILM))
    assert announce(client).status_code == 415
    assert on_disk(film_folder) == set()


REQUESTS: list[Callable[[TestClient, str, dict[str, str]], Any]] = [
    lambda client, _, headers: announce(client, name="other.mkv", **headers),
    lambda client, url, headers: client.head(url, headers=headers),
    lambda client, url, headers: put(client, url, FILM[5000:], 5000, **headers),
    lambda client, url, headers: client.delete(url, headers=headers),
]


@pytest.mark.parametrize(
    "headers", [{"X-Xsrftoken": ""}, {"X-Xsrftoken": "guess"}, {"Origin": "http://evil.example"}, {"Origin": "null"},
                {"Origin": "http://127.0.0.1:9999"}], ids=str,
)  # fmt: skip
@pytest.mark.parametrize("ask", REQUESTS, ids=["POST", "HEAD", "PUT", "DELETE"])
def test_a_foreign_page_is_refused(
    client: TestClient, film_folder: FilmFolder, ask: Any, headers: dict[str, str]
) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    assert ask(client, url, headers).status_code == 403
    assert [film.received for film in film_folder.films()] == [5000]


@pytest.mark.parametrize("ask", REQUESTS, ids=["POST", "HEAD", "PUT", "DELETE"])
def test_a_foreign_host_name_is_refused(client: TestClient, film_folder: FilmFolder, ask: Any) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    assert ask(client, url, {"Host": "evil.example"}).status_code == 400
    assert [film.received for film in film_folder.films()] == [5000]


@pytest.mark.parametrize(
    "film", ["../../etc", "..%2f..%2fetc", "%2e%2e", "0" * 24, "A" * 24, "reel.json", "x" * 5000], ids=str.__len__
)
def test_no_address_leads_out_of_the_folder(
    client: TestClient, film_folder: FilmFolder, tmp_path: Path, film: str
) -> None:
    begin(client)
    before = on_disk(film_folder)
    answer = put(client, f"/api/uploads/{film}", b"x", 0)
    assert answer.status_code in {400, 404, 405}
    assert on_disk(film_folder) == before
    assert {path.name for path in tmp_path.iterdir()} == {"uploads"}


@pytest.mark.parametrize(
    "name", ["../../evil.mkv", "C:\\evil.mkv", "/etc/passwd", "a\0b\nc.mkv", "\u202evkm.mkv", "." * 300]
)
def test_nothing_of_the_files_name_becomes_a_path(client: TestClient, film_folder: FilmFolder, name: str) -> None:
    url = begin(client, name=name)
    put(client, url, FILM, 0)
    (film,) = film_folder.films()
    assert on_disk(film_folder) == {"reel.json", f"{film.id}.film"}
    assert film.path.parent.parent == film_folder.root
    assert not set(film.name) & set("/\\\0\n\u202e")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"name": "a", "size": "x", "modified": 1}', b"\xff", b"x" * 5000]
)
def test_a_strange_announcement_is_refused(client: TestClient, film_folder: FilmFolder, body: bytes) -> None:
    assert client.post("/api/uploads", content=body).status_code in {400, 413}
    assert on_disk(film_folder) == set()
