"""One value as it is shown: its text, its colour, its links."""

from typing import Any

from ai_monitoring.embedded.viewer.boards import colours
from ai_monitoring.embedded.viewer.boards.frames import Field
from ai_monitoring.embedded.viewer.boards.mappings import mapped


def shown(
    field: Field, value: Any, theme: str, *, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """`value`, `text` (the mapped one, or the panel's for no value; else None) and `color`."""
    config = field.config
    low = config.get("min") if config.get("min") is not None else low
    high = config.get("max") if config.get("max") is not None else high
    steps = colours.thresholds(config, theme, low, high)
    text, colour = mapped(value, config.get("mappings") or [])
    if value is None and text is None:
        text = config.get("noValue")
    found = colours.css(colour, theme) if colour else colours.chosen(config, theme, field.title, value, steps)
    return {"value": value, "text": text, "color": found}
