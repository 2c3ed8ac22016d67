"""Files of networks that users bring."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from colorizer.settings import settings
from colorizer.web.models.imports import take_in
from colorizer.weights import catalog
from colorizer.weights.catalog import STARTER
from colorizer.weights.local_models import verify
from tests.rows import CONTENTS, NAMES, made_up


@dataclass(frozen=True)
class Given:
    """A file as the browser sends it."""

    name: str
    content: bytes

    def getvalue(self) -> bytes:
        return self.content


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setattr(catalog, "CATALOG", (*catalog.CATALOG, made_up()))
    settings.cache_clear()
    yield tmp_path / "models"
    settings.cache_clear()


def test_files_are_known_by_their_content_whatever_their_names(models: Path) -> None:
    names = ["../../net (1).bin", "C:\\Windows\\x", ".."]
    taken, refused = take_in(Given(name, data) for name, data in zip(names, CONTENTS.values(), strict=True))
    assert refused == []
    assert taken[0] == "net (1).bin is the right file for Made up, and is in its place now."
    assert verify(made_up()).state == "present"
    assert {path.name for path in models.rglob("*")} == {"madeup", *NAMES.values()}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "a Git LFS pointer"),
        (b"<!DOCTYPE html><title>Sign in</title>", "an HTML page"),
        (CONTENTS["weights"][:-1], "too short by 1 bytes"),
        (b"?" + CONTENTS["weights"][1:], "its SHA-256 is"),
        (b"", "empty"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_it_is(models: Path, content: bytes, what: str) -> None:
    taken, refused = take_in([Given("net.caffemodel", content)])
    assert taken == []
    assert refused[0].startswith("net.caffemodel cannot be taken in as net.caffemodel of the model madeup: it is")
    assert what in refused[0]
    assert str(models) not in refused[0]
    assert list(models.rglob("*")) == []


def test_one_that_is_refused_keeps_no_other_from_coming(models: Path) -> None:
    bundled = next(file for file in STARTER.files if file.role == "centres")
    content = (Path(__file__).parents[3] / "models" / "starter" / bundled.name).read_bytes()
    given = [Given("a.npy", content), Given("x", b"no network"), Given("b.npy", CONTENTS["centres"])]
    taken, refused = take_in(given)
    assert len(taken) == 1
    assert ["part of this program already" in refused[0], "10 bytes" in refused[1]] == [True, True]


def test_a_folder_that_cannot_be_written_is_one_clear_line(models: Path) -> None:
    models.write_text("a file where the folder should be")
    taken, refused = take_in([Given("net", CONTENTS["weights"])])
    assert taken == []
    assert "COLORIZER_MODELS_DIR" in refused[0]
