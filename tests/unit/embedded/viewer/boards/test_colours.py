"""Grafana's colours as CSS."""

from typing import Any

import pytest

from ai_monitoring.embedded.viewer.boards import colours

STEPS: list[dict[str, Any]] = [
    {"value": None, "color": "low"},
    {"value": 1, "color": "middle"},
    {"value": 5, "color": "high"},
]


@pytest.mark.parametrize(
    ("name", "dark", "light"),
    [
        ("green", "#73BF69", "#56A64B"),
        ("dark-red", "#C4162A", "#AD0317"),
        ("semi-dark-orange", "#FF780A", "#FA6400"),
        ("text", "currentColor", "currentColor"),
        ("#123456", "#123456", "#123456"),
    ],
)
def test_names_have_their_shade_in_each_theme(name: str, dark: str, light: str) -> None:
    assert (colours.css(name), colours.css(name, "light")) == (dark, light)


@pytest.mark.parametrize(("theme", "background"), [("dark", "#181B1F"), ("light", "#FFFFFF")])
def test_the_palette_stands_out(theme: str, background: str) -> None:
    assert len(colours.palette(theme)) >= 12
    assert all(colours.contrast(colour, background) >= colours.CONTRAST for colour in colours.palette(theme))


def test_contrast_is_that_of_wcag() -> None:
    assert colours.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert colours.contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_one_name_has_one_colour() -> None:
    assert colours.by_name("django") == colours.by_name("django")
    assert len({colours.by_name(name) for name in ("django", "fastapi", "streamlit", "über 日本")}) > 1


@pytest.mark.parametrize(
    ("value", "colour"), [(None, "low"), (0.9, "low"), (1, "middle"), (4.9, "middle"), (7, "high")]
)
def test_the_highest_step_reached_counts(value: float | None, colour: str) -> None:
    assert colours.at_threshold(STEPS, value) == colour


def test_shares_become_values() -> None:
    config = {
        "thresholds": {"mode": "percentage", "steps": [{"color": "#1", "value": 0}, {"color": "#2", "value": 50}]}
    }
    assert colours.thresholds(config, "dark", 10, 20) == [{"value": None, "color": "#1"}, {"value": 15, "color": "#2"}]


def test_without_thresholds_grafanas_hold() -> None:
    assert [step["value"] for step in colours.thresholds({}, "dark", None, None)] == [None, 80]


@pytest.mark.parametrize(
    ("mode", "colour"),
    [
        ({"mode": "fixed", "fixedColor": "red"}, "#F2495C"),
        ({"mode": "thresholds"}, "high"),
        ({"mode": "palette-classic"}, ""),
        ({"mode": "palette-classic-by-name"}, colours.by_name("a")),
        ({}, ""),
    ],
)
def test_a_mode_chooses(mode: dict[str, str], colour: str) -> None:
    assert colours.chosen({"color": mode}, "dark", "a", 6, STEPS) == colour


@pytest.mark.parametrize(("value", "colour"), [(0, "#73BF69"), (6, "#F69443"), (8, "#F2495C"), (99, "#F2495C")])
def test_a_continuous_mode_mixes(value: float, colour: str) -> None:
    config = {"color": {"mode": "continuous-GrYlRd"}, "min": 0, "max": 8}
    assert colours.chosen(config, "dark", "a", value, STEPS) == colour
