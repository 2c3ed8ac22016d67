"""Films through the browser's addresses: what comes in, how it goes on, and what stays on disk."""

import errno
import os
import threading
import time
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any

import anyio
import pytest

from colorizer.jobs.folders import FORGOTTEN_AFTER
from colorizer.web.films.film_folder import FilmFolder, StudioFilm
from colorizer.web.films.uploads import DiskFull, Uploads, WrongOffset
from tests.web.films.sending import FILM, LIMIT, TestClient, announce, begin, on_disk, put, sender


@pytest.fixture
def film_folder(tmp_path: Path) -> FilmFolder:
    return FilmFolder(tmp_path / "uploads")


@pytest.fixture
def arrived() -> list[StudioFilm]:
    return []


@pytest.fixture
def client(film_folder: FilmFolder, arrived: list[StudioFilm]) -> Iterator[TestClient]:
    with sender(film_folder, arrived.append) as made:
        yield made


def test_a_film_in_pieces_lies_whole_on_the_disk(
    client: TestClient, film_folder: FilmFolder, arrived: list[StudioFilm]
) -> None:
    url = begin(client)
    for start in range(0, len(FILM), 3000):
        answer = put(client, url, FILM[start : start + 3000], start)
        assert answer.status_code == 204
        assert int(answer.headers["upload-offset"]) == min(start + 3000, len(FILM))
    (film,) = film_folder.films()
    assert film.path.read_bytes() == FILM
    assert (film.name, film.is_whole, arrived) == ("Oma.mkv", True, [film])
    assert not film.part.exists()


def test_how_far_a_film_is_can_be_asked(client: TestClient) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    assert client.head(url).headers["upload-offset"] == "5000"


@pytest.mark.parametrize("offset", [0, 4999, 5001, len(FILM), 10**17])
def test_a_wrong_offset_is_answered_with_the_right_one(
    client: TestClient, film_folder: FilmFolder, offset: int
) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    answer = put(client, url, b"x" * 100, offset)
    assert (answer.status_code, answer.headers["upload-offset"]) == (409, "5000")
    assert film_folder.films()[0].part.read_bytes() == FILM[:5000]


def test_a_disk_that_fills_keeps_what_came_and_says_so(film_folder: FilmFolder) -> None:
    uploads = Uploads(film_folder, LIMIT)
    film = uploads.begin("a.mkv", len(FILM), 7)
    with FullDisk(os.devnull, "wb") as full, uploads.piece(film, 0) as piece:
        piece.write(FILM[:5000])
        piece.file = full
        with pytest.raises(DiskFull, match="goes on where it stopped"):
            piece.write(FILM[5000:])
    assert film.received == 5000
    with uploads.piece(film, 5000) as piece:
        piece.write(FILM[5000:])
    assert film.path.read_bytes() == FILM


