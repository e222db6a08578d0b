"""Lines, bars and points over time, as the browser draws them."""

from collections.abc import Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards import colours
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.links import data_links
from ai_monitoring.embedded.viewer.boards.view import View

MAX_SERIES = 200


def series(frames: Sequence[Frame], view: View, theme: str) -> tuple[list[dict[str, Any]], list[str]]:
    """Each numeric field over its frame's times, and what was left out."""
    found = [
        (frame, times, field)
        for frame in frames
        if (times := frame.first("time")) is not None
        for field in frame.fields
        if field.kind == "number"
    ]
    drawn = [
        _drawn(frame, times, field, view, theme, at) for at, (frame, times, field) in enumerate(found[:MAX_SERIES])
    ]
    if len(found) <= MAX_SERIES:
        return drawn, []
    left = len(found) - MAX_SERIES
    return drawn, [f"{left} more series are left out: only the first {MAX_SERIES} are shown. Choose fewer."]


def _drawn(frame: Frame, times: Field, field: Field, view: View, theme: str, at: int) -> dict[str, Any]:
    config = field.config
    custom = config.get("custom") or {}
    low, high = config.get("min"), config.get("max")
    steps = colours.thresholds(config, theme, low, high)
    last = next((value for value in reversed(field.values) if value is not None), None)
    palette = colours.palette(theme)
    return {
        "ref": frame.ref,
        "name": field.title,
        "labels": field.labels,
        "unit": config.get("unit", ""),
        "decimals": config.get("decimals"),
        "min": low,
        "max": high,
        "color": colours.chosen(config, theme, field.title, last, steps) or palette[at % len(palette)],
        "style": _style(custom),
        "hidden": _hidden(custom),
        "links": data_links(frame, field, view),
        "points": [list(point) for point in zip(times.values, field.values, strict=True)],
        "mappings": config.get("mappings") or [],
        "thresholds": steps if config.get("thresholds") else [],
    }


def _style(custom: dict[str, Any]) -> dict[str, Any]:
    stacking = custom.get("stacking") or {}
    mode = stacking.get("mode", "none")
    return {
        "draw": custom.get("drawStyle", "line"),
        "width": custom.get("lineWidth", 1),
        "dash": _dash(custom.get("lineStyle") or {}),
        "fill": custom.get("fillOpacity", 0),
        "stack": "" if mode == "none" else stacking.get("group") or "A",
        "stack_mode": mode,
        "span_nulls": custom.get("spanNulls", False),
        "axis": "right" if custom.get("axisPlacement") == "right" else "left",
        "points": custom.get("showPoints", "auto"),
        "interpolation": custom.get("lineInterpolation", "linear"),
        "thresholds": (custom.get("thresholdsStyle") or {}).get("mode", "off"),
    }


def _dash(line: dict[str, Any]) -> list[float] | None:
    own = {"dash": [10.0, 10.0], "dot": [0.0, 10.0]}.get(line.get("fill", ""))
    return None if own is None else line.get("dash") or own


def _hidden(custom: dict[str, Any]) -> dict[str, bool]:
    hide = custom.get("hideFrom") or {}
    return {"legend": bool(hide.get("legend")), "tooltip": bool(hide.get("tooltip")), "graph": bool(hide.get("viz"))}
