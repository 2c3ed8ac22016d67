from dataclasses import dataclass
from pathlib import Path

from colorizer.web.pictures.adding_pictures import only_pictures, take_in
from colorizer.web.pictures.picture_limits import PictureLimits, PictureRoom
from colorizer.web.pictures.picture_set import PictureSet


@dataclass
class Sent:
    name: str
    data: bytes = b""

    def getvalue(self) -> bytes:
        return self.data


def test_the_first_of_the_new_pictures_is_opened(picture_set: PictureSet) -> None:
    picture_set.add("old.png", b"0")
    assert take_in(picture_set, [Sent("new.png", b"1"), Sent("newer.png", b"2")]) == []
    assert [picture.name for picture in picture_set.pictures] == ["old.png", "new.png", "newer.png"]
    assert picture_set.opened is not None
    assert picture_set.opened.name == "new.png"


def test_one_picture_without_room_does_not_stop_the_others(tmp_path: Path) -> None:
    picture_set = PictureSet(tmp_path, PictureRoom(PictureLimits(pictures=2)))
    refused = take_in(picture_set, [Sent(f"{number}.png", bytes([number])) for number in range(4)])
    assert len(picture_set.pictures) == 2
    assert [message.split()[0] for message in refused] == ["2.png", "3.png"]


def test_a_quote_in_a_name_arrives_as_a_quote(picture_set: PictureSet) -> None:
    take_in(picture_set, [Sent("the %22old%22 house.jpg", b"1")])
    assert picture_set.pictures[0].name == 'the "old" house.jpg'


def test_of_a_folder_only_pictures_are_taken() -> None:
    files = [Sent("trip/A.JPG"), Sent("trip/Thumbs.db"), Sent("trip/.DS_Store"), Sent("trip/b/c.tiff"), Sent("x.txt")]
    assert [file.name for file in only_pictures(files)] == ["trip/A.JPG", "trip/b/c.tiff"]


def test_a_film_is_sent_to_the_videos_page_and_does_not_stop_the_pictures(picture_set: PictureSet) -> None:
    film = b"\0\0\0\x18ftypisom" + bytes(3000)
    assert take_in(
        picture_set, [Sent("Oma.mp4", film), Sent("new.gif", b"GIF89a"), Sent("new.png", b"\x89PNG\r\n")]
    ) == ["Oma.mp4 is a film, not a picture. Bring it to the Videos page."]
    assert [picture.name for picture in picture_set.pictures] == ["new.gif", "new.png"]
