"""What a user does on the Models page, in a real browser."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Error, Locator, Page, expect

from tests.caffe_writer import write_tiny_network
from tests.mirror import Answer, Mirror, give, serve
from tests.rows import CONTENTS, NAMES

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]
_DRIPS = 300  # seconds that a slow machine may take between two steps
_PROGRESS = re.compile(r"kB of 206 kB · ")
_START = """
import sys
from colorizer.weights import catalog
from tests.rows import made_up
catalog.CATALOG = (catalog.STARTER, made_up({role: (f"{sys.argv.pop(1)}/{role}",) for role in sys.argv.pop(1).split()}))
from streamlit.web.cli import main
main()
"""


class Gate:
    """Lets the beginning of a file through, then drips, so that nobody gives it up, and the rest when it is open."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.silent = threading.Event()  # set: not even a drip, so that who listens is held in the middle

    def before(self, content: bytes, held_at: int) -> Answer:
        first, rest = give(content, stop_after=held_at), give(content)

        def answer(handler) -> None:  # type: ignore[no-untyped-def]
            if self.open.is_set() or handler.headers.get("Range"):
                rest(handler)
                return
            first(handler)
            for byte in content[held_at : held_at + _DRIPS]:
                if self.open.wait(1):
                    return
                if not self.silent.is_set():
                    handler.wfile.write(bytes((byte,)))
                    handler.wfile.flush()

        return answer


@pytest.fixture(scope="module")
def mirror() -> Iterator[Mirror]:
    with serve() as running:
        yield running


@pytest.fixture(scope="module")
def own_network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("networks") / "own"
    write_tiny_network(folder)
    return folder


@pytest.fixture(scope="module")
def studio(
    start_studio: Callable[..., AbstractContextManager[str]], mirror: Mirror, own_network: Path
) -> Iterator[str]:
    """A studio whose catalog has a network that comes from a server of this machine."""
    folder = own_network.parent
    arguments = ("-c", _START, " ".join(CONTENTS), *(mirror.address for _ in CONTENTS))
    variables = {"COLORIZER_MODELS_DIR": str(folder / "models"), "COLORIZER_ALLOWED_FOLDERS": str(folder)}
    with start_studio(*arguments, **variables, COLORIZER_ENGINE="auto", no_proxy="*", PYTHONPATH=".") as address:
        yield address


@pytest.fixture
def gate(mirror: Mirror) -> Iterator[Gate]:
    held = Gate()
    for role, content in CONTENTS.items():
        mirror.put(f"/{role}", give(content))
    mirror.put("/weights", held.before(CONTENTS["weights"], 100_000))
    mirror.asked.clear()
    yield held
    held.open.set()


def card(page: Page, model: str = "madeup") -> Locator:
    return page.locator(f".st-key-model-{model}")


