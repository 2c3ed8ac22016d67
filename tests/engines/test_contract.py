"""What every engine promises, over each one that is installed: the same answers, the same errors, no surprises."""

import gc
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from colorizer.engines.measure import HIGH_LIMIT, MEAN_LIMIT, candidates, open_named
from colorizer.engines.names import EngineName
from colorizer.engines.opencv_dnn import OpenCvEngine
from colorizer.engines.registry import ENGINES as ROWS
from colorizer.errors import EngineError, ModelDamaged
from colorizer.network import Colorizer, NetworkSettings
from colorizer.weights.catalog import find_model
from colorizer.weights.local_models import LocalModel, locate
from tests.caffe_writer import write_tiny_network
from tests.eccv16 import write_eccv16
from tests.mobile import write_mobile
from tests.models import tiny_model
from tests.onnx_writer import write_tiny_onnx
from tests.plain_numpy import run_plain

ENGINES = candidates("off")
# How far from cv2.dnn a precision may be on networks as small as these, on average and anywhere, in ab.
CLOSE = {"f32": (1e-3, 1e-2), "f16": (0.1, 1.0), "bf16": (MEAN_LIMIT, 10.0)}
pytestmark = pytest.mark.parametrize("name", ENGINES)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("tiny"), bins=40)


@pytest.fixture(scope="module")
def deep(tmp_path_factory):
    """Every layer of the network of 2016, an eighth as wide."""
    folder = tmp_path_factory.mktemp("deep")
    write_eccv16(folder, narrow=8)
    return locate(folder)


@pytest.fixture(scope="module")
def mobile(tmp_path_factory):
    """Depthwise convolutions and ReLU6, down to 1/32 of the sides."""
    folder = tmp_path_factory.mktemp("mobile")
    write_mobile(folder)
    return locate(folder)


@pytest.fixture(scope="module")
def onnx(tmp_path_factory):
    folder = tmp_path_factory.mktemp("onnx")
    write_tiny_onnx(folder / "tiny.onnx")
    return replace(locate(folder), model=find_model("ddcolor"))


def _open(local: LocalModel, name: str):
    return open_named(local, EngineName.parse(name))


def _pictures(count, height=64, width=96):
    """Smooth and rough at once, as pictures are: (count, 1, height, width) L* - 50."""
    rng = np.random.default_rng(count + height)
    rows, columns = np.mgrid[0:height, 0:width] / 30
    smooth = [25 * np.sin(rows * rng.random() * 3 + columns * rng.random() * 3) for _ in range(count)]
    return np.clip(np.stack(smooth)[:, None] + rng.normal(0, 9, (count, 1, height, width)), -50, 50).astype(np.float32)


def _assert_close(answer, expected, precision):
    mean, most = CLOSE[precision]
    difference = np.abs(answer - expected)
    assert difference.mean() <= mean
    assert difference.max() <= most


def test_every_engine_that_the_project_names_is_under_test(name):
    assert {EngineName.parse(each).library for each in ENGINES} == set(ROWS) >= {"opencv", "openvino", "onnxruntime"}
    assert name in ENGINES


