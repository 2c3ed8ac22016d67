"""`colorizer image` and `colorizer gray`, from the words typed to the pixels written."""

import os

import cv2
import numpy as np
import pytest

from colorizer.cli import main
from colorizer.color.lightness import luma
from tests.models import tiny_model


@pytest.fixture
def own(tmp_path):
    """A small network in a folder, as somebody's own."""
    folder = tmp_path / "own network"
    folder.mkdir()
    tiny_model(folder)
    return str(folder)


def _write(path, height=60, width=80, *, grey=True):
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    picture = cv2.GaussianBlur(rng.integers(0, 256, (height, width, 3), np.uint8), (0, 0), 3)
    picture = cv2.normalize(picture, None, 30, 220, cv2.NORM_MINMAX)
    path.write_bytes(cv2.imencode(path.suffix, picture[..., 0] if grey else picture)[1].tobytes())
    return path


def _read(path):
    return cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def _grey(path):
    return cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE).astype(int)


def test_one_picture_gets_colour_and_keeps_its_luma(tmp_path, own, capsys):
    source = _write(tmp_path / 'Oma\'s "Garten" – Mai.png')
    target = tmp_path / "aus" / "bunt.png"
    assert main(["image", str(source), "-o", str(target), "--model", own]) == 0
    result = _read(target)
    assert np.ptp(result, axis=-1).max() > 10
    assert np.abs(luma(result).astype(int) - _grey(source)).max() <= 1
    said = capsys.readouterr()
    assert "1 made, 0 failed" in said.out
    assert "Not from the catalog" in said.err


def test_the_starter_network_is_the_default(tmp_path, capsys):
    source = _write(tmp_path / "a.png")
    assert main(["image", str(source), "-o", str(tmp_path / "b.png")]) == 0
    assert "model starter" in capsys.readouterr().out


def test_corrections_change_the_colours_around_their_pins_and_the_result_says_so(tmp_path, own, capsys):
    source, pins = _write(tmp_path / "a.png"), tmp_path / "a's corrections.json"
    pins.write_text('{"version": 1, "pins": [{"x": 0.5, "y": 0.5, "a": 60, "b": 40, "reach": 0.3}]}', "utf-8")
    plain, corrected = tmp_path / "plain.png", tmp_path / "corrected.png"
    assert main(["image", str(source), "-o", str(plain), "--model", own]) == 0
    assert main(["image", str(source), "-o", str(corrected), "--model", own, "--corrections", str(pins)]) == 0
    changed = np.abs(_read(plain).astype(int) - _read(corrected)).max(-1)
    assert changed[25:35, 35:45].mean() > 20
    assert changed[:5, :5].max() <= 1
    assert np.abs(luma(_read(corrected)).astype(int) - _grey(source)).max() <= 1
    assert b"by hand, 1 pin" in corrected.read_bytes()
    assert b"by hand" not in plain.read_bytes()


def test_corrections_are_for_one_picture_and_say_what_is_wrong_with_them(tmp_path, own, capsys):
    first, second, pins = _write(tmp_path / "a.png"), _write(tmp_path / "b.png"), tmp_path / "pins.json"
    pins.write_text('{"version": 1, "pins": [{"x": 0.5, "y": 0.5, "a": 60, "b": 40}]}', "utf-8")
    asked = ["-o", str(tmp_path / "out/"), "--model", own, "--corrections", str(pins)]
    assert main(["image", str(first), str(second), *asked]) != 0
    assert "for one picture, and 2 were named" in capsys.readouterr().err
    pins.write_text('{"version": 1, "pins": [{"x": 5}]}', "utf-8")
    assert main(["image", str(first), *asked]) != 0
    assert "pin 1 must have a, b, y" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_one_bad_file_does_not_stop_the_rest(tmp_path, own, capsys):
    folder = tmp_path / "in"
    for name in ("a.png", "deep/b.jpg"):
        _write(folder / name)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    (folder / "loop.png").symlink_to("loop.png")
    assert main(["image", str(folder), "-o", str(tmp_path / "out"), "--model", own]) == 1
    assert sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.*")) == [
        "a.png",
        "deep/b.jpg",
    ]
    said = capsys.readouterr()
    assert "2 made, 2 failed" in said.out
    assert "broken.jpg" in said.err
    assert "loop.png" in said.err
    assert "Traceback" not in said.err


def test_nothing_is_overwritten_unless_asked(tmp_path, own, capsys):
    source = _write(tmp_path / "a.png")
    target = tmp_path / "b.png"
    target.write_bytes(b"precious")
    call = ["image", str(source), "-o", str(target), "--model", own]
    assert main(call) == 1
    assert target.read_bytes() == b"precious"
    assert "--overwrite" in capsys.readouterr().err
    assert main([*call, "--overwrite"]) == 0
    assert target.read_bytes() != b"precious"


def test_zero_intensity_gives_the_grey_picture_back(tmp_path, own):
    source = _write(tmp_path / "a.png")
    assert main(["image", str(source), "-o", str(tmp_path / "b.png"), "--model", own, "--intensity", "0"]) == 0
    assert (_read(tmp_path / "b.png") == _grey(source)[..., None]).all()


def test_every_format_is_written_by_its_option(tmp_path, own):
    source = _write(tmp_path / "a.png")
    for name, suffix in (("png", ".png"), ("jpg", ".jpg"), ("webp", ".webp"), ("tiff", ".tif")):
        out = tmp_path / name
        assert main(["image", str(source), "-o", str(out), "--model", own, "--format", name]) == 0
        assert [path.suffix for path in out.iterdir()] == [suffix]