def measure(page: Page, shown: Locator) -> None:
    """Have this card's network measured, where it was not in a test before, and wait until it is."""
    details = shown.locator("details").last
    if details.get_attribute("open") is None:
        shown.get_by_text("Speed on this machine").click()
    button = shown.get_by_role("button", name=re.compile("^Measure"))
    expect(button).to_be_visible()
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    if "again" not in button.inner_text():
        button.click()
    expect(shown.get_by_text(re.compile("^auto takes"))).to_be_visible(timeout=60_000)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a list by keyboard, opened once more where it closes.

    Streamlit's lists close where the page scrolls, and its expanders scroll the page for a moment as they end to open.
    """
    box = page.get_by_role("combobox", name=label)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    for _ in range(5):
        box.scroll_into_view_if_needed()
        box.focus()
        page.keyboard.press("ArrowDown")
        with suppress(Error):
            page.get_by_role("option", name=option).click(timeout=5000)
            break
    expect(box).to_have_value(option)


def remove(page: Page) -> None:
    card(page).get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Yes, remove Made up").click()
    expect(card(page).get_by_role("button", name="Download (")).to_be_visible()


def test_a_download_shows_its_progress_outlives_a_reload_and_is_cancelled_and_taken_up_again(
    open_page: Opener, mirror: Mirror, gate: Gate
) -> None:
    page = open_page(path="models")
    expect(card(page).get_by_text("Not on this disk")).to_be_visible()
    button = card(page).get_by_role("button", name="Download (206 kB)")
    button.focus()
    page.keyboard.press("Enter")
    expect(card(page).get_by_text(_PROGRESS)).to_be_visible()
    page.reload()
    expect(card(page).get_by_text(_PROGRESS)).to_be_visible()

    other = open_page(path="models")  # another tab shows the same download, and starts no second one
    expect(card(other).get_by_text(_PROGRESS)).to_be_visible()
    assert [path for path, _ in mirror.asked].count("/weights") == 1
    gate.silent.set()
    card(other).get_by_role("button", name="Cancel").click()
    expect(card(page).get_by_text("Stopping…")).to_be_visible()  # the first tab learns of it, too
    gate.open.set()
    expect(card(page).get_by_text(re.compile(r"are here: .*the weights \(\d+ %\)"))).to_be_visible()

    card(page).get_by_role("button", name="Go on").click()
    expect(card(page).get_by_text("On this disk, verified")).to_be_visible()
    assert [span for path, span in mirror.asked if path == "/weights"][-1] not in {None, "bytes=100000-"}
    remove(page)


def test_files_are_dropped_in_checked_and_removed_again(open_page: Opener, tmp_path: Path) -> None:
    page = open_page(path="models")
    files = []
    for role, content in CONTENTS.items():
        files.append(tmp_path / f"download ({len(files)}) {NAMES[role][:3]}")
        files[-1].write_bytes(content)
    pointer = tmp_path / "colorization_release_v2.caffemodel"
    pointer.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 128946764\n")
    page.locator("input[type=file]").set_input_files([*files, pointer])
    expect(card(page).get_by_text("On this disk, verified")).to_be_visible()
    expect(page.get_by_text("is the right file for Made up")).to_have_count(3)
    expect(page.get_by_text("colorization_release_v2.caffemodel is a Git LFS pointer")).to_be_visible()
    removal = card(page).get_by_role("button", name="Remove")
    removal.focus()
    page.keyboard.press("Enter")
    confirmation = page.get_by_role("button", name="Yes, remove Made up")
    confirmation.focus()
    page.keyboard.press("Enter")
    expect(card(page).get_by_role("button", name="Download (")).to_be_visible()


def test_no_connection_is_one_clear_line(open_page: Opener, mirror: Mirror) -> None:
    page = open_page(path="models")
    for role in CONTENTS:
        mirror.answers.pop(f"/{role}", None)
    card(page).get_by_role("button", name="Download (").click()
    expect(card(page).get_by_text("No address gave the right file.")).to_be_visible()
    card(page).get_by_text("What each address answered").click()
    expect(card(page).get_by_text("answered 404 Not Found").first).to_be_visible()


def test_an_own_network_is_measured_and_colours_pictures_by_what_auto_chose(
    open_page: Opener, own_network: Path
) -> None:
    page = open_page(path="models")
    page.get_by_role("button", name="A network of your own").click()
    page.get_by_label("Folder").fill(str(own_network))
    page.get_by_role("button", name="Add").click()
    own = page.locator("[class*=st-key-model]").filter(has=page.get_by_role("heading", name="own"))
    expect(own.get_by_text("not checked by anybody")).to_be_visible()
    measure(page, own)
    expect(own.get_by_role("row").filter(has_text="OpenCV, CPU")).to_contain_text("ms")

    choose(page, "Network", "own")
    page.get_by_role("link", name="Images").click()
    page.get_by_role("button", name="Try a sample").click()
    page.get_by_text("Advanced").click()
    expect(page.get_by_text(re.compile(r"^Runs on: .* · .* ms a picture · chosen by auto$"))).to_be_visible()
    choose(page, "Engine", "OpenCV, CPU")
    expect(page.get_by_text(re.compile(r"^Runs on: OpenCV, CPU, f32 · .* ms a picture$"))).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_models_fit_a_telephone_in_light_and_in_dark(open_page: Opener, scheme: str, tmp_path: Path) -> None:
    page = open_page(400, 800, scheme, "models")
    measure(page, card(page, "starter"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    table = page.locator("table.engine-speeds").first.bounding_box()
    assert table is not None
    assert table["x"] + table["width"] <= 400
    page.screenshot(path=tmp_path / f"{scheme}.png")
    corner = cv2.imread(str(tmp_path / f"{scheme}.png"))[-5, 2].mean()
    assert corner > 200 if scheme == "light" else corner < 60
