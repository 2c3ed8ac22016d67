"""The studio, started as a user starts it, and a browser to look at it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
PROMISE = "Nothing leaves this computer"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PAGES = pytest.StashKey[list[Page]]()
SLOWEST = 60_000  # milliseconds: a busy machine is no fault of the page
# A page that is closed while Streamlit still sends to it: Streamlit closes the connection once more, and says so.
# Nothing but the two tracebacks of that one fault is left out.
_FRAMES = r"(?:  [^\n]*\n)*"
THE_FRAMEWORKS_OWN = re.compile(
    rf"(?:^[^\n]*Exception in ASGI application\n)?^Traceback \(most recent call last\):\n{_FRAMES}"
    r"starlette\.websockets\.WebSocketDisconnected: [^\n]*\n\nDuring handling of the above[^\n]*\n\n"
    rf"Traceback \(most recent call last\):\n{_FRAMES}"
    r"starlette\.websockets\.WebSocketDisconnected: Cannot call \"send\" once a close[^\n]*\n",
    re.MULTILINE,
)
QUIET = "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"


@pytest.fixture(scope="module")
def switches() -> list[str]:
    """What Chromium is started with besides; a test file may say more."""
    return []


@pytest.fixture(scope="module")
def browser(switches: list[str]) -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None and os.environ.get("COLORIZER_REQUIRE_BROWSER") == "1":
        pytest.fail("COLORIZER_REQUIRE_BROWSER=1, and there is no Chromium: apt-get install chromium")
    if found is None:
        pytest.skip("no Chromium found")
    expect.set_options(timeout=SLOWEST)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=[*QUIET.split(), "--no-first-run", *switches])
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def start_studio(
    tmp_path_factory: pytest.TempPathFactory, browser: Browser
) -> Callable[..., AbstractContextManager[str]]:
    """A function that starts a studio with this command of Python and these variables, and gives its address."""

    @contextmanager
    def start(*command: str, **variables: str) -> Iterator[str]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        temporary = tmp_path_factory.mktemp("studio")
        own = {"TMPDIR": str(temporary), "COLORIZER_DATA_DIR": str(temporary / "data")}
        log = (temporary / "log.txt").open("w")
        process = subprocess.Popen(
            [sys.executable, *command, "run", "app.py", "--server.port", str(port)],
            cwd=ROOT, env={**os.environ, **own, **variables}, stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            process.wait(20)
            log.close()
        assert not list(temporary.glob("colorizer-studio-*")), "pictures were left behind"
        said = (temporary / "log.txt").read_text("utf-8")
        assert "Traceback" not in THE_FRAMEWORKS_OWN.sub("", said), said

    return start


@pytest.fixture(scope="module")
def studio(start_studio: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """The address of a running studio, which leaves no picture behind when it is stopped."""
    with start_studio("-m", "streamlit") as address:
        yield address


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the studio ended"
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError("the studio did not start")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that failed says what its pages showed."""
    report = yield
    if report.when == "call" and report.failed:
        for number, page in enumerate(item.stash.get(PAGES, []), 1):
            with suppress(Error):  # a page that is gone shows nothing
                report.sections.append((f"page {number}: {page.url}", page.inner_text("body", timeout=5_000)))
    return report


@pytest.fixture
def open_page(browser: Browser, studio: str, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """A function that opens the studio; in the end, nothing asked for another computer and nothing went wrong."""
    pages = request.node.stash.setdefault(PAGES, [])
    foreign: list[str] = []
    faults: list[str] = []

    def opened(
        width: int = 1400, height: int = 900, scheme: str = "light", path: str = "", ready: str = PROMISE
    ) -> Page:
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        page.set_default_timeout(SLOWEST)
        page.on("request", lambda request: None if _is_local(request.url, studio) else foreign.append(request.url))
        page.on("console", lambda line: faults.append(f"{line.text} {line.location}") if _is_fault(line) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        pages.append(page)
        page.goto(studio + path)
        page.get_by_text(ready).first.wait_for()
        return page

    yield opened
    for page in pages:
        page.close()
    assert foreign == []
    assert faults == []


def _is_fault(line: ConsoleMessage) -> bool:
    """Whether something went wrong. The browser also counts answers that say no, which the tests look at themselves:
    of an upload, and on a deep link of Streamlit's own page, which first looks for its server below that path."""
    is_an_answer = any(part in line.location["url"] for part in ("/_stcore/", "/api/uploads"))
    return line.type == "error" and not is_an_answer


def _is_local(url: str, studio: str) -> bool:
    return url.startswith((studio, studio.replace("http", "ws"), "data:", "blob:"))
