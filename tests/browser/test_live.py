"""What a user sees live, in a real browser with a camera that draws its own picture."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from playwright.sync_api import Download, Locator, Page, expect

from tests.video.films import encode

pytestmark = pytest.mark.browser

Opener = Callable[..., Page]
SLOWED = """() => {
window.sent = []
const send = WebSocket.prototype.send
WebSocket.prototype.send = function (data) {
  if (!(data instanceof Blob)) return send.call(this, data)
  window.sent.push(performance.now())
  setTimeout(() => send.call(this, data), 300)
}}"""
SAME_FRAME = """video => {
  const canvas = document.createElement("canvas")
  Object.assign(canvas, {width: video.videoWidth, height: video.videoHeight}).getContext("2d").drawImage(video, 0, 0)
  return canvas.toDataURL()
}"""
UNRECORDABLE = """() => {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
  navigator.mediaDevices.getUserMedia = async (wish) => (window.microphone = await open(wish))
  MediaRecorder.prototype.start = () => { throw new DOMException("", "NotSupportedError") }
}"""
DENIED = "name => navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name) }"


@pytest.fixture(scope="module")
def switches() -> list[str]:
    return ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def live(page: Page) -> Locator:
    """The canvas, once frames are counted on it."""
    canvas = page.locator(".stage.running canvas[data-fps]")
    canvas.wait_for()
    return canvas


def pixels(canvas: Locator) -> np.ndarray:
    """What is on the canvas at this moment, (H, W, 3) RGB."""
    return decoded(canvas.evaluate("canvas => canvas.toDataURL()"))


def decoded(url: str) -> np.ndarray:
    encoded = np.frombuffer(base64.b64decode(url.partition(",")[2]), np.uint8)
    return cv2.imdecode(encoded, cv2.IMREAD_COLOR)[..., ::-1].astype(int)


def coloured(page: Page) -> np.ndarray:
    """What is shown, once it has colour."""
    canvas = live(page)
    for _ in range(100):
        seen = pixels(canvas)
        if np.ptp(seen, axis=2).mean() > 8:
            return seen
        page.wait_for_timeout(100)
    raise AssertionError("no colour came")


def start(page: Page, size: str = "480") -> Any:
    """The camera's own track, once its picture is coloured."""
    page.locator("select.size").select_option(size)
    button(page, "Camera").click()
    coloured(page)
    return page.locator(".live video").evaluate_handle("video => video.srcObject.getVideoTracks()[0]")


def state(track: Any) -> str:
    return str(track.evaluate("track => track.readyState"))


def test_the_camera_is_seen_in_colour_until_stop_is_pressed(open_page: Opener) -> None:
    page = open_page(path="live")
    track = start(page)
    assert coloured(page).shape == (480, 640, 3)
    expect(page.locator(".meter")).to_have_text(re.compile(r"^[\d.]+ fps · \d+ ms · 640 × 480$"))
    expect(button(page, "Camera")).to_have_attribute("aria-pressed", "true")
    assert state(track) == "live"
    button(page, "Stop").click()
    assert state(track) == "ended"
    assert page.locator(".live video").evaluate("video => video.srcObject") is None
    expect(button(page, "Stop")).to_be_disabled()
    expect(page.locator(".meter")).to_be_hidden()
    start(page)


def test_leaving_the_page_lets_go_of_the_camera(open_page: Opener) -> None:
    page = open_page(path="live")
    track = start(page)
    page.get_by_role("link", name="Images").click()
    page.get_by_text("Choose pictures").or_(page.get_by_text("Old photographs")).first.wait_for()
    page.wait_for_timeout(300)
    assert state(track) == "ended"


def test_a_slider_changes_the_running_picture_and_leaves_the_camera_alone(open_page: Opener) -> None:
    page = open_page(path="live")
    track = start(page)
    page.get_by_role("slider", name="Intensity").focus()
    page.keyboard.press("Home")
    for _ in range(100):
        spread = np.ptp(pixels(live(page)), axis=2).max()
        if spread <= 2:
            break
        page.wait_for_timeout(100)
    assert spread <= 2, "at intensity 0 the picture is grey"
    assert state(track) == "live"


def test_a_slow_studio_makes_fewer_pictures_and_never_a_queue(open_page: Opener) -> None:
    page = open_page(path="live")
    page.evaluate(SLOWED)
    start(page)
    page.wait_for_function("window.sent.length > 12")
    gaps = np.diff(page.evaluate("window.sent"))
    assert gaps.min() >= 290, "a second frame was sent before the first was answered"
    assert float(live(page).get_attribute("data-behind") or "inf") < 1500, (
        "12 frames at 20 a second in a line: far more"
    )


