from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import GRADE_RANGES, Grade
from colorizer.errors import SettingError
from colorizer.image.values import WRITE_FORMATS, SaveOptions
from colorizer.web.looks import Look, read_look, read_side
from colorizer.web.pictures.addresses import after_url, read_save, result_url
from colorizer.web.pictures.picture_set import PictureSet


def twentieths(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(int(low * 20), int(high * 20)).map(lambda number: number / 20)


GRADES = st.builds(Grade, **{name: twentieths(*ends) for name, ends in GRADE_RANGES.items()})
SAVES = st.builds(SaveOptions, st.sampled_from([None, *WRITE_FORMATS]), st.integers(1, 100), st.booleans())


def query(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


@given(grade=GRADES)
def test_an_address_says_the_whole_look(grade: Grade, tmp_path_factory: pytest.TempPathFactory) -> None:
    picture_set = PictureSet(tmp_path_factory.getbasetemp() / "addresses")
    look = Look("key", grade)
    assert read_look(query(after_url(picture_set, picture_set.add("a", b"1"), 360, look))) == look


@given(save=SAVES)
def test_an_address_says_the_whole_file_format(save: SaveOptions, tmp_path_factory: pytest.TempPathFactory) -> None:
    picture_set = PictureSet(tmp_path_factory.getbasetemp() / "addresses")
    assert read_save(query(result_url(picture_set, picture_set.add("a", b"1"), Look("key"), save))) == save


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-1", "1e9"])
def test_a_number_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        read_look({"saturation": text})
    with pytest.raises(SettingError):
        read_side({"side": text}, 1280)


@pytest.mark.parametrize("asked", [{"format": "exe"}, {"quality": "0"}, {"quality": "nan"}, {"quality": "1e400"}])
def test_a_file_format_that_makes_no_sense_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(SettingError):
        read_save(asked)
