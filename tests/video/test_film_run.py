"""What is decided before the work, what is told about it, and how it stops."""

import json
import threading
from fractions import Fraction

import cv2
import numpy as np
import pytest

from colorizer.color.grade import Grade
from colorizer.errors import OutputError, SettingError, TargetExists
from colorizer.network import Colorizer
from colorizer.video import film_run
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film import colorize_film, gray_film, regrade_film, track_path
from colorizer.video.film_settings import Encoding, FilmSettings, Range
from colorizer.video.report import FilmProgress
from colorizer.video.result import mux
from colorizer.video.source.probe import probe
from tests.models import tiny_model
from tests.video import films
from tests.video.films import SMOOTH, colour_frames, smooth_film

SETTINGS = FilmSettings(steadiness=Steadiness(key_every=4), encoding=Encoding("ffv1"))


class Cancelled(Exception):
    """What a page raises to stop a film."""


@pytest.fixture(scope="module")
def colorizer(tmp_path_factory):
    with Colorizer(tiny_model(tmp_path_factory.mktemp("network"))) as opened:
        yield opened


@pytest.fixture
def many_segments(monkeypatch):
    monkeypatch.setattr("colorizer.video.colour.paint.SHORTEST", Fraction(8, 10))
    monkeypatch.setattr("colorizer.video.colour.paint.LONGEST", Fraction(12, 10))


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("a.mp4", Encoding(preset="turbo"), "preset must be one of ultrafast, .* for h264, and is 'turbo'"),
        ("a.mp4", Encoding("av1", preset="slow"), "preset must be one of 0, 1, .* for av1, and is 'slow'"),
        ("a.mp4", Encoding(crf=99), "crf must lie between 0 .* and 51 for h264, and is 99"),
        ("a.webm", Encoding(crf=64), "crf must lie between 0 .* and 63 for vp9, and is 64"),
        ("a.mp4", Encoding(crf=float("nan")), "crf must lie between"),
        ("a.mov", Encoding("prores", crf=20), "prores has no crf"),
        ("a.mkv", Encoding("ffv1", preset="slow"), "ffv1 has no preset"),
        ("a.gif", Encoding(crf=20), "gif has no crf"),
        ("a", Encoding("png", preset="slow"), "png has no preset"),
    ],
)
def test_a_quality_that_the_codec_does_not_have_is_said_before_the_work(tmp_path, colorizer, name, wrong, words):
    source = smooth_film(tmp_path / "grey.mkv", count=3)
    asked = []
    with pytest.raises(SettingError, match=words) as caught:
        colorize_film(source, tmp_path / name, colorizer, FilmSettings(encoding=wrong), watch=asked.append)
    assert "\n" not in str(caught.value)
    assert not asked
    assert [path.name for path in tmp_path.iterdir()] == ["grey.mkv"]


def test_a_film_that_lost_pictures_when_it_was_joined_is_no_film_made(tmp_path, colorizer, monkeypatch):
    source, target = smooth_film(tmp_path / "grey.mkv"), tmp_path / "a.mkv"
    with monkeypatch.context() as patch:
        patch.setattr(mux, "_count", lambda _: (39, 0))
        with pytest.raises(OutputError, match=r"39 of 40 frames arrived.* 40 frames are kept in .*parts"):
            colorize_film(source, target, colorizer, SETTINGS)
    assert not target.exists()
    assert (tmp_path / ".a.mkv.parts" / "manifest.json").exists()
    report = colorize_film(source, target, colorizer, SETTINGS)
    assert (report.frames, report.frames_this_run) == (40, 0)


def test_a_missing_ffmpeg_is_said_before_the_work(tmp_path, colorizer, monkeypatch):
    def nowhere():
        raise OutputError("there is no ffmpeg program")

    monkeypatch.setattr(film_run, "find_ffmpeg", nowhere)
    asked = []
    with pytest.raises(OutputError, match="no ffmpeg"):
        colorize_film(smooth_film(tmp_path / "grey.mkv", count=3), tmp_path / "a.mkv", colorizer, watch=asked.append)
    assert not asked


def test_a_failure_before_anything_is_finished_promises_nothing(tmp_path, colorizer):
    late = FilmSettings(encoding=Encoding("ffv1"), range=Range(Fraction(100)))
    with pytest.raises(SettingError) as caught:
        colorize_film(smooth_film(tmp_path / "grey.mkv", count=3), tmp_path / "a.mkv", colorizer, late)
    assert "kept" not in str(caught.value)
    assert not (tmp_path / ".a.mkv.parts").exists()


