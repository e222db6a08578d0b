"""States over time: stretches in which a field keeps its value."""

from collections.abc import Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards.cells import shown
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame

MAX_ROWS = 100


def states(frames: Sequence[Frame], options: dict[str, Any], theme: str, step: int) -> list[dict[str, Any]]:
    """A row a field. A stretch lasts until the next begins, the last for a `step` (milliseconds)."""
    merged = options.get("mergeValues", True)
    rows = [
        {"name": field.title, "spans": _spans(times.values, field, theme, step, merged)}
        for frame in frames
        if (times := frame.first("time")) is not None
        for field in frame.fields
        if field.kind != "time"
    ]
    return rows[:MAX_ROWS]


def _spans(times: Sequence[int], field: Field, theme: str, step: int, merged: bool) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for at, (time, value) in enumerate(zip(times, field.values, strict=True)):
        end = times[at + 1] if at + 1 < len(times) else time + step
        if value is None:
            continue
        span = {"from": time, "to": end, **shown(field, value, theme)}
        if merged and spans and spans[-1]["to"] == time and _alike(spans[-1], span):
            spans[-1]["to"] = end
        else:
            spans.append(span)
    return spans


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """As a user sees them: 1 and 2 that both are called `up` are one."""
    if one["text"] is not None and other["text"] is not None:
        return bool(one["text"] == other["text"] and one["color"] == other["color"])
    return bool(one["value"] == other["value"] and one["text"] == other["text"])
