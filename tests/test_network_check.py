"""Trying networks: right ones pass, and each way to be wrong is said in a line of its own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from colorizer import network_check
from colorizer.engines.base import Blob
from colorizer.engines.registry import ENGINES
from colorizer.errors import ColorizerError, EngineError
from colorizer.network import network_input
from colorizer.network_check import NetworkCheck, check_network, checked, stored_check
from colorizer.settings import settings
from colorizer.weights import catalog
from colorizer.weights.catalog import ECCV16
from colorizer.weights.local_models import CHECK_NAME, LocalModel, locate, remove
from tests.caffe_writer import Layer, write_network, write_tiny_network
from tests.eccv16 import write_eccv16
from tests.models import tiny_model
from tests.onnx_writer import write_tiny_onnx
from tests.rows import made_up, put_files

BINS = 31


def written(folder: Path, *, change: Callable[[Layer], Layer] = lambda layer: layer, ab: object = None) -> LocalModel:
    """A small network whose row says 4 pixels to a cell. change: of its layers; ab: other centres."""
    made = write_tiny_network(folder, BINS)
    write_network(folder, "tiny", [change(layer) for layer in made.layers], BINS)
    if ab is not None:
        np.save(made.centres, np.asarray(ab))
    local = locate(folder)
    return replace(local, model=replace(local.model, cell=4))


def logits(weight: Callable[[Blob], Blob]) -> Callable[[Layer], Layer]:
    """What changes the weights of the layer that the bins come from."""
    return lambda layer: (
        replace(layer, blobs=(weight(layer.blobs[0]), layer.blobs[1])) if layer.name == "conv8_313" else layer
    )


def coarser(layer: Layer) -> Layer:
    return replace(layer, param=layer.param.replace("stride: 2", "stride: 4")) if layer.name == "conv2_1" else layer


def only_problem(local: LocalModel) -> str:
    (problem,) = check_network(local).problems
    assert "\n" not in problem
    return problem


@pytest.fixture
def auto(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("COLORIZER_ENGINE", "auto")
    monkeypatch.setenv("COLORIZER_CACHE_DIR", str(tmp_path / "cache"))
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_right_networks_pass(tmp_path: Path) -> None:
    write_eccv16(tmp_path / "eccv16", narrow=16)
    eccv16 = locate(tmp_path / "eccv16")
    onnx = write_tiny_onnx(tmp_path / "onnx" / "a.onnx", spread=2)
    half = write_tiny_onnx(tmp_path / "half" / "a.onnx", spread=2, half=True)
    rows = [
        written(tmp_path / "tiny"),
        replace(eccv16, model=replace(ECCV16, files=eccv16.model.files)),
        *(replace(local, model=replace(local.model, cell=1)) for local in map(locate, (onnx.parent, half.parent))),
    ]
    for local in rows:
        check = check_network(local)
        assert check.problems == (), local.model.id
        assert check.mean_chroma > 0.5
        assert check.engine == check.reference == "opencv:cpu:f32"
        assert "colours the test picture as it should" in check.text


def test_the_engine_that_auto_takes_is_compared_with_the_reference(tmp_path: Path, auto: None) -> None:
    check = check_network(written(tmp_path / "net"))
    assert check.problems == ()
    assert check.reference == "opencv:cpu:f32"
    assert f"auto takes {check.engine.partition(':')[0]}" in check.text


def test_centres_of_another_network_are_said(tmp_path: Path) -> None:
    local = written(tmp_path, ab=np.load(locate("starter").paths["centres"]))
    assert f"the network answers with {BINS} ab bins" in only_problem(local)


def test_another_grid_than_the_rows_is_said(tmp_path: Path) -> None:
    local = written(tmp_path, change=coarser)
    assert "it answers on a grid of 24 x 36 for an input of 192 x 288, and must on 48 x 72" in only_problem(local)


def test_a_network_of_ones_own_may_have_any_grid_but_one_finer_than_its_input(tmp_path: Path) -> None:
    local = written(tmp_path, change=coarser)
    assert check_network(replace(local, model=replace(local.model, cell=None))).problems == ()
    assert network_check._grid_problem((64, 64), (32, 32), None)


def test_an_answer_that_is_not_finite_is_said_with_a_cure_that_is_none_of_this_engines_own(tmp_path: Path) -> None:
    problem = only_problem(written(tmp_path, change=logits(lambda weight: weight * np.float32(np.nan))))
    assert "numbers that are not finite" in problem
    assert "get the network's files anew" in problem
    assert "--engine opencv:cpu" not in problem


@pytest.mark.parametrize(
    ("ab", "said"),
    [
        (np.zeros((BINS, 2)), "hardly any colour (mean chroma 0.00)"),
        (np.linspace(0, 3000, 2 * BINS).reshape(BINS, 2), "and must lie in -128 to 128"),
        (80 + np.linspace(0, 40, 2 * BINS).reshape(BINS, 2), "far too much colour"),
        (np.full((BINS, 2), 20), "the whole test picture the same colour"),
    ],
)
def test_colours_that_cannot_be_are_said(tmp_path: Path, ab: Blob, said: str) -> None:
    problem = only_problem(written(tmp_path, ab=ab))
    assert said in problem
    assert "Look at how its files were made" in problem


def test_an_answer_of_another_form_is_said(tmp_path: Path) -> None:
    answer, batch = np.zeros((1, 3, 8, 8), np.float32), np.zeros((1, 1, 32, 32), np.float32)
    (problem,) = network_check.answer_problems(answer, batch, ECCV16)
    assert "(1, 3, 8, 8), not with a* and b*" in problem
    assert "Use another network" in problem


def test_a_row_that_says_another_input_than_the_network_takes_is_said(tmp_path: Path) -> None:
    local = written(tmp_path)
    wrong = replace(local, model=replace(local.model, input="grey-rgb"))
    assert "OpenCV could not run the network on (1, 3, 192, 288)" in only_problem(wrong)


@pytest.mark.parametrize("kind", ["lightness", "grey-rgb"])
@pytest.mark.parametrize("wrong", [lambda x: x + 0.05, lambda x: 1.002 * x, lambda x: -x, lambda x: x**2])
def test_other_preprocessing_than_the_published_is_said(kind: str, wrong, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    model = replace(ECCV16, input=kind)
    assert network_check._preprocessing_problems(model) == []
    monkeypatch.setattr(network_check, "network_input", lambda *given: wrong(network_input(*given)))
    (problem,) = network_check._preprocessing_problems(model)
    assert "where the published formula gives" in problem


def test_preprocessing_that_is_wrong_in_one_channel_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    tinted = np.array([1, 1, 0.9], np.float32)[:, None, None]
    monkeypatch.setattr(network_check, "network_input", lambda *given: network_input(*given) * tinted)
    assert network_check._preprocessing_problems(replace(ECCV16, input="grey-rgb"))


def test_an_engine_of_autos_that_gives_other_colours_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = network_check.open_engine

    def off(*given: object, **named: object):  # type: ignore[no-untyped-def]
        engine = shown(*given, **named)  # type: ignore[arg-type]
        right = engine.infer
        monkeypatch.setattr(engine, "infer", lambda batch: right(batch) + 1)
        return engine

    monkeypatch.setattr(network_check, "open_engine", off)
    problem = only_problem(written(tmp_path))
    assert "which auto takes, other colours: 1.00 on average" in problem
    assert "--engine opencv:cpu" in problem


def test_an_engine_of_autos_that_does_not_run_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auto: None
) -> None:
    monkeypatch.setenv("COLORIZER_ENGINE", "opencv:cuda")
    settings.cache_clear()
    assert "OpenCV cannot use CUDA here" in only_problem(written(tmp_path / "net"))


def test_an_onnx_network_that_the_reference_cannot_read_is_tried_on_another_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, auto: None
) -> None:
    def fail(*_: object) -> None:
        raise EngineError("an operator it does not know")

    monkeypatch.setitem(ENGINES, "opencv", replace(ENGINES["opencv"], open=fail))
    local = locate(write_tiny_onnx(tmp_path / "net" / "a.onnx", spread=2).parent)
    check = check_network(local)
    assert (check.problems, check.reference) == ((), "")
    assert "opencv:cpu cannot run it" in check.text
    grey = locate(write_tiny_onnx(tmp_path / "grey" / "a.onnx", spread=0).parent)
    assert "hardly any colour" in only_problem(grey)


# What is kept


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The networks that were tried and not remembered."""
    seen: list[str] = []

    def counted(local: LocalModel, _tell: object) -> NetworkCheck:
        seen.append(local.model.id)
        return NetworkCheck(("one", "two"), "openvino:cpu:f16", "opencv:cpu:f32", 3.25)

    monkeypatch.setattr(network_check, "check_network", counted)
    return seen