def test_all_of_it_works_with_the_keyboard(open_page: Opener) -> None:
    page = open_page(path="live")
    button(page, "Camera").focus()
    page.keyboard.press("Enter")
    coloured(page)
    for name in ("Screen", "Film file", "Stop"):
        page.keyboard.press("Tab")
        expect(button(page, name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(button(page, "Stop")).to_be_disabled()
    expect(button(page, "Camera")).to_be_focused()


def test_a_narrow_window_shows_everything_without_scrolling_sideways(open_page: Opener) -> None:
    page = open_page(width=400, height=800, scheme="dark", path="live")
    start(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    for name in ("Camera", "Screen", "Film file", "Stop", "Snapshot", "Record"):
        box = button(page, name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 400


def saved(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def test_a_snapshot_and_a_recording_with_sound_are_saved(open_page: Opener, tmp_path: Path) -> None:
    page = open_page(path="live")
    start(page, "720")
    with page.expect_download() as snapshot:
        button(page, "Snapshot").click()
    picture = cv2.imread(str(saved(snapshot.value, tmp_path)))
    assert picture.shape == (720, 1280, 3), "the camera's own resolution"
    assert np.ptp(picture.astype(int), axis=2).mean() > 8

    page.get_by_label("Record with sound").check()
    button(page, "Record").click()
    expect(button(page, "End recording")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".clock")).to_have_text("0:02")
    with page.expect_download() as recording:
        button(page, "End recording").click()
    with av.open(str(saved(recording.value, tmp_path))) as film:
        assert len(film.streams.audio) == 1
        assert 2 <= film.duration / av.time_base <= 30, "as long as it was recorded; without this players cannot seek"
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(frames) >= 3
    assert frames[-1].shape == (720, 1280, 3)
    assert np.ptp(frames[-1].astype(int), axis=2).mean() > 8

    page.evaluate(UNRECORDABLE)
    button(page, "Record").click()
    expect(page.locator(".live [role=status]")).to_contain_text("This browser cannot record.")
    expect(button(page, "Record")).to_be_enabled()
    assert page.evaluate("window.microphone.getTracks().map((track) => track.readyState)") == ["ended"]


def sound_alone(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopus", 48_000)
        hush = av.AudioFrame.from_ndarray(np.zeros((1, 96_000), np.int16), layout="stereo")
        hush.sample_rate = 48_000
        container.mux(stream.encode(hush))
        container.mux(stream.encode())
    return path


def test_a_film_on_this_computer_keeps_its_luma(open_page: Opener, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    scene = cv2.resize(rng.integers(30, 230, (12, 16), np.uint8), (320, 240), interpolation=cv2.INTER_CUBIC)
    film = encode(tmp_path / "still.webm", [scene] * 60, codec="libvpx-vp9")
    page = open_page(path="live")
    page.get_by_label("Choose a film file").set_input_files(film)
    coloured(page)
    page.locator(".live video").evaluate("video => video.pause()")
    page.wait_for_timeout(500)  # until the frame that it stopped at is shown
    seen = pixels(live(page))
    frame = decoded(page.locator(".live video").evaluate(SAME_FRAME))
    page.get_by_label("Record with sound").check()
    button(page, "Record").click()
    expect(page.locator(".live [role=status]")).to_contain_text("it is recorded without")
    difference = np.abs((seen - frame) @ [0.299, 0.587, 0.114])
    assert difference.max() <= 2, "the blend mode's own weights are 0.30, 0.59 and 0.11"
    button(page, "Stop").click()
    assert page.locator(".live video").get_attribute("src") is None

    (tmp_path / "broken.webm").write_bytes(b"no film")
    for unseen in (tmp_path / "broken.webm", sound_alone(tmp_path / "sound.webm")):
        page.get_by_label("Choose a film file").set_input_files(unseen)
        expect(page.get_by_role("status")).to_contain_text("The Videos page takes nearly every kind")
        expect(button(page, "Stop")).to_be_disabled()


def test_every_way_that_a_camera_can_fail_is_said_with_what_to_do(open_page: Opener) -> None:
    page = open_page(path="live")
    status = page.locator(".live [role=status]")
    for name, cure in (
        ("NotAllowedError", "Allow it"), ("NotFoundError", "Connect one"), ("NotReadableError", "Close that program"),
    ):  # fmt: skip
        page.evaluate(DENIED, name)
        button(page, "Camera").click()
        expect(status).to_contain_text(cure)
        expect(button(page, "Stop")).to_be_disabled()
    page.evaluate("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    button(page, "Camera").click()
    expect(status).to_contain_text("http://localhost")
