"""The reference engine against the network's own numbers."""

import numpy as np
import pytest

from colorizer.engines.choose import choose_device, engine_names, open_engine
from colorizer.engines.opencv_dnn import OpenCvEngine, available_devices, importer_problem, missing_device
from colorizer.errors import EngineError, ModelDamaged
from tests.models import tiny_model

LIGHTNESS = np.random.default_rng(3).uniform(-50, 50, (1, 1, 64, 96)).astype(np.float32)


def _decoded(logits, centres, temperature):
    """The annealed mean of the bins' centres: (1, Q, h, w) -> (1, 2, h, w)."""
    scaled = logits.astype(np.float64) / temperature
    share = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    return np.einsum("nqhw,qc->nchw", share, centres)


@pytest.mark.parametrize("temperature", [0.2, 0.38, 1.0])
def test_centres_and_temperature_take_effect_as_the_annealed_mean_says(tmp_path, temperature):
    local = tiny_model(tmp_path)
    with OpenCvEngine(local, "cpu", temperature) as engine:
        answer = engine.infer(LIGHTNESS)
        logits = engine._net.forward("conv8_313")
    expected = _decoded(logits, np.load(local.paths["centres"]), temperature)
    assert answer.shape == (1, 2, 16, 24)
    assert np.abs(answer - expected).max() < 1e-3
    assert np.ptp(answer) > 1


def test_a_batch_gives_what_each_picture_gives_alone(tmp_path):
    batch = np.concatenate([LIGHTNESS, -LIGHTNESS, LIGHTNESS / 2])
    with OpenCvEngine(tiny_model(tmp_path), "cpu", 0.38) as engine:
        together = engine.infer(batch)
        alone = np.concatenate([engine.infer(one[None]) for one in batch])
    assert np.abs(together - alone).max() < 1e-3


def test_an_answer_stays_as_it_was_when_the_network_runs_again(tmp_path):
    with OpenCvEngine(tiny_model(tmp_path), "cpu", 0.38) as engine:
        first = engine.infer(LIGHTNESS)
        kept = first.copy()
        engine.infer(-LIGHTNESS)
    assert (first == kept).all()


def test_networks_in_folders_with_quotes_and_umlauts_load(tmp_path):
    folder = tmp_path / "Großmutters 'alte' \"Fotos\""
    folder.mkdir()
    with OpenCvEngine(tiny_model(folder), "cpu", 0.38) as engine:
        assert engine.infer(LIGHTNESS).shape == (1, 2, 16, 24)


def test_opencv_5_ends_in_our_own_words(tmp_path, monkeypatch):
    cure = r"OpenCV 5 removed the importer.*pip install 'opencv-python-headless>=4.10,<5'"
    local = tiny_model(tmp_path)
    monkeypatch.setattr("cv2.__version__", "5.0.0")
    with pytest.raises(EngineError, match=cure):
        OpenCvEngine(local, "cpu", 0.38)
    assert importer_problem("4.10.0", has_importer=True) == ""
    assert importer_problem("4.99.0", has_importer=False)


def test_centres_of_another_network_are_refused(tmp_path):
    local = tiny_model(tmp_path)
    np.save(local.paths["centres"], np.zeros((5, 2)))
    with pytest.raises(ModelDamaged, match=r"7 ab bins, and .* holds 5"):
        OpenCvEngine(local, "cpu", 0.38)


@pytest.mark.parametrize(
    "centres", [np.zeros(7), np.zeros((7, 3)), np.full((7, 2), np.nan), np.array([["a", "b"]] * 7)]
)
def test_centres_of_a_wrong_kind_are_refused(tmp_path, centres):
    local = tiny_model(tmp_path)
    np.save(local.paths["centres"], centres)
    with pytest.raises(ModelDamaged, match="Q rows of two finite numbers"):
        OpenCvEngine(local, "cpu", 0.38)


def test_centres_that_would_run_code_are_not_opened(tmp_path):
    local = tiny_model(tmp_path)
    np.save(local.paths["centres"], np.array([{}] * 7, object), allow_pickle=True)
    with pytest.raises(ModelDamaged, match="not a NumPy file"):
        OpenCvEngine(local, "cpu", 0.38)


@pytest.mark.parametrize(("role", "content"), [("weights", b"junk" * 100), ("prototxt", b"layer {"), ("weights", b"")])
def test_broken_network_files_end_in_one_line(tmp_path, role, content):
    local = tiny_model(tmp_path)
    local.paths[role].write_bytes(content)
    with pytest.raises(ModelDamaged) as caught:
        OpenCvEngine(local, "cpu", 0.38)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_network_without_the_decoding_layers_is_no_colorization_network(tmp_path):
    local = tiny_model(tmp_path)
    prototxt = local.paths["prototxt"]
    prototxt.write_text(prototxt.read_text().replace("conv8_313_rh", "something_else"))
    with pytest.raises(ModelDamaged, match="conv8_313_rh"):
        OpenCvEngine(local, "cpu", 0.38)


def test_the_cpu_is_always_there_and_what_is_missing_says_what_to_do(tmp_path):
    assert "cpu" in available_devices()
    local = tiny_model(tmp_path)
    for device in {"cuda", "opencl"} - set(available_devices()):
        assert "opencv:cpu" in missing_device(device)
        with pytest.raises(EngineError, match="opencv:cpu"):
            open_engine(local, f"opencv:{device}", 0.38)


def test_only_auto_chooses_and_use_gpu_is_obeyed():
    assert choose_device("auto", "auto", cuda=True) == "cuda"
    assert choose_device("auto", "auto", cuda=False) == "cpu"
    assert choose_device("auto", "off", cuda=True) == "cpu"
    assert choose_device("opencv:cpu", "on", cuda=True) == "cpu"
    with pytest.raises(EngineError, match="USE_GPU=0 forbids it"):
        choose_device("opencv:cuda", "off", cuda=True)
    with pytest.raises(EngineError, match="cannot use CUDA"):
        choose_device("auto", "on", cuda=False)
    with pytest.raises(EngineError, match="there is no engine 'tpu'"):
        choose_device("tpu", "auto", cuda=False)
    assert all(choose_device(name, "auto", cuda=True) for name in engine_names())
