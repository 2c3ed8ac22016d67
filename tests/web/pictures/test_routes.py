import warnings
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import anyio
import cv2
import numpy as np
import pytest
from starlette.applications import Starlette
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string

from colorizer.color.grade import Grade
from colorizer.network import Colorizer
from colorizer.web.colouring import ColouringQueue, NetworkChoice, Picture
from colorizer.web.pictures import results as results_module
from colorizer.web.pictures.detail import DetailViews
from colorizer.web.pictures.picture_set import PictureSet, PictureSets
from colorizer.web.pictures.results import ResultQueue
from colorizer.web.pictures.routes import PictureEndpoints, picture_routes
from colorizer.web.security import middleware

with warnings.catch_warnings():  # the client would rather have httpx's successor, and works with both
    warnings.filterwarnings("ignore", "Using `httpx`")
    from starlette.testclient import TestClient

NETWORK = NetworkChoice()
LIMIT = 5000


@pytest.fixture(params=[["127.0.0.1"], []], ids=["named", "this computer"])
def hosts(request: pytest.FixtureRequest) -> list[str]:
    return list(request.param)


@pytest.fixture
def client(picture_sets: PictureSets, colouring_queue: ColouringQueue, hosts: list[str]) -> Iterator[TestClient]:
    result_queue = ResultQueue()
    endpoints = PictureEndpoints(
        lambda: picture_sets, lambda: colouring_queue, lambda: result_queue, lambda: LIMIT, DetailViews
    )
    app = Starlette(routes=picture_routes(endpoints), middleware=middleware(hosts))
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as made:
        yield made
    result_queue.close()


@pytest.fixture
def picture(picture_set: PictureSet, png: bytes, colouring_queue: ColouringQueue, colorizer: Colorizer) -> Picture:
    made = picture_set.add('Ömas "Haus" <b>.png', png)
    assert colouring_queue.now(made, NETWORK, colorizer).exception() is None
    return made


def test_a_toned_picture_is_compared_with_itself_and_not_with_its_luma(
    client: TestClient, picture_set: PictureSet, colouring_queue: ColouringQueue, colorizer: Colorizer
) -> None:
    sepia = (np.full((40, 60, 1), 120) * np.array([0.7, 1.0, 1.2])).astype(np.uint8)  # blue, green, red
    made = picture_set.add("sepia.png", cv2.imencode(".png", sepia)[1].tobytes())
    assert colouring_queue.now(made, NETWORK, colorizer).exception() is None
    shown = pixels_of(client.get(url(picture_set, made, "before.jpg?side=640")).content)
    assert np.abs(shown - sepia).max() <= 4
    query = f"result?network={NETWORK.key}&intensity=0&format=png"
    assert np.abs(pixels_of(client.get(url(picture_set, made, query)).content) - sepia).max() <= 2


def url(picture_set: PictureSet, picture: Picture, rest: str) -> str:
    return f"/api/pictures/{picture_set.token}/{picture.id}/{rest}"


def pixels_of(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).astype(int)


def test_before_is_grey_and_after_has_colour(client: TestClient, picture_set: PictureSet, picture: Picture) -> None:
    before = client.get(url(picture_set, picture, "before.jpg"))
    after = client.get(url(picture_set, picture, f"after.jpg?network={NETWORK.key}&saturation=2"))
    assert before.headers["content-type"] == after.headers["content-type"] == "image/jpeg"
    assert np.ptp(pixels_of(before.content), axis=2).max() == 0
    assert np.ptp(pixels_of(after.content), axis=2).mean() > 3
    assert "immutable" in after.headers["cache-control"]


