"""The full-size network of 2016, with random weights: the same files, layers and sizes as the real one."""

import numpy as np

from colorizer.engines.opencv_dnn import OpenCvEngine
from colorizer.weights.local_models import locate
from tests.eccv16 import write_eccv16


def test_the_full_size_network_loads_and_its_last_layers_agree_with_numpy(tmp_path):
    write_eccv16(tmp_path)
    local = locate(tmp_path)
    assert local.paths["weights"].stat().st_size > 120e6
    picture = np.random.default_rng(0).uniform(-50, 50, (1, 1, 224, 224)).astype(np.float32)
    with OpenCvEngine(local) as engine:
        answer = engine.infer(picture)
        logits = engine._net.forward("conv8_313").astype(np.float64)
        relu = engine._net.forward("relu8_3")
        whole = engine.infer_all(picture)
        centres_layer = engine._net.getParam("class8_ab", 0)
    centres = np.load(local.paths["centres"])
    assert answer.shape == (1, 2, 56, 56)
    assert logits.shape == (1, 313, 56, 56)
    assert (centres == centres_layer.reshape(2, 313).T).all()
    share = np.exp((logits - logits.max(axis=1, keepdims=True)) / 0.38)
    share /= share.sum(axis=1, keepdims=True)
    expected = np.einsum("nqhw,qc->nchw", share, centres)
    assert np.abs(answer - expected).max() < 1e-2
    assert np.ptp(expected) > 1
    assert (whole.ab == answer).all()
    assert (whole.features == relu).all()
    assert np.abs(whole.logits - logits).max() < 1e-4
