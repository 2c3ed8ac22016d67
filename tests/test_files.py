import pytest

from colorizer.errors import OutputError
from colorizer.files import demand_space, size_text


def test_too_little_free_space_is_said_before_anything_is_written(tmp_path):
    demand_space(tmp_path, 1)
    with pytest.raises(OutputError, match=r"of free space, and .* needed"):
        demand_space(tmp_path, 10**18)


def test_sizes_are_written_for_people():
    assert [size_text(size) for size in (0, 999, 9945, 128946764, 2 * 10**9)] == [
        "0 bytes",
        "999 bytes",
        "9.95 kB",
        "129 MB",
        "2 GB",
    ]
