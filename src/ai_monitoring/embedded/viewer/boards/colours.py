"""Grafana's colours as CSS: names, thresholds, and the colour modes of a field."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

_HUES = {  # from the lightest to the darkest, of which the light theme starts one later
    "red": ("#FFA6B0", "#FF7383", "#F2495C", "#E02F44", "#C4162A", "#AD0317"),
    "orange": ("#FFCB7D", "#FFB357", "#FF9830", "#FF780A", "#FA6400", "#E55400"),
    "yellow": ("#FFF899", "#FFEE52", "#FADE2A", "#F2CC0C", "#E0B400", "#CC9D00"),
    "green": ("#C8F2C2", "#96D98D", "#73BF69", "#56A64B", "#37872D", "#19730E"),
    "blue": ("#C0D8FF", "#8AB8FF", "#5794F2", "#3274D9", "#1F60C4", "#1250B0"),
    "purple": ("#DEB6F2", "#CA95E5", "#B877D9", "#A352CC", "#8F3BB8", "#7C2EA3"),
}
_SHADES = ("super-light-", "light-", "", "semi-dark-", "dark-")
THEMES = ("dark", "light")
_NAMED = {
    theme: {f"{shade}{hue}": colours[at + shift] for hue, colours in _HUES.items() for at, shade in enumerate(_SHADES)}
    for shift, theme in enumerate(THEMES)
}
_SPECIAL = {"transparent": "transparent", "text": "currentColor", "panel-bg": "transparent"}
# The ends of Grafana's continuous schemes, by the letters of their modes.
_RAMPS = {
    "GrYlRd": ("green", "yellow", "red"),
    "RdYlGr": ("red", "yellow", "green"),
    "BlYlRd": ("dark-blue", "super-light-yellow", "dark-red"),
    "YlRd": ("super-light-yellow", "dark-red"),
    "BlPu": ("blue", "purple"),
    "YlBl": ("super-light-yellow", "dark-blue"),
    "blues": ("#181B1F", "dark-blue"),
    "reds": ("#181B1F", "dark-red"),
    "greens": ("#181B1F", "dark-green"),
    "purples": ("#181B1F", "dark-purple"),
}
_CLASSIC = ("green", "yellow", "blue", "orange", "red", "purple")
_BACKGROUNDS = {"dark": "#181B1F", "light": "#FFFFFF"}
CONTRAST = 3.0
"""What WCAG asks of a line against its background."""
DEFAULT_STEPS = [{"color": "green", "value": None}, {"color": "red", "value": 80}]


def css(name: str, theme: str = "dark") -> str:
    """The CSS of a colour of Grafana's; `text` is whatever text has where it is drawn."""
    return _SPECIAL.get(name) or _NAMED[theme].get(name) or name


def palette(theme: str = "dark") -> tuple[str, ...]:
    """Colours for series that have none of their own; each stands out from the theme's background."""
    return _PALETTES[theme]


def by_name(name: str, theme: str = "dark") -> str:
    """One colour for one name, wherever it appears."""
    number = 0
    units = name.encode("utf-16-le")
    for unit in struct.unpack(f"<{len(units) // 2}H", units):
        number = (number * 31 + unit) % 2**32
    colours = palette(theme)
    return colours[number % len(colours)]


def thresholds(config: dict[str, Any], theme: str, low: float | None, high: float | None) -> list[dict[str, Any]]:
    """Steps of `value` and `color`, the first value None; shares of the way from `low` to `high` become values."""
    found = config.get("thresholds") or {}
    steps = found.get("steps") or DEFAULT_STEPS
    share = found.get("mode") == "percentage"
    low, high = (0.0 if low is None else low), (100.0 if high is None else high)

    def value(step: dict[str, Any], at: int) -> float | None:
        if at == 0 or step.get("value") is None:
            return None
        at_value = float(step["value"])
        return low + (high - low) * at_value / 100 if share else at_value

    return [{"value": value(step, at), "color": css(step["color"], theme)} for at, step in enumerate(steps)]


def at_threshold(steps: Sequence[dict[str, Any]], value: float | None) -> str:
    """The colour of the highest step that the value reaches."""
    if value is None:
        return str(steps[0]["color"])
    return str(steps[bisect_right([step["value"] for step in steps[1:]], value)]["color"])


def chosen(config: dict[str, Any], theme: str, name: str, value: Any, steps: Sequence[dict[str, Any]]) -> str:
    """The colour that a field's mode gives a series or a value; empty where the palette decides, by position."""
    mode = (config.get("color") or {}).get("mode", "")
    number = value if isinstance(value, (int, float)) else None
    if mode.startswith("continuous-"):
        return _ramp(_RAMPS.get(mode.removeprefix("continuous-"), _RAMPS["GrYlRd"]), _share(config, number), theme)
    maker = _MODES.get(mode)
    return maker(config, theme, name, number, steps) if maker else ""


Mode = Callable[[dict[str, Any], str, str, float | None, Sequence[dict[str, Any]]], str]
_MODES: dict[str, Mode] = {
    "fixed": lambda config, theme, *_: css(config["color"].get("fixedColor", "gray"), theme),
    "shades": lambda config, theme, *_: css(config["color"].get("fixedColor", "gray"), theme),
    "palette-classic-by-name": lambda config, theme, name, *_: by_name(name, theme),
    "thresholds": lambda config, theme, name, value, steps: at_threshold(steps, value),
}


def _share(config: dict[str, Any], value: float | None) -> float:
    low, high = config.get("min"), config.get("max")
    low, high = (0.0 if low is None else low), (100.0 if high is None else high)
    return 0.0 if value is None or high <= low else min(max((value - low) / (high - low), 0.0), 1.0)


def _ramp(names: Sequence[str], share: float, theme: str) -> str:
    """Between the two colours beside the place."""
    place = share * (len(names) - 1)
    at = min(int(place), len(names) - 2)
    one, other = (_rgb(css(name, theme)) for name in names[at : at + 2])
    mixed = (round(a + (b - a) * (place - at)) for a, b in zip(one, other, strict=True))
    return "#" + "".join(f"{part:02X}" for part in mixed)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    """Of WCAG 2: 0 for black, 1 for white."""
    parts = (part / 255 for part in _rgb(colour))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, other: str) -> float:
    """From 1 to 21, as WCAG 2 has it."""
    dark, light = sorted((_luminance(colour), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _contrasting(theme: str) -> tuple[str, ...]:
    names = (f"{shade}{hue}" for shade in ("", "dark-", "super-light-", "light-", "semi-dark-") for hue in _CLASSIC)
    return tuple(colour for name in names if contrast(colour := css(name, theme), _BACKGROUNDS[theme]) >= CONTRAST)


_PALETTES = {theme: _contrasting(theme) for theme in THEMES}
