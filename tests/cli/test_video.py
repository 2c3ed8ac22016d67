"""`colorizer video`, `regrade` and `gray` for films, from the words typed to what is said."""

import os
import shutil
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from colorizer.cli import main
from colorizer.cli.terminal import one_line
from colorizer.video.result import mux
from colorizer.video.source.probe import probe
from tests.models import tiny_model
from tests.video.films import SMOOTH, colour_frames, smooth_film


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A small network in a folder, as somebody's own."""
    folder = tmp_path_factory.mktemp("network")
    tiny_model(folder)
    return str(folder)


@pytest.fixture(scope="module")
def coloured(tmp_path_factory, own):
    """A film coloured by the command, and the same film graded anew."""
    folder = tmp_path_factory.mktemp("films")
    source = smooth_film(folder / "grey.mp4", count=12)
    assert main(["video", str(source), "-o", str(folder / "a.mp4"), "--model", own]) == 0
    assert main(["regrade", str(folder / "a.mp4"), "-o", str(folder / "b.mp4")]) == 0
    return folder


def _fails(capsys, *words):
    """The one line that a call with these words is answered with."""
    assert main([str(word) for word in words]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--preset", "turbo"], "preset must be one of ultrafast"),
        (["--crf", "99"], "crf must lie between 0 (best) and 51 for h264, and is 99"),
        (["--codec", "gif", "--crf", "20"], "gif has no crf"),
        (["--fps", "25"], "keeps its own"),
        (["--key-every", "99"], "key_every must lie between 1 and 16"),
    ],
)
def test_a_wrong_wish_is_one_clear_line(coloured, tmp_path, own, capsys, wrong, words):
    target = tmp_path / ("out.gif" if "gif" in wrong else "out.mp4")
    assert words in _fails(capsys, "video", coloured / "grey.mp4", "-o", target, "--model", own, *wrong)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", ["999999999999999", "99999999999999999999:00:00", "99999"])
def test_a_start_behind_every_film_is_one_clear_line(coloured, tmp_path, own, capsys, start):
    line = _fails(capsys, "video", coloured / "grey.mp4", "-o", tmp_path / "a.mp4", "--model", own, "--start", start)
    assert "frame" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["out", "out.v2", "out.xyz"])
@pytest.mark.parametrize("command", ["video", "gray"])
def test_a_target_that_says_neither_folder_nor_film_is_refused_with_both(coloured, tmp_path, capsys, command, name):
    line = _fails(capsys, command, coloured / "a.mp4", "-o", tmp_path / name)
    assert f"Name it {tmp_path / name}.mp4, or {tmp_path / name}/ for a folder" in line
    assert list(tmp_path.iterdir()) == []


def test_the_ending_that_is_proposed_fits_the_codec(coloured, tmp_path, capsys):
    for wish, ending in (
        (["--codec", "prores"], ".mov"),
        (["--codec", "gif"], ".gif"),
        (["--container", "webm"], ".webm"),
    ):
        assert f"out{ending}," in _fails(capsys, "video", coloured / "grey.mp4", "-o", tmp_path / "out", *wish)


def test_a_slash_a_folder_that_is_there_and_a_folder_as_source_mean_a_folder(coloured, tmp_path, own):
    (tmp_path / "there").mkdir()
    films = tmp_path / "films"
    films.mkdir()
    smooth_film(films / "a.mp4", count=3)
    for source, out in ((films / "a.mp4", "new/"), (films / "a.mp4", "there"), (films, "other")):
        assert main(["video", str(source), "-o", f"{tmp_path}/{out}", "--model", own]) == 0
        assert (tmp_path / out / "a.mp4").exists()


def test_a_container_is_named_with_or_without_its_dot(tmp_path, own):
    source = smooth_film(tmp_path / "a.mp4", count=3)
    for name in ("mkv", ".mkv", "MKV"):
        out = tmp_path / f"as {name.strip('.')} {len(name)}"
        assert main(["video", str(source), "-o", f"{out}/", "--model", own, "--container", name]) == 0
        assert (out / "a.mkv").exists()


