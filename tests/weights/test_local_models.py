import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.errors import ModelDamaged, ModelError, ModelMissing, ModelUnknown, OutputError
from colorizer.weights import catalog, integrity, local_models
from colorizer.weights.catalog import ECCV16, STARTER, find_model
from colorizer.weights.local_models import glance, import_file, local_model, locate, part_path, remove, verify
from tests.caffe_writer import write_tiny_network
from tests.rows import CONTENTS, NAMES, made_up, put_files

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 204800\n"
MODEL = made_up()


@pytest.fixture
def models(tmp_path, monkeypatch):
    """A models folder, with the made-up network in the catalog beside the real ones."""
    monkeypatch.setattr(catalog, "CATALOG", (*catalog.CATALOG, MODEL))
    return tmp_path / "models"


def test_the_bundled_model_is_found_whatever_the_models_folder(tmp_path):
    local = locate("starter", tmp_path / "nowhere")
    assert local.model is STARTER
    assert {role: path.stat().st_size for role, path in local.paths.items()} == {f.role: f.size for f in STARTER.files}


def test_the_bundled_model_is_found_inside_an_installed_package(tmp_path, monkeypatch):
    shutil.copytree(locate("starter").paths["weights"].parent, tmp_path / "colorizer" / "starter")
    monkeypatch.setattr(local_models, "_PACKAGE", tmp_path / "colorizer")
    assert locate("starter").paths["weights"].is_relative_to(tmp_path)


def test_a_bundled_model_that_is_gone_asks_for_a_new_installation(tmp_path, monkeypatch):
    monkeypatch.setattr(local_models, "_PACKAGE", tmp_path / "colorizer")
    with pytest.raises(ModelMissing, match="install it again"):
        locate("starter")


def test_a_model_that_is_not_here_is_listed_without_an_error_and_says_how_to_get_it_when_asked_for(models):
    assert glance(MODEL, models).state == verify(MODEL, models).state == "not downloaded"
    assert glance(MODEL, models).missing == MODEL.size
    with pytest.raises(ModelMissing, match=f"colorizer models download madeup.*{models / 'madeup'}"):
        locate("madeup", models)


def test_the_home_of_somebody_unknown_is_said_to_be_that():
    with pytest.raises(ModelUnknown, match="home that is not known here"):
        locate("~nobody-of-this-name/network")


def test_a_file_that_gets_its_right_name_meanwhile_makes_no_other_one_damaged(models, monkeypatch):
    put_files(models / "madeup")
    vanished = models / "madeup" / "vanished.part"
    vanished.write_bytes(b"x")
    real = Path.is_file

    def is_file(path):
        there = real(path)
        if path == vanished:
            path.unlink()
        return there

    monkeypatch.setattr(Path, "is_file", is_file)
    assert verify(MODEL, models).state == "present"


def test_a_broken_download_that_cannot_be_cleared_away_is_our_own_error(models, tmp_path):
    put_files(tmp_path)
    part_path(models / "madeup" / NAMES["weights"]).mkdir(parents=True)
    with pytest.raises(OutputError, match="Could not write into"):
        import_file(tmp_path / NAMES["weights"], models)


def test_files_are_known_by_their_hashes_whatever_they_are_called(models):
    put_files(models / "madeup")
    for number, path in enumerate(sorted((models / "madeup").iterdir())):
        path.rename(path.with_name(f'Kopie {number} von "grün".bin'))
    local = locate("madeup", models)
    assert {role: path.read_bytes() for role, path in local.paths.items()} == CONTENTS
    assert dict(local.hashes) == {file.role: file.sha256 for file in MODEL.files}


def test_a_whole_file_under_another_name_wins_over_a_damaged_one_with_the_right_name(models):
    put_files(models / "madeup")
    (models / "madeup" / NAMES["weights"]).rename(models / "madeup" / "mine.bin")
    (models / "madeup" / NAMES["weights"]).write_bytes(bytes(len(CONTENTS["weights"])))
    assert locate("madeup", models).paths["weights"].name == "mine.bin"


