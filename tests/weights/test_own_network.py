import pytest

from colorizer.errors import ModelDamaged, ModelUnknown
from colorizer.weights.catalog import STARTER
from colorizer.weights.local_models import locate
from tests.caffe_writer import write_tiny_network
from tests.onnx_writer import write_tiny_onnx


def test_a_folder_with_a_network_of_ones_own_is_taken_whatever_its_names(tmp_path):
    folder = tmp_path / 'Mein "grünes" Netz'
    made = write_tiny_network(folder, q=9)
    made.weights.rename(folder / "Gewichte.CaffeModel")
    (folder / "._Gewichte.caffemodel").write_bytes(b"left by a Mac")
    (folder / "README.md").write_text("hello")
    for name in (folder, str(folder)):
        local = locate(name)
        assert (local.model.id, local.model.in_catalog, local.model.multiple) == (folder.name, False, 32)
        assert "not from the catalog" in local.model.note.lower()
        assert local.paths["weights"].name == "Gewichte.CaffeModel"
        assert dict(local.hashes) == {file.role: file.sha256 for file in local.model.files}
        assert set(local.hashes) == {"prototxt", "weights", "centres"}


def test_own_weights_for_a_prototxt_of_the_catalog_take_the_input_sizes_of_its_row(tmp_path):
    write_tiny_network(tmp_path)
    (tmp_path / "tiny.prototxt").write_bytes(locate("starter").paths["prototxt"].read_bytes())
    local = locate(tmp_path)
    assert local.model.multiple == STARTER.multiple
    assert not local.model.in_catalog
    assert not local.model.bundled


def test_a_folder_with_one_onnx_file_is_a_network_with_one_input_size(tmp_path):
    write_tiny_onnx(tmp_path / "my.onnx")
    local = locate(tmp_path)
    assert (local.model.runs_on, local.model.input, local.model.fixed_size) == ("onnx", "grey-rgb", 256)


def test_several_files_of_one_kind_are_named(tmp_path):
    write_tiny_network(tmp_path)
    (tmp_path / "train_val.prototxt").write_text("name: 'x'")
    with pytest.raises(ModelUnknown, match=r"2 prototxt files, tiny\.prototxt, train_val\.prototxt"):
        locate(tmp_path)


def test_two_networks_in_one_folder_are_named(tmp_path):
    write_tiny_network(tmp_path)
    write_tiny_onnx(tmp_path / "b.onnx")
    with pytest.raises(ModelUnknown, match=r"two networks.*b\.onnx"):
        locate(tmp_path)


@pytest.mark.parametrize("ending", [".prototxt", ".caffemodel", ".npy"])
def test_a_folder_without_a_whole_network_says_what_is_missing(tmp_path, ending):
    write_tiny_network(tmp_path)
    next(tmp_path.glob(f"*{ending}")).unlink()
    with pytest.raises(ModelUnknown, match=f"no file that ends in {ending}. A folder needs"):
        locate(tmp_path)


@pytest.mark.parametrize(
    ("content", "found"), [(b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"), (b"", "empty")]
)
def test_a_file_of_ones_own_that_can_be_no_network_is_reported(tmp_path, content, found):
    write_tiny_network(tmp_path).weights.write_bytes(content)
    with pytest.raises(ModelDamaged, match=rf"tiny\.caffemodel is .*{found}"):
        locate(tmp_path)


def test_a_path_that_is_no_folder_is_unknown(tmp_path):
    with pytest.raises(ModelUnknown, match="No such file or directory"):
        locate(tmp_path / "nowhere")
