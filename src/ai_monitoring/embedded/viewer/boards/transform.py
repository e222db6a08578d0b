"""A panel's transformations, one after the other."""

from collections.abc import Callable, Sequence
from typing import Any

from ai_monitoring.embedded.viewer.boards import columns, tables
from ai_monitoring.embedded.viewer.boards.frames import MALFORMED, Frame

Transformation = Callable[[Sequence[Frame], dict[str, Any]], list[Frame]]
KNOWN: dict[str, Transformation] = {
    "filterByRefId": columns.filter_refs,
    "filterFieldsByName": columns.filter_fields,
    "joinByField": tables.join,
    "labelsToFields": tables.labels_to_fields,
    "limit": columns.limit,
    "merge": tables.merge,
    "organize": columns.organize,
    "reduce": columns.reduce,
    "renameByRegex": columns.rename,
    "seriesToColumns": tables.join,
    "seriesToRows": tables.series_to_rows,
    "sortBy": columns.sort,
}


def transformed(frames: list[Frame], transformations: Sequence[dict[str, Any]]) -> tuple[list[Frame], list[str]]:
    """The frames after all of them, and what was left out: a transformation that is not known, or that fails."""
    errors = []
    for each in transformations:
        kind = str(each.get("id", ""))
        if each.get("disabled"):
            continue
        if kind not in KNOWN:
            errors.append(f"The transformation {kind!r} is not done here.")
            continue
        try:
            frames = KNOWN[kind](frames, each.get("options") or {})
        except MALFORMED as error:
            errors.append(f"The transformation {kind!r} failed: {error}")
    return frames, errors