def test_gray_takes_the_colour_out(tmp_path):
    source = _write(tmp_path / "a.png", grey=False)
    assert main(["gray", str(source), "-o", str(tmp_path / "b.png")]) == 0
    result = _read(tmp_path / "b.png")
    assert np.ptp(result, axis=-1).max() == 0
    assert np.abs(result[..., 0].astype(int) - luma(_read(source))).max() == 0


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--saturation", "9"], "saturation must lie between 0 and 3"),
        (["--hue", "nan"], "hue must lie between -180 and 180"),
        (["--size", "100"], "size must lie between 128 and 512"),
        (["--temperature", "0"], "temperature must lie between"),
        (["--quality", "0"], "quality must lie between 1 and 100"),
        (["--model", "nonsense"], "starter, eccv16, ddcolor"),
        (["--model", "eccv16"], "colorizer models download eccv16"),
    ],
)
def test_a_wrong_wish_is_one_clear_line(tmp_path, capsys, wrong, words, monkeypatch):
    monkeypatch.setattr(
        "colorizer.weights.local_models.settings", lambda: type("S", (), {"models_folder": tmp_path / "models"})
    )
    assert main(["image", str(_write(tmp_path / "a.png")), "-o", str(tmp_path / "b.png"), *wrong]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "b.png").exists()


def test_missing_sources_are_named(tmp_path, own, capsys):
    assert main(["image", str(tmp_path / "gone.jpg"), "-o", str(tmp_path / "b.png"), "--model", own]) == 1
    assert "gone.jpg" in capsys.readouterr().err


def test_help_and_version_answer(capsys):
    for words in (["--help"], ["image", "--help"], ["--version"]):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 0
    assert "colorizer" in capsys.readouterr().out


def test_ctrl_c_ends_with_the_shells_own_status(tmp_path, own, monkeypatch, capsys):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("colorizer.cli.image.colorize_file", interrupt)
    assert main(["image", str(_write(tmp_path / "a.png")), "-o", str(tmp_path / "b.png"), "--model", own]) == 130
    said = capsys.readouterr()
    assert said.err.strip().endswith("colorizer: stopped")
    assert "stopped before 1 of 1" in said.out


def _pictures_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_second_run_over_a_folder_does_not_colour_its_own_results(tmp_path, own):
    album = tmp_path / "album"
    for name in ("a.png", "deep/b.jpg"):
        _write(album / name)
    command = ["image", str(album), "-o", str(album / "coloured"), "--model", own, "--overwrite"]
    assert main(command) == 0
    made = _pictures_below(album)
    assert main(command) == 0
    assert _pictures_below(album) == made


@pytest.mark.parametrize("written", ["png", "jpg", "tif", "webp"])
def test_results_are_known_by_what_they_say_and_left_alone_unless_asked_for(tmp_path, own, capsys, written):
    album, network = tmp_path / "album", ["--model", own]
    _write(album / "a.bmp")
    assert main(["image", str(album), "-o", str(album), "--format", written, *network]) == 0
    _write(album / "b.png")
    again = ["image", str(album), "-o", str(tmp_path / "out"), *network]
    capsys.readouterr()
    assert main(again) == 0
    assert f"a.{written}" in capsys.readouterr().err
    assert _pictures_below(tmp_path / "out") == ["a.png", "b.png"]
    assert main([*again, "--include-results", "--overwrite"]) == 0
    assert len(_pictures_below(tmp_path / "out")) == 3


def test_a_result_named_by_itself_is_coloured_and_many_are_not(tmp_path, own, capsys):
    results = [tmp_path / name for name in ("a.png", "b.png")]
    for number, result in enumerate(results):
        assert main(["image", str(_write(tmp_path / f"{number}.bmp")), "-o", str(result), "--model", own]) == 0
    assert main(["image", str(results[0]), "-o", str(tmp_path / "c.png"), "--model", own]) == 0
    assert main(["image", *map(str, results), "-o", str(tmp_path / "out"), "--model", own]) == 1
    assert "--include-results" in capsys.readouterr().err
    assert main(["gray", *map(str, results), "-o", str(tmp_path / "grey")]) == 0


def test_a_picture_that_is_cut_short_is_made_with_a_note_and_strict_refuses_it(tmp_path, own, capsys):
    short = _write(tmp_path / "short.jpg", 200, 200)
    short.write_bytes(short.read_bytes()[:-500])
    for command in (["image", "--model", own], ["gray"]):
        target = ["-o", str(tmp_path / f"{command[0]}.png")]
        assert main([command[0], str(short), *target, *command[1:], "--strict"]) == 1
        assert "cut short" in capsys.readouterr().err
        assert main([command[0], str(short), *target, *command[1:]]) == 0
        assert "what could not be read of it is grey" in capsys.readouterr().out


def test_a_kind_that_is_not_written_becomes_png_in_a_folder_with_a_note(tmp_path, own, capsys):
    _write(tmp_path / "in" / "a.bmp")
    for target, noted in ((tmp_path / "out", True), (tmp_path / "named.png", False)):
        assert main(["image", str(tmp_path / "in" / "a.bmp"), "-o", str(target), "--model", own]) == 0
        assert ("BMP is not written" in capsys.readouterr().out) == noted
    assert main(["gray", str(tmp_path / "in"), "-o", str(tmp_path / "grey"), "--format", "png"]) == 0
    assert "not written" not in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_among_the_pictures_is_refused_and_keeps_nobody_waiting(tmp_path, own, capsys):
    os.mkfifo(tmp_path / "a.png")
    for names in ([str(tmp_path / "a.png")], [str(_write(tmp_path / "b.png")), str(tmp_path)]):
        assert main(["image", *names, "-o", f"{tmp_path / 'out'}/", "--model", own, "--overwrite"]) == 1
        assert "no ordinary file" in capsys.readouterr().err
