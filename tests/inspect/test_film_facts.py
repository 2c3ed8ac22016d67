import json
from fractions import Fraction

import cv2
import numpy as np
import pytest

from colorizer.errors import SourceUnreadable
from colorizer.inspect.film_facts import FACTS, PROBLEM, SHEET, SHEET_SIDE, SHOTS, FilmFacts, count_shots, inspect, main
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.result.writer import SegmentWriter
from colorizer.video.source.probe import probe
from colorizer.web.preview import drawn_original
from tests.video.films import encode, rich_film


def read(path):
    return json.loads(path.read_text())


def drawn(level, count, size=(48, 64)):
    rng = np.random.default_rng(level)
    texture = cv2.resize(rng.integers(40, 220, (6, 8), np.uint8), size[::-1])
    return [texture] * count


def test_a_film_is_described_with_its_tracks(tmp_path):
    inspect(rich_film(tmp_path / "a.mkv"), tmp_path)
    facts = FilmFacts.from_dict(read(tmp_path / FACTS))
    assert (facts.width, facts.height, facts.codec) == (64, 48, "h264")
    assert facts.sound == ("AAC, mono, eng", "OPUS, mono, ger, Kommentar")
    assert (facts.subtitles, facts.chapters) == (("fre",), 2)
    assert abs(facts.length - 3) < Fraction(1, 10)
    assert not (tmp_path / SHOTS).exists()
    assert main([str(tmp_path / "a.mkv"), str(tmp_path), SHOTS]) == 0
    assert read(tmp_path / SHOTS) == {"shots": 1, "seconds": pytest.approx(3, abs=0.1), "whole": True}


def test_the_contact_sheet_shows_different_frames_from_all_over_the_film(tmp_path):
    lumas = [frame for level in range(4) for frame in drawn(level, 25)]
    inspect(encode(tmp_path / "a.mkv", lumas), tmp_path)
    times = [Fraction(time) for time in read(tmp_path / SHEET)["times"]]
    assert len(times) == 6
    assert times == sorted(set(times))
    assert times[0] < 1
    assert times[-1] > 3
    for number in range(6):
        picture = cv2.imread(str(tmp_path / f"frame-{number}.png"), cv2.IMREAD_UNCHANGED)
        assert picture.shape == (48, 64)
    assert count_shots(probe(tmp_path / "a.mkv"))["shots"] == 4


@pytest.mark.parametrize(("chroma", "is_coloured"), [("flat", False), ("toned", False), ("coloured", True)])
def test_a_frame_that_is_not_grey_is_kept_as_it_was_and_colours_are_told_from_a_tint(tmp_path, chroma, is_coloured):
    spec = VideoSpec(64, 48, Fraction(1, 1000), codec="ffv1", lossless=True)
    level = {"flat": 128, "toned": 110, "coloured": 128}[chroma]
    slope = 40 * np.linspace(-1, 1, spec.chroma_shape[1]) if is_coloured else 0
    plane = np.asarray(level + np.zeros(spec.chroma_shape) + slope, np.uint8)
    with SegmentWriter(tmp_path / "a.mkv", spec) as writer:
        writer.write(0, drawn(1, 1)[0], plane, plane)
    inspect(tmp_path / "a.mkv", tmp_path)
    assert read(tmp_path / SHEET)["coloured"] == [is_coloured]
    original = drawn_original(tmp_path / "frame-0.png")
    assert (original is None) == (chroma == "flat")
    if original is not None:
        assert original.shape == (48, 64, 3)
        assert np.ptp(original.astype(int), axis=2).max() > 15


def test_black_frames_are_stepped_over(tmp_path):
    black = [np.full((48, 64), 16, np.uint8)] * 20
    inspect(encode(tmp_path / "a.mkv", black + drawn(1, 5) + black), tmp_path)
    brightest = max(cv2.imread(str(path), 0).mean() for path in tmp_path.glob("frame-*.png"))
    assert brightest > 60


def test_a_film_of_one_frame_has_one_frame_on_its_sheet(tmp_path):
    inspect(encode(tmp_path / "a.mkv", drawn(1, 1)), tmp_path)
    assert len(read(tmp_path / SHEET)["times"]) == 1


def test_frames_of_large_films_are_reduced(tmp_path):
    inspect(encode(tmp_path / "a.mkv", drawn(1, 1, (1080, 1920))), tmp_path)
    assert cv2.imread(str(tmp_path / "frame-0.png"), 0).shape == (SHEET_SIDE * 9 // 16, SHEET_SIDE)


def test_counting_shots_ends_in_time_and_says_so(tmp_path):
    film = probe(encode(tmp_path / "a.mkv", drawn(1, 30)))
    counted = count_shots(film, within=0)
    assert not counted["whole"]
    assert counted["seconds"] < 1


def test_what_is_no_film_leaves_a_reason(tmp_path):
    source = tmp_path / "a.mp4"
    source.write_bytes(b"no film at all")
    with pytest.raises(SourceUnreadable):
        inspect(source, tmp_path)
    assert main([str(source), str(tmp_path)]) == 1
    assert "a.mp4" in read(tmp_path / PROBLEM)["problem"]
    assert not (tmp_path / FACTS).exists()
