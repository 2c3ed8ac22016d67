"""What a user does with a film once it is coloured, in a real browser and with a real worker."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from colorizer.jobs.folders import DataFolder
from colorizer.jobs.model import FilmOrder, Job
from colorizer.jobs.store import Store
from colorizer.video.film_settings import Encoding
from tests.jobs.processes import ended, wait_for
from tests.video.films import encode

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="the worker is watched by way of /proc"),
]

Opener = Callable[..., Page]
SECONDS = 2.0
WAIT = 60_000  # milliseconds for a worker on a busy machine


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(4)
    scene = cv2.resize(rng.integers(30, 230, (12, 16), np.uint8), (320, 240), interpolation=cv2.INTER_CUBIC)
    lumas = [np.ascontiguousarray(np.roll(scene, 2 * frame, axis=1)) for frame in range(48)]
    return Path(encode(tmp_path_factory.mktemp("films") / "Großmutters Fest.mp4", lumas, codec="libx264"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def studio(start_studio: Callable[..., AbstractContextManager[str]], data: Path) -> Iterator[str]:
    with start_studio("-m", "streamlit", COLORIZER_DATA_DIR=str(data)) as address:
        yield address


@pytest.fixture(scope="module")
def store(data: Path) -> Store:
    return Store(DataFolder(data))


@pytest.fixture(scope="module")
def done(studio: str, store: Store, film: Path) -> Job:
    """A film that the studio's own worker has coloured."""
    job = store.add(FilmOrder(film, film.name, engine="opencv:cpu"))
    wait_for(lambda: ended(store.find(job.id)))
    job = store.find(job.id)
    assert job.result is not None, job.reason
    return job


def opened(open_page: Opener, job: Job, **view: object) -> Page:
    page = open_page(path=f"jobs?job={job.id}", ready=job.order.title, **view)
    expect(page.get_by_role("heading", name="Other colours")).to_be_visible()
    return page


def duration(page: Page) -> float:
    """Seconds of the film in the page, as soon as the browser knows and has a picture of it."""
    video = page.locator("video")
    wait_for(lambda: video.evaluate("video => video.readyState") > 1)
    return float(video.evaluate("video => video.duration"))


def stills(page: Page) -> Locator:
    return page.get_by_role("list", name="Frames of this film").locator("img.after[data-shown]")


def colour_at(page: Page, x: float, y: float) -> np.ndarray:
    """The colour of the screen at this part of the video, BGR, as differences from grey."""
    box = page.locator("video").bounding_box()
    assert box is not None
    shot = cv2.imdecode(np.frombuffer(page.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    patch = shot[int(box["y"] + y * box["height"]) - 4 :, int(box["x"] + x * box["width"]) - 4 :][:8, :8]
    return patch.reshape(-1, 3).astype(int)


def chroma(pixels: np.ndarray) -> float:
    return float(np.ptp(pixels, axis=1).mean())


def test_a_finished_film_plays_and_is_compared_by_keyboard(open_page: Opener, done: Job) -> None:
    page = opened(open_page, done)
    assert abs(duration(page) - SECONDS) < 0.1
    ranged = page.locator("video").evaluate(
        """async (video) => {
          const answer = await fetch(video.src, { headers: { Range: "bytes=0-99" } })
          return [answer.status, (await answer.arrayBuffer()).byteLength]
        }"""
    )
    assert ranged == [206, 100]

    slider = page.get_by_role("slider", name=re.compile("Compare before and after"))
    slider.focus()
    page.keyboard.press("Home")
    page.locator("video").scroll_into_view_if_needed()
    in_colour = colour_at(page, 0.3, 0.4)
    assert chroma(in_colour) > 3
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "0 percent of the film is shown in colour")
    as_it_was = colour_at(page, 0.3, 0.4)
    assert chroma(as_it_was) < 1.5
    weights = (0.2126, 0.7152, 0.0722)  # luma: the plain mean of saturated colour is another
    assert abs((as_it_was @ weights).mean() - (in_colour @ weights).mean()) < 12
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "1 percent of the film is shown in colour")
    stage = page.locator("video").locator("..").bounding_box()
    assert stage is not None
    height = stage["y"] + 0.3 * stage["height"]
    page.mouse.move(stage["x"] + 0.99 * stage["width"], height)
    page.mouse.down()
    page.mouse.move(stage["x"] + 0.4 * stage["width"], height, steps=4)
    page.mouse.up()
    expect(slider).to_have_attribute("aria-valuetext", "60 percent of the film is shown in colour")

    page.locator("video").evaluate("video => { video.muted = true; return video.play() }")
    wait_for(lambda: page.locator("video").evaluate("video => video.currentTime") > 0.3)


