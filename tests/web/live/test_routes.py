"""The live address: who may come, what is answered, and who is sent away."""

import json
import threading
import time
import warnings
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.websockets import WebSocketDisconnect

from colorizer.errors import EngineError
from colorizer.network import Colorizer
from colorizer.web.colouring import NetworkChoice
from colorizer.web.live.routes import LARGEST_MESSAGE, LiveEndpoint, live_routes
from colorizer.web.live.viewers import Viewers
from colorizer.web.security import middleware
from tests.web.live.test_viewers import FRAME

with warnings.catch_warnings():  # the client would rather have httpx's successor, and works with both
    warnings.filterwarnings("ignore", "Using `httpx`")
    from starlette.testclient import TestClient, WebSocketTestSession

HERE = "http://127.0.0.1"
EVIL = {"Host": "evil.example", "Origin": "http://evil.example"}  # as after DNS rebinding
LIVE = "ws://127.0.0.1/api/live"


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
def viewers() -> Iterator[Viewers]:
    made = Viewers(most=1)
    yield made
    made.close()


@pytest.fixture
def client(viewers: Viewers, colorizer: Colorizer, opened: list[str]) -> Iterator[TestClient]:
    def open_network(network: NetworkChoice) -> Colorizer:
        opened.append(f"{network.model} on {network.engine}")
        if network.model != "starter":
            raise EngineError(f"{network.model} does not run here")
        return colorizer

    endpoint = LiveEndpoint(lambda: viewers, open_network, lambda: "opencv:cpu", idle_after=1.0)
    app = Starlette(routes=live_routes(endpoint), middleware=middleware([]))
    with TestClient(app, base_url=HERE) as made:
        made.headers["Origin"] = HERE
        yield made


def wish(line: WebSocketTestSession, model: str = "starter", **grade: object) -> None:
    line.send_text(json.dumps({"model": model, "grade": grade}))


def colours(line: WebSocketTestSession, frame: bytes = FRAME) -> np.ndarray:
    line.send_bytes(frame)
    return cv2.imdecode(np.frombuffer(line.receive_bytes(), np.uint8), cv2.IMREAD_COLOR)


def sent_away(line: WebSocketTestSession) -> str:
    told = line.receive_json()
    assert told["final"]
    with pytest.raises(WebSocketDisconnect):
        line.receive_json()
    return str(told["error"])


def until_coloured(line: WebSocketTestSession) -> np.ndarray:
    deadline = time.monotonic() + 30
    while np.ptp(seen := colours(line), axis=2).mean() < 3:
        assert time.monotonic() < deadline, "no colour came"
    return seen


def test_frames_go_in_and_colours_come_out(client: TestClient, opened: list[str]) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line)
        assert until_coloured(line).shape == (96, 128, 3)
        wish(line, intensity="0")
        assert np.ptp(colours(line), axis=2).max() <= 1
        wish(line, saturation="1.5")
        until_coloured(line)
    assert opened == ["starter on opencv:cpu"], "another grade opens nothing"


@pytest.mark.parametrize("damaged", [b"", b"no picture", FRAME[:-200]])
def test_a_damaged_frame_is_told_and_the_next_one_is_coloured(client: TestClient, damaged: bytes) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line)
        line.send_bytes(damaged)
        told = line.receive_json()
        assert "damaged" in told["error"]
        assert "final" not in told
        until_coloured(line)


def test_a_message_that_is_too_large_ends_it(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line)
        line.send_bytes(bytes(LARGEST_MESSAGE + 1))
        assert "256 KB" in sent_away(line)


@pytest.mark.parametrize("wishes", ["", "[]", "{}", '{"model": "starter"}', '{"model": "starter", "grade": 3}'])
def test_wishes_that_make_no_sense_end_it(client: TestClient, wishes: str) -> None:
    with client.websocket_connect(LIVE) as line:
        line.send_text(wishes)
        assert sent_away(line)


def test_a_grade_outside_its_range_names_the_range(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line, saturation="7")
        assert "between 0 and 3" in sent_away(line)


def test_only_networks_of_the_catalog_are_opened_and_never_a_path(client: TestClient, opened: list[str]) -> None:
    for model in ("../secrets", "/tmp", "nobody"):
        with client.websocket_connect(LIVE) as line:
            wish(line, model)
            assert "There is no model" in sent_away(line)
    assert opened == []


def test_a_network_that_does_not_run_says_why(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line, "eccv16")
        assert sent_away(line) == "eccv16 does not run here"


def test_a_frame_before_any_wish_is_refused(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as line:
        line.send_bytes(FRAME)
        assert "network is named" in sent_away(line)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:99", None])
def test_pages_of_another_origin_and_programs_without_one_are_refused(client: TestClient, origin: str | None) -> None:
    del client.headers["Origin"]
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(LIVE, headers={"Origin": origin} if origin else {}),
    ):
        pass


def test_a_foreign_host_name_is_refused(client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(LIVE, headers=EVIL),
    ):
        pass


def test_one_too_many_is_told_so_and_may_come_when_a_seat_is_free(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line)
        until_coloured(line)
        with client.websocket_connect(LIVE) as other:
            assert "can serve no more" in sent_away(other)
        until_coloured(line)
    with client.websocket_connect(LIVE) as line:
        wish(line)
        until_coloured(line)


def test_who_falls_silent_is_forgotten_and_their_seat_is_free(client: TestClient) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line)
        until_coloured(line)
        told = line.receive_json()  # comes when nothing was sent for a second
        assert told == {"error": "Nothing came for a while.", "final": False}
        with client.websocket_connect(LIVE) as other:
            wish(other)
            until_coloured(other)


def test_the_thread_of_the_network_ends_with_the_studio(viewers: Viewers, client: TestClient) -> None:
    with client.websocket_connect(LIVE) as line:
        wish(line)
        until_coloured(line)
    assert any(thread.name.startswith("live-network") for thread in threading.enumerate())
    viewers.close()
    assert not any(thread.name.startswith("live-network") for thread in threading.enumerate())