@pytest.mark.parametrize(("text", "rate"), [("25", Fraction(25)), ("24000/1001", Fraction(24000, 1001))])
def test_numbered_pictures_get_the_rate_that_is_named(tmp_path, own, text, rate):
    frames = tmp_path / "frames"
    frames.mkdir()
    for number in range(1, 4):
        cv2.imwrite(str(frames / f"{number:04d}.png"), np.roll(SMOOTH, number, axis=1)[:64, :96])
    assert main(["video", str(frames), "-o", str(tmp_path / "a.mp4"), "--model", own, "--fps", text]) == 0
    assert [time for time, _, _ in colour_frames(tmp_path / "a.mp4")] == [0, 1 / rate, 2 / rate]


@pytest.mark.parametrize("wrong", [["--fps", "fast"], ["--fps", "1/0"], ["--container", "avi"]])
def test_what_is_no_rate_or_container_is_refused_at_once(wrong, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["video", "a.mp4", "-o", "b.mp4", *wrong])
    assert stopped.value.code == 2


def test_a_new_grade_tells_its_result_and_the_shots_of_the_film(coloured, tmp_path, capsys):
    assert main(["regrade", str(coloured / "a.mp4"), "-o", str(tmp_path / "c.mp4")]) == 0
    row = capsys.readouterr().out.splitlines()[1].split()
    assert row[:4] == [str(coloured / "a.mp4"), str(tmp_path / "c.mp4"), "12", "1"]
    assert "grey.mp4" not in " ".join(row)


def test_a_film_that_was_graded_anew_leads_to_the_first_one(coloured, tmp_path, capsys):
    line = _fails(capsys, "regrade", coloured / "b.mp4", "-o", tmp_path / "c.mp4")
    assert f"colorizer regrade {coloured / 'a.mp4.chroma'}" in line
    line = _fails(capsys, "regrade", coloured / "grey.mp4", "-o", tmp_path / "c.mp4")
    assert "grey.mp4.chroma is not there" in line
    assert "no file" in _fails(capsys, "regrade", coloured / "gone.mp4", "-o", tmp_path / "c.mp4")


def test_a_name_with_line_breaks_and_escapes_stays_on_its_line(tmp_path, own, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)  # short names, which fold nowhere
    name = "two\nlines \x1b[31mred\u2028"
    broken = Path(f"{name}.mp4")
    broken.write_bytes(b"no film")
    line = _fails(capsys, "video", broken, "-o", "out.mp4", "--model", own)
    assert r"two\nlines \x1b[31mred\u2028.mp4" in line
    source = smooth_film(Path(f"{name}2.mp4"), count=3)
    assert main(["gray", str(source), "-o", f"{name}3.mp4"]) == 0
    said = capsys.readouterr().out
    assert r"two\nlines \x1b[31mred\u20282.mp4" in said
    assert len(said.splitlines()) == 1 + 1 + said.count("browser") + 1


def test_gray_says_that_options_for_pictures_are_not_for_films(coloured, tmp_path, capsys):
    film = str(coloured / "a.mp4")
    assert "--format" in _fails(capsys, "gray", film, "-o", tmp_path / "b.mp4", "--format", "png")
    assert "--strip-metadata" in _fails(capsys, "gray", film, "-o", tmp_path / "b.mp4", "--strip-metadata")
    assert not (tmp_path / "b.mp4").exists()
    cv2.imwrite(str(tmp_path / "p.png"), SMOOTH)
    assert main(["gray", film, str(tmp_path / "p.png"), "-o", str(tmp_path / "out"), "--format", "png"]) == 0
    assert "--format" in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.mp4", "a.mp4.json", "p.png"]


@pytest.mark.parametrize(
    ("command", "words"),
    [("gray", "picture, film, folder"), ("video", "1 to 16, run the network"), ("video", "24000/1001")],
)
def test_help_says_what_can_be_given(capsys, command, words):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert words in " ".join(capsys.readouterr().out.split())


def test_a_film_that_fails_after_work_says_what_stays_and_how_to_go_on(tmp_path, own, capsys, monkeypatch):
    source = smooth_film(tmp_path / "grey.mp4", count=12)
    call = ["video", str(source), "-o", str(tmp_path / "a.mp4"), "--model", own]
    with monkeypatch.context() as patch:
        patch.setattr(mux, "_count", lambda _: (0, 0))
        line = _fails(capsys, *call)
    assert f"12 frames are kept in {tmp_path / '.a.mp4.parts'}; the next run goes on" in line
    assert main(call) == 0
    assert probe(tmp_path / "a.mp4").video.width == 96


