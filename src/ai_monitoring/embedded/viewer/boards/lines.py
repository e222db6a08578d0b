"""Log lines as a logs panel lists them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ai_monitoring.embedded.viewer.log_lines import LogLine, ordered


def lines(found: Sequence[LogLine], options: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Newest first, unless the panel wants the oldest there."""
    return [_line(line) for line in ordered(found, options.get("sortOrder", "Descending") != "Ascending")]


def _line(line: LogLine) -> dict[str, Any]:
    return {
        # Nanoseconds are more than a number of JavaScript holds.
        "time": str(line.time),
        "text": line.text,
        "level": line.level,
        "severity": line.severity,
        "labels": line.labels,
        "metadata": line.metadata,
        "parsed": line.parsed,
        "trace_id": line.trace_id,
        "url": f"/trace/{line.trace_id}" if line.trace_id else "",
    }
