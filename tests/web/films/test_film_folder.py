from pathlib import Path

import pytest

from colorizer.errors import InputError, SourceMissing
from colorizer.web.films.film_folder import FilmFolder


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    (folder / "more").mkdir(parents=True)
    for name in ("b.mkv", "a.MP4", "notes.txt"):
        (folder / name).write_bytes(b"12345")
    return folder


@pytest.fixture
def film_folder(tmp_path: Path, films: Path) -> FilmFolder:
    return FilmFolder(tmp_path / "uploads", [films])


def test_a_film_named_by_its_path_stays_where_it_is(film_folder: FilmFolder, films: Path) -> None:
    (film,) = film_folder.put_path(f' "{films}/b.mkv" ')
    assert (film.name, film.size, film.path, film.is_whole) == ("b.mkv", 5, films / "b.mkv", True)
    film_folder.remove(film)
    assert (films / "b.mkv").read_bytes() == b"12345"
    assert film_folder.films() == ()


def test_a_folder_gives_all_its_films_and_nothing_else(film_folder: FilmFolder, films: Path) -> None:
    assert [film.name for film in film_folder.put_path(str(films))] == ["a.MP4", "b.mkv"]
    assert len(film_folder.films()) == 2


def test_the_same_path_again_is_the_same_film_until_it_changes(film_folder: FilmFolder, films: Path) -> None:
    first = film_folder.put_path(str(films / "b.mkv"))
    assert film_folder.put_path(str(films / "more" / ".." / "b.mkv")) == first
    (films / "b.mkv").write_bytes(b"1234567")
    assert film_folder.put_path(str(films / "b.mkv")) != first


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "{films}/../secret.mkv", "{films}/link.mkv", "~root/x.mkv", "{films}2"]
)
def test_no_path_leads_out_of_the_allowed_folders(
    film_folder: FilmFolder, films: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "secret.mkv").write_bytes(b"x")
    (films / "link.mkv").symlink_to(tmp_path / "secret.mkv")
    with pytest.raises(InputError, match="outside the folders"):
        film_folder.put_path(text.format(films=films))
    assert film_folder.films() == ()


@pytest.mark.parametrize("text", ["{films}/none.mkv", "{films}/more"])
def test_a_path_to_nothing_is_said(film_folder: FilmFolder, films: Path, text: str) -> None:
    with pytest.raises(SourceMissing):
        film_folder.put_path(text.format(films=films))


def test_a_film_put_away_comes_back_when_it_is_brought_again(film_folder: FilmFolder, films: Path) -> None:
    (film,) = film_folder.put_path(str(films / "b.mkv"))
    film_folder.hide(film)
    assert [each.is_hidden for each in film_folder.films()] == [True]
    assert film_folder.put_path(str(films / "b.mkv")) == [film]
    assert [each.is_hidden for each in film_folder.films()] == [False]


def test_films_keep_the_order_they_came_in(film_folder: FilmFolder) -> None:
    names = [f"{number}.mkv" for number in range(9, 0, -1)]
    for name in names:
        film_folder.put(name, 10, 1)
    assert [film.name for film in film_folder.films()] == names


@pytest.mark.parametrize("page", ["", "{}", '{"name": "a"}', "[]"])
def test_a_folder_with_a_damaged_page_is_no_film(film_folder: FilmFolder, page: str) -> None:
    film = film_folder.put("a.mkv", 10, 1)
    (film.folder / "reel.json").write_text(page)
    assert film_folder.films() == ()


def _numbered(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"12345")
    return folder


def test_a_folder_of_numbered_pictures_is_one_film_beside_the_films_in_it(film_folder: FilmFolder, films: Path) -> None:
    pictures = _numbered(films / "Oma 1958", "frame_0001.png", "frame_0002.png", "frame_0003.png", "notes.txt")
    (film,) = film_folder.put_path(str(pictures))
    assert (film.name, film.size, film.path, film.is_whole) == ("Oma 1958", 15, pictures, True)
    assert film_folder.put_path(str(pictures)) == [film]
    (pictures / "frame_0004.png").write_bytes(b"12345")
    assert film_folder.put_path(str(pictures)) != [film]
    _numbered(films, "1.jpg", "2.jpg")
    assert [film.name for film in film_folder.put_path(str(films))] == ["a.MP4", "b.mkv", films.name]
    film_folder.remove(film)
    assert len(list(pictures.iterdir())) == 5


def test_a_single_numbered_picture_is_no_film(film_folder: FilmFolder, films: Path) -> None:
    with pytest.raises(SourceMissing, match=r"no numbered pictures such as frame_0001\.png"):
        film_folder.put_path(str(_numbered(films / "one", "IMG_0001.jpg", "Oma.jpg")))


def test_numbered_pictures_that_lead_out_of_the_allowed_folders_are_no_film(
    film_folder: FilmFolder, films: Path, tmp_path: Path
) -> None:
    secret = _numbered(tmp_path / "secret", "1.png", "2.png")
    (films / "links").mkdir()
    for name in ("1.png", "2.png"):
        (films / "links" / name).symlink_to(secret / name)
    with pytest.raises(SourceMissing):
        film_folder.put_path(str(films / "links"))


def test_a_path_to_a_picture_is_sent_to_the_images_page(film_folder: FilmFolder, films: Path) -> None:
    (films / "Oma.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(100))
    with pytest.raises(InputError, match=r"Oma\.jpg is a picture, not a film.*Images page"):
        film_folder.put_path(str(films / "Oma.jpg"))
    assert film_folder.films() == ()


def test_no_link_in_a_folder_leads_out_of_the_allowed_folders(
    film_folder: FilmFolder, films: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.mkv").write_bytes(b"x")
    (films / "link.mkv").symlink_to(tmp_path / "secret.mkv")
    (films / "same.mkv").symlink_to(films / "b.mkv")
    assert [film.path for film in film_folder.put_path(str(films))] == [films / "a.MP4", films / "b.mkv"]


@pytest.mark.parametrize("text", ["", ' "" ', "~nobody-of-this-name/x.mkv", "{films}/" + "x" * 300, "{films}/a\0.mkv"])
def test_what_is_no_path_is_said(film_folder: FilmFolder, films: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"No path was given|cannot be read"):
        film_folder.put_path(text.format(films=films))
    assert film_folder.films() == ()


def test_a_folder_that_may_not_be_read_is_said(
    film_folder: FilmFolder, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> list[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(InputError, match=r"films cannot be read \(Permission denied\)"):
        film_folder.put_path(str(films))


def test_a_folder_of_films_is_compared_with_the_others_once(
    film_folder: FilmFolder, films: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    real = FilmFolder.films
    monkeypatch.setattr(FilmFolder, "films", lambda self: looks.append(1) or real(self))
    film_folder.put_path(str(films))
    assert looks == [1]
