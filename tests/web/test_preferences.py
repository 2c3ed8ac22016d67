"""What the studio starts with."""

from pathlib import Path

import pytest

from colorizer.errors import EngineError, OutputError
from colorizer.web.preferences import PreferenceFile, Preferences


@pytest.fixture
def file(tmp_path: Path) -> PreferenceFile:
    return PreferenceFile(tmp_path / "data" / "studio.json")


def test_what_was_chosen_is_there_again(file: PreferenceFile, tmp_path: Path) -> None:
    assert file.read() == Preferences()
    file.choose("eccv16", "openvino:cpu:f16")
    file.add_folder(tmp_path)
    file.add_folder(tmp_path)
    assert PreferenceFile(file.path).read() == Preferences("eccv16", "openvino:cpu:f16", (str(tmp_path),))
    file.forget_folder(tmp_path)
    assert file.read() == Preferences("eccv16", "openvino:cpu:f16")
    assert [path.name for path in file.path.parent.iterdir()] == ["studio.json"]


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "5", '{"model": 5, "engine": "auto", "folders": []}',
        '{"model": "starter", "engine": "abacus", "folders": []}', '{"model": "", "engine": "auto", "folders": []}',
        '{"model": "starter", "engine": "auto", "folders": 5}', '{"model": "starter", "engine": null, "folders": []}',
    ],
)  # fmt: skip
def test_a_file_that_makes_no_sense_gives_the_defaults_and_can_be_written_anew(
    file: PreferenceFile, content: str
) -> None:
    file.path.parent.mkdir()
    file.path.write_text(content)
    assert file.read() == Preferences()
    file.choose("ddcolor", "auto")
    assert file.read().model == "ddcolor"


def test_an_engine_that_there_is_not_is_never_kept(file: PreferenceFile) -> None:
    with pytest.raises(EngineError, match="abacus"):
        file.choose("starter", "abacus")
    assert not file.path.exists()


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(OutputError, match="COLORIZER_DATA_DIR"):
        PreferenceFile(tmp_path / "data" / "studio.json").choose("starter", "auto")
