"""Small networks that tests open instead of real ones."""

from pathlib import Path

from colorizer.weights.local_models import LocalModel, locate
from tests.caffe_writer import write_tiny_network


def tiny_model(folder: Path, bins: int = 7) -> LocalModel:
    """A network of three layers with the real ones' names, written into the folder and located there."""
    write_tiny_network(folder, q=bins)
    return locate(folder)
