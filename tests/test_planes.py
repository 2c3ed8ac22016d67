"""What holds for the Cb and Cr of every video frame."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.color.grade import Grade
from colorizer.picture import render, render_planes
from tests.strategies import SIDES, chromas, grades

_tried = settings(max_examples=60)
WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
RANGES = [(bits, full_range) for bits in (8, 10, 12) for full_range in (False, True)]


@st.composite
def frames(draw):
    """Luma codes with their depth and range."""
    bits, full_range = draw(st.sampled_from(RANGES))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kind = np.uint8 if bits == 8 else np.uint16
    return rng.integers(0, 1 << bits, (draw(SIDES), draw(SIDES))).astype(kind), bits, full_range


def halved(luma_plane):
    return (luma_plane.shape[0] + 1) // 2, (luma_plane.shape[1] + 1) // 2


def decoded(luma_plane, blue, red, bits, full_range, matrix):
    """RGB in [0, 1], not clipped, of planes of one size, as a player makes it."""
    kr, kb = WEIGHTS[matrix]
    scale, luma_scale = ((1 << bits) - 1,) * 2 if full_range else (224 << (bits - 8), 219 << (bits - 8))
    luma = (luma_plane.astype(float) - (0 if full_range else 16 << (bits - 8))) / luma_scale
    blue, red = ((plane.astype(float) - (1 << (bits - 1))) / scale for plane in (blue, red))
    r, b = luma + 2 * (1 - kr) * red, luma + 2 * (1 - kb) * blue
    return np.dstack([r, (luma - kr * r - kb * b) / (1 - kr - kb), b]), luma


@_tried
@given(frame=frames(), chroma=chromas(), grade=grades(), matrix=st.sampled_from(sorted(WEIGHTS)))
def test_planes_have_their_size_and_type_and_stay_in_range(frame, chroma, grade, matrix):
    luma_plane, bits, full_range = frame
    shape = halved(luma_plane)
    planes = render_planes(luma_plane, chroma, grade, bits=bits, full_range=full_range, matrix=matrix, shape=shape)
    low, high = (0, (1 << bits) - 1) if full_range else (16 << (bits - 8), 240 << (bits - 8))
    for plane in planes:
        assert plane.shape == shape
        assert plane.dtype == luma_plane.dtype
        assert plane.min() >= low
        assert plane.max() <= high


@_tried
@given(frame=frames(), chroma=chromas(), matrix=st.sampled_from(sorted(WEIGHTS)))
def test_a_player_shows_colours_inside_the_gamut_with_the_frames_own_luma(frame, chroma, matrix):
    luma_plane, bits, full_range = frame
    planes = render_planes(luma_plane, chroma, bits=bits, full_range=full_range, matrix=matrix, shape=luma_plane.shape)
    rgb, luma = decoded(luma_plane, *planes, bits, full_range, matrix)
    step = 3 / (1 << bits)
    inside = (luma >= 0) & (luma <= 1)
    assert rgb[inside].min(initial=1) > -step
    assert rgb[inside].max(initial=0) < 1 + step


@_tried
@given(frame=frames(), chroma=chromas(), warmth=st.floats(-1, 1))
def test_zero_intensity_is_neutral_bit_for_bit(frame, chroma, warmth):
    luma_plane, bits, full_range = frame
    grade = Grade(warmth=warmth, intensity=0)
    planes = render_planes(
        luma_plane, chroma, grade, bits=bits, full_range=full_range, matrix="bt709", shape=halved(luma_plane)
    )
    assert all((plane == 1 << (bits - 1)).all() for plane in planes)


@_tried
@given(frame=frames(), chroma=chromas(), intensity=st.floats(0, 1))
def test_the_sources_own_chroma_comes_through_below_full_intensity(frame, chroma, intensity):
    luma_plane, bits, full_range = frame
    shape = halved(luma_plane)
    own = tuple(np.full(shape, (1 << bits) * share // 8, luma_plane.dtype) for share in (3, 5))
    about = {"bits": bits, "full_range": full_range, "matrix": "bt709", "shape": shape}
    full = render_planes(luma_plane, chroma, **about)
    mixed = render_planes(luma_plane, chroma, Grade(intensity=intensity), own=own, **about)
    for plane, colour, other in zip(mixed, full, own, strict=True):
        assert np.abs(plane - (intensity * colour + (1 - intensity) * other)).max() <= 2


@_tried
@given(frame=frames(), chroma=chromas())
def test_no_chroma_is_neutral(frame, chroma):
    luma_plane, bits, full_range = frame
    planes = render_planes(
        luma_plane, 0 * chroma, bits=bits, full_range=full_range, matrix="bt601", shape=halved(luma_plane)
    )
    assert all((plane == 1 << (bits - 1)).all() for plane in planes)


@_tried
@given(frame=frames(), chroma=chromas())
def test_the_default_grade_changes_nothing_bit_for_bit(frame, chroma):
    luma_plane, bits, full_range = frame
    about = {"bits": bits, "full_range": full_range, "matrix": "bt709", "shape": halved(luma_plane)}
    plain = render_planes(luma_plane, chroma, **about)
    graded = render_planes(luma_plane, chroma, Grade(saturation=1.0, hue=0.0), **about)
    assert all((one == other).all() for one, other in zip(plain, graded, strict=True))


def scene():
    rng = np.random.default_rng(0)
    coarse = rng.uniform(20, 235, (12, 20)).astype(np.float32)
    luma_plane = np.clip(cv2.resize(coarse, (321, 181), interpolation=cv2.INTER_CUBIC), 0, 255).astype(np.uint8)
    return luma_plane, rng.uniform(-40, 40, (9, 16, 2)).astype(np.float32)


def test_colours_are_close_to_those_of_the_picture_at_full_resolution():
    luma_plane, chroma = scene()
    picture = render(luma_plane, chroma).astype(float) / 255
    planes = render_planes(luma_plane, chroma, bits=8, full_range=True, matrix="bt601", shape=halved(luma_plane))
    large = [cv2.resize(plane, luma_plane.shape[::-1], interpolation=cv2.INTER_CUBIC) for plane in planes]
    rgb, _ = decoded(luma_plane, *large, 8, True, "bt601")
    assert np.abs(rgb - picture).mean() < 0.006


@pytest.mark.parametrize("matrix", sorted(WEIGHTS))
def test_the_colour_seen_hardly_depends_on_the_matrix_depth_and_range(matrix):
    luma_plane, chroma = scene()
    reference = None
    for bits, full_range in RANGES:
        black, white = (0, (1 << bits) - 1) if full_range else (16 << (bits - 8), 235 << (bits - 8))
        codes = np.rint(black + luma_plane / 255 * (white - black)).astype(np.uint8 if bits == 8 else np.uint16)
        planes = render_planes(codes, chroma, bits=bits, full_range=full_range, matrix=matrix, shape=codes.shape)
        rgb, _ = decoded(codes, *planes, bits, full_range, matrix)
        reference = rgb if reference is None else reference
        assert np.abs(rgb - reference).mean() < 0.005
    assert np.abs(reference - render(luma_plane, chroma) / 255).mean() < 0.03


def test_a_large_frame_is_the_same_whether_made_in_strips_or_at_once(monkeypatch):
    luma_plane, chroma = scene()
    about = {"bits": 8, "full_range": False, "matrix": "bt709", "shape": halved(luma_plane)}
    at_once = render_planes(luma_plane, chroma, **about)
    monkeypatch.setattr("colorizer.picture._STRIP_PIXELS", 500)
    in_strips = render_planes(luma_plane, chroma, **about)
    assert all((one == other).all() for one, other in zip(at_once, in_strips, strict=True))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (33, 33)])
def test_frames_of_any_size_work(shape):
    luma_plane = np.full(shape, 120, np.uint8)
    chroma = np.full((40, 70, 2), 30, np.float32)
    blue, red = render_planes(luma_plane, chroma, bits=8, full_range=False, matrix="bt709", shape=halved(luma_plane))
    assert (blue < 128).all()
    assert (red > 128).all()


@pytest.mark.parametrize("bits", [7, 9, 16])
def test_a_depth_that_the_samples_cannot_have_is_refused(bits):
    with pytest.raises(ValueError, match=f"uint8 samples cannot have {bits} bits"):
        render_planes(
            np.zeros((2, 2), np.uint8), np.zeros((1, 1, 2), np.float32), bits=bits, full_range=True, matrix="bt709",
            shape=(1, 1),
        )  # fmt: skip
