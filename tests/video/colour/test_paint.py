"""Segments: where they end, and that cutting a film into them changes nothing."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from colorizer.video.colour import paint
from colorizer.video.colour.paint import FrameSource, GreyPainter, NetworkPainter, TrackPainter, has_colour
from colorizer.video.colour.propagate import Steadiness
from colorizer.video.colour.track import Kept
from colorizer.video.source.facts import VideoTrack
from colorizer.video.source.reader import Frame

VIDEO = VideoTrack(0, "h264", "yuv420p", 96, 64, Fraction(1, 10))
_SMOOTH = np.kron(np.random.default_rng(4).integers(40, 200, (10, 14)), np.ones((8, 8))).astype(np.uint8)


def _frames(count, cuts=(), start=0):
    """Ten frames a second: a patterned picture that drifts, another one after each cut."""
    planes = []
    for number in range(count):
        shot = sum(cut <= number for cut in cuts)
        picture = np.rot90(_SMOOTH, 2 * (shot % 2)) if shot % 4 < 2 else 255 - _SMOOTH
        planes.append(Frame(start + number, 1, np.roll(picture, number % 7, axis=1)[:64, :96].copy()))
    return planes


def _predict(luma):
    level = float(luma.mean()) / 4
    return np.stack([luma[::8, ::8] / 5.0 - level, level - luma[::8, ::8] / 6.0], axis=-1).astype(np.float32)


def _painter(seam=None, **settings):
    return NetworkPainter(VIDEO, _predict, Steadiness(**settings), seam=seam)


def _all_segments(frames, **settings):
    """Every segment of the film, one after the other, each from a fresh start as after a restart of the program."""
    segments, seam, place = [], None, 0
    while place < len(frames):
        painter = _painter(seam, **settings)
        segments.append(list(painter.paint(FrameSource(frames[place:]))))
        place += len(segments[-1])
        seam = painter.seam
    return segments


def test_every_frame_comes_out_once_in_order_and_segments_end_at_cuts_where_they_can():
    frames = _frames(300, cuts=(95, 200))
    segments = _all_segments(frames, key_every=4)
    assert [painted.frame.pts for segment in segments for painted in segment] == list(range(300))
    assert [segment[0].frame.pts for segment in segments][:2] == [0, 95]
    assert all(len(segment) <= 140 for segment in segments)
    assert {painted.frame.pts for segment in segments for painted in segment if painted.starts_shot} == {0, 95, 200}


@pytest.mark.parametrize("cuts", [(), (95, 200), (119, 121)])
def test_a_film_made_in_one_go_and_one_resumed_at_every_segment_are_the_same(cuts):
    frames = _frames(300, cuts)
    resumed = [painted for segment in _all_segments(frames, key_every=4, steady=0.8) for painted in segment]
    source, at_once, seam = FrameSource(frames), [], None
    while source.peek() is not None:
        painter = _painter(seam, key_every=4, steady=0.8)
        at_once += list(painter.paint(source))
        seam = painter.seam
    assert len(resumed) == len(at_once) == 300
    assert all((one.chroma == other.chroma).all() for one, other in zip(resumed, at_once, strict=True))


def test_a_seam_inside_a_shot_cannot_be_seen(monkeypatch):
    """The colour before and after the seam differs no more than between any two frames of the shot."""
    frames = _frames(300)
    parts = [painted.chroma for segment in _all_segments(frames, key_every=4, steady=0.8) for painted in segment]
    monkeypatch.setattr(paint, "LONGEST", Fraction(1000))
    whole = [painted.chroma for segment in _all_segments(frames, key_every=4, steady=0.8) for painted in segment]
    steps = [np.abs(one - other).mean() for one, other in pairwise(parts)]
    assert max(steps) <= 1.5 * max(np.abs(one - other).mean() for one, other in pairwise(whole))


def test_colour_is_never_carried_across_a_cut():
    frames = _frames(60, cuts=(30,))
    alone = [painted.chroma for painted in _painter(key_every=4).paint(FrameSource(frames[30:]))]
    together = [painted.chroma for painted in _painter(key_every=4).paint(FrameSource(frames))][30:]
    assert all((one == other).all() for one, other in zip(alone, together, strict=True))


def test_a_source_gives_back_what_was_taken_ahead():
    frames = _frames(10)
    source = FrameSource(frames)
    taken = [next(source) for _ in range(6)]
    source.rewind_to(taken[3])
    assert [frame.pts for frame in source] == [3, 4, 5, 6, 7, 8, 9]
    source.rewind_after(frames[8])
    assert source.peek() is frames[9]
    with pytest.raises(ValueError, match="too long ago"):
        source.rewind_to(frames[0])


def test_the_track_gives_each_frame_its_own_colour_and_leaves_others_out():
    colours = {
        pts: Kept(pts, np.full((2, 2, 2), pts, np.float32), own_colour=pts == 5, starts_shot=pts == 6)
        for pts in range(3, 8)
    }
    source = FrameSource(_frames(12))
    painted = list(TrackPainter(VIDEO, colours, last_pts=7).paint(source))
    assert [(p.frame.pts, float(p.chroma.max()), p.own_colour, p.starts_shot) for p in painted] == [
        (pts, float(pts), pts == 5, pts == 6) for pts in range(3, 8)
    ]
    assert source.peek().pts == 8


def test_grey_segments_are_cut_by_time():
    source = FrameSource(_frames(300))
    assert len(list(GreyPainter(VIDEO).paint(source))) == 120
    assert source.peek().pts == 120


def test_shots_that_have_colour_are_left_alone_when_asked():
    rng = np.random.default_rng(0)
    colour = [
        Frame(f.pts, 1, f.luma, rng.integers(90, 160, (32, 48), np.uint8), rng.integers(90, 160, (32, 48), np.uint8))
        for f in _frames(40)
    ]
    grey = [
        Frame(f.pts, 1, 255 - f.luma, np.full((32, 48), 140, np.uint8), np.full((32, 48), 120, np.uint8))
        for f in _frames(40, start=40)
    ]
    painter = NetworkPainter(VIDEO, _predict, Steadiness(key_every=4), keep_colour_shots=True)
    own = [painted.own_colour for painted in painter.paint(FrameSource(colour + grey))]
    assert own == [True] * 40 + [False] * 40
    assert has_colour(colour[0], 8)
    assert not has_colour(grey[0], 8)  # an even tint is no colour
    assert not has_colour(_frames(1)[0], 8)
