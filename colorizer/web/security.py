"""Who may talk to the studio: this computer's own pages, and nobody else's."""

from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token

_XSRF_COOKIE = "_streamlit_xsrf"
_XSRF_HEADER = "X-Xsrftoken"
_THIS_COMPUTER = ("localhost", "127.0.0.1")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def middleware(hosts: Sequence[str]) -> list[Middleware]:
    """What stands before every route: only these host names are answered, and every answer carries the headers.

    hosts: none means the names of this computer itself.
    """
    return [
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts) or list(_THIS_COMPUTER)),
        Middleware(SecurityHeaders),
    ]


def comes_from_the_studio(request: Request) -> bool:
    """Whether the request carries the token that only the studio's own pages know."""
    return validate_xsrf_token(request.headers.get(_XSRF_HEADER), request.cookies.get(_XSRF_COOKIE))


class SecurityHeaders:
    """Adds the headers to every answer, without touching its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