@given(role=st.sampled_from(sorted(CONTENTS)), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_any_flipped_bit_is_reported(role, place, bit):
    with tempfile.TemporaryDirectory() as folder:
        put_files(Path(folder) / "madeup")
        path = Path(folder) / "madeup" / NAMES[role]
        data = bytearray(CONTENTS[role])
        data[int(place * len(data))] ^= 1 << bit
        path.write_bytes(data)
        found = verify(MODEL, Path(folder))
        assert [file.path for file in found.files if file.state == "damaged"] == [path]
        with pytest.raises(ModelDamaged, match="SHA-256"):
            local_model(found)


@given(role=st.sampled_from(sorted(CONTENTS)), keep=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_short_anywhere_is_reported_with_the_bytes_it_lacks(role, keep):
    with tempfile.TemporaryDirectory() as folder:
        put_files(Path(folder) / "madeup")
        left = int(keep * len(CONTENTS[role]))
        (Path(folder) / "madeup" / NAMES[role]).write_bytes(CONTENTS[role][:left])
        flaws = [file.flaw for file in glance(MODEL, Path(folder)).files if file.state == "damaged"]
        lacking = f"too short by {len(CONTENTS[role]) - left} bytes ({left} instead of {len(CONTENTS[role])})"
        assert flaws == [lacking if left else "empty"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (LFS_POINTER, "a Git LFS pointer"),
        (b"\n <!DOCTYPE html><title>Gone</title>", "an HTML page"),
        (b"<html>" + bytes(300000), "an HTML page"),
        (b"<?xml version='1.0'?><Error/>", "an XML message"),
        (b"", "empty"),
        (CONTENTS["weights"] + b"?", "too long by 1 bytes"),
        (CONTENTS["weights"][:-3], "too short by 3 bytes"),
        (bytes(len(CONTENTS["weights"])), "not the right file"),
    ],
)
def test_what_lies_in_the_place_of_a_file_is_named(models, content, found):
    put_files(models / "madeup")
    (models / "madeup" / NAMES["weights"]).write_bytes(content)
    with pytest.raises(ModelDamaged, match=rf"net\.caffemodel \(model madeup\) is .*({found}).*download madeup"):
        locate("madeup", models)


def test_a_glance_takes_a_file_of_the_right_size_for_present_and_only_verify_hashes_it(models):
    put_files(models / "madeup")
    (models / "madeup" / NAMES["weights"]).write_bytes(bytes(len(CONTENTS["weights"])))
    assert glance(MODEL, models).state == "present"
    assert verify(MODEL, models).state == "damaged"


def test_what_a_broken_download_left_is_counted(models):
    put_files(models / "madeup", "prototxt")
    part_path(models / "madeup" / NAMES["weights"]).write_bytes(bytes(1000))
    found = glance(MODEL, models)
    assert found.state == "not downloaded"
    assert found.missing == len(CONTENTS["weights"]) - 1000 + len(CONTENTS["centres"])


def test_a_folder_that_is_no_folder_is_reported_and_not_raised(models):
    models.mkdir()
    (models / "madeup").write_text("a file")
    assert {file.flaw for file in glance(MODEL, models).files} == {"not readable (Not a directory)"}


def test_an_imported_file_is_known_by_its_hash_and_copied_whole(models, tmp_path):
    source = tmp_path / "Ünbekannt (2).tmp"
    source.write_bytes(CONTENTS["weights"])
    part = part_path(models / "madeup" / NAMES["weights"])
    part.parent.mkdir(parents=True)
    part.write_bytes(b"a beginning")
    assert import_file(source, models) == (models / "madeup" / NAMES["weights"],)
    assert [path.name for path in (models / "madeup").iterdir()] == [NAMES["weights"]]
    assert (models / "madeup" / NAMES["weights"]).read_bytes() == source.read_bytes() == CONTENTS["weights"]


def test_importing_again_or_a_file_that_is_in_place_under_another_name_copies_nothing(models):
    put_files(models / "madeup", "weights")
    other = models / "madeup" / "other.bin"
    (models / "madeup" / NAMES["weights"]).rename(other)
    assert import_file(other, models) == (other,)
    assert list((models / "madeup").iterdir()) == [other]


def test_an_imported_file_replaces_a_damaged_one(models, tmp_path):
    put_files(models / "madeup")
    (models / "madeup" / NAMES["weights"]).write_bytes(LFS_POINTER)
    put_files(tmp_path, "weights")
    import_file(tmp_path / NAMES["weights"], models)
    assert verify(MODEL, models).state == "present"


def test_a_file_of_two_models_goes_to_both_and_one_of_the_program_itself_is_refused(models, monkeypatch, tmp_path):
    twin = made_up(model_id="twin")
    monkeypatch.setattr(catalog, "CATALOG", (*catalog.CATALOG, twin))
    put_files(tmp_path, "centres")
    assert [path.parent.name for path in import_file(tmp_path / NAMES["centres"], models)] == ["madeup", "twin"]
    with pytest.raises(ModelError, match="part of this program already"):
        import_file(locate("starter").paths["weights"], models)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        (NAMES["weights"], LFS_POINTER, "net.caffemodel of the model madeup: it is a Git LFS pointer"),
        (NAMES["weights"], CONTENTS["weights"][:-5], "too short by 5 bytes"),
        ("x.bin", bytes(len(CONTENTS["weights"])), "net.caffemodel of the model madeup: .*SHA-256"),
        ("x.bin", b"<html></html>", "is an HTML page"),
        (
            "x.bin",
            b"hello",
            "5 bytes that the catalog does not have. The catalog knows: .*net.caffemodel of madeup .204800 bytes",
        ),
        ("x.bin", b"", "is an empty file. The catalog knows: "),
    ],
)
def test_a_file_that_is_none_of_the_catalog_is_refused_with_what_it_is(models, tmp_path, name, content, found):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelDamaged, match=found):
        import_file(tmp_path / name, models)
    assert not models.exists()