@pytest.mark.parametrize("when", [0, 1, 35, "joining", "exporting"])
def test_what_the_watcher_raises_stops_at_once_and_keeps_what_is_finished(
    tmp_path, colorizer, many_segments, when
):  # fmt: skip
    source = smooth_film(tmp_path / "grey.mkv", count=60)
    target = tmp_path / ("a.gif" if when == "exporting" else "a.mkv")
    settings = SETTINGS if when != "exporting" else FilmSettings(steadiness=SETTINGS.steadiness)
    ends = 0

    def watch(progress):
        nonlocal ends
        ends += progress.frames == 60
        if progress.frames == when or (ends > 1 and when == "joining") or (ends > 8 and when == "exporting"):
            raise Cancelled

    before = threading.active_count()
    with pytest.raises(Cancelled):
        colorize_film(source, target, colorizer, settings, watch=watch)
    assert threading.active_count() == before
    folder = tmp_path / f".{target.name}.parts"
    if when in {0, 1}:  # nothing was finished
        assert [path.name for path in tmp_path.iterdir()] == ["grey.mkv"]
        return
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name, "grey.mkv"]
    assert not [path for path in folder.iterdir() if ".part" in path.name]
    report = colorize_film(source, target, colorizer, settings)
    assert report.frames == 60
    assert report.frames_this_run < (40 if when == 35 else 1)
    assert not folder.exists()


def test_progress_begins_with_what_an_earlier_run_finished_and_ends_with_every_frame(
    tmp_path, colorizer, many_segments
):  # fmt: skip
    source, target = smooth_film(tmp_path / "grey.mkv", count=60, cut=23), tmp_path / "a.mkv"

    def stop(progress):
        if progress.frames == 35:
            raise Cancelled

    with pytest.raises(Cancelled):
        colorize_film(source, target, colorizer, SETTINGS, watch=stop)
    heard: list[FilmProgress] = []
    report = colorize_film(source, target, colorizer, SETTINGS, watch=heard.append)
    assert 0 < heard[0].frames == 60 - report.frames_this_run
    assert heard[0].seconds_left is None
    assert [one.frames for one in heard] == sorted(one.frames for one in heard)
    assert (heard[-1].frames, heard[-1].shots) == (60, report.as_dict()["shots"])
    assert all(one.fps > 0 and one.expected and one.seconds_left is not None for one in heard[1:])


def test_a_film_that_is_deinterlaced_is_not_said_to_look_like_combs(tmp_path, colorizer):
    source = tmp_path / "fields.mp4"
    films.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=96x64:r=25:d=0.4,format=gray", "-vf", "interlace,format=yuv420p",
                 "-flags", "+ilme+ildct", "-c:v", "libx264", "-x264-params", "tff=1", source)  # fmt: skip
    combs = [
        colorize_film(source, tmp_path / "a.mp4", colorizer),
        regrade_film(tmp_path / "a.mp4.chroma", tmp_path / "b.mp4"),
    ]
    assert all(any("interlaced" in note for note in report.notes) for report in combs)
    smooth = FilmSettings(deinterlace=True)
    clear = [
        colorize_film(source, tmp_path / "c.mp4", colorizer, smooth),
        regrade_film(tmp_path / "c.mp4.chroma", tmp_path / "d.mp4"),
    ]
    assert not any("interlaced" in note for report in clear for note in report.notes)


def test_a_lost_depth_shows_in_the_luma_error_and_an_exact_one_does_not(tmp_path):
    source = films.write(tmp_path / "deep.mkv", films.planes(3, 64, 48, 10), films.STEADY[:3], bits=10)
    exact = gray_film(source, tmp_path / "exact.mkv", FilmSettings(encoding=Encoding("ffv1")))
    assert exact.as_dict()["luma_error"] == 0
    lost = gray_film(source, tmp_path / "lost.webm", FilmSettings(encoding=Encoding("vp9", lossless=True)))
    assert 0.2 < lost.as_dict()["luma_error"] < 0.3  # ten bits to eight: 0, 1/4, 1/2 or 1/4 of a level
    assert any("8 bits" in note for note in lost.notes)


def test_a_depth_that_was_gained_is_no_luma_error(tmp_path):
    source = smooth_film(tmp_path / "a.mkv", count=3)
    report = gray_film(source, tmp_path / "a.mov", FilmSettings(encoding=Encoding("prores")))
    assert report.as_dict()["luma_error"] < 0.5


