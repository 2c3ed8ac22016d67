"""Corrections by hand on the small grid: what pins change, what they leave alone, and their file."""

import json
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorizer.answer import Answer
from colorizer.corrections.likely_colours import doubt, likely_colours
from colorizer.corrections.pins import Corrections, Pin, read_corrections, write_corrections
from colorizer.corrections.spreading import cell_of, corrected, standardised
from colorizer.errors import CorrectionsInvalid

HEIGHT, WIDTH = 12, 16
PLACES = st.floats(0, 1)
COLOURS = st.floats(-100, 100)
PINS = st.lists(st.builds(Pin, PLACES, PLACES, COLOURS, COLOURS, st.floats(0.05, 2)), max_size=6)


def answer(seed: int = 0, *, features: bool = True) -> Answer:
    rng = np.random.default_rng(seed)
    chroma = rng.normal(0, 20, (HEIGHT, WIDTH, 2)).astype(np.float32)
    return Answer(chroma, rng.normal(0, 1, (HEIGHT, WIDTH, 8)).astype(np.float32) if features else None)


LIGHTNESS = np.random.default_rng(9).uniform(0, 100, (HEIGHT, WIDTH)).astype(np.float32)


def test_no_pins_change_nothing_at_all() -> None:
    found = answer()
    assert corrected(found, LIGHTNESS, Corrections()) is found.chroma


@given(PINS, st.randoms(use_true_random=False))
def test_the_order_of_the_pins_does_not_matter(pins, chance) -> None:
    mixed = list(pins)
    chance.shuffle(mixed)
    first, second = (corrected(answer(), LIGHTNESS, Corrections(tuple(each))) for each in (pins, mixed))
    assert np.array_equal(first, second)


@given(PINS)
def test_a_pin_has_exactly_its_colour_where_it_stands(pins) -> None:
    result = corrected(answer(), LIGHTNESS, Corrections(tuple(pins)))
    cells = [cell_of(pin.x, pin.y, HEIGHT, WIDTH) for pin in pins]
    for pin, cell in zip(pins, cells, strict=True):
        if cells.count(cell) == 1:
            assert result[cell] == pytest.approx((pin.a, pin.b), abs=1e-4)


@given(PINS)
def test_out_of_every_reach_nothing_changes(pins) -> None:
    found = answer()
    result = corrected(found, LIGHTNESS, Corrections(tuple(pins)))
    rows, columns = np.indices((HEIGHT, WIDTH))
    untouched = np.full((HEIGHT, WIDTH), True)
    for pin in pins:
        row, column = cell_of(pin.x, pin.y, HEIGHT, WIDTH)
        untouched &= np.hypot(rows - row, columns - column) >= pin.reach * (HEIGHT * WIDTH) ** 0.5
        untouched[row, column] = False
    assert np.array_equal(result[untouched], found.chroma[untouched])


@given(PINS)
def test_colours_stay_colours(pins) -> None:
    result = corrected(answer(), LIGHTNESS, Corrections(tuple(pins)))
    assert np.isfinite(result).all()
    assert np.abs(result).max() <= 128


def test_whether_a_row_or_column_is_even_tells_nothing_apart() -> None:
    rows, columns = np.indices((HEIGHT, WIDTH))
    plain = answer().features
    phased = plain + (5.0 * (rows % 2) + 3.0 * (columns % 2))[..., None].astype(np.float32)
    inside = (slice(1, -1), slice(1, -1))  # the edge has no neighbours on one side
    first, second = (standardised(features) for features in (plain, phased))
    assert np.corrcoef(first[inside].ravel(), second[inside].ravel())[0, 1] > 0.9


