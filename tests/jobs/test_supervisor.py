"""What the thread that keeps the workers does when its list makes trouble."""

import pytest

from colorizer.errors import JobError, SettingError
from colorizer.jobs import supervisor as module
from colorizer.jobs.folders import DataFolder
from colorizer.jobs.store import Store
from colorizer.jobs.supervisor import supervisor
from tests.jobs.processes import wait_for


@pytest.mark.parametrize(
    "trouble", [JobError("held"), SettingError("unreadable"), OSError("full"), ValueError("a bug")]
)
def test_no_trouble_of_one_look_ends_the_thread_that_keeps_the_workers(tmp_path, monkeypatch, trouble):
    looks = []

    def is_free(_):
        looks.append(trouble)
        raise trouble

    monkeypatch.setattr(module._Slot, "_is_free", is_free)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.001)
    monkeypatch.setattr(module, "_LONGEST_WAIT", 0.0)
    with supervisor(Store(DataFolder(tmp_path))):
        wait_for(lambda: len(looks) > 2)
