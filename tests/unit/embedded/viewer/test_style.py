"""The colours are read out of the sheet and their contrast is computed, as WCAG 2.2 defines it."""

import re
from itertools import product

import pytest

from ai_monitoring.embedded.viewer.templating import STATIC

SHEET = (STATIC / "style.css").read_text(encoding="utf-8")
BLOCKS = [
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root[^{]*\{([^}]*)\}", SHEET)
]
LIGHT, DARK_BY_SYSTEM, DARK = BLOCKS
THEMES = {"light": LIGHT, "dark": DARK}
GROUNDS = ("bg", "surface", "sunken")
TEXTS = [
    *product(("text", "muted", "accent", "ok", "warning", "critical"), GROUNDS),
    *((name, f"{name}-soft") for name in ("ok", "warning", "critical", "accent")),
    *(("text", f"{name}-soft") for name in ("ok", "warning", "critical", "accent")),
    ("on-accent", "accent"),
]
SHAPES = product((*(f"series-{number}" for number in range(1, 9)), "edge", "accent"), ("bg", "surface"))


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_both_ways_to_the_dark_theme_are_equal() -> None:
    assert DARK == DARK_BY_SYSTEM
    assert DARK.keys() == LIGHT.keys()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXTS)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), list(SHAPES))
def test_shapes_can_be_seen(theme: str, shape: str, ground: str) -> None:
    colours = THEMES[theme]
    assert contrast(colours[shape], colours[ground]) >= 3
