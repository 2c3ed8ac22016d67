"""Which file becomes which."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.errors import OutputError, SourceMissing
from colorizer.plan import FILMS, SourceFile, find_sources, plan_targets

NAMES = st.lists(st.tuples(st.sampled_from("abAÄ'"), st.sampled_from([".jpg", ".JPG", ".png", ".tif", ".heic"])))


def _touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_folders_are_searched_to_the_bottom_and_hidden_and_other_files_left_alone(tmp_path):
    _touch(tmp_path, "b.jpg", "a.PNG", "deep/er/c.tif", "notes.txt", ".hidden.jpg", ".cache/d.jpg")
    found = find_sources([str(tmp_path)])
    assert [str(file.place) for file in found] == ["a.PNG", "b.jpg", str(Path("deep/er/c.tif"))]


@pytest.mark.parametrize("suffix", [".jfif", ".dib", ".j2k", ".jp2", ".jpe", ".PNM"])
def test_rarer_names_of_pictures_are_found_in_a_folder(tmp_path, suffix):
    _touch(tmp_path, f"a{suffix}")
    (task,) = plan_targets(find_sources([str(tmp_path)]), tmp_path / "out")
    assert task.target.suffix == (suffix if suffix in {".jfif", ".jpe"} else ".png")


def test_patterns_are_expanded_and_names_that_exist_are_taken_as_they_stand(tmp_path):
    _touch(tmp_path, "a.jpg", "b.jpg", "photo[1].jpg", "-o.jpg")
    assert len(find_sources([str(tmp_path / "*.jpg")])) == 4
    assert [file.path.name for file in find_sources([str(tmp_path / "photo[1].jpg")])] == ["photo[1].jpg"]


def test_a_file_named_twice_is_coloured_once(tmp_path):
    _touch(tmp_path, "a.jpg")
    assert len(find_sources([str(tmp_path / "a.jpg"), str(tmp_path), str(tmp_path / "*.jpg")])) == 1


def test_a_pattern_or_folder_without_pictures_is_said_at_once(tmp_path):
    with pytest.raises(SourceMissing, match="no file matches"):
        find_sources([str(tmp_path / "*.jpg")])
    with pytest.raises(SourceMissing, match="holds nothing"):
        find_sources([str(tmp_path)])


def test_a_missing_file_is_kept_to_be_reported_beside_the_others(tmp_path):
    assert [file.path.name for file in find_sources([str(tmp_path / "gone.jpg")])] == ["gone.jpg"]


@given(names=NAMES, suffix=st.none() | st.sampled_from([".png", ".jpg"]))
def test_no_two_pictures_get_the_same_target_on_any_disk(names, suffix):
    sources = [SourceFile(Path("in", stem + ending), Path(stem + ending)) for stem, ending in dict.fromkeys(names)]
    targets = [str(task.target).lower() for task in plan_targets(sources, Path("out.d/"), suffix)]
    assert len(set(targets)) == len(sources)
    assert all(target.endswith(suffix) for target in targets if suffix)


def test_folders_below_the_named_one_are_kept():
    sources = [SourceFile(Path("in/x/a.jpg"), Path("x/a.jpg")), SourceFile(Path("in/a.bmp"), Path("a.bmp"))]
    assert [task.target for task in plan_targets(sources, Path("out"))] == [Path("out/x/a.jpg"), Path("out/a.png")]


def test_a_name_that_fits_already_is_kept_whatever_comes_first():
    sources = [SourceFile(Path("in/g.avif"), Path("g.avif")), SourceFile(Path("in/g.png"), Path("g.png"))]
    assert [task.target.name for task in plan_targets(sources, Path("out"))] == ["g-avif.png", "g.png"]


def test_one_files_name_is_no_target_for_many(tmp_path):
    sources = [SourceFile(Path("a.jpg"), Path("a.jpg")), SourceFile(Path("b.jpg"), Path("b.jpg"))]
    with pytest.raises(OutputError, match="Name a folder"):
        plan_targets(sources, tmp_path / "new.jpg")


def test_a_source_without_a_name_is_refused():
    with pytest.raises(SourceMissing, match="without a name"):
        find_sources([""])


def test_a_loop_of_links_is_one_more_source_to_fail_in_its_turn(tmp_path):
    (tmp_path / "loop.jpg").symlink_to("loop.jpg")
    _touch(tmp_path, "a.jpg")
    assert [file.path.name for file in find_sources([str(tmp_path)])] == ["a.jpg", "loop.jpg"]


def test_one_picture_goes_to_the_name_given_and_into_a_folder_that_exists(tmp_path):
    one = [SourceFile(Path("a.jpg"), Path("a.jpg"))]
    assert plan_targets(one, tmp_path / "new.webp")[0].target == tmp_path / "new.webp"
    assert plan_targets(one, tmp_path)[0].target == tmp_path / "a.jpg"
    assert plan_targets(one, tmp_path / "new")[0].target == tmp_path / "new" / "a.jpg"


@pytest.mark.parametrize("name", ["album", "album/**/*.jpg", "alb*/**/*.jpg"])
def test_what_lies_below_the_target_is_no_source(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    _touch(tmp_path, "album/a.jpg", "album/x/b.jpg", "album/coloured/a.jpg", "album/coloured/x/b.jpg")
    found = [str(file.path) for file in find_sources([name], target=Path("album/coloured"))]
    assert sorted(found) == [str(Path("album/a.jpg")), str(Path("album/x/b.jpg"))]


@pytest.mark.parametrize("target", ["album", ".", "elsewhere"])
def test_a_target_that_is_not_below_what_is_searched_hides_nothing(tmp_path, monkeypatch, target):
    monkeypatch.chdir(tmp_path)
    _touch(tmp_path, "album/a.jpg", "album/coloured/b.jpg")
    assert len(find_sources(["album"], target=Path(target))) == 2
    assert len(find_sources(["album/coloured/b.jpg", "album/coloured"], target=Path("album/coloured"))) == 1


@pytest.mark.parametrize("name", ["films", "films/*.mp4"])
def test_a_target_among_the_sources_is_none_of_them(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    _touch(tmp_path, "films/a.mp4", "films/out.mp4")
    assert [file.path.name for file in find_sources([name], FILMS, Path("films/out.mp4"))] == ["a.mp4"]
