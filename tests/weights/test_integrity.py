import pytest

from colorizer.errors import ModelDamaged
from colorizer.weights.integrity import copy_checked
from tests.rows import CONTENTS, NAMES, made_up, put_files


def test_a_copy_that_is_not_the_expected_file_never_gets_its_name(tmp_path):
    put_files(tmp_path, "weights", "centres")
    target = tmp_path / "models" / "net.caffemodel"
    with pytest.raises(ModelDamaged, match="centres"):
        copy_checked(tmp_path / NAMES["centres"], target, made_up().file("weights"))
    assert not list(target.parent.iterdir())


def test_a_copy_replaces_what_was_there_and_leaves_nothing_else(tmp_path):
    put_files(tmp_path, "weights")
    target = tmp_path / "models" / "net.caffemodel"
    for _ in range(2):
        copy_checked(tmp_path / NAMES["weights"], target, made_up().file("weights"))
        assert list(target.parent.iterdir()) == [target]
        assert target.read_bytes() == CONTENTS["weights"]