def test_what_looks_alike_takes_the_colour_and_what_does_not_keeps_its_own() -> None:
    features = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    features[:, : WIDTH // 2, 0] = features[:, WIDTH // 2 :, 1] = 1  # a coat, and the wall behind it
    found = Answer(np.zeros((HEIGHT, WIDTH, 2), np.float32), features)
    result = corrected(found, np.full_like(LIGHTNESS, 40), Corrections((Pin(0.4, 0.5, 30, -20),)))
    coat, wall = result[:, : WIDTH // 2 - 1], result[:, WIDTH // 2 + 1 :]
    assert np.linalg.norm(coat, axis=-1).min() > 20
    assert np.linalg.norm(wall, axis=-1).max() < 1


@pytest.mark.parametrize("features", [True, False])
def test_a_network_without_features_takes_pins_by_lightness_and_distance(features) -> None:
    lightness = np.full_like(LIGHTNESS, 20)
    lightness[: HEIGHT // 2] = 85
    found = answer(features=features)
    result = corrected(found, lightness, Corrections((Pin(0.5, 0.1, 30, 30),)))
    changed = np.linalg.norm(result - found.chroma, axis=-1)
    assert changed[: HEIGHT // 2].mean() > changed[HEIGHT // 2 :].mean()


def test_pins_on_one_cell_share_it() -> None:
    pins = (Pin(0.5, 0.5, 10, 0), Pin(0.501, 0.501, 30, 40))
    assert corrected(answer(), LIGHTNESS, Corrections(pins))[cell_of(0.5, 0.5, HEIGHT, WIDTH)] == pytest.approx(
        (20, 20)
    )


@given(PINS)
def test_the_file_gives_back_what_was_written(tmp_path_factory, pins) -> None:
    path = tmp_path_factory.mktemp("corrections") / "Großmutter's.json"
    write_corrections(path, Corrections(tuple(pins)))
    assert read_corrections(path) == Corrections(tuple(pins))


RIGHT = {"x": 0.31, "y": 0.62, "a": 12.0, "b": -30.0}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("{", "not JSON"),
        ("[1]", "The corrections must be an object"),
        ('"' + "[" * 9 + '"', "must be an object"),
        ("[" * 100_000, "not JSON"),
        ({"pins": []}, "must have version"),
        ({"version": 2, "pins": []}, "version 2"),
        ({"version": True, "pins": []}, "version must be 1"),
        ({"version": 1, "pins": {}}, "pins must be a list"),
        ({"version": 1, "pins": [], "shots": 1}, 'must not have "shots"'),
        ({"version": 1, "pins": [RIGHT, 7]}, "pin 2 must be an object"),
        ({"version": 1, "pins": [{"x": 0.1}]}, "pin 1 must have a, b, y"),
        ({"version": 1, "pins": [RIGHT | {"x": 1.2}]}, "pin 1: x of a pin must lie between 0 and 1, and is 1.2"),
        ({"version": 1, "pins": [RIGHT | {"a": "red"}]}, 'a of a pin must be a number, and is "red"'),
        ({"version": 1, "pins": [RIGHT | {"b": True}]}, "must be a number"),
        ('{"version": 1, "pins": [{"x": NaN, "y": 0, "a": 0, "b": 0}]}', "must be a number, and is NaN"),
        ('{"version": 1, "pins": [{"x": 1e999, "y": 0, "a": 0, "b": 0}]}', "must be a number"),
        ({"version": 1, "pins": [RIGHT | {"reach": 0}]}, "reach of a pin must lie between 0.05 and 3"),
        ({"version": 1, "pins": [RIGHT] * 501}, "at most 500"),
    ],
)
def test_a_wrong_field_is_one_clear_line(tmp_path: Path, page, said) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(page if isinstance(page, str) else json.dumps(page), "utf-8")
    with pytest.raises(CorrectionsInvalid) as caught:
        read_corrections(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_corrections_or_refused(data) -> None:
    with suppress(CorrectionsInvalid):  # any other error fails the test
        assert isinstance(Corrections.from_json(data), Corrections)


CENTRES = np.array([(a, b) for a in range(-40, 41, 10) for b in range(-40, 41, 10)], np.float32)


def of_shares(*peaks: tuple[int, int, float]) -> Answer:
    shares = np.full(len(CENTRES), 1e-6)
    for a, b, share in peaks:
        shares[((a, b) == CENTRES).all(1)] += share
    bins = np.broadcast_to(np.log(shares / shares.sum()), (HEIGHT, WIDTH, len(CENTRES))).astype(np.float32)
    return Answer(np.zeros((HEIGHT, WIDTH, 2), np.float32), None, bins)


def test_the_likely_colours_are_the_peaks_of_the_bins_the_likeliest_first() -> None:
    found = likely_colours(of_shares((30, 20, 0.2), (-30, 10, 0.5), (0, -40, 0.3)), CENTRES, 0.5, 0.5)
    assert [(round(each.a), round(each.b)) for each in found] == [(-30, 10), (0, -40), (30, 20)]
    assert [each.share for each in found] == pytest.approx([0.5, 0.3, 0.2], abs=0.01)
    assert likely_colours(answer(), CENTRES, 0.5, 0.5) == []


@given(st.integers(0, 1000))
def test_likely_colours_are_few_and_differ(seed) -> None:
    bins = np.random.default_rng(seed).normal(0, 3, (HEIGHT, WIDTH, len(CENTRES))).astype(np.float32)
    found = likely_colours(Answer(np.zeros((HEIGHT, WIDTH, 2), np.float32), None, bins), CENTRES, 1, 0)
    assert 1 <= len(found) <= 6
    for number, one in enumerate(found):
        assert all(np.hypot(one.a - other.a, one.b - other.b) >= 18 for other in found[:number])


def test_doubt_is_none_where_the_network_is_sure_and_whole_where_all_is_alike() -> None:
    sure = doubt(of_shares((0, 0, 1e6)))
    unsure = doubt(Answer(np.zeros((2, 2, 2), np.float32), None, np.zeros((2, 2, 9), np.float32)))
    assert sure is not None
    assert unsure is not None
    assert sure.max() < 0.01
    assert unsure == pytest.approx(np.ones((2, 2)))
    assert doubt(answer()) is None