def test_ctrl_c_tells_what_was_made_and_what_stays(tmp_path, own, capsys, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    source = smooth_film(tmp_path / "grey.mp4", count=12)
    call = ["video", str(source), "-o", str(tmp_path / "a.mp4"), "--model", own]
    with monkeypatch.context() as patch:
        patch.setattr(mux, "_count", interrupt)
        assert main(call) == 130
    said = capsys.readouterr()
    assert said.err.strip() == "colorizer: stopped"
    assert f"stopped before 1 of 1; what is finished of {tmp_path / 'a.mp4'} is in" in said.out


def _moving_gif(path):
    pictures = [Image.fromarray(np.roll(SMOOTH, step, axis=1)[:64, :96]) for step in range(4)]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=100)
    return path


@pytest.mark.parametrize("name", ["b.mp4", "b.gif"])
def test_a_moving_gif_is_a_film_where_the_target_is_one(tmp_path, name):
    source = _moving_gif(tmp_path / "a.gif")
    assert main(["gray", str(source), "-o", str(tmp_path / name)]) == 0
    assert len(colour_frames(tmp_path / name)) == 4


@pytest.mark.parametrize(
    ("command", "source", "target"),
    [("image", "p.png", "out.mp4"), ("gray", "p.png", "out.mkv"), ("video", "f.mp4", "out.png"),
     ("gray", "f.mp4", "out.jpg"), ("video --codec png", "f.mp4", "out.mp4"), ("video --codec gif", "f.mp4", "out.mp4"),
     ("video --container mkv", "f.mp4", "out.mp4"), ("gray --codec png", "f.mp4", "out.png")],
)  # fmt: skip
def test_a_name_of_another_kind_of_file_is_refused_and_never_a_folder(
    tmp_path, own, capsys, command, source, target
):  # fmt: skip
    cv2.imwrite(str(tmp_path / "p.png"), SMOOTH)
    smooth_film(tmp_path / "f.mp4", count=3)
    model = [] if command.startswith("gray") else ["--model", own]
    before = sorted(tmp_path.iterdir())
    assert target in _fails(capsys, *command.split(), tmp_path / source, "-o", tmp_path / target, *model)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("command", ["video", "regrade", "gray"])
def test_without_loss_and_with_a_loss_exclude_each_other(coloured, tmp_path, capsys, command):
    wish = ["-o", tmp_path / "b.mp4", "--lossless", "--crf", "3"]
    assert "--lossless" in _fails(capsys, command, coloured / "a.mp4", *wish)


def test_gray_takes_the_encoding_of_films_and_says_that_it_is_not_for_pictures(coloured, tmp_path, capsys):
    call = ["gray", coloured / "a.mp4", "-o", tmp_path / "b.mkv", "--codec", "hevc", "--crf", "30"]
    assert main([str(word) for word in call]) == 0
    assert probe(tmp_path / "b.mkv").video.codec == "hevc"
    cv2.imwrite(str(tmp_path / "p.png"), SMOOTH)
    capsys.readouterr()
    assert "are for films" in _fails(capsys, "gray", tmp_path / "p.png", "-o", tmp_path / "q.png", "--crf", "30")


def test_a_picture_named_as_a_film_leads_to_the_command_for_pictures(tmp_path, own, capsys):
    (tmp_path / "a.mp4").write_bytes(cv2.imencode(".jpg", SMOOTH)[1].tobytes())
    line = _fails(capsys, "video", tmp_path / "a.mp4", "-o", tmp_path / "b.mp4", "--model", own)
    assert "colorizer image" in line


@pytest.mark.parametrize("target", ["out.jpg", "out.mp4", "out"])
def test_pictures_and_films_given_to_each_others_command_lead_there_whatever_the_target(
    coloured, tmp_path, own, capsys, target
):  # fmt: skip
    photo = tmp_path / "my photo.jpg"
    cv2.imwrite(str(photo), SMOOTH)
    line = _fails(capsys, "video", photo, "-o", tmp_path / target, "--model", own)
    assert line.endswith(f"{photo} is a picture, not a film: use `colorizer image '{photo}'`")
    line = _fails(capsys, "image", coloured / "grey.mp4", "-o", tmp_path / target, "--model", own)
    assert line.endswith(f"is a film, not a picture: use `colorizer video {coloured / 'grey.mp4'}`")
    assert list(tmp_path.iterdir()) == [photo]


