from pathlib import Path

import pytest

from colorizer.errors import InputError, SourceMissing
from colorizer.web.shelf import Shelf


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    (folder / "more").mkdir(parents=True)
    for name in ("b.mkv", "a.MP4", "notes.txt"):
        (folder / name).write_bytes(b"12345")
    return folder


@pytest.fixture
def shelf(tmp_path: Path, films: Path) -> Shelf:
    return Shelf(tmp_path / "uploads", [films])


def test_a_film_named_by_its_path_stays_where_it_is(shelf: Shelf, films: Path) -> None:
    (reel,) = shelf.put_path(f' "{films}/b.mkv" ')
    assert (reel.name, reel.size, reel.path, reel.is_whole) == ("b.mkv", 5, films / "b.mkv", True)
    shelf.remove(reel)
    assert (films / "b.mkv").read_bytes() == b"12345"
    assert shelf.reels() == ()


def test_a_folder_gives_all_its_films_and_nothing_else(shelf: Shelf, films: Path) -> None:
    assert [reel.name for reel in shelf.put_path(str(films))] == ["a.MP4", "b.mkv"]
    assert len(shelf.reels()) == 2


def test_the_same_path_again_is_the_same_film_until_it_changes(shelf: Shelf, films: Path) -> None:
    first = shelf.put_path(str(films / "b.mkv"))
    assert shelf.put_path(str(films / "more" / ".." / "b.mkv")) == first
    (films / "b.mkv").write_bytes(b"1234567")
    assert shelf.put_path(str(films / "b.mkv")) != first


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "{films}/../secret.mkv", "{films}/link.mkv", "", "~root/x.mkv", "{films}2"]
)
def test_no_path_leads_out_of_the_allowed_folders(shelf: Shelf, films: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "secret.mkv").write_bytes(b"x")
    (films / "link.mkv").symlink_to(tmp_path / "secret.mkv")
    with pytest.raises(InputError, match="outside the folders"):
        shelf.put_path(text.format(films=films))
    assert shelf.reels() == ()


@pytest.mark.parametrize("text", ["{films}/none.mkv", "{films}/more"])
def test_a_path_to_nothing_is_said(shelf: Shelf, films: Path, text: str) -> None:
    with pytest.raises(SourceMissing):
        shelf.put_path(text.format(films=films))


def test_a_film_put_away_comes_back_when_it_is_brought_again(shelf: Shelf, films: Path) -> None:
    (reel,) = shelf.put_path(str(films / "b.mkv"))
    shelf.hide(reel)
    assert [each.is_hidden for each in shelf.reels()] == [True]
    assert shelf.put_path(str(films / "b.mkv")) == [reel]
    assert [each.is_hidden for each in shelf.reels()] == [False]


def test_films_keep_the_order_they_came_in(shelf: Shelf) -> None:
    names = [f"{number}.mkv" for number in range(9, 0, -1)]
    for name in names:
        shelf.put(name, 10, 1)
    assert [reel.name for reel in shelf.reels()] == names


@pytest.mark.parametrize("page", ["", "{}", '{"name": "a"}', "[]"])
def test_a_folder_with_a_damaged_page_is_no_film(shelf: Shelf, page: str) -> None:
    reel = shelf.put("a.mkv", 10, 1)
    (reel.folder / "reel.json").write_text(page)
    assert shelf.reels() == ()