def test_a_new_grade_never_runs_the_network(
    client: TestClient, picture_set: PictureSet, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("the network ran")

    monkeypatch.setattr(Colorizer, "chroma", forbidden)
    looks = {
        client.get(url(picture_set, picture, f"after.jpg?network={NETWORK.key}&hue={hue}")).content
        for hue in (0, 60, 120)
    }
    assert len(looks) == 3


def test_a_result_comes_as_a_file_under_its_own_name(
    client: TestClient, picture_set: PictureSet, picture: Picture
) -> None:
    answer = client.get(url(picture_set, picture, f"result?network={NETWORK.key}&format=webp"))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    name = answer.headers["content-disposition"]
    assert name.startswith('attachment; filename="_mas _Haus_ _b_-colour.webp"; ')
    assert name.endswith("filename*=UTF-8''%C3%96mas%20_Haus_%20_b_-colour.webp")
    assert answer.headers["cache-control"] == "no-store"


def test_what_a_format_cannot_hold_is_said(
    client: TestClient, picture_set: PictureSet, colouring_queue: ColouringQueue
) -> None:
    deep = cv2.imencode(".png", np.arange(4096, dtype=np.uint16).reshape(64, 64) * 16)[1].tobytes()
    picture = picture_set.add("deep.png", deep)
    colouring_queue.now(picture, NetworkChoice(model=None), None)
    answer = client.get(url(picture_set, picture, "result?network=grey&format=jpeg"))
    assert "16" in answer.headers["x-notes"]
    assert client.get(url(picture_set, picture, "result?network=grey&format=png")).headers["x-notes"] == ""


def test_the_archive_has_each_picture_in_its_own_grade(
    client: TestClient,
    picture_set: PictureSet,
    picture: Picture,
    png: bytes,
    colouring_queue: ColouringQueue,
    colorizer: Colorizer,
) -> None:
    second = picture_set.add("second.png", png + b"2")
    colouring_queue.now(second, NETWORK, colorizer)
    picture_set.set_grade(second.id, Grade(intensity=0))
    answer = client.get(f"/api/pictures/{picture_set.token}/colour.zip?network={NETWORK.key}&format=png")
    packed = zipfile.ZipFile(BytesIO(answer.content))
    coloured, plain = (pixels_of(packed.read(name)) for name in packed.namelist())
    assert answer.headers["content-type"] == "application/zip"
    assert np.ptp(coloured, axis=2).mean() > 1
    assert np.ptp(plain, axis=2).max() == 0


def test_pictures_that_are_not_finished_are_not_in_the_archive(
    client: TestClient, picture_set: PictureSet, png: bytes
) -> None:
    picture_set.add("a.png", png)
    answer = client.get(f"/api/pictures/{picture_set.token}/colour.zip?network={NETWORK.key}")
    assert answer.status_code == 404
    assert "no finished picture" in answer.json()["error"]


@pytest.mark.parametrize("rest", ["before.jpg", "after.jpg", "result"])
def test_nobody_gets_at_pictures_without_the_token(
    client: TestClient, picture_sets: PictureSets, picture_set: PictureSet, picture: Picture, rest: str
) -> None:
    assert client.get(f"/api/pictures/guess/{picture.id}/{rest}").status_code == 404
    assert client.get(f"/api/pictures/{picture_sets.new().token}/{picture.id}/{rest}").status_code == 404
    assert client.get(f"/api/pictures/{picture_set.token}/..%2f..%2fetc/{rest}").status_code == 404
    picture_set.remove(picture.id)
    assert client.get(url(picture_set, picture, rest)).status_code == 404


def test_a_picture_that_was_never_coloured_has_no_result(
    client: TestClient, picture_set: PictureSet, png: bytes
) -> None:
    picture = picture_set.add("a.png", png)
    assert client.get(url(picture_set, picture, f"after.jpg?network={NETWORK.key}")).status_code == 404
    assert client.get(url(picture_set, picture, "before.jpg")).status_code == 404


def test_a_senseless_address_gets_a_clear_answer(client: TestClient, picture_set: PictureSet, picture: Picture) -> None:
    answer = client.get(url(picture_set, picture, f"after.jpg?network={NETWORK.key}&saturation=99"))
    assert answer.status_code == 422
    assert "saturation must lie between" in answer.json()["error"]


def test_an_unexpected_error_tells_no_secrets(
    client: TestClient, picture_set: PictureSet, picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(results_module, "encode_picture", broken)
    answer = client.get(url(picture_set, picture, f"result?network={NETWORK.key}"))
    assert answer.status_code == 500
    assert "secret" not in answer.text


def paste(client: TestClient, set_token: str, data: bytes, token: str | None = None) -> int:
    known = generate_xsrf_token_string()
    client.cookies.set("_streamlit_xsrf", known)
    headers = {"X-Xsrftoken": known if token is None else token}
    return client.put(f"/api/pictures/{set_token}?name=Pasted%20%C3%BC.png", content=data, headers=headers).status_code


def test_a_pasted_picture_is_among_the_others(client: TestClient, picture_set: PictureSet, png: bytes) -> None:
    assert paste(client, picture_set.token, png) == 200
    assert [(picture.name, picture.path.read_bytes()) for picture in picture_set.pictures] == [("Pasted ü.png", png)]


def test_a_pasted_picture_is_opened(client: TestClient, picture_set: PictureSet, picture: Picture, png: bytes) -> None:
    assert picture_set.opened == picture
    assert paste(client, picture_set.token, png + b"another") == 200
    assert picture_set.opened == picture_set.pictures[1]


def test_a_sender_that_disappears_is_no_error(client: TestClient, picture_set: PictureSet) -> None:
    known = generate_xsrf_token_string().encode()
    headers = [(b"host", b"127.0.0.1"), (b"x-xsrftoken", known), (b"cookie", b"_streamlit_xsrf=" + known)]
    path = f"/api/pictures/{picture_set.token}"
    scope = {
        "type": "http", "method": "PUT", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80),
    }  # fmt: skip
    pieces, sent = [{"type": "http.request", "body": b"x", "more_body": True}], []

    async def receive() -> Any:
        return pieces.pop() if pieces else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(client.app, scope, receive, send)
    assert sent[0]["status"] == 408
    assert picture_set.pictures == ()


@pytest.mark.parametrize("token", ["", "guess", "2|00000000|00000000000000000000000000000000|1700000000"])
def test_a_foreign_page_cannot_add_pictures(
    client: TestClient, picture_set: PictureSet, png: bytes, token: str
) -> None:
    assert paste(client, picture_set.token, png, token) == 403
    assert picture_set.pictures == ()


def test_a_pasted_picture_that_is_too_large_is_refused(client: TestClient, picture_set: PictureSet) -> None:
    assert paste(client, picture_set.token, b"x" * (LIMIT + 1)) == 413
    assert picture_set.pictures == ()


def test_a_paste_into_no_set_is_refused(client: TestClient, png: bytes) -> None:
    assert paste(client, "guess", png) == 404


def test_every_answer_carries_the_security_headers(
    client: TestClient, picture_set: PictureSet, picture: Picture
) -> None:
    for answer in (client.get(url(picture_set, picture, "before.jpg")), client.get("/api/pictures/x/y/before.jpg")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_other_host_names_get_no_answer(client: TestClient, picture_set: PictureSet, picture: Picture) -> None:
    answer = client.get(url(picture_set, picture, "before.jpg"), headers={"Host": "evil.example"})
    assert answer.status_code == 400
