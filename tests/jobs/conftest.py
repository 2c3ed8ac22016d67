"""A list of jobs, and a studio whose workers are real processes."""

import pytest

from colorizer.jobs.folders import DataFolder
from colorizer.jobs.store import Store
from tests.jobs.processes import Reference, Studio, wait_for


@pytest.fixture
def store(tmp_path):
    return Store(DataFolder(tmp_path / "data"))


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return Reference(tmp_path_factory.mktemp("reference"))


@pytest.fixture
def studio(tmp_path, reference):
    """It leaves no process behind, whatever the test did."""
    made = Studio(tmp_path / "data", reference)
    yield made
    wait_for(lambda: not made.processes())
