"""Where a film grows: what a power cut, a full folder or a lost right leaves of it, and what goes on."""

import errno
import os
import stat
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from colorizer import files
from colorizer.errors import OutputError, SourceMissing, SourceUnreadable
from colorizer.network import Colorizer
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.film import colorize_film, gray_film, regrade_film, track_path
from colorizer.video.film_settings import Encoding, FilmSettings
from colorizer.video.report import find_track
from colorizer.video.workspace import fingerprint, open_workspace
from tests.models import tiny_model
from tests.video.films import SMOOTH, colour_frames, smooth_film
from tests.video.test_film_run import Cancelled, many_segments

__all__ = ["many_segments"]
SETTINGS = FilmSettings(steadiness=Steadiness(key_every=4), encoding=Encoding("ffv1"), folder_rate=Fraction(10))
FILM = FilmSettings(steadiness=Steadiness(key_every=4), encoding=Encoding("ffv1"))


@pytest.fixture(scope="module")
def colorizer(tmp_path_factory):
    with Colorizer(tiny_model(tmp_path_factory.mktemp("network"))) as opened:
        yield opened


def _stop_at(number):
    def watch(progress):
        if progress.frames == number:
            raise Cancelled

    return watch


def _stopped_run(source, target, colorizer, settings=FILM):
    """The folder of a film that was stopped with three segments and more finished."""
    with pytest.raises(Cancelled):
        colorize_film(source, target, colorizer, settings, watch=_stop_at(55))
    folder = target.with_name(f".{target.name}.parts")
    assert len(list(folder.glob("0*.npz"))) >= 3
    return folder