@pytest.fixture
def downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("COLORIZER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(catalog, "CATALOG", (made_up(),))
    settings.cache_clear()
    put_files(tmp_path / "models" / "madeup")
    yield locate("madeup")
    settings.cache_clear()


def test_what_came_out_is_kept_beside_the_network_and_goes_with_it(
    downloaded: LocalModel, tries: list[str], tmp_path: Path
) -> None:
    assert stored_check(downloaded) is None
    first = checked(downloaded)
    assert checked(downloaded) == stored_check(downloaded) == first
    assert tries == ["madeup"]
    checked(downloaded, fresh=True)
    assert len(tries) == 2
    assert (tmp_path / "models" / "madeup" / CHECK_NAME).is_file()
    assert not (tmp_path / "cache").exists()
    remove(made_up())
    assert not (tmp_path / "models" / "madeup").exists()


def test_another_version_other_files_and_a_damaged_file_make_it_anew(
    downloaded: LocalModel, tries: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(downloaded)
    other = replace(downloaded, hashes={**downloaded.hashes, "centres": "0" * 64})
    assert stored_check(other) is None
    with monkeypatch.context() as patch:
        patch.setattr(network_check, "__version__", "99")
        assert stored_check(downloaded) is None
    for content in ("", "[]", "{", '{"version": 1}'):
        (tmp_path / "models" / "madeup" / CHECK_NAME).write_text(content)
        assert stored_check(downloaded) is None


def test_nothing_is_written_into_a_folder_of_ones_own(downloaded: LocalModel, tries: list[str], tmp_path: Path) -> None:
    own = tiny_model(tmp_path / "own")
    before = sorted((tmp_path / "own").iterdir())
    assert checked(own) == stored_check(own)
    assert sorted((tmp_path / "own").iterdir()) == before
    assert len(list((tmp_path / "cache" / "checks").iterdir())) == 1


def test_where_nothing_can_be_kept_it_is_said_and_not_raised(
    downloaded: LocalModel, tries: list[str], tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    told: list[str] = []
    assert checked(tiny_model(tmp_path / "own"), tell=told.append).problems == ("one", "two")
    assert "COLORIZER_CACHE_DIR" in told[-1]


def test_a_network_that_is_removed_while_it_is_tried_leaves_nothing_behind(
    downloaded: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_local: LocalModel, _tell: object) -> NetworkCheck:
        remove(made_up())
        return NetworkCheck(("net.prototxt cannot be read",))

    monkeypatch.setattr(network_check, "check_network", gone)
    assert checked(downloaded).problems
    assert not (tmp_path / "models" / "madeup").exists()
    assert stored_check(downloaded) is None


def test_whoever_stops_it_is_not_taken_for_a_fault_of_the_network(downloaded: LocalModel) -> None:
    def stop(_line: str) -> None:
        raise ColorizerError("stopped")

    with pytest.raises(ColorizerError, match="stopped"):
        checked(downloaded, tell=stop)
    assert stored_check(downloaded) is None
