"""Single values of stat, gauge, bar gauge and pie chart: each field reduced by the panel's calculation."""

from collections.abc import Iterator, Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards import colours
from ai_monitoring.embedded.viewer.boards.cells import shown
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.links import data_links
from ai_monitoring.embedded.viewer.boards.patterns import pattern
from ai_monitoring.embedded.viewer.boards.reduce import name_of, reduced
from ai_monitoring.embedded.viewer.boards.view import View

MAX_VALUES = 200
ROWS = 25
"""Of a table shown row by row, where the panel says no number."""


def values(frames: Sequence[Frame], options: dict[str, Any], view: View, theme: str) -> list[dict[str, Any]]:
    """At most `MAX_VALUES`. Raises ValueError for a calculation that is not known here."""
    wanted = options.get("reduceOptions") or {}
    fields = [(frame, field) for frame in frames for field in _chosen(frame, str(wanted.get("fields") or ""))]
    if wanted.get("values"):
        found = _rows(fields, int(wanted.get("limit") or ROWS), view, theme)
    else:
        found = _reduced(fields, wanted.get("calcs") or ["lastNotNull"], options.get("graphMode"), view, theme)
    return [each for _, each in zip(range(MAX_VALUES), found, strict=False)]


def _chosen(frame: Frame, expression: str) -> list[Field]:
    if not expression:
        return [field for field in frame.fields if field.kind == "number"]
    if not expression.startswith("/"):
        return [field for field in frame.fields if expression in (field.title, field.name)]
    return [field for field in frame.fields if pattern(expression).search(field.title)]


def _reduced(
    fields: Sequence[tuple[Frame, Field]], calculations: Sequence[str], graph: str | None, view: View, theme: str
) -> Iterator[dict[str, Any]]:
    for frame, field in fields:
        for calculation in calculations:
            name = f"{field.title} {name_of(calculation)}" if len(calculations) > 1 else field.title
            value = reduced(field.values, calculation)
            found = _value(frame, field, name, value, view, theme)
            yield {**found, "spark": _spark(frame, field) if graph == "area" else []}


def _rows(fields: Sequence[tuple[Frame, Field]], most: int, view: View, theme: str) -> Iterator[dict[str, Any]]:
    for frame, field in fields:
        name = frame.first("string")
        for row, value in enumerate(field.values[:most]):
            title = str(name.values[row]) if name is not None else field.title
            yield {**_value(frame, field, title, value, view, theme, row), "spark": []}


def _value(
    frame: Frame, field: Field, name: str, value: Any, view: View, theme: str, row: int | None = None
) -> dict[str, Any]:
    config = field.config
    numbers = [each for each in field.values if isinstance(each, (int, float))]
    low, high = (min(numbers), max(numbers)) if numbers else (None, None)
    return {
        "name": name,
        **shown(field, value, theme, low=low, high=high),
        "unit": config.get("unit", ""),
        "decimals": config.get("decimals"),
        "min": config.get("min"),
        "max": config.get("max"),
        "thresholds": colours.thresholds(config, theme, config.get("min"), config.get("max")),
        "labels": field.labels,
        "links": data_links(frame, field, view, row),
    }


def _spark(frame: Frame, field: Field) -> list[list[Any]]:
    times = frame.first("time")
    return [list(point) for point in zip(times.values, field.values, strict=True)] if times else []
