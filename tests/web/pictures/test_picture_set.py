import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.errors import InputError
from colorizer.web.pictures import picture_set as picture_set_module
from colorizer.web.pictures.picture_limits import PREVIEW_BYTES, PictureLimits, PictureRoom, limits_for
from colorizer.web.pictures.picture_set import PictureSet, PictureSets
from colorizer.web.wording import display_name


def test_a_picture_is_kept_byte_for_byte(picture_set: PictureSet, png: bytes) -> None:
    picture = picture_set.add("grandma.png", png)
    assert picture.path.read_bytes() == png
    assert picture_set.pictures == (picture,)
    assert picture_set.find(picture.id) == picture


def test_the_same_bytes_are_one_picture(picture_set: PictureSet, png: bytes) -> None:
    assert picture_set.add("a.png", png) == picture_set.add("b.png", png)
    assert len(picture_set.pictures) == 1


def test_a_file_name_never_becomes_a_path(picture_set: PictureSet, png: bytes) -> None:
    picture = picture_set.add('../../etc/"x"<script>.png', png)
    assert picture.name == '"x"<script>.png'
    assert picture.path.parent == picture_set.add("other.png", png + b"1").path.parent
    assert "script" not in str(picture.path)


@given(name=st.text(max_size=300))
def test_a_display_name_is_short_and_on_one_line(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= 120
    assert "/" not in shown
    assert shown.isprintable() or any(letter.isspace() for letter in shown)
    assert not any(letter in shown for letter in "\n\r\0\u202e")


def test_the_first_picture_is_opened_until_another_is_chosen(picture_set: PictureSet) -> None:
    assert picture_set.opened is None
    first, second = picture_set.add("1", b"1"), picture_set.add("2", b"2")
    assert picture_set.opened == first
    picture_set.open(second.id)
    assert picture_set.opened == second


@pytest.mark.parametrize(("removed", "then_opened"), [(0, 1), (1, 2), (2, 1)])
def test_removing_the_opened_picture_opens_its_neighbour(
    picture_set: PictureSet, removed: int, then_opened: int
) -> None:
    pictures = [picture_set.add(str(number), bytes([number])) for number in range(3)]
    picture_set.open(pictures[removed].id)
    picture_set.remove(pictures[removed].id)
    assert picture_set.opened == pictures[then_opened]
    assert not pictures[removed].path.exists()


def test_a_grade_belongs_to_its_picture(picture_set: PictureSet) -> None:
    first, second = picture_set.add("1", b"1"), picture_set.add("2", b"2")
    picture_set.set_grade(first.id, Grade(saturation=2))
    assert picture_set.grade(first.id) == Grade(saturation=2)
    assert picture_set.grade(second.id) == Grade()
    picture_set.grade_all(Grade(warmth=0.5))
    assert picture_set.grade(first.id) == picture_set.grade(second.id) == Grade(warmth=0.5)


def test_a_full_set_says_what_to_do(tmp_path: Path) -> None:
    picture_set = PictureSet(tmp_path, PictureRoom(PictureLimits(pictures=1)))
    picture_set.add("1.png", b"1")
    with pytest.raises(InputError, match=r"2\.png was not taken in.*command line"):
        picture_set.add("2.png", b"2")


def test_a_full_disk_takes_nothing_in(picture_set: PictureSet, monkeypatch: pytest.MonkeyPatch, png: bytes) -> None:
    usage = shutil.disk_usage(Path.cwd())
    monkeypatch.setattr(picture_set_module.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(InputError, match="nearly full"):
        picture_set.add("1.png", png)
    assert picture_set.pictures == ()


def test_a_failed_write_leaves_no_picture_and_no_part_file(
    picture_set: PictureSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = picture_set.add("1", b"1").path.parent
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        picture_set.add("2", b"2")
    assert len(picture_set.pictures) == 1
    assert len(list(folder.iterdir())) == 1


def test_nobody_waits_for_a_picture_that_is_being_written(
    picture_sets: PictureSets, picture_set: PictureSet, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, going, gate = picture_set.add("1", b"1"), Event(), Event()
    real = picture_set_module.write_whole

    def slow(path: Path, data: bytes, *, durable: bool) -> None:
        going.set()
        assert gate.wait(20)
        real(path, data, durable=durable)

    monkeypatch.setattr(picture_set_module, "write_whole", slow)
    with ThreadPoolExecutor(2) as threads:
        added = [threads.submit(picture_set.add, "2", png) for _ in range(2)]
        assert going.wait(20)
        assert threads.submit(picture_set.find, first.id) is not None
        looked = Thread(target=lambda: (picture_set.find(first.id), picture_sets.find(picture_set.token)), daemon=True)
        looked.start()
        looked.join(5)
        waits = looked.is_alive()
        gate.set()
    assert not waits
    assert added[0].result() == added[1].result()
    assert len(picture_set.pictures) == 2
    assert len(list(first.path.parent.iterdir())) == 2


def test_nobody_waits_for_old_sets_to_be_deleted(png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    picture_sets = PictureSets(PictureRoom(PictureLimits(unused_after=-1)))
    old, found = picture_sets.new(), []
    real = PictureSet.close
    monkeypatch.setattr(
        PictureSet, "close", lambda picture_set: (found.append(picture_sets.find(old.token)), real(picture_set))
    )
    looked = Thread(target=picture_sets.new, daemon=True)
    looked.start()
    looked.join(5)
    assert found == [None]
    picture_sets.close()


def test_a_set_is_found_by_its_token_alone(picture_sets: PictureSets) -> None:
    mine, other = picture_sets.new(), picture_sets.new()
    assert picture_sets.find(mine.token) is mine
    assert mine.token != other.token
    assert len(mine.token) >= 24
    assert picture_sets.find("") is None
    assert picture_sets.find("guess") is None


def test_sets_that_nobody_uses_go_away_with_their_pictures(png: bytes) -> None:
    picture_sets = PictureSets(PictureRoom(PictureLimits(unused_after=-1)))
    old = picture_sets.new()
    picture = old.add("1.png", png)
    picture_sets.new()
    assert picture_sets.find(old.token) is None
    assert not picture.path.exists()
    picture_sets.close()


def test_closing_deletes_every_picture(png: bytes) -> None:
    picture_sets = PictureSets()
    folder = picture_sets.new().add("1.png", png).path.parent
    assert folder.is_dir()
    picture_sets.close()
    assert not folder.parent.exists()


def _room_for(pictures: int, limit: str) -> PictureRoom:
    return PictureRoom(PictureLimits(**{limit: pictures * (PREVIEW_BYTES + 1)}))


def test_a_visitors_pictures_have_a_limit_and_one_that_goes_makes_room(tmp_path: Path) -> None:
    picture_set = PictureSet(tmp_path, _room_for(2, "own_bytes"))
    first = picture_set.add("1", b"1")
    picture_set.add("2", b"2")
    with pytest.raises(InputError, match=r"3 was not taken in: your pictures may take"):
        picture_set.add("3", b"3")
    picture_set.remove(first.id)
    picture_set.add("3", b"3")


def test_all_pictures_together_have_a_limit_that_an_ended_set_gives_back(tmp_path: Path) -> None:
    room = _room_for(2, "all_bytes")
    mine, other = PictureSet(tmp_path, room), PictureSet(tmp_path, room)
    mine.add("1", b"1")
    other.add("2", b"2")
    with pytest.raises(InputError, match=r"COLORIZER_QUOTA_GB"):
        mine.add("3", b"3")
    other.close()
    mine.add("3", b"3")


def test_pictures_take_no_more_than_films_leave_of_the_quota(tmp_path: Path) -> None:
    left = [2 * PREVIEW_BYTES]
    picture_set = PictureSet(tmp_path, PictureRoom(left=lambda: left[0]))
    picture_set.add("1", b"1")
    left[0] = -5
    with pytest.raises(InputError, match="may take 0 bytes"):
        picture_set.add("2", b"2")


def test_a_picture_that_could_not_be_written_or_came_twice_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture_set = PictureSet(tmp_path, _room_for(1, "own_bytes"))
    with monkeypatch.context() as failing:
        failing.setattr(picture_set_module, "write_whole", lambda *_, **__: (_ for _ in ()).throw(OSError("no")))
        with pytest.raises(OSError, match="no"):
            picture_set.add("1", b"1")
    picture_set.add("1", b"1")
    assert picture_set.add("again", b"1").name == "1"


def test_strangers_have_limits_and_a_household_has_none_but_the_disk() -> None:
    shared = limits_for(4 * 10**9, shared=True, kept_seconds=3600)
    assert (shared.all_bytes, shared.own_bytes, shared.unused_after) == (10**9, 250_000_000, 3600)
    assert shared.pictures < 100
    assert shared.sets is not None
    assert limits_for(None, shared=False, kept_seconds=3600) == PictureLimits()


def test_sets_have_a_number_and_an_empty_one_makes_way_first() -> None:
    picture_sets = PictureSets(PictureRoom(PictureLimits(sets=2)))
    kept, empty = picture_sets.new(), picture_sets.new()
    kept.add("1", b"1")
    third = picture_sets.new()
    assert picture_sets.find(empty.token) is None
    third.add("1", b"1")
    with pytest.raises(InputError, match="2 visitors have pictures here"):
        picture_sets.new()
    kept.last_use -= 3600
    fourth = picture_sets.new()
    assert picture_sets.find(kept.token) is None
    assert picture_sets.find(third.token) is third
    assert picture_sets.find(fourth.token) is fourth
    picture_sets.close()


def test_sets_end_when_nobody_uses_them_also_when_no_other_one_opens() -> None:
    picture_sets = PictureSets(PictureRoom(PictureLimits(unused_after=3600)))
    idle, used = picture_sets.new(), picture_sets.new()
    picture = idle.add("1", b"1")
    idle.last_use -= 3601
    picture_sets.end_unused()
    assert picture_sets.find(idle.token) is None
    assert not picture.path.exists()
    assert picture_sets.find(used.token) is used
    picture_sets.close()


def test_pictures_lie_in_the_folder_that_is_asked_for(tmp_path: Path) -> None:
    picture_sets = PictureSets(folder=tmp_path)
    assert picture_sets.new().add("1", b"1").path.is_relative_to(tmp_path)
    picture_sets.close()
    assert list(tmp_path.iterdir()) == []
