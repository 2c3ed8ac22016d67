"""What a user does in the studio, in a real browser."""

import base64
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from colorizer.color.lightness import luma
from colorizer.sample import sample_picture

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]
REFUSING = """() => {
  const refused = new Response('{"error": "too large.png is too large."}', { status: 413 })
  const real = window.fetch
  window.fetch = (url, wish) => (`${url}`.includes("too%20large") ? Promise.resolve(refused) : real(url, wish))
}"""


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "Großmutters Haus.png"
    path.write_bytes(sample_picture())
    return path


def give(page: Page, *paths: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(list(paths))


def shown(page: Page) -> str:
    """The address of the result in the big view, once it is there."""
    after = page.locator("img.after[data-shown]").first
    expect(after).to_have_js_property("complete", True)
    return str(after.get_attribute("data-shown"))


def wait_for_another(page: Page, than: str) -> str:
    expect(page.locator("img.after[data-shown]").first).not_to_have_attribute("data-shown", than)
    return shown(page)


def pixels_of(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)


def view_of(page: Page) -> np.ndarray:
    return pixels_of(page.request.get(page.url.split("?")[0] + shown(page)).body()).astype(int)


def handle(page: Page, label: str) -> Locator:
    return page.get_by_role("slider", name=re.compile(f"^{label}"))


def test_a_deep_link_makes_no_errors_but_the_frameworks_own_questions_below_the_page(
    browser: Browser, studio: str
) -> None:
    page = browser.new_page()
    errors: list[str] = []
    page.on("console", lambda line: errors.append(line.location["url"]) if line.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(studio + "videos")
    expect(page.get_by_role("heading", name="Old films, in colour")).to_be_visible()
    # Streamlit's page cannot know below which path its server lies: it asks below the page first, then above.
    asked = {error.removeprefix(studio + "videos") for error in errors}
    assert asked <= {"/_stcore/health", "/_stcore/host-config"}
    for path in asked:
        assert page.request.get(studio + path.removeprefix("/")).ok
    page.close()


def test_a_photograph_is_coloured_compared_and_downloaded(open_page: Opener, photo: Path, tmp_path: Path) -> None:
    page = open_page()
    give(page, photo)
    first = shown(page)
    assert np.ptp(view_of(page), axis=2).mean() > 10

    split = page.get_by_role("slider", name="Compare before and after: Großmutters Haus.png")
    split.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    expect(split).to_have_attribute("aria-valuetext", "100 percent of the result is shown")
    page.keyboard.press("End")
    expect(split).to_have_attribute("aria-valuetext", "0 percent of the result is shown")

    handle(page, "Saturation").focus()
    page.keyboard.press("ArrowRight")
    second = wait_for_another(page, first)
    assert "saturation=1.05" in second
    assert split.input_value() == "100"  # a rerun leaves the line where it is

    page.get_by_role("combobox", name="Save as").click()
    page.get_by_role("option", name="PNG").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download").click()
    assert waiting.value.suggested_filename == "Großmutters Haus-colour.png"
    waiting.value.save_as(tmp_path / "result.png")
    rgb = pixels_of((tmp_path / "result.png").read_bytes())[..., ::-1]
    original = pixels_of(photo.read_bytes())
    assert rgb.shape == (*original.shape, 3)
    assert abs(luma(np.ascontiguousarray(rgb)).astype(int) - original).max() <= 1
    assert np.ptp(rgb.astype(int), axis=2).mean() > 10


def test_every_slider_works_by_keyboard_and_reset_brings_everything_back(open_page: Opener) -> None:
    page = open_page()
    page.get_by_role("button", name="Try a sample").click()
    first = look = shown(page)
    for label in ("Saturation", "Hue", "Intensity", "Warmth"):
        handle(page, label).focus()
        page.keyboard.press("ArrowLeft")
        look = wait_for_another(page, look)
        assert f"{label.lower()}=" in look
    page.get_by_role("radio", name="Vivid").click()
    assert "saturation=1.5" in wait_for_another(page, look)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator("img.after[data-shown]").first).to_have_attribute("data-shown", first)
    expect(handle(page, "Saturation")).to_have_value("1")


def test_the_picture_follows_a_slider_that_is_not_let_go_yet(open_page: Opener) -> None:
    page = open_page()
    page.get_by_role("button", name="Try a sample").click()
    look = shown(page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "after.jpg?side=" in request.url else None)
    download = page.get_by_role("link", name="Download")
    thumb = handle(page, "Saturation").locator("xpath=ancestor::*[@data-rac][1]").bounding_box()
    assert thumb is not None
    middle = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 10, middle[1])
    page.mouse.move(middle[0] + 30, middle[1], steps=5)
    moved = wait_for_another(page, look)
    assert "saturation=" in moved
    assert "saturation=" not in (download.get_attribute("href") or "")  # the server knows of nothing yet
    page.mouse.up()
    expect(download).to_have_attribute("href", re.compile("saturation="))
    value = float(handle(page, "Saturation").input_value())
    expect(page.locator("img.after[data-shown]").first).to_have_attribute(
        "data-shown", re.compile(f"saturation={value:g}$")
    )
    assert len(asked) == len(set(asked))  # what the server then says is the address that is shown already


