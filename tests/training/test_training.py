"""The network, the objective and a run, in torch; left out where torch is not installed."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from training.augment import Ageing  # noqa: E402
from training.batches import Batch, Batches  # noqa: E402
from training.bins import code, gamut_bins  # noqa: E402
from training.data import Pictures  # noqa: E402
from training.export import NAMES, annealed_mean, export, load_average  # noqa: E402
from training.net import Net  # noqa: E402
from training.objective import Objective, frequencies, moved_apart  # noqa: E402
from training.recipe import Recipe  # noqa: E402
from training.run import Run  # noqa: E402
from training.warm import reinstate_norm, warm_start  # noqa: E402

POINTS = gamut_bins()
RECIPE = Recipe(steps=4, batch=2, rate=1e-3)


def some_pictures(count: int = 6) -> Pictures:
    rng = np.random.default_rng(0)
    flat = [cv2.resize(rng.integers(0, 256, (4, 5, 3), np.uint8), (50, 40)).ravel() for _ in range(count)]
    offsets = np.cumsum([0, *(len(one) for one in flat)])
    return Pictures(np.concatenate(flat), offsets, np.full((count, 2), (40, 50)), np.full(count, ""))


def started_run(folder: Path, recipe: Recipe = RECIPE, *, norm: bool = True) -> tuple[Run, Batches, Objective]:
    torch.manual_seed(0)
    pictures = some_pictures()
    chances = np.ones(len(pictures))
    frequency = frequencies(pictures, chances, POINTS, draws=20)
    folder.mkdir(exist_ok=True)
    np.save(folder / "pts_in_hull.npy", POINTS)
    np.save(folder / "frequency.npy", frequency)
    (folder / "recipe.json").write_text(json.dumps(asdict(recipe)), encoding="utf-8")
    run = Run(Net(len(POINTS), norm=norm), recipe, folder, torch.device("cpu"))
    return run, Batches(pictures, chances, recipe), Objective(POINTS, frequency, recipe)


def learn(run: Run, batches: Batches, objective: Objective, upto: int) -> None:
    for batch in batches.ahead(run.step):
        run.learn(batch, objective)
        if run.step == upto:
            return


def colours(folder: Path, lightness: np.ndarray) -> np.ndarray:
    net = cv2.dnn.readNetFromCaffe(str(folder / NAMES[0]), str(folder / NAMES[1]))
    net.setInput(lightness)
    return net.forward()


LIGHTNESS = np.random.default_rng(3).uniform(-50, 50, (1, 1, 64, 96)).astype(np.float32)


def test_folding_batch_norm_changes_nothing() -> None:
    torch.manual_seed(1)
    net = Net(7)
    for norm in net.norms.values():
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
        norm.weight.data.uniform_(0.5, 1.5)
    plain = Net(7, norm=False)
    for name, (weight, bias) in net.folded().items():
        scale = 50 if name == "stem" else 1  # the input's scale is folded in as well
        plain.parts[name].weight.data = torch.from_numpy(weight) * scale
        plain.parts[name].bias.data = torch.from_numpy(bias)
    with torch.no_grad():
        wanted, found = net.eval()(torch.from_numpy(LIGHTNESS)), plain(torch.from_numpy(LIGHTNESS))
    assert wanted.shape == (1, 7, 16, 24)
    assert torch.allclose(wanted, found, rtol=1e-3, atol=1e-3)


def test_batch_norm_put_back_changes_nothing() -> None:
    torch.manual_seed(2)
    plain, net = Net(7, norm=False), Net(7)
    for part in plain.parts.values():
        torch.nn.init.normal_(part.bias, std=0.1)
    lightness = torch.from_numpy(np.random.default_rng(0).uniform(-50, 50, (4, 1, 64, 64)).astype(np.float32))
    reinstate_norm(plain, net, lightness)
    with torch.no_grad():
        assert torch.allclose(plain(lightness), net.eval()(lightness), rtol=1e-3, atol=1e-3)


def test_the_loss_is_smaller_for_the_true_colour_than_for_any_other() -> None:
    objective = Objective(POINTS, np.full(len(POINTS), 1 / len(POINTS)), RECIPE)
    codes = torch.from_numpy(code(POINTS.astype(np.int8)))[:, None, None]
    right = 10 * torch.eye(len(POINTS))[:, :, None, None]
    wrong = right.roll(1, 0)
    grey = torch.zeros(len(POINTS), 1, 4, 4)
    batch = Batch(grey, codes, torch.zeros((0, 2), dtype=torch.int64))
    assert objective(right, batch) < objective(wrong, batch) - 5


def test_views_that_show_the_same_colours_where_both_look_are_not_apart() -> None:
    picture = torch.from_numpy(np.random.default_rng(5).normal(0, 20, (20, 20, 2)).astype(np.float32))
    corners = np.random.default_rng(6).integers(0, 9, (2, 5, 2))
    mean = torch.stack([picture[row : row + 12, column : column + 12] for row, column in corners.reshape(-1, 2)])
    moves = torch.from_numpy(corners[1] - corners[0])
    assert float(moved_apart(mean, moves)) == 0
    assert float(moved_apart(mean, moves + torch.tensor([1, 0]))) > 5


def test_two_views_of_a_picture_lie_as_far_apart_as_the_batch_says() -> None:
    pictures = some_pictures()
    plain = replace(RECIPE, batch=8, shift=1.0, ageing=Ageing(*[0] * 9))
    batch = Batches(pictures, np.ones(len(pictures)), plain).make(0, 0.0)
    half = len(batch.moves)
    assert len(batch.codes) == len(batch.lightness) == 2 * half > 0
    for place, (down, right) in enumerate(batch.moves.tolist()):
        first, second = batch.lightness[place, 0], batch.lightness[half + place, 0]
        size = first.shape[0] - 4 * 8
        rows, columns = max(0, 4 * down), max(0, 4 * right)
        again = (max(0, -4 * down), max(0, -4 * right))
        assert torch.equal(
            first[rows : rows + size, columns : columns + size],
            second[again[0] : again[0] + size, again[1] : again[1] + size],
        )


def test_a_run_taken_up_again_ends_where_the_unbroken_one_ends(tmp_path: Path) -> None:
    unbroken, batches, objective = started_run(tmp_path / "a")
    learn(unbroken, batches, objective, 4)
    first, batches, objective = started_run(tmp_path / "b")
    learn(first, batches, objective, 2)
    first.save()
    second, batches, objective = started_run(tmp_path / "b")
    assert second.resume()
    assert second.step == 2
    learn(second, batches, objective, 4)
    for name, value in unbroken.average.state_dict().items():
        assert torch.allclose(value.float(), second.average.state_dict()[name].float(), atol=1e-4), name


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    run, batches, objective = started_run(tmp_path, replace(RECIPE, rate=0.05))
    batch = batches.make(0, 0.0)
    losses = [run.learn(batch, objective) for _ in range(16)]
    assert losses[-1] < losses[0] - 0.2


def test_what_is_exported_is_what_was_trained(tmp_path: Path) -> None:
    run, batches, objective = started_run(tmp_path / "run")
    learn(run, batches, objective, 2)
    run.save()
    export(tmp_path / "run", tmp_path / "net")
    with torch.no_grad():
        logits = load_average(tmp_path / "run")(torch.from_numpy(LIGHTNESS)).numpy()
    wanted = annealed_mean(logits * RECIPE.sharpness, POINTS)
    assert np.abs(colours(tmp_path / "net", LIGHTNESS) - wanted).max() < 0.2
    assert np.array_equal(np.load(tmp_path / "net" / NAMES[2]), POINTS)
    assert sorted(path.name for path in (tmp_path / "net").iterdir()) == sorted(NAMES)


def test_a_start_from_an_exported_network_shows_its_colours(tmp_path: Path) -> None:
    run, batches, objective = started_run(tmp_path / "run")
    learn(run, batches, objective, 2)
    run.save()
    export(tmp_path / "run", tmp_path / "net", vivid=0.3)
    plain = Net(len(POINTS), norm=False)
    assert warm_start(plain, tmp_path / "net", POINTS, RECIPE.sharpness) == []
    with torch.no_grad():
        logits = plain(torch.from_numpy(LIGHTNESS)).numpy()
    shown = annealed_mean(logits * RECIPE.sharpness, POINTS)
    assert np.abs(shown - colours(tmp_path / "net", LIGHTNESS)).max() < 0.2


def test_a_gain_makes_every_colour_stronger(tmp_path: Path) -> None:
    run, batches, objective = started_run(tmp_path / "run")
    learn(run, batches, objective, 4)
    run.save()
    for gain in (1.0, 1.5):
        export(tmp_path / "run", tmp_path / f"net {gain}", gain=gain)
    plain, strong = (colours(tmp_path / f"net {gain}", LIGHTNESS) for gain in (1.0, 1.5))
    assert strong == pytest.approx(1.5 * plain, abs=0.2)


def test_the_mean_of_a_run_with_itself_is_that_run(tmp_path: Path) -> None:
    run, *_ = started_run(tmp_path / "run")
    run.save()
    once, twice = (load_average(*[tmp_path / "run"] * count) for count in (1, 2))
    for name, value in once.state_dict().items():
        assert torch.equal(value, twice.state_dict()[name])


def test_more_vivid_export_has_more_colour(tmp_path: Path) -> None:
    run, batches, objective = started_run(tmp_path / "run")
    learn(run, batches, objective, 4)
    run.save()
    chroma = []
    for vivid in (-0.5, 0.0, 0.5):
        export(tmp_path / "run", tmp_path / f"net {vivid}", vivid)
        chroma.append(np.linalg.norm(colours(tmp_path / f"net {vivid}", LIGHTNESS), axis=1).mean())
    assert chroma[0] < chroma[1] < chroma[2]


def test_a_failing_batch_reaches_the_one_who_waits(tmp_path: Path) -> None:
    _, batches, _ = started_run(tmp_path)
    batches.chances = batches.chances * 2  # no longer a distribution
    with pytest.raises(ValueError, match="Probabilities"):
        next(batches.ahead(0))


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"batch": 0}, {"rate": 0.0}, {"rebalance": 1.5}, {"sharpness": 0.0}])
def test_a_recipe_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must be"):
        replace(RECIPE, **wrong)


def test_the_rate_rises_and_then_falls() -> None:
    recipe = Recipe(steps=2000)
    rates = [recipe.rate_at(step, recipe.done(step, 0)) for step in range(2001)]
    top = int(np.argmax(rates))
    assert 100 < top < 300
    assert rates[-1] < recipe.rate / 40
    assert all(later <= earlier for earlier, later in zip(rates[top:], rates[top + 1 :], strict=False))
