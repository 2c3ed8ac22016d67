"""The address of the Live page: a WebSocket, api/live.

The page says {"model", "grade"} as JSON, at first and whenever one of them changes, and sends frames as small JPEGs.
Every frame has one answer: its colours as a small JPEG, or {"error"}; after {"error", "final"} the studio hangs up.
Requests would be the simpler way, but Streamlit's server leaves Nagle's algorithm on: it holds the body of each answer
back until the browser has acknowledged the head, which takes 40 ms on Linux. A message goes out in one piece.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from colorizer.color.grade import Grade
from colorizer.errors import ColorizerError, InputError, SettingError
from colorizer.network import Colorizer
from colorizer.web.colouring import NetworkChoice
from colorizer.web.live.viewers import Viewer, Viewers
from colorizer.web.looks import read_look
from colorizer.web.security import comes_from_elsewhere
from colorizer.weights.catalog import find_model

LIVE = "api/live"
LARGEST_MESSAGE = 256 * 1024  # bytes; a frame that the page sends has about a tenth of it
IDLE_AFTER = 30.0  # seconds without a message after which a viewer is forgotten
_POLICY, _TOO_LARGE, _TRY_AGAIN = 1008, 1009, 1013  # RFC 6455 and IANA's list of codes


@dataclass(frozen=True)
class _ViewSettings:
    """What the page asks for: the network and the grade."""

    model: str
    grade: Grade


@dataclass(frozen=True)
class LiveEndpoint:
    """Answers the WebSocket of the Live page.

    colorizer: the open network of a choice. engine: what networks run on; no page says it. idle_after: seconds.
    """

    viewers: Callable[[], Viewers]
    colorizer: Callable[[NetworkChoice], Colorizer | None]
    engine: Callable[[], str]
    idle_after: float = IDLE_AFTER

    async def live(self, socket: WebSocket) -> None:
        """Serve one viewer, from the first message until they leave, fall silent or are refused."""
        if "Origin" not in socket.headers or comes_from_elsewhere(socket):
            await socket.close(_POLICY)  # a browser always names the origin, and no page can change it
            return
        await socket.accept()
        with suppress(WebSocketDisconnect):
            try:
                with self.viewers().slot():
                    await self._converse(socket)
            except ColorizerError as error:
                await _hang_up(socket, str(error), _TRY_AGAIN)

    async def _converse(self, socket: WebSocket) -> None:
        settings: _ViewSettings | None = None
        viewer: Viewer | None = None
        while (message := await self._message(socket)) is not None:
            if isinstance(message, str):
                before, settings = settings, _read_settings(message)
                if viewer is None or before is None or before.model != settings.model:
                    viewer = await self._viewer(settings.model)
            elif settings is None or viewer is None:
                raise SettingError("Before the first frame, a network is named.")
            else:
                await _answer(socket, viewer, message, settings.grade)

    async def _message(self, socket: WebSocket) -> str | bytes | None:
        """The next message; None where none came for a while. Raises WebSocketDisconnect where they have gone."""
        try:
            async with asyncio.timeout(self.idle_after):
                told = await socket.receive()
        except TimeoutError:
            await _hang_up(socket, "Nothing came for a while.", _TRY_AGAIN, final=False)
            return None
        if told["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(told.get("code", 1000))
        message: str | bytes = told.get("bytes") or told.get("text") or b""
        if len(message) > LARGEST_MESSAGE:
            await _hang_up(socket, f"A live frame has at most {LARGEST_MESSAGE // 1024} KB.", _TOO_LARGE)
            return None
        return message

    async def _viewer(self, model_id: str) -> Viewer:
        known = find_model(model_id).id  # rows of the catalog only: no path comes in here
        colorizer = await run_in_threadpool(lambda: self.colorizer(NetworkChoice(known, self.engine())))
        if colorizer is None:
            raise SettingError("A network is needed.")
        return self.viewers().viewer(colorizer)


def live_routes(endpoint: LiveEndpoint) -> list[WebSocketRoute]:
    """The route of the Live page."""
    return [WebSocketRoute(f"/{LIVE}", endpoint.live)]


async def _answer(socket: WebSocket, viewer: Viewer, frame: bytes, grade: Grade) -> None:
    """Send the frame's colours; a frame that cannot be read says so and hinders none of those after it."""
    try:
        await socket.send_bytes(await run_in_threadpool(viewer.colours, frame, grade))
    except InputError as error:
        await socket.send_json({"error": str(error)})


async def _hang_up(socket: WebSocket, reason: str, code: int, *, final: bool = True) -> None:
    await socket.send_json({"error": reason, "final": final})
    await socket.close(code)


def _read_settings(message: str) -> _ViewSettings:
    try:
        told: dict[str, Any] = json.loads(message)
        model, query = str(told["model"]), {name: str(value) for name, value in told["grade"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingError("The page asked for something that makes no sense. Reload it.") from error
    return _ViewSettings(model, read_look(query).grade)
