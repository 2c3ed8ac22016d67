"""What a user does with films, in a real browser."""

import base64
import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.video.films import encode

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(4)
    scene = cv2.resize(rng.integers(30, 230, (12, 16), np.uint8), (160, 120), interpolation=cv2.INTER_CUBIC)
    lumas = [np.ascontiguousarray(np.roll(scene, frame, axis=1)) for frame in range(48)]
    return encode(tmp_path_factory.mktemp("films") / "Großmutters Fest.mp4", lumas, codec="libx264")


def wait_until_it_listens(page: Page) -> None:
    """The page takes files: while Streamlit draws it anew the old part stands beside the new one, or there is none."""
    page.wait_for_timeout(300)
    expect(page.locator(".page-drop")).to_have_count(1)
    expect(page.locator(".page-drop:not([data-listens])")).to_have_count(0)


def give(page: Page, *paths: Path) -> None:
    wait_until_it_listens(page)
    chooser = page.locator("input.files")
    expect(chooser).to_have_count(1)
    chooser.set_input_files(list(paths))


def drop(page: Page, path: Path, place: str = ".drop") -> None:
    page.locator(place).first.evaluate(
        """(area, [name, data]) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
          const dragged = new DataTransfer()
          dragged.items.add(new File([bytes], name, { lastModified: 1 }))
          const event = { dataTransfer: dragged, bubbles: true, cancelable: true, composed: true }
          area.dispatchEvent(new DragEvent("dragover", event))
          globalThis.framed = [...document.querySelectorAll("*")]
            .flatMap((host) => [...(host.shadowRoot ?? host).querySelectorAll(".page-drop")])
            .some((frame) => !frame.hidden)
          area.dispatchEvent(new DragEvent("drop", event))
        }""",
        [path.name, base64.b64encode(path.read_bytes()).decode()],
    )


def frames(page: Page) -> Locator:
    return page.get_by_role("list", name="Frames of this film").locator("img.after[data-shown]")


def first_look(page: Page) -> str:
    expect(frames(page).first).to_have_js_property("complete", True)
    return str(frames(page).first.get_attribute("data-shown"))


def forget(page: Page) -> None:
    expect(frames(page)).to_have_count(6)  # none of them is still on its way
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Yes, remove it").click()
    expect(page.get_by_role("heading", name="Old films, in colour")).to_be_visible()
    expect(page.locator("input.files")).to_have_count(1)


def test_a_film_is_dropped_in_looked_at_and_ordered(open_page: Opener, film: Path) -> None:
    page = open_page(path="videos")
    wait_until_it_listens(page)
    drop(page, film)
    expect(page.get_by_role("heading", name="Großmutters Fest.mp4")).to_be_visible()
    look = first_look(page)
    expect(page.get_by_text("160 × 120")).to_be_visible()

    page.get_by_role("slider", name="Saturation").focus()
    page.keyboard.press("ArrowRight")
    expect(frames(page).first).not_to_have_attribute("data-shown", look)
    assert "saturation=1.05" in first_look(page)
    frame = page.get_by_role("button", name=re.compile("show it as it was")).first
    frame.focus()
    page.keyboard.press("Enter")
    expect(frame).to_have_attribute("aria-pressed", "true")
    expect(frame.locator("img.after")).to_be_hidden()

    page.reload()  # nothing is lost
    assert "saturation=1.05" in first_look(page)
    expect(page.get_by_text(re.compile("^About .* and .*B"))).to_be_visible()  # it is measured
    page.get_by_role("button", name="Colour this film").click()
    expect(page.get_by_text(re.compile(r"\.mp4 is in the queue"))).to_be_visible()
    page.get_by_role("link", name="See how far it is").click()
    expect(page).to_have_url(re.compile("/jobs"))
    page.goto(page.url.replace("/jobs", "/videos"))
    first_look(page)
    forget(page)


@pytest.mark.parametrize(("path", "heading"), [("videos", "Old films, in colour"), ("", "Old photographs, in colour")])
def test_the_whole_page_takes_what_is_dropped_and_a_frame_says_so(
    open_page: Opener, film: Path, tmp_path: Path, path: str, heading: str
) -> None:
    page = open_page(path=path)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    brought = film
    if not path:
        brought = tmp_path / "Großmutter.png"
        cv2.imencode(".png", np.full((40, 60), 90, np.uint8))[1].tofile(brought)
    wait_until_it_listens(page)
    drop(page, brought, "h1")
    assert page.evaluate("framed") is True
    expect(page.get_by_text(brought.name).first).to_be_visible()
    wait_until_it_listens(page)
    expect(page.locator(".page-drop:not([hidden])")).to_have_count(0)
    drop(page, brought, "[data-testid=stSlider]")  # beside the opened one, too
    assert page.evaluate("framed") is True
    if path:
        first_look(page)
        forget(page)