def test_a_download_is_the_jobs_own_file_and_the_report_lies_beside_it(
    open_page: Opener, done: Job, tmp_path: Path
) -> None:
    page = opened(open_page, done)
    assert done.result is not None
    for name, suffix in (("Download", ""), ("Its colours (chroma track)", ".chroma"), ("Report (JSON)", ".json")):
        with page.expect_download() as taken:
            page.get_by_role("link", name=name, exact=True).click()
        assert taken.value.suggested_filename == f"Großmutters Fest-colour.mp4{suffix}"
        taken.value.save_as(tmp_path / "taken")
        beside = done.result.with_name(done.result.name + suffix)
        assert (tmp_path / "taken").read_bytes() == beside.read_bytes()
    report = json.loads((tmp_path / "taken").read_text("utf-8"))
    expect(page.get_by_text(f"{report['frames']} in {report['shots']} shot")).to_be_visible()


def test_other_colours_become_a_second_film_which_a_reload_and_another_tab_see(
    open_page: Opener, done: Job, store: Store
) -> None:
    page = opened(open_page, done)
    expect(stills(page)).to_have_count(3)
    look = stills(page).first.get_attribute("data-shown") or ""
    page.get_by_role("slider", name="Hue").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(stills(page).first).not_to_have_attribute("data-shown", look)
    expect(stills(page).first).to_have_attribute("data-shown", re.compile("hue=3"))
    page.get_by_role("button", name="Render again").click()
    expect(page).not_to_have_url(re.compile(done.id))
    page.reload()
    expect(page.get_by_text("did not run again")).to_be_visible(timeout=WAIT)
    second = next(job for job in store.jobs() if job.order.regrades == done.id)
    assert second.order.settings.grade.hue == 3
    assert second.result is not None
    expect(page).to_have_url(re.compile(second.id))
    assert abs(duration(page) - SECONDS) < 0.1

    other = open_page(path="jobs", ready="Films and results take")
    expect(other.get_by_role("link", name=done.order.title)).to_have_count(2)
    page.get_by_role("link", name="All jobs").click()
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    expect(page).not_to_have_url(re.compile("job="))
    row = page.locator(f".st-key-job-{second.id}")
    row.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Yes, delete it").click()
    expect(row).to_have_count(0)
    expect(other.get_by_role("link", name=done.order.title)).to_have_count(1)  # without being told
    left = other.get_by_role("link", name=done.order.title)
    expect(left).to_have_attribute("href", re.compile(done.id))  # not the other one's, in the moment of being redrawn
    left.click()
    expect(other).to_have_url(re.compile(f"job={done.id}"))
    expect(other.locator("video")).to_be_visible()


def test_a_film_that_no_browser_plays_says_so_and_an_unknown_address_too(
    open_page: Opener, store: Store, done: Job
) -> None:
    archived = store.add(done.regrading(replace(done.order.settings, encoding=Encoding("ffv1", lossless=True)), ".mkv"))
    page = open_page(path=f"jobs?job={archived.id}", ready=archived.order.title)
    expect(page.get_by_text("Browsers do not play FFV1")).to_be_visible(timeout=WAIT)
    expect(page.get_by_text("untouched: 0.00")).to_be_visible()
    expect(page.get_by_role("link", name="Download", exact=True)).to_be_visible()
    store.delete(archived.id)
    expect(page.get_by_text("There is no such job any more")).to_be_visible()


