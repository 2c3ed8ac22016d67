"""Who may talk to the studio: this computer's own pages, and nobody else's."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token

from colorizer.settings import settings

_XSRF_COOKIE = "_streamlit_xsrf"
_XSRF_HEADER = "X-Xsrftoken"
_THIS_COMPUTER = ("localhost", "127.0.0.1")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def middleware(hosts: Sequence[str], framed_by: Sequence[str] = ()) -> list[Middleware]:
    """What stands before every route: only these host names are answered, and every answer carries the headers.

    hosts: none means the names of this computer itself. framed_by: sites that may show the studio in a frame.
    """
    return [
        Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts) or list(_THIS_COMPUTER)),
        Middleware(SecurityHeaders, framed_by),
    ]


def comes_from_the_studio(request: Request) -> bool:
    """Whether one of the studio's own pages sent the request: it carries the token that only they know.

    In another site's frame the token's cookie does not come back; there, the browser's own word for it must do.
    """
    if settings().framed_by:
        return request.headers.get("Sec-Fetch-Site") == "same-origin"
    return validate_xsrf_token(request.headers.get(_XSRF_HEADER), request.cookies.get(_XSRF_COOKIE))


def comes_from_elsewhere(request: HTTPConnection) -> bool:
    """Whether the browser says that a page of another origin sent the request."""
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("Host")


class SecurityHeaders:
    """Adds the headers to every answer, without touching its body."""

    def __init__(self, app: ASGIApp, framed_by: Sequence[str] = ()) -> None:
        self._app = app
        self._headers = dict(_HEADERS)
        if framed_by:
            del self._headers["X-Frame-Options"]  # it knows no other sites
            self._headers["Content-Security-Policy"] = f"frame-ancestors 'self' {' '.join(framed_by)}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)