def test_the_frames_stay_in_view_while_the_controls_scroll(open_page: Opener, film: Path) -> None:
    page = open_page(1400, 700, path="videos")
    give(page, film)
    first_look(page)
    page.get_by_text("Advanced").first.click()
    page.get_by_role("slider", name="Temperature").scroll_into_view_if_needed()
    expect(frames(page).first).to_be_in_viewport()
    forget(page)


def fill_the_disk(route: Route) -> None:
    if route.request.method == "PUT" and route.request.headers["upload-offset"] != "0":
        route.fulfill(status=507, json={"error": "The disk is full."})
    else:
        route.continue_()


def test_a_broken_line_is_mended_and_a_wrong_file_is_said(open_page: Opener, film: Path, tmp_path: Path) -> None:
    page = open_page(path="videos")
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if route.request.method == "PUT" and len(lost) < 2:
            lost.append(route.request.url)
            route.fulfill(status=503, body="")
        else:
            route.continue_()

    page.route("**/api/uploads/**", lose_the_first)
    other = tmp_path / "Opas Reise.mp4"
    other.write_bytes(film.read_bytes())
    give(page, other)
    expect(page.get_by_text("The connection was lost. Trying again…").first).to_be_visible()
    expect(page.get_by_role("heading", name="Opas Reise.mp4")).to_be_visible()
    assert len(lost) == 2
    first_look(page)
    forget(page)

    wrong = tmp_path / "letter.mp4"
    wrong.write_text("Dear film, " * 400)
    give(page, wrong)
    expect(page.get_by_text("letter.mp4 is no film").first).to_be_visible()
    page.get_by_role("button", name="Close letter.mp4").click()
    expect(page.get_by_text("letter.mp4 is no film")).to_have_count(0)

    page.route("**/api/uploads/**", fill_the_disk)
    large = tmp_path / "Voll.mp4"
    large.write_bytes(film.read_bytes() + bytes(12 * 2**20))
    give(page, large)
    page.get_by_role("button", name="Close Voll.mp4").click()
    page.unroute("**/api/uploads/**")
    expect(page.get_by_text("Drop or choose the same file again, and it goes on.")).to_be_visible()
    page.get_by_role("button", name="Discard Voll.mp4").click()
    expect(page.get_by_role("progressbar", name="Voll.mp4, arriving")).to_have_count(0)


def test_a_film_can_be_called_off_and_goes_on_after_a_reload(open_page: Opener, film: Path, tmp_path: Path) -> None:
    page = open_page(path="videos")
    large = tmp_path / "Langer Film.mp4"
    large.write_bytes(film.read_bytes() + bytes(20 * 2**20))
    stopped: list[Route] = []

    def stop_at_the_second(route: Route) -> None:
        if route.request.method == "PUT" and route.request.headers["upload-offset"] != "0":
            stopped.append(route)  # and never answered
        else:
            route.continue_()

    page.route("**/api/uploads/**", stop_at_the_second)
    give(page, large)
    bar = page.get_by_role("progressbar", name="Langer Film.mp4, arriving")
    expect(page.get_by_text("of 21 MB")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())  # the page asks before it is left in the middle
    page.reload()
    expect(page.get_by_text("Drop or choose the same file again, and it goes on.")).to_be_visible()
    page.unroute("**/api/uploads/**")  # not before: what is stopped would go on
    assert 8 * 2**20 <= float(bar.get_attribute("value") or 0) < large.stat().st_size
    give(page, large)
    expect(page.get_by_role("heading", name="Langer Film.mp4")).to_be_visible()
    forget(page)

    page.route("**/api/uploads/**", stop_at_the_second)
    give(page, large)
    expect(page.get_by_text("of 21 MB")).to_be_visible()
    page.get_by_role("button", name="Cancel Langer Film.mp4").click()
    expect(bar).to_have_count(0)
    page.unroute("**/api/uploads/**")

    announced: list[Route] = []

    def hold(route: Route) -> None:
        announced.append(route)

    page.route("**/api/uploads", hold)
    with page.expect_request("**/api/uploads"):
        give(page, large)
    page.get_by_role("button", name="Cancel Langer Film.mp4").click()
    with page.expect_response(lambda answer: answer.request.method == "DELETE" and answer.status == 204):
        announced[0].continue_()
    page.reload()
    page.get_by_role("button", name="Choose films").wait_for()
    expect(bar).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_films_fit_a_telephone_in_light_and_in_dark(open_page: Opener, film: Path, scheme: str, tmp_path: Path) -> None:
    page = open_page(400, 800, scheme, "videos")
    give(page, film)
    first_look(page)
    page.get_by_role("button", name="Colour this film").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.screenshot(path=tmp_path / f"{scheme}.png")
    corner = cv2.imread(str(tmp_path / f"{scheme}.png"))[-5, 2].mean()
    assert corner > 200 if scheme == "light" else corner < 60
    forget(page)
