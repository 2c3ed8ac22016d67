"""What the encoder is given of a frame."""

from fractions import Fraction

import numpy as np
import pytest

from colorizer.color.grade import Grade
from colorizer.video.colour.paint import Painted
from colorizer.video.result.export import rgb
from colorizer.video.result.video_spec import VideoSpec
from colorizer.video.segment import Rendering, planes
from colorizer.video.source.facts import VideoTrack
from colorizer.video.source.reader import Frame

TICK = Fraction(1, 25)


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full_range", [True, False])
def test_a_shot_with_colour_of_its_own_keeps_it_in_a_codec_of_limited_range(bits, full_range):
    random, unit = np.random.default_rng(5), 1 << (bits - 8)
    kind = np.uint8 if bits == 8 else np.uint16
    luma = random.integers(90 * unit, 160 * unit, (32, 32)).astype(kind)
    cb, cr = (random.integers(80 * unit, 176 * unit, (32, 16)).astype(kind) for _ in range(2))
    frame = Frame(0, 1, luma, np.repeat(cb, 2, axis=1), np.repeat(cr, 2, axis=1))  # prores has half the columns
    source = VideoTrack(0, "ffv1", "", 32, 32, TICK, bits, full_range=full_range, tagged_matrix="bt709")
    result = VideoTrack(0, "prores", "", 32, 32, TICK, 10, full_range=False, tagged_matrix="bt709")
    painted = Painted(
        frame, luma, np.zeros((4, 4, 2), np.float32), starts_shot=True, network_ran=False, own_colour=True
    )  # fmt: skip
    rendering = Rendering(source, VideoSpec(32, 32, TICK, codec="prores", bits=10, matrix="bt709"), Grade())
    given_luma, *given = planes(painted, rendering)
    wanted = rgb(Frame(0, 1, luma[:, ::2], cb, cr), source) / (1 if bits == 8 else 257)
    assert np.abs(rgb(Frame(0, 1, given_luma[:, ::2], *given), result) / 257 - wanted).max() < 4
