"""Log lines as a logs panel lists them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from ai_monitoring.embedded.viewer.boards.frames import Line

_LEVELS = ("detected_level", "level")


def lines(found: Sequence[Line], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Newest first, unless the panel wants the oldest there."""
    newest = options.get("sortOrder", "Descending") != "Ascending"
    return [_line(line) for line in sorted(found, key=lambda line: line.time, reverse=newest)]


def _line(line: Line) -> dict[str, Any]:
    known = {**line.labels, **line.metadata}
    trace = known.get("trace_id", "")
    return {
        # Nanoseconds are more than a number of JavaScript holds.
        "time": str(line.time),
        "text": line.text,
        "level": next((known[name] for name in _LEVELS if known.get(name)), "unknown"),
        "labels": line.labels,
        "metadata": line.metadata,
        "trace_id": trace,
        "url": f"/trace/{quote(trace, safe='')}" if trace else "",
    }
