"""Frames of a finished film with the colours that were kept of them."""

import json

import cv2
import numpy as np
import pytest

from colorizer.image.colorize import open_colorizer
from colorizer.inspect.film_facts import PROBLEM
from colorizer.inspect.regrade_stills import STILL_COUNT, StillPage, draw_stills, main, read_stills
from colorizer.video.colour.track import ChromaTrack
from colorizer.video.film import colorize_film, track_path
from colorizer.video.source.probe import probe
from colorizer.video.source.reader import FilmReader
from tests.caffe_writer import write_tiny_network
from tests.video.films import smooth_film


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A film of several segments, and its coloured result."""
    folder = tmp_path_factory.mktemp("stills")
    write_tiny_network(folder, q=7)
    source = smooth_film(folder / "grey.mp4", count=60, steps=[1000])
    with open_colorizer(str(folder), "opencv:cpu") as colorizer:
        colorize_film(source, folder / "result.mkv", colorizer)
    return source, track_path(folder / "result.mkv")


def test_stills_are_frames_of_the_film_with_the_chroma_that_its_track_has_for_them(film, tmp_path):
    source, track = film
    draw_stills(source, track, tmp_path)
    page = read_stills(tmp_path)
    assert isinstance(page, StillPage)
    assert len(page.times) == len(set(page.times)) == STILL_COUNT
    with ChromaTrack(track) as opened:
        assert len(opened) > 1
        kept = {frame.pts: frame for piece in opened.pieces() for frame in piece.frames()}
    grey = probe(source)
    with FilmReader(source, grey) as reader:
        lumas = {str(frame.pts * grey.video.time_base): (frame.pts, frame.luma) for frame in reader}
    for number, time in enumerate(page.times):
        pts, luma = lumas[time]
        drawn = cv2.imread(str(tmp_path / f"still-{number}.png"), cv2.IMREAD_GRAYSCALE)
        assert drawn.shape == luma.shape
        assert np.corrcoef(drawn.ravel(), luma.ravel())[0, 1] > 0.999
        assert (np.load(tmp_path / f"still-{number}.npy") == kept[pts].chroma).all()


def test_another_film_under_the_name_is_refused_and_the_reason_kept(film, tmp_path):
    _, track = film
    other = smooth_film(tmp_path / "grey.mp4", count=4, steps=[1000])
    assert main([str(other), str(track), str(tmp_path)]) == 1
    assert "is not the film any more" in str(read_stills(tmp_path))


def test_a_damaged_track_leaves_a_reason(film, tmp_path):
    source, track = film
    (tmp_path / "broken.chroma").write_bytes(track.read_bytes()[:2000])
    assert main([str(source), str(tmp_path / "broken.chroma"), str(tmp_path)]) == 1
    assert "chroma track" in json.loads((tmp_path / PROBLEM).read_text("utf-8"))["problem"]


def test_nothing_is_known_of_stills_that_are_not_drawn(tmp_path):
    assert read_stills(tmp_path) is None