def test_a_film_among_pictures_does_not_stop_them_and_is_told_where_it_belongs(coloured, tmp_path, own, capsys):
    cv2.imwrite(str(tmp_path / "a.png"), SMOOTH)
    call = ["image", tmp_path / "a.png", coloured / "grey.mp4", "-o", tmp_path / "out", "--model", own]
    assert main([str(word) for word in call]) == 1
    said = capsys.readouterr()
    assert "1 made, 1 failed" in said.out
    assert "grey.mp4 is a film, not a picture. Colour it with `colorizer video`" in said.err


def test_a_raw_stream_of_jpegs_is_a_film(tmp_path, own):
    jpeg = cv2.imencode(".jpg", SMOOTH)[1].tobytes()
    (tmp_path / "a.mjpeg").write_bytes(jpeg * 5)
    assert main(["video", str(tmp_path / "a.mjpeg"), "-o", str(tmp_path / "b.mp4"), "--model", own]) == 0


@pytest.mark.parametrize("command", ["video", "image", "gray", "regrade"])
def test_a_target_without_a_name_is_refused_at_once(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "a.mp4", "-o", ""])
    assert stopped.value.code == 2
    assert "has no name" in capsys.readouterr().err


def test_ctrl_c_before_anything_is_finished_says_that_nothing_is_kept(tmp_path, own, capsys, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    source = smooth_film(tmp_path / "grey.mp4", count=12)
    monkeypatch.setattr("colorizer.video.film_run.make_segment", interrupt)
    call = ["video", str(source), "-o", str(tmp_path / "a.mp4"), "--model", own]
    assert main(call) == 130
    assert "nothing is kept" in capsys.readouterr().out


def test_ctrl_c_with_other_settings_promises_no_more_than_stays(tmp_path, own, capsys, monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    source = smooth_film(tmp_path / "grey.mp4", count=12)
    call = ["video", str(source), "-o", str(tmp_path / "a.mp4"), "--model", own]
    with monkeypatch.context() as patch:
        patch.setattr(mux, "_count", interrupt)
        assert main(call) == 130
    with monkeypatch.context() as patch:
        patch.setattr("colorizer.video.film_run.make_segment", interrupt)
        assert main([*call, "--crf", "30"]) == 130
    assert "what was finished in other ways is still in" in capsys.readouterr().out
    assert main(call) == 0
    assert not (tmp_path / ".a.mp4.parts").exists()


def test_a_name_that_is_no_utf_8_is_shown_by_its_bytes():
    assert one_line(os.fsdecode(b"f\xfcr.mp4")) == "f\\xfcr.mp4"


def test_films_of_one_name_become_folders_of_pictures_of_their_own(coloured, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / "films" / folder).mkdir(parents=True)
        shutil.copy(coloured / "grey.mp4", tmp_path / "films" / folder / "a.mp4")
    shutil.copy(coloured / "grey.mp4", tmp_path / "films" / "one" / "a.m4v")
    assert main(["gray", str(tmp_path / "films"), "-o", str(tmp_path / "out"), "--codec", "png"]) == 0
    counts = {
        str(folder.relative_to(tmp_path / "out")): len(list(folder.glob("*.png")))
        for folder in (tmp_path / "out").glob("*/*")
        if folder.is_dir()
    }
    assert set(counts) == {"one/a", "one/a-m4v", "two/a"} or set(counts) == {"one/a", "one/a-mp4", "two/a"}
    assert all(counts.values())


def test_films_that_this_program_coloured_are_left_alone_unless_asked_for(coloured, tmp_path, own, capsys):
    folder = tmp_path / "films"
    shutil.copytree(coloured, folder)
    command = ["video", str(folder), "-o", f"{folder / 'out'}/", "--model", own]
    assert main(command) == 0
    assert "a.mp4" in capsys.readouterr().err
    made = sorted(path.name for path in (folder / "out").glob("*.mp4"))
    assert made == ["grey.mp4"]
    assert main([*command, "--include-results", "--overwrite"]) == 0
    assert sorted(path.name for path in (folder / "out").glob("*.mp4")) == ["a.mp4", "b.mp4", "grey.mp4"]
