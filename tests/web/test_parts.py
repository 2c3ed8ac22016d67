"""What holds for the page's own parts whatever they show; what they do is tried in tests/browser."""

import re
import tomllib
from pathlib import Path

import pytest
import streamlit as st

import colorizer.web
from colorizer.web.parts.component import is_new

ROOT = Path(__file__).parents[2]
WEB = Path(colorizer.web.__file__).parent
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA, for text of this size


def luminance(red: float, green: float, blue: float) -> float:
    """Relative luminance, 0 to 1, of sRGB from 0 to 1. Source: WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_white_can_be_read_on_a_filled_button(scheme: str) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"][scheme]
    style = (WEB / "parts" / "button.css").read_text("utf-8")
    (share,) = re.findall(r"--filled: color-mix\(in srgb, var\(--st-primary-color\) (\d+)%, #000\)", style)
    primary = [channel / 255 * int(share) / 100 for channel in bytes.fromhex(theme["primaryColor"].strip("#"))]
    assert 1.05 / (luminance(*primary) + 0.05) >= LEAST_CONTRAST
    for sheet in WEB.glob("*/*.css"):
        assert "background: var(--st-primary-color)" not in sheet.read_text("utf-8"), sheet.name


def test_what_a_part_tells_twice_is_new_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    assert is_new("compare", {"time": 1.5})
    assert is_new("compare", {"time": 2.5})
    assert not is_new("compare", {"time": 1.5})
    assert is_new("palette", {"time": 1.5})
