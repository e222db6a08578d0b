"""The table of a table panel: columns, and rows of cells."""

from collections.abc import Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards.cells import shown
from ai_monitoring.embedded.viewer.boards.frames import Field, Frame
from ai_monitoring.embedded.viewer.boards.links import data_links
from ai_monitoring.embedded.viewer.boards.view import View

MAX_ROWS = 1000
_KINDS = {"number": "number", "time": "time", "string": "text"}
_ALIGNED = {"number": "right", "time": "left", "string": "left"}


def table(frames: Sequence[Frame], options: dict[str, Any], view: View, theme: str) -> tuple[dict[str, Any], list[str]]:
    """The frame that the panel chooses, and what was left out."""
    at = options.get("frameIndex") or 0
    frame = frames[at if 0 <= at < len(frames) else 0] if frames else Frame("A", [])
    fields = [field for field in frame.fields if not _hidden(field)]
    order = _sorted(fields, len(frame), options.get("sortBy") or [])
    errors = []
    if len(order) > MAX_ROWS:
        errors.append(f"{len(order) - MAX_ROWS} more rows are left out: only {MAX_ROWS} are shown.")
    if len(frames) > 1:
        names = ", ".join(dict.fromkeys(each.ref for each in frames))
        errors.append(f"{len(frames)} tables came ({names}), one is shown: a transformation such as merge joins them.")
    rows = [[_cell(frame, field, row, view, theme) for field in fields] for row in order[:MAX_ROWS]]
    return {"columns": [_column(field) for field in fields], "rows": rows}, errors


def _hidden(field: Field) -> bool:
    custom = field.config.get("custom") or {}
    return bool(custom.get("hidden") or (custom.get("hideFrom") or {}).get("viz"))


def _column(field: Field) -> dict[str, Any]:
    custom = field.config.get("custom") or {}
    align = custom.get("align") or "auto"
    return {
        "name": field.title,
        "unit": field.config.get("unit", ""),
        "decimals": field.config.get("decimals"),
        "align": _ALIGNED[field.kind] if align == "auto" else align,
        "kind": _KINDS[field.kind],
        "width": custom.get("width"),
    }


def _cell(frame: Frame, field: Field, row: int, view: View, theme: str) -> dict[str, Any]:
    found = shown(field, field.values[row], theme)
    if not _coloured(field) and not field.config.get("mappings"):
        found["color"] = ""
    return {**found, "links": data_links(frame, field, view, row)}


def _coloured(field: Field) -> bool:
    custom = field.config.get("custom") or {}
    kind = (custom.get("cellOptions") or {}).get("type") or custom.get("displayMode") or "auto"
    return str(kind).startswith("color") or str(kind) == "gauge"


def _sorted(fields: Sequence[Field], count: int, by: Sequence[dict[str, Any]]) -> list[int]:
    """The rows' order; empty cells come last."""
    order = list(range(count))
    for each in reversed(by):
        field = next((field for field in fields if field.title == each.get("displayName")), None)
        if field is None:
            continue
        held = [row for row in order if field.values[row] is not None]
        empty = [row for row in order if field.values[row] is None]
        order = sorted(held, key=field.values.__getitem__, reverse=bool(each.get("desc"))) + empty
    return order
