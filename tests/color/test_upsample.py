"""Chroma on its way to the picture's resolution."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorizer.color.lightness import luma, to_unit
from colorizer.color.merge import merge
from colorizer.color.upsample import chroma_strips, guided_chroma
from tests.strategies import chromas, lumas


def _full(chroma, luma_plane, pixels=10**9):
    strips = chroma_strips(guided_chroma(chroma, luma_plane), *luma_plane.shape, pixels=pixels)
    return np.concatenate([strip for _, strip in strips])


@settings(max_examples=60)
@given(luma_plane=lumas(), chroma=chromas(), pixels=st.integers(1, 500))
def test_strips_cover_the_picture_once_and_agree_with_the_whole(luma_plane, chroma, pixels):
    guided = guided_chroma(chroma, luma_plane)
    rows, strips = zip(*chroma_strips(guided, *luma_plane.shape, pixels=pixels), strict=True)
    assert [r.start for r in rows] == [0, *(r.stop for r in rows[:-1])]
    assert rows[-1].stop == luma_plane.shape[0]
    assert np.allclose(np.concatenate(strips), _full(chroma, luma_plane), atol=1e-3)


@settings(max_examples=40)
@given(luma_plane=lumas(), a=st.floats(-100, 100, width=32), b=st.floats(-100, 100, width=32))
def test_even_colour_stays_even_whatever_the_luma(luma_plane, a, b):
    chroma = np.broadcast_to(np.array([a, b], np.float32), (7, 5, 2)).copy()
    assert np.allclose(_full(chroma, luma_plane), [a, b], atol=2e-2)


def test_average_over_each_small_pixel_is_what_the_network_said():
    rng = np.random.default_rng(2)
    chroma = cv2.GaussianBlur(rng.uniform(-80, 80, (16, 16, 2)).astype(np.float32), (0, 0), 1.5)
    luma_plane = cv2.GaussianBlur(rng.integers(0, 256, (256, 256), np.uint8), (0, 0), 6)
    again = cv2.resize(_full(chroma, luma_plane), (16, 16), interpolation=cv2.INTER_AREA)
    assert np.abs(again - chroma).max() < 0.05 * np.ptp(chroma)


def test_colour_stops_at_an_edge_of_the_luma_where_bicubic_bleeds():
    size = 256
    left = np.arange(size)[None, :] < np.arange(size)[:, None] * 0.5 + 60  # a slanted edge
    rgb = np.where(left[..., None], np.array([150, 50, 40]), np.array([140, 190, 240])).astype(np.uint8)
    rgb = cv2.GaussianBlur(rgb, (0, 0), 0.8)
    truth = to_unit(rgb)
    grey = luma(rgb)
    chroma = cv2.resize(cv2.cvtColor(truth, cv2.COLOR_RGB2LAB)[..., 1:], (32, 32), interpolation=cv2.INTER_AREA)
    ours = merge(to_unit(grey), _full(chroma, grey))
    bicubic = merge(to_unit(grey), cv2.resize(chroma, (size, size), interpolation=cv2.INTER_CUBIC))
    assert ((ours - truth) ** 2).mean() < 0.5 * ((bicubic - truth) ** 2).mean()


@pytest.mark.parametrize(("chroma", "plane"), [((0, 3, 2), (4, 4)), ((3, 3, 2), (0, 4))])
def test_an_empty_side_is_refused(chroma, plane):
    with pytest.raises(ValueError, match="must not be empty"):
        guided_chroma(np.zeros(chroma, np.float32), np.zeros(plane, np.uint8))
