"""Log lines out of Loki's answer, for pages and panels alike."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ai_monitoring.embedded.viewer.levels import level_of

APART = {"X-Loki-Response-Encoding-Flags": "categorize-labels"}
"""Asks Loki to keep a stream's labels, a line's metadata and what the query parsed apart, as Grafana does."""
_TRACE = re.compile(r"[0-9a-fA-F]{16}(?:[0-9a-fA-F]{16})?")
_TRACE_NAMES = ("trace_id", "traceid", "traceID", "traceId")
_LEVEL_NAMES = ("detected_level", "level", "severity_text")


@dataclass(frozen=True, slots=True)
class LogLine:
    """`time` in nanoseconds since 1970; `labels` are the stream's, `metadata` the line's own, `parsed` the query's."""

    time: int
    text: str
    labels: Mapping[str, str]
    metadata: Mapping[str, str]
    parsed: Mapping[str, str]

    @property
    def seconds(self) -> float:
        return self.time / 1e9

    @property
    def service(self) -> str:
        return self._value("service_name") or self._value("service")

    @property
    def level(self) -> str:
        return next((value for name in _LEVEL_NAMES if (value := self._value(name))), "unknown")

    @property
    def severity(self) -> str:
        """Its level as one of those that the pages know."""
        return level_of(self.level)

    @property
    def trace_id(self) -> str:
        """The trace that it was written in; empty when it names none."""
        found = next((value for name in _TRACE_NAMES if (value := self._value(name))), "")
        return found.lower() if _TRACE.fullmatch(found) else ""

    @property
    def key(self) -> str:
        """What tells it from other lines while a page is updated."""
        return f"l{self.time}-{sha256(self.text.encode(errors='replace')).hexdigest()[:8]}"

    def _value(self, name: str) -> str:
        return next((part[name] for part in (self.metadata, self.labels, self.parsed) if part.get(name)), "")


def log_lines(streams: Iterable[Mapping[str, Any]]) -> list[LogLine]:
    return [_line(stream["stream"], value) for stream in streams for value in stream["values"]]


def ordered(lines: Iterable[LogLine], newest_first: bool) -> list[LogLine]:
    return sorted(lines, key=lambda line: line.time, reverse=newest_first)


def _line(labels: Mapping[str, str], value: Sequence[Any]) -> LogLine:
    apart = value[2] if len(value) > 2 and isinstance(value[2], dict) else {}
    metadata, parsed = (apart.get(part) or {} for part in ("structuredMetadata", "parsed"))
    return LogLine(int(value[0]), str(value[1]), labels, metadata, parsed)