def test_a_whole_film_is_on_the_disk_before_it_has_its_name_and_only_a_worker_waits_for_its_bytes(
    client: TestClient, film_folder: FilmFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    told: list[tuple[str, bool]] = []
    wait, replace = os.fsync, Path.replace

    def tell(what: str) -> None:
        told.append((what, "worker" in threading.current_thread().name))

    monkeypatch.setattr(os, "fsync", lambda handle: (tell("waited"), wait(handle)))
    monkeypatch.setattr(Path, "replace", lambda *paths: (tell("named"), replace(*paths))[1])
    assert put(client, url, FILM[5000:], 5000).status_code == 204
    assert told[0] == ("waited", True)  # what comes after finds the bytes on the disk already
    assert [what for what, _ in told][-2:] == ["named", "waited"]  # the file's name, and then its folder


def test_a_disk_that_is_full_only_when_it_is_waited_for_says_so_and_the_film_goes_on(
    client: TestClient, film_folder: FilmFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = begin(client)
    with monkeypatch.context() as patch:

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(os, "fsync", full)
        answer = put(client, url, FILM, 0)
    assert answer.status_code == 507
    assert "goes on where it stopped" in answer.json()["error"]
    (film,) = film_folder.films()
    assert not film.is_whole
    assert announce(client).json()["offset"] == len(FILM)  # the same file again: nothing is left to send
    assert film.path.read_bytes() == FILM


class FullDisk(FileIO):
    def write(self, _: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_the_same_file_is_known_again_after_a_reload_and_goes_on(client: TestClient, film_folder: FilmFolder) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    again = announce(client).json()
    assert (f"/api/uploads/{again['id']}", again["offset"]) == (url, 5000)
    other = announce(client, modified=8).json()
    assert other["offset"] == 0
    assert len(film_folder.films()) == 2


def test_the_same_file_of_two_visitors_is_two_films(client: TestClient, film_folder: FilmFolder) -> None:
    ids = []
    for visitor in ("a", "b", "a"):
        page = {"name": "Oma.mkv", "size": len(FILM), "modified": 7, "visitor": visitor}
        ids.append(client.post("/api/uploads", json=page).json()["id"])
    assert ids[0] == ids[2] != ids[1]
    assert [film.owner for film in film_folder.films()] == ["a", "b"]


def test_a_film_that_is_here_already_is_not_sent_again(client: TestClient) -> None:
    url = begin(client)
    put(client, url, FILM, 0)
    assert announce(client).json()["offset"] == len(FILM)


def test_it_goes_on_when_the_server_was_started_anew(client: TestClient, film_folder: FilmFolder) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    later = Uploads(FilmFolder(film_folder.root), LIMIT)
    film = later.begin("Oma.mkv", len(FILM), 7)
    assert url.endswith(film.id)
    with later.piece(film, film.received) as piece:
        piece.write(FILM[5000:])
    assert film.path.read_bytes() == FILM


def test_a_film_whose_last_byte_came_before_the_studio_was_killed_is_whole(
    client: TestClient, film_folder: FilmFolder
) -> None:
    begin(client)
    (film,) = film_folder.films()
    film.part.write_bytes(FILM)
    assert announce(client).json()["offset"] == len(FILM)
    assert film.path.read_bytes() == FILM


def test_no_piece_waits_for_another_film_that_begins(film_folder: FilmFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = Uploads(film_folder, LIMIT)
    film = uploads.begin("a.mkv", len(FILM), 7)
    going, gate = threading.Event(), threading.Event()
    monkeypatch.setattr(FilmFolder, "put", lambda *_, **__: (going.set(), gate.wait(20)))
    begins = threading.Thread(target=uploads.begin, args=("b.mkv", len(FILM), 7))
    begins.start()
    assert going.wait(20)

    def bring() -> None:
        with uploads.piece(film, 0) as piece:
            piece.write(FILM)

    brings = threading.Thread(target=bring, daemon=True)
    brings.start()
    brings.join(5)
    waits = brings.is_alive()
    gate.set()
    begins.join()
    assert not waits
    assert film.is_whole


def test_the_same_film_twice_at_once_is_one_film_and_whole(client: TestClient, film_folder: FilmFolder) -> None:
    def bring() -> None:
        told = announce(client).json()
        offset = told["offset"]
        while offset < len(FILM):
            answer = put(client, f"/api/uploads/{told['id']}", FILM[offset : offset + 700], offset)
            offset = int(answer.headers["upload-offset"])

    threads = [threading.Thread(target=bring, name=f"tab-{number}") for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (film,) = film_folder.films()
    assert film.path.read_bytes() == FILM


def test_two_writers_never_write_at_once(film_folder: FilmFolder) -> None:
    uploads = Uploads(film_folder, LIMIT)
    film = uploads.begin("a.mkv", len(FILM), 7)
    with uploads.piece(film, 0) as piece:
        with pytest.raises(WrongOffset, match="another window"), uploads.piece(film, 0):
            pass
        with pytest.raises(WrongOffset):
            uploads.cancel(film)
        piece.write(FILM)
    assert film.is_whole


def test_a_client_that_disappears_leaves_what_it_sent_and_can_come_back(
    client: TestClient, film_folder: FilmFolder
) -> None:
    url = begin(client, 5 * 2**20)
    status = run_with_a_lost_client(client, url, FILM + bytes(2**20), lost_after=2)
    assert status == 408
    kept = film_folder.films()[0].received
    assert kept == 2 * 2**20
    assert put(client, url, bytes(100), kept).status_code == 204


def run_with_a_lost_client(client: TestClient, url: str, first: bytes, lost_after: int) -> int:
    """The status of a request whose client sends a few megabytes and is gone, as the server sees it."""
    sent: list[dict[str, Any]] = []
    pieces = [first[: 2**20], *[bytes(2**20)] * (lost_after - 1)]

    async def receive() -> dict[str, Any]:
        if pieces:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": True}
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    token = client.headers["X-Xsrftoken"].encode()
    headers = [
        (b"host", b"127.0.0.1"), (b"x-xsrftoken", token), (b"cookie", b"_streamlit_xsrf=" + token),
        (b"upload-offset", b"0"),
    ]  # fmt: skip
    scope = {
        "type": "http", "method": "PUT", "path": url, "raw_path": url.encode(), "query_string": b"", "headers": headers,
        "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80), "root_path": "",
    }  # fmt: skip
    anyio.run(client.app, scope, receive, send)
    return int(sent[0]["status"])


def test_a_film_can_be_given_up(client: TestClient, film_folder: FilmFolder) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    assert client.delete(url).status_code == 204
    assert on_disk(film_folder) == set()
    assert put(client, url, FILM[5000:], 5000).status_code == 404


def test_giving_up_never_takes_a_whole_film_away(client: TestClient, film_folder: FilmFolder) -> None:
    url = begin(client)
    put(client, url, FILM, 0)
    client.delete(url)
    assert film_folder.films()[0].path.read_bytes() == FILM


def test_what_nobody_goes_on_with_is_deleted_after_a_while(client: TestClient, film_folder: FilmFolder) -> None:
    url = begin(client)
    put(client, url, FILM[:5000], 0)
    (film,) = film_folder.films()
    young = time.time() - FORGOTTEN_AFTER + 60
    os.utime(film.part, (young, young))
    begin(client, name="b.mkv")
    assert film.part.exists()
    old = time.time() - FORGOTTEN_AFTER - 60
    os.utime(film.part, (old, old))
    begin(client, name="c.mkv")
    assert not film.folder.exists()
