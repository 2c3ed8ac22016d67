"""Correcting colours by hand, in a real browser: by mouse, by keys, by finger, and what is there after a reload."""

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "Großmutter.png"
    scene = np.random.default_rng(4).integers(30, 230, (9, 12), np.uint8)
    path.write_bytes(cv2.imencode(".png", cv2.resize(scene, (480, 360), interpolation=cv2.INTER_CUBIC))[1].tobytes())
    return path


def shown(page: Page) -> Locator:
    return page.locator(".stage > img.after")


def pins(page: Page) -> Locator:
    return page.locator(".pins .pin")


def begin(page: Page, photo: Path) -> None:
    page.locator("input[type=file]").first.set_input_files(photo)
    expect(shown(page)).to_have_attribute("data-shown", re.compile("after.jpg"))
    page.get_by_text("Correct colours by hand").click()
    expect(page.locator(".pins .field")).to_be_visible()


def change(page: Page, act: Callable[[], object]) -> None:
    """Do something, and wait until the picture has changed."""
    before = shown(page).get_attribute("data-shown")
    act()
    expect(shown(page)).not_to_have_attribute("data-shown", before or "")


def test_a_colour_is_chosen_for_a_place_moved_taken_back_and_kept(open_page: Opener, photo: Path) -> None:
    page = open_page()
    begin(page, photo)
    page.locator(".pins .field").dblclick(position={"x": 200, "y": 100})  # one place, one pin
    expect(pins(page)).to_have_count(1)
    ideas = page.get_by_role("group", name="The network's own ideas").get_by_role("button")
    expect(ideas.last).to_have_accessible_name("no colour: grey")
    change(page, ideas.last.click)
    expect(pins(page)).to_have_accessible_name(re.compile("^Pin 1, grey"))
    page.get_by_text("Colours of things").click()
    change(page, page.get_by_role("button", name="royal blue: blue").click)

    box = pins(page).bounding_box()
    assert box is not None

    def drag() -> None:
        page.mouse.move(box["x"] + 12, box["y"] + 12)
        page.mouse.down()
        page.mouse.move(box["x"] + 90, box["y"] + 60, steps=4)
        page.mouse.up()

    change(page, drag)
    change(page, lambda: page.keyboard.press("Control+z"))
    expect(page.get_by_role("button", name="Redo")).to_be_enabled()
    change(page, lambda: page.keyboard.press("Control+y"))

    page.reload()  # with its pins
    expect(pins(page)).to_have_accessible_name(re.compile("^Pin 1, blue"))
    change(page, page.get_by_role("button", name="Remove pin 1").click)
    expect(pins(page)).to_have_count(0)


def test_all_of_it_by_keys(open_page: Opener, photo: Path) -> None:
    page = open_page()
    begin(page, photo)
    page.locator(".pins .field").focus()
    for key in ("ArrowRight", "Shift+ArrowDown", "Enter"):
        page.keyboard.press(key)
    expect(pins(page)).to_have_count(1)
    pins(page).focus()
    place = pins(page).get_attribute("style")
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    assert pins(page).get_attribute("style") != place
    reach = page.get_by_role("slider", name="Reach")
    reach.focus()
    for shown_reach in ("0.55", "0.60", "0.65"):
        page.keyboard.press("ArrowRight")
        expect(reach).to_have_attribute("aria-valuetext", shown_reach)
        page.wait_for_timeout(500)  # until the page was drawn anew
    expect(reach).to_be_focused()
    disc = page.get_by_role("slider", name=re.compile("^Colour of pin 1"))
    disc.focus()
    change(page, lambda: page.keyboard.press("Shift+ArrowUp"))
    pins(page).focus()
    change(page, lambda: page.keyboard.press("Delete"))
    expect(pins(page)).to_have_count(0)


def test_looking_closely_keeps_places_where_they_are(open_page: Opener, photo: Path) -> None:
    page = open_page()
    begin(page, photo)
    stage = page.locator(".stage")
    percent = stage.locator(".percent")
    expect(percent).to_have_text("Fit")
    box = stage.bounding_box()
    assert box is not None
    where = (box["x"] + 0.3 * box["width"], box["y"] + 0.4 * box["height"])
    page.mouse.move(*where)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    expect(percent).to_have_text(re.compile(r"^\d+ %$"))

    page.mouse.click(*where)  # what lay under the pointer before lies there still
    expect(pins(page)).to_have_count(1)
    assert place_of(pins(page)) == pytest.approx((30, 40), abs=1)
    page.mouse.down()
    page.mouse.move(where[0] + 3, where[1] + 2)
    page.mouse.up()
    page.mouse.move(where[0] + 60, where[1] + 60)
    page.mouse.down()
    page.mouse.move(where[0], where[1], steps=5)
    page.mouse.up()
    expect(pins(page)).to_have_count(1)  # dragging the picture sets none
    moved = pins(page).bounding_box()
    assert moved is not None
    assert moved["x"] + 13 == pytest.approx(where[0] - 60, abs=4)
    page.get_by_role("button", name="Larger").focus()
    page.keyboard.press("0")
    expect(percent).to_have_text("Fit")


def place_of(pin: Locator) -> tuple[float, float]:
    left, top = pin.evaluate("pin => [pin.style.left, pin.style.top]")
    return float(left.removesuffix("%")), float(top.removesuffix("%"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_telephone(open_page: Opener, photo: Path, scheme: str) -> None:
    page = open_page(400, 800, scheme)
    begin(page, photo)
    page.locator(".pins .field").click(position={"x": 150, "y": 100})
    expect(pins(page)).to_have_count(1)
    page.get_by_text("Show where the network is unsure").click()
    expect(page.locator(".doubt")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.get_by_role("button", name="Remove all", exact=True).first.click()
    expect(pins(page)).to_have_count(0)
