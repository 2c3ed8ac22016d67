"""A studio whose workers are real processes."""

import pytest

from tests.jobs.processes import Shelf, Studio, wait_for


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def studio(tmp_path, shelf):
    """It leaves no process behind, whatever the test did."""
    made = Studio(tmp_path / "data", shelf)
    yield made
    wait_for(lambda: not made.processes())
