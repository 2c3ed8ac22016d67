"""What holds for the row of every engine."""

import ast
import sys
from dataclasses import replace
from inspect import getmodule
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.engines.base import EngineIdentity, EngineInfo, engine_words
from colorizer.engines.names import AUTO, LIBRARIES, NAMES_HELP, REFERENCE, EngineName, all_names
from colorizer.engines.registry import ENGINES, runtimes
from colorizer.errors import EngineError

EXACT = [(name, identity) for row in ENGINES.values() for name, identity in row.identities()]
every_row = pytest.mark.parametrize("row", ENGINES.values(), ids=LIBRARIES)
every_exact_name = pytest.mark.parametrize(("name", "identity"), EXACT, ids=[name for name, _ in EXACT])


@every_exact_name
def test_every_exact_name_is_a_name_and_its_identity_leads_back_to_it(name, identity):
    parsed = EngineName.parse(name)
    assert name in all_names()
    assert (str(parsed), identity.library) == (name, parsed.library)
    assert EngineIdentity.parse(str(identity)) == identity == EngineInfo.of(identity).identity
    assert EngineName.of_stored(str(identity)) == parsed


@every_exact_name
def test_the_line_for_people_that_older_files_hold_leads_back_as_well(name, identity):
    line = str(EngineInfo.of(identity))
    assert str(EngineName.of_stored(line)) == name
    assert engine_words(str(identity)) == engine_words(line) == line


def test_no_two_exact_names_open_the_same():
    assert len({identity for _, identity in EXACT}) == len(EXACT)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("opencv on cpu (f32)", "opencv:cpu"),
        ("opencv on cuda (f16)", "opencv:cuda_fp16"),
        ("openvino on cpu (f16)", "openvino:cpu:f16"),
        ("onnxruntime on tensorrt (f16)", "onnxruntime:tensorrt"),
    ],
)
def test_what_older_versions_wrote_opens_the_same_engine(line, name):
    assert str(EngineName.of_stored(line)) == name


@pytest.mark.parametrize("stored", ["", "auto", "tpu on cpu (f32)", "openvino on moon (f32)", "tpu:cpu:f32", "opencv"])
def test_other_words_open_no_engine(stored):
    with pytest.raises(EngineError):
        EngineName.of_stored(stored)
    assert engine_words("auto") == "auto"


@given(st.text(alphabet="ab:16f _()", max_size=12))
def test_any_text_is_an_identity_that_says_itself_or_our_own_error(text):
    try:
        said = str(EngineIdentity.parse(text))
    except EngineError as error:
        said = str(error)
    assert said in (text, f"{text!r} names no engine")


@every_row
def test_a_row_names_itself_has_a_cpu_and_says_each_word_once(row):
    assert ENGINES[row.library] is row
    assert row.library != AUTO
    assert row.library in NAMES_HELP
    assert "cpu" in row.devices
    assert row.title
    assert row.packages
    assert row.load_ms >= 0
    for words in (row.devices, row.precisions, [row.device_title(device) for device in row.devices]):
        assert len(set(words)) == len(words)
    assert set(row.device_titles) <= set(row.devices)


@every_row
def test_what_a_row_offers_are_names_of_its_own_and_one_that_is_missing_offers_none(row):
    offered = row.candidates()
    assert not set(offered) & set(row.on_request())
    for name in (*offered, *row.on_request()):
        parsed = EngineName.parse(name)
        assert (parsed.library, str(parsed)) == (row.library, name)
        assert not row.missing_device(parsed.device)
    assert bool(offered) is not bool(row.missing())


def test_the_reference_runs_everywhere():
    assert REFERENCE.on_cpu
    assert not REFERENCE.row.missing()


def test_every_package_of_a_row_counts_for_what_is_measured(monkeypatch):
    row = replace(ENGINES["opencv"], library="mine", packages=("numpy", "surely-not-installed"))
    monkeypatch.setitem(ENGINES, "mine", row)
    assert list(runtimes())[-1] == "numpy"


@every_row
def test_the_library_of_an_engine_is_imported_in_functions_of_its_own_file_alone(row):
    home = Path(str(getmodule(row.candidates).__file__))
    tree = ast.parse(home.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    libraries = {name for each in functions for name in _imports(each)} - {"colorizer", *sys.stdlib_module_names}
    assert not libraries & {name for node in tree.body for name in _imports(node) if node not in functions}
    for path in set(home.parents[1].glob("**/*.py")) - {home}:
        assert not libraries & set(_imports(ast.parse(path.read_text("utf-8")))), f"{path}, {row.library}"


def _imports(tree):
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
        yield from (name.split(".")[0] for name in names)
