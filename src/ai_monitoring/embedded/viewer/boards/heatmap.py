"""A heat map: how many values fall into each bucket, over time."""

import math
from collections.abc import Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards.frames import Field, Frame

MAX_BUCKETS = 100


def heatmap(frames: Sequence[Frame], options: dict[str, Any]) -> dict[str, Any]:
    """Of series with a label `le`, as Prometheus's buckets are, or of a series a row.

    Raises ValueError where the panel would have to count by itself.
    """
    if options.get("calculate"):
        raise ValueError("A heat map that counts values itself is not drawn here: query the histogram's buckets.")
    fields = [field for frame in frames for field in frame.fields if field.kind == "number"][:MAX_BUCKETS]
    times = frames[0].first("time") if frames else None
    if times is None or not fields:
        return {"x": [], "y": [], "cells": [], "unit": "", "y_unit": ""}
    x = sorted({time for frame in frames if (found := frame.first("time")) for time in found.values})
    rows = [_at(x, frame, field) for frame in frames for field in frame.fields if field.kind == "number"][:MAX_BUCKETS]
    if all("le" in field.labels for field in fields):
        y, cells = _buckets(fields, rows)
    else:
        y, cells = [{"text": field.title, "min": None, "max": None} for field in fields], rows
    axis = options.get("yAxis") or {}
    return {"x": x, "y": y, "cells": cells, "unit": fields[0].config.get("unit", ""), "y_unit": axis.get("unit", "")}


def _at(x: Sequence[int], frame: Frame, field: Field) -> list[Any]:
    times = frame.first("time")
    known = dict(zip(times.values, field.values, strict=True)) if times else {}
    return [known.get(time) for time in x]


def _buckets(fields: Sequence[Field], rows: Sequence[list[Any]]) -> tuple[list[dict[str, Any]], list[list[Any]]]:
    """Prometheus counts all values up to a bound: what is between two bounds is their difference."""
    ordered = sorted(zip(map(_bound, fields), rows, strict=True), key=lambda each: each[0])
    y, cells = [], []
    below: list[Any] = [0] * len(rows[0])
    low: float | None = None
    for bound, row in ordered:
        high = None if math.isinf(bound) else bound
        y.append({"text": "+Inf" if high is None else f"{high:g}", "min": low, "max": high})
        pairs = zip(row, below, strict=True)
        cells.append([None if upto is None or less is None else max(upto - less, 0) for upto, less in pairs])
        below, low = row, high
    return y, cells


def _bound(field: Field) -> float:
    return float(field.labels["le"])
