"""A list of jobs, and a studio whose workers are real processes."""

import pytest

from colorizer.jobs.folders import DataFolder
from colorizer.jobs.store import Store
from tests.jobs.processes import Shelf, Studio, wait_for


@pytest.fixture
def store(tmp_path):
    return Store(DataFolder(tmp_path / "data"))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def studio(tmp_path, shelf):
    """It leaves no process behind, whatever the test did."""
    made = Studio(tmp_path / "data", shelf)
    yield made
    wait_for(lambda: not made.processes())
