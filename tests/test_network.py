"""From luma to chroma."""

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.errors import SettingError
from colorizer.network import (
    LARGEST_SIZE,
    SIZE_STEP,
    SMALLEST_SIZE,
    Colorizer,
    NetworkSettings,
    input_shape,
    network_input,
)
from colorizer.weights.catalog import CATALOG, STARTER, find_model
from colorizer.weights.local_models import locate
from tests.mobile import write_mobile
from tests.models import tiny_model


def _plane(seed, height=90, width=120):
    return np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)


def test_many_threads_on_one_network_get_the_answers_that_one_thread_gets(tmp_path):
    planes = [_plane(seed) for seed in range(16)]
    with Colorizer(tiny_model(tmp_path)) as colorizer:
        alone = [colorizer.chroma(plane) for plane in planes]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(colorizer.chroma, planes))
    assert all((one == other).all() for one, other in zip(alone, together, strict=True))


def test_the_network_in_the_repository_colours_without_a_download():
    with Colorizer(locate("starter")) as colorizer:
        plane = np.tile(np.linspace(40, 220, 256).astype(np.uint8), (192, 1))
        chroma = colorizer.chroma(plane)
    assert chroma.dtype == np.float32
    assert chroma.shape[2] == 2
    assert np.isfinite(chroma).all()
    assert 0.1 < np.linalg.norm(chroma, axis=-1).mean() < 80


@given(
    model=st.sampled_from((*CATALOG, replace(STARTER, multiple=32))),
    height=st.integers(1, 50_000),
    width=st.integers(1, 50_000),
    size=st.none() | st.sampled_from(range(128, 513, 32)),
    keep_aspect=st.booleans(),
)
def test_the_input_has_about_the_area_asked_for_and_sides_the_network_can_take(model, height, width, size, keep_aspect):
    settings = NetworkSettings(size, keep_aspect)
    rows, columns = input_shape(height, width, model, settings)
    assert rows % model.multiple == 0
    assert columns % model.multiple == 0
    assert (
        min(rows, columns) >= 64
    )  # OpenCV filters a grid of one row wrongly, channel by channel: 32 would be one at 1/32
    if model.fixed_size:
        assert rows == columns == model.fixed_size
        return
    side = size or model.default_size
    assert 0.75 * side**2 <= rows * columns <= 1.3 * side**2
    if not keep_aspect:
        assert rows == columns == side
    elif 1 / 3 < width / height < 3:
        assert 0.75 < columns / rows / (width / height) < 1.35


@pytest.mark.parametrize("size", [96, 544, 225])
def test_a_size_that_no_network_takes_is_refused(size):
    with pytest.raises(SettingError, match="128 and 512 in steps of 32"):
        NetworkSettings(size)


@pytest.mark.parametrize("temperature", [0, -1, float("nan"), 3])
def test_a_temperature_without_sense_is_refused(temperature):
    with pytest.raises(SettingError, match=r"temperature must lie between 0.05 and 2"):
        NetworkSettings(temperature=temperature)


def test_every_picture_may_have_its_own_temperature(tmp_path):
    with Colorizer(tiny_model(tmp_path)) as colorizer:
        calm, vivid = (colorizer.chroma(_plane(0), NetworkSettings(temperature=each)) for each in (1.0, 0.2))
        again = colorizer.chroma(_plane(0), NetworkSettings(temperature=1.0))
    assert np.abs(vivid).mean() > np.abs(calm).mean()
    assert (again == calm).all()


@given(st.sampled_from([np.uint8, np.uint16, np.float32]))
def test_the_same_picture_in_any_sample_type_gives_the_same_input(kind):
    unit = np.random.default_rng(5).integers(0, 256, (70, 50)).astype(np.float32) / 255
    full = 1 if kind is np.float32 else np.iinfo(kind).max
    samples = (unit * full if kind is np.float32 else np.rint(unit * full)).astype(kind)
    starter, ddcolor = find_model("starter"), find_model("ddcolor")
    reference = network_input(unit, 64, 64, starter)
    assert np.abs(network_input(samples, 64, 64, starter) - reference).max() < 0.1
    grey = network_input(samples, 64, 64, ddcolor)
    assert grey.shape == (1, 3, 64, 64)
    assert (grey[0, 0] == grey[0, 2]).all()
    assert 0 <= grey.min() <= grey.max() <= 1


@pytest.mark.parametrize("model", ["starter", "ddcolor"])
def test_a_large_picture_is_reduced_before_it_becomes_floats(model):
    plane = _plane(0, 3000, 3000)
    tracemalloc.start()
    try:
        network_input(plane, 64, 64, find_model(model))
        assert tracemalloc.get_traced_memory()[1] < plane.nbytes
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 1), (7, 5)])
def test_pictures_of_any_shape_get_chroma(tmp_path, shape):
    with Colorizer(tiny_model(tmp_path)) as colorizer:
        assert np.isfinite(colorizer.chroma(np.full(shape, 90, np.uint8))).all()


@pytest.mark.parametrize("shape", [(1, 1), (480, 640), (1000, 170), (77, 1234), (336, 256)])
def test_a_network_that_halves_its_input_five_times_colours_every_shape_at_every_size(tmp_path, shape):
    write_mobile(tmp_path)
    plane = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    with Colorizer(locate(tmp_path)) as colorizer:
        for size, keep_aspect in product((None, *range(SMALLEST_SIZE, LARGEST_SIZE + 1, SIZE_STEP)), (True, False)):
            asked = NetworkSettings(size, keep_aspect)
            rows, columns = input_shape(*shape, colorizer.local.model, asked)
            assert colorizer.chroma(plane, asked).shape == (rows // 4, columns // 4, 2)


def test_wild_answers_are_limited_to_what_ab_can_be(tmp_path):
    local = tiny_model(tmp_path)
    np.save(local.paths["centres"], np.load(local.paths["centres"]) * 1000)
    with Colorizer(replace(local)) as colorizer:
        assert np.abs(colorizer.chroma(_plane(1))).max() <= 128
