"""Which sites may show the studio, and whose requests it takes."""

import warnings
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from colorizer.settings import Settings
from colorizer.web.security import comes_from_the_studio, middleware

with warnings.catch_warnings():  # the client would rather have httpx's successor, and works with both
    warnings.filterwarnings("ignore", "Using `httpx`")
    from starlette.testclient import TestClient

SITE = "https://huggingface.co"


async def _answer(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(comes_from_the_studio(request)))


def _client(framed_by: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr("colorizer.web.security.settings", lambda: Settings(Path(), framed_by=framed_by))
    app = Starlette(routes=[Route("/", _answer)], middleware=middleware(["testserver"], framed_by))
    return TestClient(app)


def test_no_other_site_may_frame_the_studio_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = _client((), monkeypatch).get("/").headers
    assert closed["x-frame-options"] == "SAMEORIGIN"
    assert "content-security-policy" not in closed
    named = _client((SITE,), monkeypatch).get("/").headers
    assert named["content-security-policy"] == f"frame-ancestors 'self' {SITE}"
    assert "x-frame-options" not in named


@pytest.mark.parametrize("said", ["same-origin", "same-site", "cross-site", "none", None])
def test_in_a_frame_the_browsers_word_decides_and_at_home_only_the_token(
    said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {} if said is None else {"Sec-Fetch-Site": said}
    framed = _client((SITE,), monkeypatch).get("/", headers=headers).text
    assert framed == str(said == "same-origin")
    assert _client((), monkeypatch).get("/", headers=headers).text == "False"
