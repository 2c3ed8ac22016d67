import pytest

from colorizer.color.grade import GRADE_RANGES, Grade
from colorizer.web.grading import _SLIDERS, PRESETS, preset_of
from colorizer.web.models.controls import absence_text
from colorizer.weights.catalog import ECCV16, STARTER
from colorizer.weights.local_models import glance


def test_every_preset_differs_from_the_others_and_keeps_its_colour() -> None:
    assert len(set(PRESETS.values())) == len(PRESETS)
    assert PRESETS["Natural"] == Grade()
    assert all(preset.saturation > 0 and preset.intensity > 0 for preset in PRESETS.values())


@pytest.mark.parametrize("name", PRESETS)
def test_a_grade_knows_its_preset(name: str) -> None:
    assert preset_of(PRESETS[name]) == name
    assert preset_of(Grade(hue=77)) is None


def test_every_part_of_a_grade_has_a_slider() -> None:
    assert list(_SLIDERS) == list(GRADE_RANGES)


@pytest.mark.parametrize("name", _SLIDERS)
def test_a_preset_lies_on_the_steps_of_its_slider(name: str) -> None:
    low, _ = GRADE_RANGES[name]
    for preset in PRESETS.values():
        steps = (getattr(preset, name) - low) / _SLIDERS[name].step
        assert steps == pytest.approx(round(steps))


def test_an_absent_network_is_offered_with_its_size_and_the_way_to_get_it(tmp_path) -> None:  # type: ignore[no-untyped-def]
    told = absence_text(glance(ECCV16, tmp_path))
    assert "129 MB" in told
    assert "colorizer models download eccv16" in told
    assert "not downloaded" in told
    assert STARTER.title not in told