def test_many_pictures_stand_in_a_gallery_with_the_error_beside_its_own(
    open_page: Opener, photo: Path, tmp_path: Path
) -> None:
    second, broken = tmp_path / "zweites.png", tmp_path / "kaputt <b>ü<_b>.jpg"
    second.write_bytes(cv2.imencode(".png", pixels_of(photo.read_bytes())[:, ::-1])[1].tobytes())
    broken.write_bytes(b"\xff\xd8 this is no picture")
    page = open_page()
    give(page, photo, second, broken)
    expect(page.get_by_text("3 pictures · 1 with a problem")).to_be_visible()
    failed = page.get_by_role("listitem").filter(has=page.get_by_role("alert"))
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("kaputt <b>ü<_b>.jpg")
    failed.get_by_role("alert").dblclick(position={"x": 24, "y": 8})  # the reason can be selected, and copied
    assert page.evaluate("getSelection().toString()").strip()
    expect(page.get_by_role("heading", name="kaputt")).to_have_count(0)  # and the picture was not opened by that

    look = shown(page)
    name = page.get_by_role("listitem").filter(has_text="zweites.png").locator(".name")
    name.click(force=True)  # where the name stands: the button lies over all of its card
    wait_for_another(page, look)
    expect(page.get_by_role("slider", name="Compare before and after: zweites.png")).to_be_visible()

    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download the finished 2 as zip").click()
    waiting.value.save_as(tmp_path / "all.zip")
    packed = zipfile.ZipFile(tmp_path / "all.zip")
    assert packed.namelist() == ["Großmutters Haus-colour.png", "zweites-colour.png"]
    assert all(np.ptp(pixels_of(packed.read(name)).astype(int), axis=2).mean() > 10 for name in packed.namelist())

    page.get_by_role("button", name="Open kaputt").click()
    expect(page.get_by_role("heading", name="kaputt <b>ü<_b>.jpg")).to_be_visible()
    page.get_by_role("button", name="Remove kaputt").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 pictures", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="All 2 are ready")).to_have_count(1)
    expect(page.get_by_role("button", name="Remove zweites.png")).to_be_focused()  # the keyboard goes on from there
    page.reload()
    expect(page.get_by_text("2 pictures", exact=True)).to_be_visible()


def test_pictures_are_pasted_from_the_clipboard_and_one_that_is_refused_stops_no_other(open_page: Opener) -> None:
    page = open_page()
    page.get_by_role("button", name="Paste a picture").wait_for()
    page.evaluate(REFUSING)
    page.evaluate(
        """(data) => {
          const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0))
          const clipboard = new DataTransfer()
          for (const name of ["image.png", "too large.png", "house.png"])
            clipboard.items.add(new File([bytes, name], name, { type: "image/png" })) // no two alike
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true }))
        }""",
        base64.b64encode(sample_picture()).decode(),
    )
    shown(page)
    expect(page.get_by_role("slider", name="Compare before and after: house.png")).to_be_visible()
    expect(page.get_by_text("2 pictures", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Open Pasted")).to_be_visible()
    expect(page.get_by_text("too large.png is too large")).to_be_visible()


def test_colour_and_black_and_white_are_one_click_apart(open_page: Opener) -> None:
    page = open_page()
    page.get_by_role("button", name="Try a sample").click()
    look = shown(page)
    page.get_by_role("radio", name="Black and white").click()
    wait_for_another(page, look)
    assert view_of(page).ndim == 2
    expect(page.get_by_role("slider", name="Compare before and after")).to_be_hidden()
    page.get_by_role("radio", name="Colour").click()
    expect(page.locator("img.after[data-shown]").first).to_have_attribute("data-shown", look)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone_in_light_and_in_dark(open_page: Opener, scheme: str, tmp_path: Path) -> None:
    page = open_page(400, 800, scheme)
    page.get_by_role("button", name="Try a sample").click()
    shown(page)
    handle(page, "Warmth").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    stage = page.locator(".stage").first.bounding_box()
    assert stage is not None
    assert stage["x"] >= 0
    assert stage["x"] + stage["width"] <= 400
    assert stage["width"] > 300
    page.screenshot(path=tmp_path / f"{scheme}.png")
    corner = pixels_of((tmp_path / f"{scheme}.png").read_bytes())[-5, 2, :3].mean()
    assert corner > 200 if scheme == "light" else corner < 60


def test_the_images_page_opens_at_its_own_name_too_with_the_pictures_that_the_address_names(
    open_page: Opener, studio: str, photo: Path
) -> None:
    page = open_page()
    give(page, photo)
    shown(page)
    address = page.url
    page.goto(address.replace(studio, f"{studio}images"))
    shown(page)
    expect(page).to_have_url(address)
    expect(page.get_by_role("dialog")).to_have_count(0)
