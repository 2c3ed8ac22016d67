import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from colorizer.color.code_values import at_depth, limited_range


@given(
    plane=arrays.arrays(np.uint8, (5, 7), elements=st.integers(0, 255)), bits=st.sampled_from([8, 9, 10, 12, 14, 16])
)
def test_more_bits_and_back_is_the_same_plane(plane, bits):
    deep = at_depth(plane, 8, bits)
    assert deep.dtype == (np.uint8 if bits == 8 else np.uint16)
    assert np.array_equal(deep >> (bits - 8), plane)
    assert np.array_equal(at_depth(deep, bits, 8), plane)


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
def test_full_range_becomes_limited_range_with_black_and_white_in_their_places(bits):
    white = (1 << bits) - 1
    ramp = np.array([[0, white // 2, white]], np.uint8 if bits == 8 else np.uint16)
    unit = 1 << (bits - 8)
    black, middle, bright = limited_range(ramp, bits)[0]
    assert (black, bright) == (16 * unit, 235 * unit)
    assert abs(int(middle) - 125 * unit) <= unit