@pytest.mark.parametrize("network", ["tiny", "deep", "mobile"])
@pytest.mark.parametrize(("count", "height", "width"), [(1, 64, 64), (3, 32, 96), (1, 136, 72), (1, 160, 128)])
def test_the_answer_has_a_quarter_of_the_sides_and_agrees_with_the_reference(
    request, name, network, count, height, width
):
    local, batch = request.getfixturevalue(network), _pictures(count, height, width)
    if network == "mobile" and height % 32:
        with _open(local, name) as engine, pytest.raises(EngineError):
            engine.infer(batch)
        return
    with _open(local, name) as engine, OpenCvEngine(local) as reference:
        answer, expected = engine.infer(batch), reference.infer(batch)
        precision = engine.info.precision
    assert answer.shape == (count, 2, height // 4, width // 4)
    assert answer.dtype == np.float32
    assert np.ptp(expected) > 1
    _assert_close(answer, expected, precision)


@pytest.mark.parametrize("temperature", [0.38, 1.0])
def test_depthwise_convolutions_and_relu6_give_what_plain_numpy_gives(name, tmp_path, temperature):
    batch, network = _pictures(2), write_mobile(tmp_path)
    expected = run_plain(network, batch, temperature)
    assert all((expected[cut] == 6).mean() > 0.05 for cut in ("stem", "half1", "same3"))
    with _open(locate(tmp_path), name) as engine:
        answer = engine.infer(batch, temperature)
    assert np.ptp(expected["class8_ab"]) > 5
    _assert_close(answer, expected["class8_ab"], engine.info.precision)


@pytest.mark.parametrize("temperature", [0.38, 1.0])
@pytest.mark.parametrize("network", ["tiny", "deep", "mobile"])
def test_all_it_knows_has_the_colours_of_infer_and_bins_whose_annealed_mean_they_are(
    request, name, network, temperature
):
    local, batch = request.getfixturevalue(network), _pictures(2)
    with _open(local, name) as engine:
        ab, whole = engine.infer(batch, temperature), engine.infer_all(batch, temperature)
        assert (engine.infer(batch, temperature) == ab).all()
    precision = engine.info.precision
    if precision == "f32":
        assert (whole.ab == ab).all()
    _assert_close(whole.ab, ab, precision)
    share = np.exp((whole.logits - whole.logits.max(axis=1, keepdims=True)).astype(np.float64) / temperature)
    share /= share.sum(axis=1, keepdims=True)
    assert np.ptp(ab) > 1
    _assert_close(whole.ab, np.einsum("nqhw,qc->nchw", share, np.load(local.paths["centres"])), precision)


def test_features_and_bins_are_what_plain_numpy_gives_before_the_logits_and_before_the_temperature(name, tmp_path):
    for write, made_of in ((write_mobile, "joined0"), (write_tiny_network, "conv2_1")):
        batch, network = _pictures(2), write(tmp_path / made_of)
        expected = run_plain(network, batch)
        with _open(locate(tmp_path / made_of), name) as engine:
            for temperature in (0.38, 0.9, 0.38):
                whole = engine.infer_all(batch, temperature)
                for part, blob in ((whole.features, expected[made_of]), (whole.logits, expected["conv8_313"])):
                    assert (part.dtype, part.shape) == (np.float32, blob.shape)
                    assert np.abs(part - blob).max() < CLOSE[engine.info.precision][1] * max(1, np.ptp(blob) / 20)


def test_what_it_knows_stays_as_it_was_and_leaves_the_colours_as_they_were(name, tiny):
    batch = _pictures(1)
    with _open(tiny, name) as engine:
        before, first = engine.infer(batch), engine.infer_all(batch)
        kept = [part.copy() for part in (first.ab, first.features, first.logits)]
        engine.infer_all(-batch, 1.0)
        assert (engine.infer(batch) == before).all()
        again = engine.infer_all(batch)
    for old, copied, new in zip((first.ab, first.features, first.logits), kept,
                                (again.ab, again.features, again.logits), strict=True):  # fmt: skip
        assert (old == copied).all()
        assert (new == copied).all()


def test_a_network_that_is_only_asked_for_its_colours_is_opened_once(name, tiny):
    batch = _pictures(1)
    with _open(tiny, name) as engine:
        engine.infer(batch)
        assert engine._whole is None
        engine.infer_all(batch)
        whole = engine._whole
        engine.infer_all(-batch)
        assert engine._whole is whole is not None


def test_closed_it_tells_nothing_and_a_picture_that_is_not_finite_is_refused_there_too(name, tiny):
    batch = _pictures(1)
    with _open(tiny, name) as engine:
        with pytest.raises(EngineError, match="not finite"):
            engine.infer_all(batch * np.nan)
        with pytest.raises(EngineError):
            engine.infer_all(np.repeat(batch, 3, axis=1))
        engine.infer_all(batch)
    with pytest.raises(EngineError, match="closed"):
        engine.infer_all(batch)


def test_the_answer_lies_on_one_grid_with_96_channels_at_most(name, tiny, deep, onnx, mobile):
    plane = np.random.default_rng(7).integers(0, 256, (90, 140), np.uint8)
    for local, channels, bins in ((tiny, 16, 40), (deep, 32, 313), (mobile, 8, 40)):
        with Colorizer(local, name) as colorizer:
            answer, chroma = colorizer.answer(plane), colorizer.chroma(plane)
            assert len(colorizer.centres()) == bins
        _assert_close(answer.chroma, chroma, colorizer.info.precision)
        assert answer.features.shape == (*chroma.shape[:2], channels)
        assert answer.bins.shape == (*chroma.shape[:2], bins)
    with Colorizer(onnx, name) as colorizer:
        answer, chroma = colorizer.answer(plane), colorizer.chroma(plane)
        assert colorizer.centres() is None
    assert (answer.chroma == chroma).all()
    assert answer.features is answer.bins is None


def test_a_batch_gives_what_each_picture_gives_alone(name, tiny):
    batch = _pictures(4)
    with _open(tiny, name) as engine:
        together = engine.infer(batch)
        alone = np.concatenate([engine.infer(one[None]) for one in batch])
    _assert_close(together, alone, engine.info.precision)


def test_an_answer_stays_as_it_was_when_the_network_runs_again(name, tiny):
    batch = _pictures(1)
    with _open(tiny, name) as engine:
        first = engine.infer(batch)
        kept = first.copy()
        engine.infer(-batch)
        assert (engine.infer(batch) == kept).all()
    assert (first == kept).all()


def test_what_comes_in_is_not_changed(name, tiny):
    batch = _pictures(2)
    kept = batch.copy()
    with _open(tiny, name) as engine:
        engine.infer(batch)
        engine.infer(batch[:, :, ::2, ::-2])  # not one block of memory
    assert (batch == kept).all()


def test_a_picture_that_lies_scattered_in_memory_is_read_right(name, tiny):
    batch = _pictures(1, 64, 128)
    with _open(tiny, name) as engine:
        scattered = engine.infer(batch[:, :, :, ::2])
        assert (scattered == engine.infer(batch[:, :, :, ::2].copy())).all()


@pytest.mark.parametrize("temperature", [0.05, 0.38, 2.0])
def test_the_temperature_acts_as_in_the_reference_from_run_to_run(name, tiny, temperature):
    batch = _pictures(1)
    with _open(tiny, name) as engine, OpenCvEngine(tiny) as reference:
        engine.infer(batch, 0.7)
        answer = engine.infer(batch, temperature)
        expected = reference.infer(batch, temperature)
        other = engine.infer(batch, 0.7)
    if engine.info.precision == "f32" or temperature >= 0.38:  # a low one makes much of the smallest difference
        _assert_close(answer, expected, engine.info.precision)
    assert np.abs(answer - other).max() > 0.5


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_picture_with_numbers_that_are_not_finite_is_refused_and_the_next_one_is_not(name, tiny, wrong):
    batch = _pictures(1)
    broken = batch.copy()
    broken[0, 0, 5, 5] = wrong
    with _open(tiny, name) as engine:
        with pytest.raises(EngineError, match="not finite"):
            engine.infer(broken)
        assert np.isfinite(engine.infer(batch)).all()


def test_many_threads_share_a_colorizer(name, tiny):
    planes = [np.random.default_rng(seed).integers(0, 256, (90, 120), np.uint8) for seed in range(12)]
    temperatures = [NetworkSettings(temperature=0.3 + 0.1 * (number % 2)) for number in range(12)]
    with Colorizer(tiny, name) as colorizer:
        alone = [colorizer.chroma(*each) for each in zip(planes, temperatures, strict=True)]
        with ThreadPoolExecutor(6) as pool:
            together = list(pool.map(colorizer.chroma, planes, temperatures))
    assert all((one == other).all() for one, other in zip(alone, together, strict=True))


@pytest.mark.parametrize("role", ["weights", "prototxt", "centres"])
@pytest.mark.parametrize("content", [b"junk" * 100, b""])
def test_damaged_files_end_in_one_line(name, tmp_path, role, content):
    local = tiny_model(tmp_path)
    local.paths[role].write_bytes(content)
    local = replace(local, hashes={**local.hashes, role: "0" * 64})
    with pytest.raises(ModelDamaged) as caught:
        _open(local, name)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_it_says_what_it_runs_on_and_in_which_precision(name, tiny):
    parsed = EngineName.parse(name)
    with _open(tiny, name) as engine:
        assert (engine.info.name, engine.info.device) == (parsed.library, parsed.device)
        assert engine.info.precision == (parsed.precision or "f32")
        assert engine.info.identity == parsed.row.identity(parsed.device, parsed.precision)
        assert EngineName.of_stored(str(engine.info.identity)) == parsed


def test_closing_twice_is_once_and_the_files_are_free(name, tmp_path):
    local = tiny_model(tmp_path / "net")
    engine = _open(local, name)
    engine.infer(_pictures(1))
    engine.close()
    engine.close()
    with pytest.raises(EngineError):
        engine.infer(_pictures(1))
    shutil.rmtree(tmp_path / "net")


def test_folders_with_quotes_and_umlauts_are_folders(name, tmp_path):
    folder = tmp_path / "Großmutters 'alte' \"Fotos\""
    with _open(tiny_model(folder), name) as engine:
        assert engine.infer(_pictures(1)).shape == (1, 2, 16, 24)


def test_a_network_in_onnx_form_takes_grey_rgb_and_one_picture_at_a_time(name, onnx):
    grey = np.repeat(np.random.default_rng(1).random((2, 1, 256, 256), np.float32), 3, axis=1)
    with _open(onnx, name) as engine, OpenCvEngine(onnx) as reference:
        answer, expected = engine.infer(grey), reference.infer(grey)
    assert answer.shape == (2, 2, 256, 256)
    mean = np.abs(answer - expected).mean()
    assert mean < {"f32": 1e-3, "f16": 0.1, "bf16": MEAN_LIMIT}[engine.info.precision]
    assert np.percentile(np.abs(answer - expected), 99.9) < HIGH_LIMIT


def test_an_onnx_file_that_is_none_is_refused_in_one_line(name, tmp_path):
    write_tiny_onnx(tmp_path / "net.onnx").write_bytes(b"junk" * 99)
    with pytest.raises((ModelDamaged, EngineError)) as caught:
        _open(locate(tmp_path), name)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read the way Linux tells it")
@pytest.mark.parametrize("method", ["infer", "infer_all"])
def test_two_hundred_runs_take_no_more_memory_than_a_few(name, tiny, method):
    batch = _pictures(2, 128, 128)
    with _open(tiny, name) as engine:
        run = getattr(engine, method)
        for _ in range(20):
            run(batch)
        before = _memory()
        for _ in range(200):
            run(batch)
        assert _memory() - before < 8e6  # the answers of 200 runs would be 26 MB, the layers between far more


def _memory():
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