@pytest.mark.parametrize(
    ("bits", "width", "lossless", "words"),
    [(8, 64, False, None), (10, 64, False, "with 10 bits"), (8, 65, False, "odd"), (8, 64, True, "without loss")],
)
def test_h264_that_some_browsers_do_not_play_is_said(tmp_path, bits, width, lossless, words):
    source = films.write(tmp_path / "a.mkv", films.planes(3, width, 48, bits), films.STEADY[:3], bits=bits)
    notes = gray_film(source, tmp_path / "a.mp4", FilmSettings(encoding=Encoding("h264", lossless=lossless))).notes
    assert [note for note in notes if "browser" in note and (words or "") in note] == [
        note for note in notes if "browser" in note
    ]
    assert any("browser" in note for note in notes) == bool(words)


def test_notes_of_a_film_in_between_are_not_told(tmp_path):
    source = films.write(tmp_path / "a.mp4", films.planes(3, 64, 48), films.STEADY[:3], codec="h264")
    assert any("milliseconds" in note for note in gray_film(source, tmp_path / "a.mkv").notes)
    for name, codec in (("a.gif", "gif"), ("pictures", "png")):
        report = gray_film(source, tmp_path / name, FilmSettings(encoding=Encoding(codec)))
        assert not any("milliseconds" in note or "clock" in note for note in report.notes)


def test_a_part_begins_at_zero_without_a_word_and_a_late_film_with_one(tmp_path):
    source = smooth_film(tmp_path / "a.mkv", count=30)
    part = gray_film(source, tmp_path / "part.mp4", FilmSettings(range=Range(Fraction(1))))
    assert not any("clock" in note for note in part.notes)
    films.ffmpeg("-i", source, "-c", "copy", "-output_ts_offset", "5", tmp_path / "late.mkv")
    late = gray_film(tmp_path / "late.mkv", tmp_path / "late.mp4")
    assert any("clock starts at" in note for note in late.notes)


def _pictures(folder, numbers):
    folder.mkdir()
    for number in numbers:
        cv2.imwrite(str(folder / f"{number:04d}.png"), np.roll(SMOOTH, number, axis=1)[:64, :96])
    return folder