def test_the_top_bar_leads_from_one_job_to_the_list(open_page: Opener, done: Job) -> None:
    page = opened(open_page, done)
    page.get_by_test_id("stTopNavLink").filter(has_text="Jobs").click()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()
    expect(page).to_have_url(re.compile("/jobs$"))
    page.get_by_role("link", name=done.order.title).first.click()
    expect(page.get_by_role("heading", name="Other colours")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/jobs.job={done.id}"))
    page.go_back()
    expect(page.get_by_role("heading", name="Jobs")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_job_fits_a_telephone_in_light_and_in_dark(
    open_page: Opener, done: Job, scheme: str, tmp_path: Path
) -> None:
    page = opened(open_page, done, width=400, height=800, scheme=scheme)
    expect(stills(page)).to_have_count(3)
    page.get_by_role("button", name="Render again").scroll_into_view_if_needed()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    page.screenshot(path=tmp_path / f"{scheme}.png")
    corner = cv2.imread(str(tmp_path / f"{scheme}.png"))[-5, 2].mean()
    assert corner > 200 if scheme == "light" else corner < 60


def test_a_question_stays_open_while_the_list_is_drawn_again(open_page: Opener, store: Store, done: Job) -> None:
    ordered = store.add(replace(done.order, title="Another.mp4"))
    store.pause(ordered.id)
    waiting = [store.add(replace(done.order, title=f"{number}.mp4")) for number in range(3)]
    page = open_page(path="jobs", ready="Films and results take")
    page.locator(f".st-key-job-{done.id}").get_by_role("button", name="Delete").click()
    question = page.get_by_role("button", name="Yes, delete it")
    expect(question).to_be_visible()
    wait_for(lambda: all(ended(store.find(job.id)) for job in waiting))
    expect(page.get_by_text("finished")).to_have_count(4)
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    for job in waiting:
        store.delete(job.id)
    store.cancel(ordered.id)
    store.delete(ordered.id)


def test_strangers_do_not_see_each_others_films(
    start_studio: Callable[..., AbstractContextManager[str]], browser: Browser, film: Path
) -> None:
    """It starts a second studio."""
    limits = {"COLORIZER_SHARED": "1", "COLORIZER_ALLOWED_FOLDERS": ""}
    with start_studio("-m", "streamlit", **limits) as address:
        mine, theirs = browser.new_page(), browser.new_page()
        for page in (mine, theirs):
            page.goto(f"{address}videos")
            expect(page.get_by_text("This is a demonstration")).to_be_visible(timeout=WAIT)
        expect(mine.locator("input.files")).to_have_count(1)
        mine.locator("input.files").set_input_files([film])
        expect(mine.get_by_role("heading", name=film.name)).to_be_visible()
        mine.get_by_role("button", name="Colour this film").click(timeout=WAIT)
        mine.get_by_role("link", name="See how far it is").click()
        expect(mine.get_by_role("heading", name=film.name)).to_be_visible()
        theirs.goto(f"{address}videos")
        expect(theirs.get_by_role("heading", name="Old films, in colour")).to_be_visible()
        theirs.goto(f"{address}jobs")
        expect(theirs.get_by_text("Nothing is being coloured")).to_be_visible()
        theirs.goto(mine.url)  # whoever has the address may look
        expect(theirs.get_by_role("heading", name=film.name)).to_be_visible()
        mine.reload()
        expect(mine.get_by_text("Other colours")).to_be_visible(timeout=WAIT)
        mine.close()
        theirs.close()


def test_what_this_browser_cannot_play_is_said_and_a_gif_is_compared_like_a_film(
    open_page: Opener, store: Store, done: Job
) -> None:
    page = open_page(path="jobs", ready="Films and results take")
    page.route("**/result", lambda route: route.fulfill(body="no film", content_type="video/mp4"))
    page.locator(f".st-key-job-{done.id}").get_by_role("link", name=done.order.title).click()
    expect(page.get_by_text("This browser cannot play this film")).to_be_visible()
    expect(page.locator("video")).to_be_hidden()

    gif = store.add(done.regrading(replace(done.order.settings, encoding=Encoding()), ".gif"))
    page = opened(open_page, wait_for(lambda: (job := store.find(gif.id)) and ended(job) and job))
    moving = page.get_by_role("img", name=f"{done.order.title}, in colour")
    expect(moving).to_have_js_property("naturalWidth", 320)
    expect(page.locator("video")).to_be_hidden()
    expect(page.get_by_role("slider", name=re.compile("Compare before and after"))).to_be_visible()
    store.delete(gif.id)
