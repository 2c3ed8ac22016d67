"""A network in ONNX form, with the signature of the catalog's ddcolor row."""

from dataclasses import replace

import numpy as np

from colorizer.network import Colorizer
from colorizer.weights.catalog import find_model
from colorizer.weights.local_models import locate
from tests.onnx_writer import write_tiny_onnx


def test_an_onnx_network_takes_grey_rgb_and_its_ab_is_limited(tmp_path):
    write_tiny_onnx(tmp_path / "tiny.onnx")
    local = locate(tmp_path)
    plane = np.random.default_rng(0).integers(0, 256, (100, 150), np.uint8)
    with Colorizer(replace(local, model=find_model("ddcolor"))) as colorizer:
        chroma = colorizer.chroma(plane)
    assert chroma.shape == (256, 256, 2)
    assert np.ptp(chroma) > 0
    assert np.abs(chroma).max() <= 128