@pytest.mark.parametrize("source", ["missing.bin", "."])
def test_what_is_no_file_cannot_be_imported(models, tmp_path, source):
    with pytest.raises(ModelDamaged, match="cannot be read"):
        import_file(tmp_path / source, models)


def test_a_models_folder_that_cannot_be_made_is_an_output_error(models, tmp_path):
    put_files(tmp_path, "weights")
    models.write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="COLORIZER_MODELS_DIR"):
        import_file(tmp_path / NAMES["weights"], models)


def test_removing_takes_the_files_of_the_model_and_leaves_others(models):
    put_files(models / "madeup")
    (models / "madeup" / NAMES["weights"]).rename(models / "madeup" / "renamed.bin")
    (models / "madeup" / NAMES["centres"]).write_bytes(b"damaged")
    part_path(models / "madeup" / NAMES["weights"]).write_bytes(b"a beginning")
    (models / "madeup" / ".0123.tmp").write_bytes(b"half a copy")
    (models / "madeup" / "notes.txt").write_text("mine")
    assert len(remove(MODEL, models)) == 5
    assert [path.name for path in (models / "madeup").iterdir()] == ["notes.txt"]
    assert remove(MODEL, models) == ()


def test_removing_a_whole_model_removes_its_folder_and_the_bundled_one_stays(models):
    put_files(models / "madeup")
    remove(MODEL, models)
    assert not (models / "madeup").exists()
    with pytest.raises(ModelError, match="starter is part of this program"):
        remove(STARTER, models)


def test_an_id_of_the_catalog_wins_over_a_folder_of_that_name(models, tmp_path, monkeypatch):
    write_tiny_network(tmp_path / "madeup")
    write_tiny_network(tmp_path / "other")
    monkeypatch.chdir(tmp_path)
    put_files(models / "madeup")
    assert locate("madeup", models).model.in_catalog
    assert not locate("./madeup", models).model.in_catalog
    assert not locate(Path("madeup"), models).model.in_catalog
    assert not locate("other", models).model.in_catalog


@pytest.mark.parametrize("name", ["", "nosuch", "Starter"])
def test_a_name_that_is_neither_model_nor_folder_is_unknown(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnknown, match="There are starter, eccv16, ddcolor"):
        locate(name)


def test_the_models_folder_is_the_one_of_the_settings_when_none_is_given():
    assert glance(find_model("eccv16")).folder.name == ECCV16.id


def test_a_file_that_cannot_be_read_is_reported_and_not_raised(models, monkeypatch):
    def no_right(path):
        raise PermissionError(13, "Permission denied", str(path))

    put_files(models / "madeup")
    monkeypatch.setattr(integrity, "hash_file", no_right)
    assert {file.flaw for file in verify(MODEL, models).files} == {"not readable (Permission denied)"}