def test_numbered_pictures_have_the_rate_that_was_asked_for_also_when_graded_anew(tmp_path, colorizer):
    source = _pictures(tmp_path / "frames", range(1, 6))
    wanted = FilmSettings(folder_rate=Fraction(24000, 1001))
    told = colorize_film(source, tmp_path / "a.mp4", colorizer, wanted)
    regrade_film(track_path(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    for name in ("a.mp4", "b.mp4"):
        assert [time for time, _, _ in colour_frames(tmp_path / name)] == [Fraction(1001 * n, 24000) for n in range(5)]
    assert not told.notes
    assert any("24 a second" in note for note in gray_film(source, tmp_path / "c.mp4").notes)
    with pytest.raises(SettingError, match="keeps its own"):
        gray_film(tmp_path / "a.mp4", tmp_path / "d.mp4", wanted)
    with pytest.raises(SettingError, match="folder_rate must lie"):
        FilmSettings(folder_rate=Fraction(0))


def test_a_missing_number_is_said(tmp_path):
    notes = gray_film(_pictures(tmp_path / "frames", [1, 2, 5, 7]), tmp_path / "a.mp4").notes
    assert any("3 numbers are missing" in note and "(3, 4, 6)" in note for note in notes)
    assert not any(
        "missing" in note for note in gray_film(_pictures(tmp_path / "all", [8, 9, 10]), tmp_path / "b.mp4").notes
    )


def test_the_shots_of_a_film_are_those_of_its_new_grade(tmp_path, colorizer, many_segments):
    source = smooth_film(tmp_path / "grey.mkv", count=40, cut=17)
    first = colorize_film(source, tmp_path / "a.mkv", colorizer, SETTINGS).as_dict()
    again = regrade_film(track_path(tmp_path / "a.mkv"), tmp_path / "b.mkv", SETTINGS).as_dict()
    assert first["shots"] == again["shots"] > 1
    assert json.loads((tmp_path / "b.mkv.json").read_text("utf-8"))["made_with"]["track"].endswith("a.mkv.chroma")


def test_pictures_turned_back_to_grey_are_the_source_within_one_level(tmp_path, colorizer):
    source = tmp_path / "frames"
    source.mkdir()
    noise = np.random.default_rng(1).integers(0, 256, (3, 50, 66)).astype(np.uint8)
    for number, luma in enumerate(noise):
        cv2.imwrite(str(source / f"shot_{number + 7:03d}.png"), luma)
    vivid = FilmSettings(grade=Grade(saturation=3.0), encoding=Encoding("png"), folder_rate=Fraction(24))
    colorize_film(source, tmp_path / "out", colorizer, vivid)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [f"shot_{n:03d}.png" for n in (7, 8, 9)]
    for number, luma in enumerate(noise):
        rgb = cv2.imread(str(tmp_path / "out" / f"shot_{number + 7:03d}.png"))[..., ::-1].astype(float)
        grey = rgb @ [0.299, 0.587, 0.114]
        assert np.abs(grey - luma).max() <= 1
        assert np.ptp(rgb, axis=-1).max() > 20


def test_a_part_of_numbered_pictures_is_numbered_anew(tmp_path):
    source = _pictures(tmp_path / "frames", [5, 6, 7])
    part = FilmSettings(encoding=Encoding("png"), range=Range(max_frames=2))
    gray_film(source, tmp_path / "out", part)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["000001.png", "000002.png"]


def test_pictures_of_other_sizes_and_kinds_among_the_numbered_ones_are_said(tmp_path):
    source = _pictures(tmp_path / "frames", range(1, 5))
    cv2.imwrite(str(source / "0003.png"), SMOOTH[:32, :32])
    cv2.imwrite(str(source / "0001.jpg"), SMOOTH)
    cv2.imwrite(str(source / "title.png"), SMOOTH)
    notes = gray_film(source, tmp_path / "a.mp4").notes
    assert [note for note in notes if note.startswith("1 frames have another size")]
    assert [note for note in notes if note.startswith("2 pictures of another series")]


@pytest.mark.parametrize("alpha", [0, 255])
def test_transparency_that_is_lost_is_said(tmp_path, alpha):
    (tmp_path / "frames").mkdir()
    for number in range(3):
        picture = np.full((48, 64, 4), 90, np.uint8)
        picture[..., 3] = 255
        picture[:9, :9, 3] = alpha
        cv2.imwrite(str(tmp_path / "frames" / f"{number}.png"), picture)
    notes = gray_film(tmp_path / "frames", tmp_path / "a.mp4").notes
    assert any("transparent" in note for note in notes) == (alpha == 0)


def test_progress_says_when_the_film_is_being_put_together(tmp_path):
    heard = []
    gray_film(smooth_film(tmp_path / "grey.mkv", count=3), tmp_path / "a.mp4", watch=heard.append)
    stages = [one.stage for one in heard]
    assert stages == sorted(stages)
    assert {"colouring", "joining"} == set(stages)


def test_a_word_for_the_encoder_of_the_source_is_not_the_results(tmp_path):
    source = smooth_film(tmp_path / "a.mkv", count=3)
    films.ffmpeg("-i", source, "-c:v", "libvpx-vp9", "-metadata:s:v", "ENCODER=old one", tmp_path / "a.webm")
    assert any("libvpx" in value or "old" in value for value in probe(tmp_path / "a.webm").video.tags.values())
    gray_film(tmp_path / "a.webm", tmp_path / "b.webm")
    assert not any("libvpx" in value or "old" in value for value in probe(tmp_path / "b.webm").video.tags.values())


def test_a_gif_is_replaced_where_that_was_asked_for_and_kept_otherwise(tmp_path):
    source, target = smooth_film(tmp_path / "a.mkv", count=3), tmp_path / "a.gif"
    target.write_bytes(b"mine")
    with pytest.raises(TargetExists, match="--overwrite"):
        gray_film(source, target)
    assert target.read_bytes() == b"mine"
    gray_film(source, target, overwrite=True)
    assert probe(target).video.width == 96


def test_pictures_come_into_an_empty_folder_and_never_among_others(tmp_path):
    source, target = smooth_film(tmp_path / "a.mkv", count=3), tmp_path / "out"
    target.mkdir()
    wanted = FilmSettings(encoding=Encoding("png"))
    gray_film(source, target, wanted)
    assert len(list(target.iterdir())) == 3
    asked = []
    with pytest.raises(TargetExists, match="not empty; choose another folder"):
        gray_film(source, target, wanted, overwrite=True, watch=asked.append)
    assert not asked
    assert len(list(target.iterdir())) == 3
