"""The reference engine against the network's own numbers."""

import numpy as np
import pytest

from colorizer.engines.choose import open_engine
from colorizer.engines.opencv_dnn import DEVICES, OpenCvEngine, available_devices, importer_problem, missing_device
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
    with OpenCvEngine(local) as engine:
        answer = engine.infer(LIGHTNESS, temperature)
        logits = engine._net.forward("conv8_313")
    expected = _decoded(logits, np.load(local.paths["centres"]), temperature)
    assert answer.shape == (1, 2, 16, 24)
    assert np.abs(answer - expected).max() < 1e-3
    assert np.ptp(answer) > 1


def test_networks_in_folders_with_quotes_and_umlauts_load(tmp_path):
    folder = tmp_path / "Großmutters 'alte' \"Fotos\""
    folder.mkdir()
    with OpenCvEngine(tiny_model(folder)) as engine:
        assert engine.infer(LIGHTNESS).shape == (1, 2, 16, 24)


def test_opencv_5_ends_in_our_own_words(tmp_path, monkeypatch):
    cure = r"OpenCV 5 removed the importer.*pip install 'opencv-python-headless>=4.10,<5'"
    local = tiny_model(tmp_path)
    monkeypatch.setattr("cv2.__version__", "5.0.0")
    with pytest.raises(EngineError, match=cure):
        OpenCvEngine(local)
    assert importer_problem("4.10.0", has_importer=True) == ""
    assert importer_problem("4.99.0", has_importer=False)


def test_centres_of_another_network_are_refused(tmp_path):
    local = tiny_model(tmp_path)
    np.save(local.paths["centres"], np.zeros((5, 2)))
    with pytest.raises(ModelDamaged, match=r"7 ab bins, and .* holds 5"):
        OpenCvEngine(local)


@pytest.mark.parametrize(
    "centres", [np.zeros(7), np.zeros((7, 3)), np.full((7, 2), np.nan), np.array([["a", "b"]] * 7)]
)
def test_centres_of_a_wrong_kind_are_refused(tmp_path, centres):
    local = tiny_model(tmp_path)
    np.save(local.paths["centres"], centres)
    with pytest.raises(ModelDamaged, match="Q rows of two finite numbers"):
        OpenCvEngine(local)


def test_centres_that_would_run_code_are_not_opened(tmp_path):
    local = tiny_model(tmp_path)
    np.save(local.paths["centres"], np.array([{}] * 7, object), allow_pickle=True)
    with pytest.raises(ModelDamaged, match="not a NumPy file"):
        OpenCvEngine(local)


@pytest.mark.parametrize(("role", "content"), [("weights", b"junk" * 100), ("prototxt", b"layer {"), ("weights", b"")])
def test_broken_network_files_end_in_one_line(tmp_path, role, content):
    local = tiny_model(tmp_path)
    local.paths[role].write_bytes(content)
    with pytest.raises(ModelDamaged) as caught:
        OpenCvEngine(local)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_network_without_the_decoding_layers_is_no_colorization_network(tmp_path):
    local = tiny_model(tmp_path)
    prototxt = local.paths["prototxt"]
    prototxt.write_text(prototxt.read_text().replace("conv8_313_rh", "something_else"))
    with pytest.raises(ModelDamaged, match="conv8_313_rh"):
        OpenCvEngine(local)


def test_the_cpu_is_always_there_and_what_is_missing_says_what_to_do(tmp_path):
    assert "cpu" in available_devices()
    local = tiny_model(tmp_path)
    for device in set(DEVICES) - set(available_devices()):
        assert "opencv:cpu" in missing_device(device)
        with pytest.raises(EngineError, match="opencv:cpu"):
            open_engine(local, f"opencv:{device}")
