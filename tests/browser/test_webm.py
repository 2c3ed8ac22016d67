"""What a browser that cannot seek in its own recordings is given: the same recording, with its duration."""

import base64
import io
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page

import colorizer.web

pytestmark = pytest.mark.browser

SCRIPT = (Path(colorizer.web.__file__).parent / "live" / "webm.js").read_text("utf-8")
MENDED = """async text => {
  const raw = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  const mended = new Uint8Array(await (await withDuration(new Blob([raw]))).arrayBuffer())
  let written = ""
  for (const byte of mended) written += String.fromCharCode(byte)
  return btoa(written)
}"""
FRAMES, RATE = 40, 10


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    made = browser.new_page()
    made.add_script_tag(content=SCRIPT)
    return made


def mended(page: Page, film: bytes) -> bytes:
    return base64.b64decode(page.evaluate(MENDED, base64.b64encode(film).decode()))


def recorded(*, live: bool, sound: bool = True) -> bytes:
    """Four seconds as MediaRecorder writes them where live: sizes unknown, and no word about the duration."""
    target = io.BytesIO()
    with av.open(target, "w", format="webm", options={"live": "1"} if live else {}) as container:
        video = container.add_stream("libvpx", RATE)
        video.width = video.height = 32
        audio = container.add_stream("libopus", 48_000) if sound else None
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 5 * number, np.uint8))
            frame.pts = number
            container.mux(video.encode(frame))
            if audio:
                beep = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.int16), layout="stereo")
                beep.sample_rate, beep.pts = 48_000, number * 4800
                container.mux(audio.encode(beep))
        for stream in container.streams:
            container.mux(stream.encode())  # type: ignore[attr-defined]
    return target.getvalue()


def seconds(film: bytes) -> float | None:
    with av.open(io.BytesIO(film)) as container:
        return None if container.duration is None else container.duration / av.time_base


def packets(film: bytes) -> list[tuple[int | None, bytes]]:
    with av.open(io.BytesIO(film)) as container:
        return [(packet.pts, bytes(packet)) for packet in container.demux()]


@pytest.mark.parametrize("sound", [True, False])
def test_a_recording_is_told_its_duration_and_nothing_else_of_it_changes(page: Page, sound: bool) -> None:
    film = recorded(live=True, sound=sound)
    assert seconds(film) is None
    given = mended(page, film)
    assert seconds(given) == pytest.approx(FRAMES / RATE, abs=0.11)  # the last frame has no duration
    assert packets(given) == packets(film)
    assert len(given) - len(film) < 20


def test_a_duration_that_is_there_already_is_overwritten_where_it_stands(page: Page) -> None:
    film = recorded(live=False)
    wrong = film.replace(b"\x44\x89\x88" + film.partition(b"\x44\x89\x88")[2][:8], b"\x44\x89\x88" + bytes(8))
    given = mended(page, wrong)
    assert len(given) == len(film)
    assert seconds(given) == pytest.approx(FRAMES / RATE, abs=0.11)
    assert packets(given) == packets(film)


def test_what_is_no_recording_or_broke_off_is_kept_as_it_came(page: Page) -> None:
    film = recorded(live=True)
    for strange in (b"", b"no film at all, but long enough to be looked at", film[:30]):
        assert mended(page, strange) == strange
