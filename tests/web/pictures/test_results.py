import zipfile
from collections.abc import Iterator
from io import BytesIO

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.color.lightness import luma
from colorizer.image.values import WRITE_FORMATS, SaveOptions
from colorizer.network import Colorizer
from colorizer.web.colouring import NetworkChoice, colour_picture
from colorizer.web.pictures import results as results_module
from colorizer.web.pictures.picture_set import PictureSet
from colorizer.web.pictures.results import ResultQueue, archive, make_result, result_name

GREY = NetworkChoice(model=None)
PNG = SaveOptions("PNG")


@pytest.fixture
def result_queue() -> Iterator[ResultQueue]:
    made = ResultQueue()
    yield made
    made.close()


def pixels_of(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[..., ::-1]


def test_a_result_has_colour_full_size_and_the_luma_of_its_original(
    picture_set: PictureSet, png: bytes, colorizer: Colorizer
) -> None:
    picture = picture_set.add("Oma.png", png)
    result = make_result(picture, colour_picture(picture, NetworkChoice(), colorizer), Grade(saturation=1.5), PNG)
    original = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    rgb = pixels_of(result.data)
    assert result.name == "Oma-colour.png"
    assert abs(luma(np.ascontiguousarray(rgb)).astype(int) - original).max() <= 1
    assert np.ptp(rgb.astype(int), axis=2).mean() > 2


def test_a_result_says_how_it_was_made(picture_set: PictureSet, png: bytes, colorizer: Colorizer) -> None:
    picture = picture_set.add("a.png", png)
    data = make_result(picture, colour_picture(picture, NetworkChoice(), colorizer), Grade(hue=33), PNG).data
    assert b"starter" in data
    assert b"33" in data
    assert b"compositeWithTrainedAlgorithmicMedia" in data


def test_black_and_white_is_the_luma_itself(picture_set: PictureSet, png: bytes) -> None:
    picture = picture_set.add("a.png", png)
    result = make_result(picture, colour_picture(picture, GREY, None), Grade(), PNG)
    original = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert result.name == "a-grey.png"
    np.testing.assert_array_equal(cv2.imdecode(np.frombuffer(result.data, np.uint8), cv2.IMREAD_GRAYSCALE), original)


@pytest.mark.parametrize("written", WRITE_FORMATS)
def test_every_format_is_what_it_says(picture_set: PictureSet, png: bytes, written: str) -> None:
    picture = picture_set.add("a.png", png)
    result = make_result(picture, colour_picture(picture, GREY, None), Grade(), SaveOptions(written))  # type: ignore[arg-type]
    starts = {"PNG": b"\x89PNG", "JPEG": b"\xff\xd8", "WEBP": b"RIFF", "TIFF": (b"II", b"MM")}
    assert result.data.startswith(starts[written])
    assert result.media_type == f"image/{written.lower()}"


@given(name=st.text(min_size=1, max_size=200))
def test_a_result_name_is_safe_on_every_system(name: str) -> None:
    made = result_name(name, "PNG", colour=True)
    assert made.endswith("-colour.png")
    assert not set(made) & set('<>:"/\\|?*\n\r\t\0')
    assert not made.startswith((".", " "))
    assert len(made) <= 111


def test_an_archive_holds_all_results_under_names_of_their_own(
    picture_set: PictureSet, png: bytes, result_queue: ResultQueue
) -> None:
    items = []
    for number, name in enumerate(["a.png", "a.png", 'ü"<script>.png', "A.tif"]):
        picture = picture_set.add(name, png + bytes([number]))
        items.append((picture, colour_picture(picture, GREY, None), Grade()))
    packed = zipfile.ZipFile(BytesIO(b"".join(archive(items, PNG, result_queue))))
    assert packed.testzip() is None
    assert packed.namelist() == ["a-grey.png", "a-grey-2.png", "ü__script_-grey.png", "A-grey-3.png"]


def test_what_fails_is_named_in_the_archive_and_the_rest_is_there(
    picture_set: PictureSet,
    png: bytes,
    result_queue: ResultQueue,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    items = []
    for number in range(3):
        picture = picture_set.add(f"{number}.png", png + bytes([number]))
        items.append((picture, colour_picture(picture, GREY, None), Grade()))
    real = results_module.encode_picture

    def fails_once(pixels, source, *rest):  # type: ignore[no-untyped-def]
        if source.name == "1.png":
            raise ZeroDivisionError("secret detail")
        return real(pixels, source, *rest)

    monkeypatch.setattr(results_module, "encode_picture", fails_once)
    packed = zipfile.ZipFile(BytesIO(b"".join(archive(items, PNG, result_queue))))
    assert packed.namelist() == ["0-grey.png", "2-grey.png", "not in this archive.txt"]
    told = packed.read("not in this archive.txt").decode()
    assert told.startswith("1.png: ")
    assert "secret" not in told
    assert "secret detail" in caplog.text


def test_an_archive_is_sent_picture_by_picture(picture_set: PictureSet, png: bytes, result_queue: ResultQueue) -> None:
    items = []
    for number in range(3):
        picture = picture_set.add(f"{number}.png", png + bytes([number]))
        items.append((picture, colour_picture(picture, GREY, None), Grade()))
    pieces = list(archive(items, PNG, result_queue))
    assert len(pieces) == 4  # one for each picture, one for the table of contents
    assert all(pieces)