@pytest.mark.parametrize(
    ("lost", "emptied"),
    [
        ("000001.npz", True),
        ("000001.npz", False),
        ("000001.mp4", True),
        ("000001.mp4", False),
        ("seam-000002.npz", True),
    ],
)
def test_a_segment_that_a_power_cut_left_empty_is_made_again_with_all_after_it(
    tmp_path, colorizer, many_segments, lost, emptied
):  # fmt: skip
    source, target = smooth_film(tmp_path / "grey.mkv", count=60), tmp_path / "a.mkv"
    folder = _stopped_run(source, target, colorizer)
    (folder / lost).write_bytes(b"") if emptied else (folder / lost).unlink()
    report = colorize_film(source, target, colorizer, FILM)
    assert 40 < report.frames_this_run < 60  # the first segment stays
    colorize_film(source, tmp_path / "whole.mkv", colorizer, FILM)
    for one, other in zip(colour_frames(target), colour_frames(tmp_path / "whole.mkv"), strict=True):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_whatever_gets_its_name_was_on_the_disk_before(tmp_path, colorizer, many_segments, monkeypatch):
    told = []
    real_sync, real_replace = os.fsync, Path.replace

    def sync(handle):
        told.append(("synced", os.fstat(handle).st_ino))
        real_sync(handle)

    def replace(part, target):
        told.append(("named", part.stat().st_ino, Path(target).name))
        return real_replace(part, target)

    monkeypatch.setattr(files.os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", replace)
    removed = []
    monkeypatch.setattr("colorizer.video.workspace.shutil.rmtree", lambda *_, **__: removed.append(len(told)))
    colorize_film(smooth_film(tmp_path / "grey.mkv", count=30), tmp_path / "a.mkv", colorizer, FILM)
    names = [one[2] for one in told if one[0] == "named"]
    assert {"000000.mp4", "000000.npz", "seam-000001.npz", "manifest.json", "a.mkv", "a.mkv.chroma"} <= set(names)
    for place, one in enumerate(told):
        assert one[0] == "synced" or ("synced", one[1]) in told[:place], one
    assert removed == [len(told)]  # the segments go last
    assert ("synced", tmp_path.stat().st_ino) in told
    assert len(told) < 60  # for each segment, not for each frame


def test_the_lock_is_given_back_before_its_folder_goes(tmp_path, monkeypatch):
    with open_workspace(tmp_path / "a.mp4", {}, (".mp4",)) as space:
        lock = space._lock
        monkeypatch.setattr("colorizer.video.workspace.shutil.rmtree", lambda *_, **__: open_then.append(lock.closed))
        open_then = []
        space.remove()
    assert open_then == [True]


def _pictures(folder, count):
    folder.mkdir()
    for number in range(count):
        cv2.imwrite(str(folder / f"{number:04d}.png"), np.roll(SMOOTH, number, axis=1)[:64, :96])
    return folder


def test_what_else_lies_in_a_folder_of_pictures_stops_no_film_from_going_on(tmp_path, colorizer, many_segments):
    source = _pictures(tmp_path / "frames", 60)
    target = source / "a.mkv"  # inside the source itself
    _stopped_run(source, target, colorizer, SETTINGS)
    (source / ".DS_Store").write_bytes(b"x")
    (source / "Thumbs.db").write_bytes(b"x")
    assert colorize_film(source, target, colorizer, SETTINGS).frames_this_run < 40
    (source / "notes.txt").write_text("x")
    assert regrade_film(track_path(target), tmp_path / "b.mkv").frames == 60


def test_another_picture_is_another_film(tmp_path):
    source = _pictures(tmp_path / "frames", 5)
    before = fingerprint(source)
    cv2.imwrite(str(source / "0005.png"), SMOOTH)
    assert fingerprint(source) != before


def test_a_source_that_cannot_be_read_any_more_is_one_clear_line(tmp_path):
    with pytest.raises(SourceUnreadable, match=r"gone\.mkv may not be read: No such file"):
        fingerprint(tmp_path / "gone.mkv")


def test_a_folder_of_pictures_is_on_the_disk_with_all_of_them(tmp_path, monkeypatch):
    synced = set()
    monkeypatch.setattr(files.os, "fsync", lambda handle: synced.add(os.fstat(handle).st_ino))
    gray_film(smooth_film(tmp_path / "a.mkv", count=4), tmp_path / "out", FilmSettings(encoding=Encoding("png")))
    pictures = list((tmp_path / "out").iterdir())
    assert len(pictures) == 4
    assert {path.stat().st_ino for path in [tmp_path, tmp_path / "out", *pictures]} <= synced


def test_a_disk_whose_folders_cannot_be_waited_for_is_good_enough(tmp_path, monkeypatch):
    real = os.fsync

    def refuses_folders(handle):
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(handle)

    monkeypatch.setattr(files.os, "fsync", refuses_folders)
    assert gray_film(smooth_film(tmp_path / "a.mkv", count=4), tmp_path / "b.mkv").frames == 4


def test_a_disk_that_fails_while_it_is_waited_for_is_said(tmp_path, monkeypatch):
    source = smooth_film(tmp_path / "a.mkv", count=4)

    def fails(handle):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(files.os, "fsync", fails)
    with pytest.raises(OutputError, match="Input/output error; look at the free space"):
        gray_film(source, tmp_path / "b.mkv")
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def _stop_writing(monkeypatch, what):
    def full(*_arguments):
        raise OutputError("the disk is full; look at the free space")

    monkeypatch.setattr(f"colorizer.video.film_run.{what}", full)


@pytest.mark.parametrize("what", ["write_track", "write_report"])
@pytest.mark.parametrize(("name", "codec"), [("a.mkv", "ffv1"), ("a.gif", "gif"), ("pictures", "png")])
def test_where_a_file_beside_the_film_cannot_be_written_the_next_run_goes_on(
    tmp_path, colorizer, monkeypatch, what, name, codec
):  # fmt: skip
    source, target = smooth_film(tmp_path / "grey.mkv", count=20), tmp_path / name
    settings = FilmSettings(steadiness=Steadiness(key_every=4), encoding=Encoding(codec))
    with monkeypatch.context() as patch:
        _stop_writing(patch, what)
        with pytest.raises(OutputError, match="the next run goes on"):
            colorize_film(source, target, colorizer, settings)
    assert not target.exists()
    report = colorize_film(source, target, colorizer, settings)
    assert report.frames_this_run == 0
    assert report.frames == 20
    assert target.exists()
    assert track_path(target).exists()


def test_a_film_that_is_replaced_takes_its_track_along(tmp_path, colorizer):
    first, second = smooth_film(tmp_path / "first.mkv", count=6), smooth_film(tmp_path / "second.mkv", count=8)
    target = tmp_path / "a.mkv"
    colorize_film(first, target, colorizer, FILM)
    gray_film(first, target, FILM, overwrite=True)
    assert track_path(target).exists()  # of the same film, whose colours they are
    gray_film(second, target, FILM, overwrite=True)
    assert not track_path(target).exists()
    colorize_film(first, target, colorizer, FILM, overwrite=True)
    regrade_film(track_path(target), target, FILM, overwrite=True)
    assert regrade_film(find_track(target), tmp_path / "b.mkv", FILM).frames == 6
    colorize_film(second, tmp_path / "other.mkv", colorizer, FILM)
    regrade_film(track_path(tmp_path / "other.mkv"), target, FILM, overwrite=True)
    with pytest.raises(SourceMissing, match=r"graded anew\. Regrade the first result: .*other"):
        find_track(target)


def test_a_track_left_beside_another_film_is_not_taken_for_its_own(tmp_path, colorizer):
    first, second = smooth_film(tmp_path / "first.mkv", count=6), smooth_film(tmp_path / "second.mkv", count=8)
    target = tmp_path / "a.mkv"
    colorize_film(first, target, colorizer, FILM)
    target.unlink()
    gray_film(second, target, FILM)
    with pytest.raises(SourceMissing, match="another film"):
        find_track(target)
    assert regrade_film(track_path(target), tmp_path / "b.mkv", FILM).frames == 6  # named itself, it is taken
