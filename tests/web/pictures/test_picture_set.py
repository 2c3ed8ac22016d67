import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.errors import InputError
from colorizer.web.pictures import picture_set as desk_module
from colorizer.web.pictures.picture_set import Desk, Desks, display_name


def test_a_picture_is_kept_byte_for_byte(desk: Desk, png: bytes) -> None:
    picture = desk.add("grandma.png", png)
    assert picture.path.read_bytes() == png
    assert desk.pictures == (picture,)
    assert desk.find(picture.id) == picture


def test_the_same_bytes_are_one_picture(desk: Desk, png: bytes) -> None:
    assert desk.add("a.png", png) == desk.add("b.png", png)
    assert len(desk.pictures) == 1


def test_a_file_name_never_becomes_a_path(desk: Desk, png: bytes) -> None:
    picture = desk.add('../../etc/"x"<script>.png', png)
    assert picture.name == '"x"<script>.png'
    assert picture.path.parent == desk.add("other.png", png + b"1").path.parent
    assert "script" not in str(picture.path)


@given(name=st.text(max_size=300))
def test_a_display_name_is_short_and_on_one_line(name: str) -> None:
    shown = display_name(name)
    assert 0 < len(shown) <= 120
    assert "/" not in shown
    assert shown.isprintable() or any(letter.isspace() for letter in shown)
    assert not any(letter in shown for letter in "\n\r\0\u202e")


def test_the_first_picture_is_opened_until_another_is_chosen(desk: Desk) -> None:
    assert desk.opened is None
    first, second = desk.add("1", b"1"), desk.add("2", b"2")
    assert desk.opened == first
    desk.open(second.id)
    assert desk.opened == second


@pytest.mark.parametrize(("removed", "then_opened"), [(0, 1), (1, 2), (2, 1)])
def test_removing_the_opened_picture_opens_its_neighbour(desk: Desk, removed: int, then_opened: int) -> None:
    pictures = [desk.add(str(number), bytes([number])) for number in range(3)]
    desk.open(pictures[removed].id)
    desk.remove(pictures[removed].id)
    assert desk.opened == pictures[then_opened]
    assert not pictures[removed].path.exists()


def test_a_grade_belongs_to_its_picture(desk: Desk) -> None:
    first, second = desk.add("1", b"1"), desk.add("2", b"2")
    desk.set_grade(first.id, Grade(saturation=2))
    assert desk.grade(first.id) == Grade(saturation=2)
    assert desk.grade(second.id) == Grade()
    desk.grade_all(Grade(warmth=0.5))
    assert desk.grade(first.id) == desk.grade(second.id) == Grade(warmth=0.5)


def test_a_full_desk_says_what_to_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_module, "MOST_PICTURES", 1)
    desk.add("1.png", b"1")
    with pytest.raises(InputError, match=r"2\.png was not taken in.*command line"):
        desk.add("2.png", b"2")


def test_a_full_disk_takes_nothing_in(desk: Desk, monkeypatch: pytest.MonkeyPatch, png: bytes) -> None:
    usage = shutil.disk_usage(Path.cwd())
    monkeypatch.setattr(desk_module.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(InputError, match="nearly full"):
        desk.add("1.png", png)
    assert desk.pictures == ()


def test_a_failed_write_leaves_no_picture_and_no_part_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = desk.add("1", b"1").path.parent
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError, match="no"):
        desk.add("2", b"2")
    assert len(desk.pictures) == 1
    assert len(list(folder.iterdir())) == 1


def test_nobody_waits_for_a_picture_that_is_being_written(
    desks: Desks, desk: Desk, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, going, gate = desk.add("1", b"1"), Event(), Event()
    real = desk_module.write_whole

    def slow(path: Path, data: bytes) -> None:
        going.set()
        assert gate.wait(20)
        real(path, data)

    monkeypatch.setattr(desk_module, "write_whole", slow)
    with ThreadPoolExecutor(2) as threads:
        added = [threads.submit(desk.add, "2", png) for _ in range(2)]
        assert going.wait(20)
        assert threads.submit(desk.find, first.id) is not None
        looked = Thread(target=lambda: (desk.find(first.id), desks.find(desk.token)), daemon=True)
        looked.start()
        looked.join(5)
        waits = looked.is_alive()
        gate.set()
    assert not waits
    assert added[0].result() == added[1].result()
    assert len(desk.pictures) == 2
    assert len(list(first.path.parent.iterdir())) == 2


def test_nobody_waits_for_old_desks_to_be_deleted(png: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    desks = Desks(unused_after=-1)
    old, found = desks.new(), []
    real = Desk.close
    monkeypatch.setattr(Desk, "close", lambda desk: (found.append(desks.find(old.token)), real(desk)))
    looked = Thread(target=desks.new, daemon=True)
    looked.start()
    looked.join(5)
    assert found == [None]
    desks.close()


def test_a_desk_is_found_by_its_token_alone(desks: Desks) -> None:
    mine, other = desks.new(), desks.new()
    assert desks.find(mine.token) is mine
    assert mine.token != other.token
    assert len(mine.token) >= 24
    assert desks.find("") is None
    assert desks.find("guess") is None


def test_desks_that_nobody_uses_go_away_with_their_pictures(png: bytes) -> None:
    desks = Desks(unused_after=-1)
    old = desks.new()
    picture = old.add("1.png", png)
    desks.new()
    assert desks.find(old.token) is None
    assert not picture.path.exists()
    desks.close()


def test_closing_deletes_every_picture(png: bytes) -> None:
    desks = Desks()
    folder = desks.new().add("1.png", png).path.parent
    assert folder.is_dir()
    desks.close()
    assert not folder.parent.exists()
